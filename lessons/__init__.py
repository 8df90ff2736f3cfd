"""The code that reads lessons, and the lessons themselves in `catalog/`. It knows the engine's specs and no screen."""
