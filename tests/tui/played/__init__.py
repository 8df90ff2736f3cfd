"""The built-in lessons, played to their end by a robot."""
