"""The smallest Textual app that shows something: what a first frame costs whatever the tutor does."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    """One line of text."""

    def compose(self) -> ComposeResult:
        yield Static("here it is")


if __name__ == "__main__":
    Empty().run()
