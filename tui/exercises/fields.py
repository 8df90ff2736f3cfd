"""What answers go into: a line of text, and a list of options."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from tui.widgets.formula_markdown import LessonMarkdown

LESSON_KEYS = ("h", "s")  # work inside a field too: no number and no shape has them


class Answered(Message):
    """The learner gives this answer."""

    def __init__(self, given: str) -> None:
        self.given = given
        super().__init__()


class Drafted(Message):
    """The learner has written this so far; nothing is marked yet."""

    def __init__(self, given: str) -> None:
        self.given = given
        super().__init__()


class AnswerField(Input):
    """One line. Keys that no answer is written with are the screen's."""

    def __init__(self) -> None:
        super().__init__(max_length=40, select_on_focus=False, compact=True, classes="answer")

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key not in LESSON_KEYS and super().check_consume_key(key, character)

    async def _on_key(self, event: events.Key) -> None:
        if event.key not in LESSON_KEYS:
            await super()._on_key(event)
        else:
            event.prevent_default()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(Answered(event.value))

    def restore(self, given: str) -> None:
        """Show an answer that was given before."""
        self.value = given

    def retell(self, texts: Mapping[str, str], language: str) -> None:
        """A line of text has no words of its own."""


class Option(Horizontal):
    """One option: its mark, its number, its text."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__(classes="option")
        self.option, self.number = name, number

    def compose(self) -> ComposeResult:
        yield Static(classes="option-mark", markup=False)
        yield LessonMarkdown(open_links=False)

    def mark(self, sign: str) -> None:
        """Show whether it is chosen."""
        self.query_one(".option-mark", Static).update(f"{sign} {self.number}")


class Options(Vertical, can_focus=True):
    """Options to choose from with arrows, space or their numbers; `several` can be chosen at once."""

    def __init__(self, names: tuple[str, ...], several: bool = False) -> None:
        super().__init__(classes="answer")
        self.names, self.several = names, several
        self.chosen: tuple[str, ...] = ()
        self.at = 0

    def compose(self) -> ComposeResult:
        for number, name in enumerate(self.names, 1):
            yield Option(name, number)

    def on_mount(self) -> None:
        self._show()

    def retell(self, texts: Mapping[str, str], language: str) -> None:
        """Show the options' texts, in `language`."""
        for option in self.query(Option):
            page = option.query_one(LessonMarkdown)
            page.language = language
            page.update(texts.get(option.option, option.option))

    def restore(self, given: str) -> None:
        """Show an answer that was given before."""
        self.chosen = tuple(name for name in self.names if name in given.split())
        self._show()

    def choose(self, at: int) -> None:
        """Choose option number `at` from 0; one that is chosen of several is given back."""
        if not 0 <= at < len(self.names):
            return
        self.at, name = at, self.names[at]
        if not self.several:
            self.chosen = (name,)
        elif name in self.chosen:
            self.chosen = tuple(each for each in self.chosen if each != name)
        else:
            self.chosen = tuple(each for each in self.names if each in (*self.chosen, name))
        self._show()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down"):
            self.at = (self.at + (1 if event.key == "down" else -1)) % len(self.names)
            self._show()
        elif event.key == "space":
            self.choose(self.at)
        elif event.character and event.character in "123456789" and int(event.character) <= len(self.names):
            self.choose(int(event.character) - 1)
        elif event.key == "enter":
            if not self.chosen and not self.several:
                self.choose(self.at)
            self.post_message(Answered(" ".join(self.chosen)))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        for option in self.query(Option):
            if event.widget is option or (event.widget is not None and option in event.widget.ancestors):
                self.focus()
                self.choose(option.number - 1)

    def on_focus(self) -> None:
        self._show()

    def on_blur(self) -> None:
        self._show()

    def _show(self) -> None:
        yes, no = ("[x]", "[ ]") if self.several else ("(•)", "( )")
        for at, option in enumerate(self.query(Option)):
            if not option.is_mounted:
                continue
            pointer = "▸" if at == self.at and self.has_focus else " "
            option.mark(pointer + (yes if option.option in self.chosen else no))
            option.set_class(at == self.at and self.has_focus, "-at")
