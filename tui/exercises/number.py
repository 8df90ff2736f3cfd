"""The exercise that asks for one number."""

from __future__ import annotations

from lessons.exercises import AskNumber
from lessons.passages import Passage
from tui.exercises import numbers
from tui.exercises.fields import AnswerField
from tui.exercises.kind import Kind, expectations, expected
from tui.exercises.known import Known
from tui.exercises.progress import Verdict, unreadable


def _mark(exercise: AskNumber, given: str, known: Known) -> Verdict:
    answer = known.number(exercise.expect)
    if answer is None:
        return unreadable("ask.not_answerable")
    traps = {name: found[0] for name, text in exercise.traps.items() if (found := known.number(text)) is not None}
    return numbers.mark(given, *answer, exercise.tol, traps)


def _solution(exercise: AskNumber, passage: Passage, known: Known, language: str) -> str:
    return known.written(exercise.expect, language)


KIND = Kind(
    field=lambda exercise, passage: AnswerField(),
    asks=expectations,
    hides=expected,
    mark=_mark,
    solution=_solution,
)
