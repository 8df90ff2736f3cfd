"""`dltutor log`: what was read, answered, edited and seen of a lesson, as Markdown to keep or to hand in."""
