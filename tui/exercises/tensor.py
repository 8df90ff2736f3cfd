"""The exercise that asks for a tensor, cell by cell."""

from __future__ import annotations

from lessons import grids
from lessons.answers import numbers
from lessons.exercises import AskTensor
from lessons.passages import Passage
from tui.exercises import tensors
from tui.exercises.cell_grid import CellGrid
from tui.exercises.cells import Grid
from tui.exercises.kind import Kind, expectations, expected
from tui.exercises.known import Known, matrix, spoken
from tui.exercises.progress import Verdict, unreadable


def _values(known: Known, expression: str) -> tensors.Numbers | None:
    answer = known.answers.get(expression)
    return numbers(answer.array) if answer is not None and answer.array is not None else None


def _answer(exercise: AskTensor, known: Known) -> tensors.Numbers | None:
    """The tensor; None where it is not known, or cannot be asked so."""
    values = _values(known, exercise.expect)
    asked = values is not None and grids.fits(values.shape) and grids.has_cells(values.shape, exercise.blank)
    return values if asked else None


def grid(exercise: AskTensor, known: Known, language: str) -> Grid | None:
    """Its cells: numbers where they are given."""
    values = _answer(exercise, known)
    if values is None:
        return None
    asked, table = grids.asked(values.shape, exercise.blank), tensors.matrix(values)
    return Grid(
        tuple(
            tuple(None if (y, x) in asked else spoken(float(each), str(values.dtype), language)
                  for x, each in enumerate(row))
            for y, row in enumerate(table)
        )
    )  # fmt: skip


def _marks(exercise: AskTensor, known: Known, given: str) -> list[bool]:
    values = _answer(exercise, known)
    return [] if values is None else tensors.marks(given, values, exercise.blank, exercise.tol)


def _mark(exercise: AskTensor, given: str, known: Known) -> Verdict:
    values = _answer(exercise, known)
    if values is None:
        return unreadable("ask.not_answerable")
    traps = {name: found for name, text in exercise.traps.items() if (found := _values(known, text)) is not None}
    return tensors.mark(given, values, exercise.blank, exercise.tol, traps)


def _solution(exercise: AskTensor, passage: Passage, known: Known, language: str) -> str:
    """The whole tensor as a matrix."""
    values = _values(known, exercise.expect)
    return "" if values is None else f"\n\n$$\n{matrix(values, language)}\n$$"


KIND = Kind(
    field=lambda exercise, passage: CellGrid(
        lambda known, language: grid(exercise, known, language), lambda known, given: _marks(exercise, known, given)
    ),
    asks=expectations,
    hides=expected,
    mark=_mark,
    said=lambda exercise, passage, given, language: "",
    solution=_solution,
    keys="ask.keys.cells",
)
