"""The exercise that is answered by editing, until a condition holds."""

from __future__ import annotations

from collections.abc import Iterable

from engine.messages import Done
from lessons.exercises import AskGoal
from lessons.marking import may_change
from lessons.passages import Passage
from lessons.stages import changes
from tui.exercises import choices
from tui.exercises.fields import Options
from tui.exercises.kind import Kind
from tui.exercises.known import Known
from tui.exercises.progress import Verdict


def only_allowed(exercise: AskGoal, done: Iterable[Done]) -> bool:
    """Whether of all that was done every edit is allowed."""
    return all(may_change(exercise, change) for each in done if not each.note for change in each.changes or ())


def _mark(exercise: AskGoal, given: str, known: Known) -> Verdict:
    """A goal that cannot be reached is answered by the reason."""
    return choices.mark(given, (exercise.answer,) if exercise.answer else ())


def _said(exercise: AskGoal, passage: Passage, given: str, language: str) -> str:
    return passage.options.get(given, "")


def _solution(exercise: AskGoal, passage: Passage, known: Known, language: str) -> str:
    if exercise.answer:
        return passage.options.get(exercise.answer, "")
    return ", ".join(f"`{name} = {value}`" for name, value in exercise.witness.items())


KIND = Kind(
    field=lambda exercise, passage: Options(tuple(passage.options)),
    mark=_mark,
    said=_said,
    solution=_solution,
    when="when it holds",
    reach=lambda exercise: (exercise.reach,),
    witness=lambda exercise: changes(exercise.witness),
)
