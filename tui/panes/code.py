"""The PyTorch script of the experiment, with the lines of the present phase marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rich.style import Style
from textual.geometry import Region
from textual.reactive import reactive

from engine import code
from engine.code import Line
from engine.graph import Graph
from engine.messages import Frame
from engine.spec import Net
from engine.words import Refused
from engine.words import say as engine_says
from tui.canvas import Row
from tui.language import say
from tui.panes.rows import RowsPane
from tui.view import View

DONE, NEXT, BACK = "▶", "▷", "◀"  # just done; about to begin; what backward passed through
TOKENS = (  # what pygments calls it, its look here; the first that fits
    ("Token.Keyword.Constant", "number"),
    ("Token.Keyword", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Literal.Number", "number"),
    ("Token.Literal.String", "string"),
    ("Token.Name.Class", "definition"),
    ("Token.Name.Function", "definition"),
)
NOW = "now "  # before a look: on the ground of the present lines


@dataclass(frozen=True, slots=True)
class Place:
    """The phase and perhaps the one operation that the script has reached, and the mark for its lines."""

    phase: str
    op: str | None
    mark: str

    def marks(self, line: Line) -> str:
        """The mark of this line, or nothing."""
        if self.phase == "backward" and self.op is not None and line.op == self.op:
            return BACK
        return self.mark if line.phase == self.phase and (self.op is None or line.op in (None, self.op)) else ""


def place(frame: Frame | None, graph: Graph) -> Place:
    """Where the script is: at the work last done, or before anything was done at the phase that comes."""
    if frame is None or frame.moment.phase is None:
        return Place(graph.phases[0] if frame is None else frame.moment.next_phase, None, NEXT)
    moment = frame.moment
    op = moment.op if moment.phase not in moment.completed else _only_one(frame, graph)
    return Place(moment.phase or "", _written(op, graph), DONE)


def _only_one(frame: Frame, graph: Graph) -> str | None:
    """The operation that the last command did, if it did just one of a phase that has more."""
    backward = frame.moment.phase == "backward"
    names = [edge.source for edge in frame.edges] if backward else frame.touched_values
    done = {name for name in names if any(node.name == name for node in graph.nodes)}
    return done.pop() if len(done) == 1 else None


def _written(op: str | None, graph: Graph) -> str | None:
    """The node whose line holds this operation: `h` for `h.1`."""
    node = next((each for each in graph.nodes if each.name == op), None)
    return (node.part_of or node.name) if node else None


class CodePane(RowsPane):
    """Scrolls to the marked lines when the marks move, and leaves the learner's own scrolling alone otherwise."""

    name_key = "pane.code"

    DEFAULT_CSS = """
    CodePane {
        & > .rows--keyword { color: $primary; }
        & > .rows--number { color: $success; }
        & > .rows--string { color: $success; }
        & > .rows--definition { color: $secondary; text-style: bold; }
        & > .rows--now { background: $panel; }
        & > .rows--gutter { color: $accent; text-style: bold; }
    }
    """
    COMPONENT_CLASSES = {f"rows--{look}" for look in ("keyword", "number", "string", "definition", "now", "gutter")}

    view: reactive[View | None] = reactive(None, layout=False, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self._marks: tuple[str, ...] = ()
        self._key: object = None

    def on_resize(self) -> None:
        self._marks = ()  # so that the marked lines are brought back into view
        self.watch_view()

    def watch_view(self) -> None:
        if self.view is None or not self.size:
            return
        try:
            lines = _masked(_lines(_Shown(self.view)), self.view.masks.lines)
        except Refused as refused:
            reason = engine_says(refused.sentence, self.view.language)
            self._show_sentence(say(self.view.language, "code.refused", reason=reason))
            return
        here = place(self.view.frame, self.view.graph)
        marks = tuple(here.marks(line) for line in lines)
        key = (marks, lines, self.size.width)
        if key != self._key:
            self._key = key
            self._show(lines, marks)
        if marks != self._marks:
            self._marks = marks
            self.call_after_refresh(self._bring_into_view, lines, marks)  # when scrollbars have taken their room

    def look(self, name: str) -> Style:
        if not name.startswith(NOW):
            return super().look(name)
        ground = super().look("now")
        return super().look(name.removeprefix(NOW)) + Style(bgcolor=ground.bgcolor, bold=True)

    def _show(self, lines: tuple[Line, ...], marks: tuple[str, ...]) -> None:
        width = max(len(line.text) for line in lines) + 2
        tokens = _highlighted("\n".join(line.text for line in lines))
        rows = (_row(spans, mark, max(width, self.size.width)) for spans, mark in zip(tokens, marks, strict=True))
        self.show_rows(tuple(rows), width)

    def _show_sentence(self, text: str) -> None:
        self._key = None
        self.show_rows(((), ((f" {text}", "muted"),)), len(text) + 1)

    def _bring_into_view(self, lines: tuple[Line, ...], marks: tuple[str, ...]) -> None:
        """The loop's own lines before those of a class that it calls; of many lines the first."""
        marked = [number for number, mark in enumerate(marks) if mark]
        wanted = [number for number in marked if lines[number].op in (None, "loss")] or marked
        if wanted:
            around = 1 if self.size.height > wanted[-1] - wanted[0] + 2 else 0
            top, bottom = max(0, wanted[0] - around), min(len(lines) - 1, wanted[-1] + around)
            self.keep_in_view(Region(self.scroll_offset.x, top, 1, min(bottom - top + 1, self.size.height)))


def _row(spans: Row, mark: str, width: int) -> Row:
    if not mark:
        return (("  ", ""), *spans)
    used = 2 + sum(len(text) for text, _ in spans)
    whole = ((f"{mark} ", "gutter"), *spans, (" " * (width - used), ""))
    return tuple((text, NOW + look) for text, look in whole)


class _Shown:
    """What the script is made from; the seed is the one that the engine took."""

    def __init__(self, view: View) -> None:
        experiment = view.experiment
        if isinstance(experiment, Net) and view.opened is not None:
            experiment = experiment.model_copy(update={"seed": view.opened.seed})
        self.experiment, self.graph = experiment, view.graph
        self.key = (id(view.experiment), id(view.graph), view.opened.seed if view.opened else None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shown) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=4)
def _lines(shown: _Shown) -> tuple[Line, ...]:
    return code.lines(shown.experiment, shown.graph)


def _masked(lines: tuple[Line, ...], hidden: frozenset[str]) -> tuple[Line, ...]:
    """The lines with a gap in those that an exercise asks for."""
    if not hidden:
        return lines
    from tui.exercises.fills import with_gap

    return tuple(
        replace(line, text=with_gap(line.text)) if line.text and line.name in hidden else line for line in lines
    )


@lru_cache(maxsize=4)
def _highlighted(source: str) -> tuple[Row, ...]:
    """Each line of the source as spans."""
    from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]

    rows: list[list[tuple[str, str]]] = [[]]
    for token, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(source):
        for part in _parts(text):
            rows.append([]) if part == "\n" else rows[-1].append((part, _look(str(token))))
    return tuple(tuple(row) for row in rows)


def _parts(text: str) -> Iterator[str]:
    for number, part in enumerate(text.split("\n")):
        if number:
            yield "\n"
        if part:
            yield part


def _look(token: str) -> str:
    return next((look for name, look in TOKENS if token.startswith(name)), "")
