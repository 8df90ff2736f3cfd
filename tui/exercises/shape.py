"""The exercise that asks for the shape of a tensor."""

from __future__ import annotations

from lessons.exercises import AskShape
from lessons.passages import Passage
from tui.exercises import shapes
from tui.exercises.fields import AnswerField
from tui.exercises.kind import Expressions, Kind, expectations
from tui.exercises.known import Known
from tui.exercises.progress import Verdict, unreadable


def _mark(exercise: AskShape, given: str, known: Known) -> Verdict:
    answer = known.shape(exercise.expect)
    if answer is None:
        return unreadable("ask.not_answerable")
    traps = {name: found for name, text in exercise.traps.items() if (found := known.shape(text)) is not None}
    return shapes.mark(given, answer, traps)


def _solution(exercise: AskShape, passage: Passage, known: Known, language: str) -> str:
    answer = known.shape(exercise.expect)
    return f"`{shapes.written(answer)}`" if answer is not None else ""


def _hidden(exercise: AskShape) -> Expressions:
    """The shape, also where the lesson wrote only the tensor's name."""
    text = exercise.expect.strip()
    return (f"shape({text})",) if text.isidentifier() else (text,)


KIND = Kind(
    field=lambda exercise, passage: AnswerField(),
    asks=expectations,
    hides=_hidden,
    mark=_mark,
    said=lambda exercise, passage, given, language: f"`{given.strip()}`",
    solution=_solution,
)
