"""Lines to be put in order: one is taken up and carried, or pushed past its neighbour."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui.exercises import orders
from tui.exercises.fields import Answered, Drafted
from tui.exercises.quoting import code
from tui.widgets.formula_markdown import LessonMarkdown

WAYS = {"up": -1, "down": 1, "shift+up": -1, "shift+down": 1}


class Line(Horizontal):
    """One of the lines: its mark, its text."""

    def __init__(self, number: int) -> None:
        super().__init__(classes="option")
        self.number = number

    def compose(self) -> ComposeResult:
        yield Static(classes="option-mark")
        yield LessonMarkdown(open_links=False)

    def write(self, text: str, language: str) -> None:
        """Show its text."""
        page = self.query_one(LessonMarkdown)
        page.language = language
        page.update(text)

    def mark(self, sign: str) -> None:
        """Show what is before it."""
        self.query_one(".option-mark", Static).update(sign)


class OrderField(Vertical, can_focus=True):
    """Arrows choose a line, with shift they move it; space takes it up, then arrows carry it; Enter hands in."""

    DEFAULT_CSS = "OrderField { height: auto; & .option.-carried { background: $accent 30%; } }"

    def __init__(self, first: tuple[int, ...], lines: tuple[str, ...]) -> None:
        super().__init__(classes="answer")
        self.order, self.lines = first, lines
        self.at, self.carrying = 0, False

    def compose(self) -> ComposeResult:
        for number in self.order:
            yield Line(number)

    def on_mount(self) -> None:
        self._show()

    def retell(self, texts: Mapping[str, str], language: str) -> None:
        """Show the lines, in `language` where the prose has texts for them."""
        for line in self.query(Line):
            written = self.lines[line.number]
            line.write(texts.get(written) or code(written), language)

    def restore(self, given: str) -> None:
        """Show an order that was given or begun before."""
        order = orders.read(given, len(self.lines))
        if order is not None:
            self.order = order
            self.sort_children(key=lambda line: order.index(line.number))  # type: ignore[attr-defined]
            self._show()

    def on_key(self, event: events.Key) -> None:
        if event.key in WAYS:
            self._step(WAYS[event.key], self.carrying or event.key.startswith("shift"))
        elif event.key == "space":
            self.carrying = not self.carrying
        elif event.key == "enter":
            self.carrying = False
            self.post_message(Answered(orders.written(self.order)))
        else:
            return
        event.stop()
        event.prevent_default()
        self._show()

    def _step(self, way: int, carry: bool) -> None:
        there = self.at + way
        if not 0 <= there < len(self.order):
            return
        if carry:
            order = list(self.order)
            order[self.at], order[there] = order[there], order[self.at]
            self.order = tuple(order)
            self.sort_children(key=lambda line: order.index(line.number))  # type: ignore[attr-defined]
            self.post_message(Drafted(orders.written(self.order)))
        self.at = there

    def on_click(self, event: events.Click) -> None:
        for place, line in enumerate(self.query(Line)):
            if event.widget is line or (event.widget is not None and line in event.widget.ancestors):
                self.focus()
                self.at = place
                self._show()

    def on_focus(self) -> None:
        self._show()

    def on_blur(self) -> None:
        self.carrying = False
        self._show()

    def _show(self) -> None:
        for place, line in enumerate(self.query(Line)):
            if not line.is_mounted:
                continue
            here = place == self.at and self.has_focus
            line.mark(f"{'▸' if here else ' '} {place + 1:>2} {'↕' if here and self.carrying else ' '}")
            line.set_class(here, "-at")
            line.set_class(here and self.carrying, "-carried")
