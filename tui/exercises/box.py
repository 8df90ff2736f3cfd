"""An exercise in the lesson's text: its question, the field for the answer, and what is said of it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tui.exercises.fields import Answered, Drafted
from tui.exercises.telling import Told, feedback, foot
from tui.filling import filled
from tui.language import say
from tui.widgets.formula_markdown import LessonMarkdown


class ExerciseBox(Vertical):
    """Draws what it was told; the answer goes up as a message."""

    DEFAULT_CSS = """
    ExerciseBox {
        height: auto; padding: 0 1; margin: 0 0 1 0; border-left: thick $panel;
        & > LessonMarkdown { height: auto; margin: 0; padding: 0; }
        &.-open { border-left: thick $accent; }
        & MarkdownH3 { width: 1fr; height: auto; margin: 0 0 1 0; content-align: left middle; color: $accent;
            text-style: bold; }
        & MarkdownParagraph { margin: 0 0 1 0; }
        & > .foot { color: $muted; height: auto; }
        & > .lead { height: auto; display: none; }
        & .answer { margin: 0 0 1 0; }
        & AnswerField { background: $surface; padding: 0 1; width: 100%; }
        & AnswerField:focus { background: $panel; }
        & Options { height: auto; }
        & OutcomeField { height: auto; }
        & .option { height: auto; }
        & .option-mark { width: 7; height: 1; }
        & .option.-at { background: $panel; }
        & .option LessonMarkdown { width: 1fr; height: auto; margin: 0; padding: 0; }
        & .option MarkdownParagraph { margin: 0; }
    }
    """

    class Given(Message):
        """The exercise `id` was answered."""

        def __init__(self, id: str, given: str) -> None:
            self.id, self.given = id, given
            super().__init__()

    class Begun(Message):
        """An answer to the exercise `id` was begun."""

        def __init__(self, id: str, given: str) -> None:
            self.id, self.given = id, given
            super().__init__()

    def __init__(self, told: Told) -> None:
        super().__init__()
        self.told = told
        self.field: Widget | None = None
        self.shown: dict[str, str] = {}
        self.followed = False  # stays in view while what it says grows

    def compose(self) -> ComposeResult:
        told = self.told
        yield LessonMarkdown(open_links=False).add_class("question")
        if told.kind.field is not None:
            self.field = told.kind.field(told.exercise, told.passage)
            yield Static(classes="lead")
            yield self.field
        yield LessonMarkdown(open_links=False).add_class("feedback")
        yield Static(classes="foot")

    def on_mount(self) -> None:
        self.field and self.field.restore(self.told.draft or self.told.progress.given)  # type: ignore[attr-defined]
        self.tell(self.told)

    @property
    def name_of_exercise(self) -> str:
        """Its id in the lesson."""
        return str(self.told.exercise.id)

    def tell(self, told: Told) -> None:
        """Show the exercise as it is now."""
        self.told = told
        if not self.is_mounted or not self.children:
            return
        self.set_class(not told.progress.done, "-open")
        self._tell_field()
        question = f"### {told.passage.heading}\n\n{told.passage.markdown}"
        self._write("question", filled(question, told.fill))
        said = feedback(told)
        self._write("feedback", filled("\n\n".join(said), told.fill))
        self.query_one(".feedback").display = bool(said)
        self.tell_foot()

    def _tell_field(self) -> None:
        if self.field is None:
            return
        self.field.display = not self.told.progress.done and self.answerable
        lead = self.query_one(".lead", Static)
        lead.display = self.field.display and self.told.gives_up
        lead.update(say(self.told.language, "ask.impossible"))
        self.field.disabled = not self.field.display or self.told.progress.locked
        options = self.told.kind.options(self.told.passage, self.told.language)
        texts = {name: filled(text, self.told.fill) for name, text in options.items()}
        self.field.retell(texts, self.told.language)  # type: ignore[attr-defined]
        if tell := getattr(self.field, "tell", None):  # a field that shows more than its options
            tell(self.told)

    @property
    def answerable(self) -> bool:
        """Whether there is something to write or choose: a goal is answered by deeds, unless it cannot be reached."""
        return self.told.kind.when != "when it holds" or self.told.gives_up

    def tell_foot(self) -> None:
        """Show the keys that do something here."""
        answering = self.field is not None and (self.field.has_focus or self.field.has_focus_within)
        text = foot(self.told, answering)
        line = self.query_one(".foot", Static)
        line.update(text)
        line.display = bool(text)

    def _write(self, name: str, markdown: str) -> None:
        page = self.query_one(f".{name}", LessonMarkdown)
        if self.shown.get(name) != f"{self.told.language} {markdown}":
            self.shown[name] = f"{self.told.language} {markdown}"
            page.language = self.told.language
            page.update(markdown)

    def on_answered(self, message: Answered) -> None:
        message.stop()
        self.post_message(self.Given(self.name_of_exercise, message.given))

    def on_drafted(self, message: Drafted) -> None:
        message.stop()
        self.post_message(self.Begun(self.name_of_exercise, message.given))

    def on_resize(self) -> None:
        if self.followed:
            self.bring_into_view()

    def bring_into_view(self) -> None:
        """Scroll so that what was said last can be read: the end, or of an answered one its beginning."""
        if not isinstance(self.parent, Widget):
            return
        room, where = self.parent.scrollable_content_region.height, self.virtual_region
        if self.told.progress.done or where.height <= room:
            self.scroll_visible(animate=False, top=where.height > room)
        else:
            self.parent.scroll_to(y=where.bottom - room, animate=False)

    def on_descendant_focus(self) -> None:
        self.tell_foot()

    def on_descendant_blur(self) -> None:
        self.call_after_refresh(self.tell_foot)
