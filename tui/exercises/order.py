"""The exercise that asks to put lines in order."""

from __future__ import annotations

from lessons.exercises import AskOrder
from lessons.passages import Passage
from tui.exercises import orders
from tui.exercises.kind import Kind
from tui.exercises.known import Known
from tui.exercises.order_field import OrderField
from tui.exercises.progress import Verdict
from tui.exercises.quoting import code
from tui.language import say


def line(exercise: AskOrder, passage: Passage, number: int) -> str:
    """A line as Markdown: its text in the prose, or itself as code."""
    written = exercise.lines[number]
    return passage.options.get(written) or code(written)


def _field(exercise: AskOrder, passage: Passage) -> OrderField:
    first = orders.shuffled(exercise.id, len(exercise.lines), exercise.pairs, exercise.lines)
    return OrderField(first, tuple(exercise.lines))


def _mark(exercise: AskOrder, given: str, known: Known) -> Verdict:
    return orders.mark(given, len(exercise.lines), exercise.pairs, exercise.lines)


def _about(exercise: AskOrder, passage: Passage, given: str, language: str) -> str:
    """The first pair that stands the other way round, by its lines."""
    order = orders.read(given, len(exercise.lines))
    pair = None if order is None else orders.violated(order, exercise.pairs, exercise.lines)
    if pair is None:
        return ""
    first, second = (line(exercise, passage, number) for number in pair)
    return say(language, "ask.order_before", first=first, second=second)


def _listed(exercise: AskOrder, passage: Passage, order: tuple[int, ...] | None) -> str:
    rows = (f"{place}. {line(exercise, passage, number)}" for place, number in enumerate(order or (), 1))
    return "\n\n" + "\n".join(rows)


def _said(exercise: AskOrder, passage: Passage, given: str, language: str) -> str:
    return _listed(exercise, passage, orders.read(given, len(exercise.lines)))


def _solution(exercise: AskOrder, passage: Passage, known: Known, language: str) -> str:
    return _listed(exercise, passage, orders.some_right(len(exercise.lines), exercise.pairs))


KIND = Kind(
    field=_field, mark=_mark, said=_said, about=_about, solution=_solution, at_length=True, keys="ask.keys.order"
)
