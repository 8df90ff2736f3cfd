"""The screens: course map, lesson, help, and the pages that show a text."""
