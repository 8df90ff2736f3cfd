"""The exercise that asks for a column of a table, and then for a total of it."""

from __future__ import annotations

import numpy as np

from lessons import grids
from lessons.answers import numbers
from lessons.exercises import AskComplete
from lessons.passages import Passage
from tui.exercises import cells, columns
from tui.exercises.cell_grid import CellGrid
from tui.exercises.cells import Grid
from tui.exercises.kind import Expressions, Kind
from tui.exercises.known import Known, spoken
from tui.exercises.progress import Verdict, unreadable
from tui.language import say


def asks(exercise: AskComplete) -> Expressions:
    """The column, the total, and what the total is made of besides."""
    if exercise.then is None:
        return (exercise.column,)
    return (exercise.column, exercise.then, *columns.besides(exercise.then, exercise.column))


def _column(exercise: AskComplete, known: Known) -> tuple[list[float], str] | None:
    """Its numbers and their dtype; None where they are not known, or make no column."""
    answer = known.answers.get(exercise.column)
    values = numbers(answer.array) if answer is not None and answer.array is not None else None
    if values is None or not grids.fits_column(values.shape) or not _within(exercise.blank, len(values)):
        return None
    return values.astype("float64").reshape(-1).tolist(), str(values.dtype)


def _within(blank: list[int] | None, length: int) -> bool:
    return all(0 <= row < length for row in blank or ())


def _blank(exercise: AskComplete, values: list[float]) -> tuple[int, ...]:
    return grids.rows_asked(len(values), exercise.blank)


def grid(exercise: AskComplete, known: Known, language: str) -> Grid | None:
    """A row for each number of the column, and one for the total."""
    column = _column(exercise, known)
    if column is None or (exercise.then is not None and known.number(exercise.then) is None):
        return None
    values, dtype = column
    blank = _blank(exercise, values)
    rows = [(None if row in blank else spoken(each, dtype, language),) for row, each in enumerate(values)]
    labels = [str(row) for row in range(1, len(values) + 1)]
    if exercise.then is not None:
        return Grid((*rows, (None,)), (*labels, say(language, "ask.total")))
    return Grid(tuple(rows), tuple(labels))


def _own(exercise: AskComplete, known: Known, values: list[float], found: list[float]) -> float | None:
    """The total of the cells that the learner wrote, and of those that were given."""
    own = np.array(values)
    own[list(_blank(exercise, values))] = found[:-1]

    def number(text: str) -> float | None:
        found = known.number(text)
        return None if found is None else found[0]

    return columns.of_own(exercise.then or "", exercise.column, own.tolist(), number)


def _answered(
    exercise: AskComplete, known: Known, given: str
) -> tuple[list[float], list[float], str, columns.Total | None] | Verdict:
    """What was written, the right column of it, its dtype, and its total."""
    column = _column(exercise, known)
    total = known.number(exercise.then) if exercise.then is not None else None
    if column is None or (exercise.then is not None and total is None):
        return unreadable("ask.not_answerable")
    values, dtype = column
    blank = _blank(exercise, values)
    found = cells.read(given, len(blank) + (total is not None))
    if isinstance(found, Verdict):
        return found
    wanted = [values[row] for row in blank]
    return found, wanted, dtype, None if total is None else (*total, _own(exercise, known, values, found))


def _marks(exercise: AskComplete, known: Known, given: str) -> list[bool]:
    found = _answered(exercise, known, given)
    if isinstance(found, Verdict):
        return []
    numbers, wanted, dtype, total = found
    return columns.marks(numbers, wanted, dtype, exercise.tol, total)


def _mark(exercise: AskComplete, given: str, known: Known) -> Verdict:
    found = _answered(exercise, known, given)
    if isinstance(found, Verdict):
        return found
    numbers, wanted, dtype, total = found
    return columns.mark(numbers, wanted, dtype, exercise.tol, total)


def _solution(exercise: AskComplete, passage: Passage, known: Known, language: str) -> str:
    """All rows of the column, in few lines; then the total."""
    column = _column(exercise, known)
    if column is None:
        return ""
    values, dtype = column
    rows = " · ".join(f"{row}: **{spoken(each, dtype, language)}**" for row, each in enumerate(values, 1))
    if exercise.then is None:
        return f"\n\n{rows}"
    return f"\n\n{rows}\n\n{say(language, 'ask.total')}: **{known.written(exercise.then, language)}**"


KIND = Kind(
    field=lambda exercise, passage: CellGrid(
        lambda known, language: grid(exercise, known, language), lambda known, given: _marks(exercise, known, given)
    ),
    asks=asks,
    hides=lambda exercise: (exercise.column, *((exercise.then,) if exercise.then else ())),
    mark=_mark,
    said=lambda exercise, passage, given, language: "",
    solution=_solution,
    keys="ask.keys.cells",
)
