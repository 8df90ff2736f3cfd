"""What a lesson asks: one file for each kind of exercise, marking apart from what is drawn."""
