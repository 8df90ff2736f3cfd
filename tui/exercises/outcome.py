"""The exercise that asks whether something works, with which shape, or which error torch raises."""

from __future__ import annotations

from engine.expression import Call, Constant, ExpressionError, Name, parse
from engine.words import say as engine_says
from lessons.answers import WORKS
from lessons.exercises import AskOutcome
from lessons.passages import Passage
from tui.exercises import outcomes, shapes
from tui.exercises.kind import Expressions, Kind
from tui.exercises.known import Known
from tui.exercises.outcome_field import OutcomeField
from tui.exercises.progress import Verdict, unreadable
from tui.language import say


def _mark(exercise: AskOutcome, given: str, known: Known) -> Verdict:
    answer = known.outcome(exercise.expect)
    if answer not in outcomes.OUTCOMES:
        return unreadable("ask.not_answerable")
    return outcomes.mark(given, answer, known.shape(exercise.expect))


def _said(exercise: AskOutcome, passage: Passage, given: str, language: str) -> str:
    chosen, shape = outcomes.read(given)
    if chosen == WORKS and shape:
        return say(language, "ask.outcome.with_shape", shape=f"`{shape}`")
    return say(language, f"ask.outcome.{chosen}") if chosen else ""


def _options(passage: Passage, language: str) -> dict[str, str]:
    return {name: say(language, f"ask.outcome.{name}") for name in outcomes.OUTCOMES}


def _solution(exercise: AskOutcome, passage: Passage, known: Known, language: str) -> str:
    """What came out; of an error also why, with torch's own words."""
    failure, shape = known.failure(exercise.expect), known.shape(exercise.expect)
    if failure is not None:
        kind = known.outcome(exercise.expect)
        named = f"{say(language, f'ask.outcome.{kind}')}. " if kind in outcomes.OUTCOMES else ""
        return named + engine_says(failure, language)
    return say(language, "ask.outcome.with_shape", shape=f"`{shapes.written(shape)}`") if shape is not None else ""


def hidden(exercise: AskOutcome) -> Expressions:
    """The shape of the tensor that is asked about, where it bears a name."""
    try:
        match parse(exercise.expect, queries=True):
            case Name(name=name) | Call(op="value", arguments=(Name(name=name),)):
                return (f"shape({name})",)
            case Call(op="value", arguments=(Constant(value=str() as name),)):
                return (f'shape("{name}")',)
    except ExpressionError:
        pass  # then the engine says why it cannot be answered
    return (exercise.expect,) if "(" in exercise.expect else ()


KIND = Kind(
    field=lambda exercise, passage: OutcomeField(),
    asks=lambda exercise: (exercise.expect,),
    hides=hidden,
    mark=_mark,
    said=_said,
    options=_options,
    solution=_solution,
    failures=True,
)
