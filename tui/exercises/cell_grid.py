"""A field of small fields: the cells of a tensor or of a table, with what is given shown between what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from tui.exercises import cells
from tui.exercises.cells import Grid
from tui.exercises.fields import Answered, AnswerField, Drafted
from tui.language import say

if TYPE_CHECKING:
    from tui.exercises.known import Known
    from tui.exercises.telling import Told

MakeGrid = Callable[["Known", str], "Grid | None"]  # what is known, language -> None while it is not known
MakeMarks = Callable[["Known", str], Sequence[bool]]  # what is known, an answer -> whether each cell is right
SIGN = 2  # columns of the mark beside a cell
NARROWEST, WIDEST = 7, 12  # columns of a cell
SIGNS = {True: "✓", False: "✗"}


class Cell(AnswerField):
    """One number. Arrows at its ends, and Enter, lead to another one."""

    class Left(Message):
        """The learner goes on from `cell` by a key."""

        def __init__(self, cell: Cell, key: str) -> None:
            self.cell, self.key = cell, key
            super().__init__()

    def __init__(self, place: tuple[int, int], text: str) -> None:
        super().__init__()
        self.place = place
        self.value = text
        self.add_class("cell")

    def on_key(self, event: events.Key) -> None:
        ends = {"left": self.cursor_position == 0, "right": self.cursor_position == len(self.value)}
        if ends.get(event.key, event.key in ("up", "down", "enter")):
            event.stop()
            event.prevent_default()
            self.post_message(self.Left(self, event.key))


class CellGrid(Vertical):
    """Enter goes to the next cell that is empty or wrong, and hands in where there is none."""

    DEFAULT_CSS = """
    CellGrid {
        height: auto; overflow-x: auto;
        scrollbar-size-horizontal: 1; scrollbar-color: $panel; scrollbar-background: $background;
        & > Horizontal { height: 1; width: auto; }
        & .label { padding: 0 1; color: $muted; text-align: right; }
        & .cell { width: 12; margin: 0; padding: 0; }
        & .sign { width: 2; color: $error; }
        & .sign.-right { color: $success; }
        & .untold { height: auto; color: $muted; }
    }
    """

    def __init__(self, grid: MakeGrid, marks: MakeMarks) -> None:
        super().__init__(classes="answer")
        self._make_grid, self._make_marks = grid, marks
        self._grid: Grid | None = None
        self._draft = ""  # what the cells hold, until they are there
        self._marked: list[tuple[str, bool]] = []  # the texts that were handed in, and whether they are right
        self._attempts: int | None = None
        self._wanted = False  # the learner came before there were cells

    def compose(self) -> ComposeResult:
        yield Static(classes="untold")

    @property
    def _cells(self) -> list[Cell]:
        return list(self.query(Cell))

    @property
    def texts(self) -> list[str]:
        """What stands in the cells."""
        here = self._cells
        asked = self._grid.asked if self._grid else ()
        return [cell.value for cell in here] if here else cells.apart(self._draft, len(asked))

    # ---------------------------------------------------------------- what it is told
    def restore(self, given: str) -> None:
        """Show an answer that was given or begun before."""
        self._draft = given
        for cell, text in zip(self._cells, cells.apart(given, len(self._cells)), strict=True):
            cell.value = text

    def retell(self, texts: Mapping[str, str], language: str) -> None:
        """Cells have no words."""

    def tell(self, told: Told) -> None:
        """Show the cells, and which of those that were handed in are right."""
        grid = self._make_grid(told.known, told.language)
        if grid is None:
            known = told.known.has(told.kind.asks(told.exercise))
            self.query_one(".untold", Static).update(
                say(told.language, "ask.not_answerable" if known else "ask.waiting")
            )
            return
        if self._grid is None or grid.asked != self._grid.asked:
            self._build(grid)
        self._grid = grid
        self._tell_given(grid)
        given = told.progress.given
        marks = list(self._make_marks(told.known, given)) if given else []
        texts = cells.apart(given, len(grid.asked))
        self._marked = list(zip(texts, marks, strict=True)) if len(marks) == len(texts) else []
        self.call_after_refresh(self._sign)
        if self._attempts not in (None, told.progress.attempts) and self.has_focus_within:
            self.call_after_refresh(self._to_first_wrong)
        self._attempts = told.progress.attempts

    def _build(self, grid: Grid) -> None:
        texts = iter(cells.apart(self._draft, len(grid.asked)))
        self.query("Horizontal").remove()
        self.query_one(".untold").display = False
        self.mount_all([Horizontal(*self._row(grid, y, texts)) for y in range(len(grid.rows))])
        if self._wanted and self.screen.focused is None:
            self.call_after_refresh(self.focus)

    def _row(self, grid: Grid, y: int, texts: Iterator[str]) -> list[Static | Cell]:
        row: list[Static | Cell] = [Static(classes="label")] if grid.labels else []
        for x, given in enumerate(grid.rows[y]):
            row.append(Cell((y, x), next(texts)) if given is None else Static().add_class("cell", "given"))
            row.append(Static(classes="sign"))
        return row

    def _tell_given(self, grid: Grid) -> None:
        """The numbers and labels, in the language."""

        def tell() -> None:
            self._fit()
            given = [text for row in grid.rows for text in row if text is not None]
            for widgets, texts in ((self.query(".given"), given), (self.query(".label"), grid.labels)):
                for widget, text in zip(widgets.results(Static), texts, strict=False):
                    widget.update(text)

        tell()
        self.call_after_refresh(tell)

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Columns as wide as there is room for; where there is too little, the grid scrolls with the cell."""
        if self._grid is None:
            return
        label = max(map(len, self._grid.labels), default=-2) + 2
        least = [_least(column) for column in zip(*self._grid.rows, strict=True)]
        spare = max(0, self.size.width - label - sum(least) - SIGN * len(least)) // len(least)
        for row in self.query(Horizontal):
            for each in row.query(".label"):
                each.styles.width = label
            for x, cell in enumerate(row.query(".cell")):
                cell.styles.width = max(least[x], min(WIDEST, least[x] + spare))

    # ---------------------------------------------------------------- marks
    def _right(self, number: int) -> bool | None:
        """Whether this cell is right, as it was handed in; None where it was not, or has changed."""
        if number >= len(self._marked) or number >= len(self._cells):
            return None
        text, right = self._marked[number]
        return right if self._cells[number].value.strip() == text else None

    def _sign(self) -> None:
        for number, cell in enumerate(self._cells):
            right = self._right(number)
            siblings = list(cell.parent.children) if cell.parent else []
            sign = siblings[siblings.index(cell) + 1]
            assert isinstance(sign, Static)
            sign.update(SIGNS.get(right, ""))  # type: ignore[arg-type]
            sign.set_class(right is True, "-right")

    def _to_first_wrong(self) -> None:
        number = next((n for n in range(len(self._cells)) if self._right(n) is False), None)
        number = self._next_empty(-1) if number is None else number
        if number is not None:
            self._go(number)

    # ---------------------------------------------------------------- keys
    def focus(self, scroll_visible: bool = True) -> CellGrid:
        """Into the first cell that is not right."""
        here = self._cells
        number = next((n for n in range(len(here)) if not here[n].value.strip() or self._right(n) is False), 0)
        if here:
            here[number].focus(scroll_visible)
        self._wanted = not here
        return self

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._draft = cells.joined(self.texts)
        self._sign()
        self.post_message(Drafted(self._draft))

    def on_cell_left(self, message: Cell.Left) -> None:
        message.stop()
        here = self._cells
        number = here.index(message.cell)
        if message.key == "enter":
            following = self._next_to_do(number)
            if following is None:
                self.post_message(Answered(cells.joined(self.texts)))
            else:
                self._go(following)
        elif message.key in ("left", "right"):
            self._go(max(0, min(len(here) - 1, number + (1 if message.key == "right" else -1))))
        else:
            self._go(self._beside(number, 1 if message.key == "down" else -1))

    def _next_to_do(self, number: int) -> int | None:
        """The next cell, going round, that is empty or known to be wrong."""
        count = len(self._cells)
        round_ = [(number + step) % count for step in range(1, count)]
        return next((n for n in round_ if not self.texts[n].strip() or self._right(n) is False), None)

    def _next_empty(self, number: int) -> int | None:
        return next((n for n in range(number + 1, len(self._cells)) if not self.texts[n].strip()), None)

    def _beside(self, number: int, way: int) -> int:
        """The nearest cell above or below."""
        y, x = self._cells[number].place
        others = [(abs(cell.place[0] - y), abs(cell.place[1] - x), n) for n, cell in enumerate(self._cells)
                  if (cell.place[0] - y) * way > 0]  # fmt: skip
        return min(others)[2] if others else number

    def _go(self, number: int) -> None:
        cell = self._cells[number]
        cell.focus()
        cell.cursor_position = len(cell.value)


def _least(column: Sequence[str | None]) -> int:
    """How wide a column has to be: so that what is given can be read, and what is asked be written."""
    return max(NARROWEST if text is None else len(text) for text in column)
