"""The exercise that asks for a formula."""

from __future__ import annotations

from engine.expression import ExpressionError, parse
from lessons.exercises import AskExpression
from lessons.passages import Passage
from tui.exercises import formulas
from tui.exercises.formula_field import FormulaField
from tui.exercises.kind import Expressions, Kind, expectations
from tui.exercises.known import Known
from tui.exercises.progress import Verdict
from tui.exercises.quoting import code
from tui.formulas.expressions import latex


def _tries(exercise: AskExpression, given: str) -> Expressions:
    """The learner's formula, where it can be read."""
    readable = formulas.problem(given) is None and not formulas.repeats(given, exercise.expect)
    return (formulas.tidy(given),) if readable else ()


def _mark(exercise: AskExpression, given: str, known: Known) -> Verdict:
    return formulas.mark(given, exercise.expect, (known.answers, *known.elsewhere), exercise.tol, exercise.traps)


def _said(exercise: AskExpression, passage: Passage, given: str, language: str) -> str:
    try:
        return f"${latex(parse(formulas.tidy(given), queries=True))}$"
    except ExpressionError:
        return code(given)


def _solution(exercise: AskExpression, passage: Passage, known: Known, language: str) -> str:
    """The formula where the lesson gives one, and what it comes to here."""
    value = known.written(exercise.expect, language)
    return f"{_said(exercise, passage, exercise.expect, language)} = {value}"


KIND = Kind(
    field=lambda exercise, passage: FormulaField(),
    asks=expectations,
    elsewhere=expectations,
    hides_formulas=True,  # and no number: one of them is no formula
    tries=_tries,
    mark=_mark,
    said=_said,
    solution=_solution,
    keys="ask.keys.formula",
    letters=True,
)
