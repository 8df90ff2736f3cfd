"""The screens of the tutor, in Textual. Nothing here imports torch: the engine is a process of its own."""
