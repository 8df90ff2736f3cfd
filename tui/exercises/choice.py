"""The exercise with options, one or several of which are right."""

from __future__ import annotations

from lessons.exercises import AskChoice
from lessons.passages import Passage
from tui.exercises import choices
from tui.exercises.fields import Options
from tui.exercises.kind import Expressions, Kind
from tui.exercises.known import Known
from tui.exercises.progress import Verdict


def options(exercise: AskChoice, passage: Passage) -> tuple[str, ...]:
    """The options, in the order of lesson.yaml or else of the prose."""
    return tuple(exercise.options or passage.options)


def several(exercise: AskChoice) -> bool:
    """Whether more than one may be chosen: where the lesson gives a list, or several conditions."""
    return isinstance(exercise.answer, list) or len(exercise.answer_when or ()) > 1


def answers(exercise: AskChoice, known: Known) -> tuple[str, ...]:
    """The right options."""
    if exercise.answer_when is None:
        return tuple(exercise.answers)
    return tuple(name for name, condition in exercise.answer_when.items() if known.holds(condition))


def _conditions(exercise: AskChoice) -> Expressions:
    return tuple((exercise.answer_when or {}).values())


def _mark(exercise: AskChoice, given: str, known: Known) -> Verdict:
    return choices.mark(given, answers(exercise, known))


def _said(exercise: AskChoice, passage: Passage, given: str, language: str) -> str:
    return " · ".join(passage.options.get(name, name) for name in choices.read(given))


def _solution(exercise: AskChoice, passage: Passage, known: Known, language: str) -> str:
    return _said(exercise, passage, " ".join(answers(exercise, known)), language)


KIND = Kind(
    field=lambda exercise, passage: Options(options(exercise, passage), several(exercise)),
    asks=_conditions,
    elsewhere=_conditions,
    hides=_conditions,
    mark=_mark,
    said=_said,
    solution=_solution,
)
