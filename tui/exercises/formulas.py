"""Marking formulas: what may stand in them, and whether two of them come to the same wherever they were tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.expression import QUERIES, Call, Expression, ExpressionError, Index, Name, names, parse
from engine.messages import Answer
from engine.words import Sentence
from lessons.answers import numbers
from lessons.exercises import Tolerance
from tui.exercises.progress import RIGHT, Verdict, unreadable, wrong
from tui.masking import asked_in
from tui.masks import overlap

LONGEST = 200  # characters that the field takes
RELATIVE = 1e-4  # of the larger of two values, that they may differ by: what float32 loses in a formula
LEAST = 1e-6  # that values may differ by however small they are

Answers = Mapping[str, Answer]


def tidy(text: str) -> str:
    """The formula as the expression language writes it: × and · for *, − for -, ^ for **."""
    for written, meant in (("×", "*"), ("·", "*"), ("−", "-"), ("^", "**")):
        text = text.replace(written, meant)
    return text.strip()


@dataclass(frozen=True)
class Problem:
    """Why a formula cannot be read; `column` counts from 0 in what was typed."""

    column: int
    sentence: Sentence


def problem(text: str) -> Problem | None:
    """Where and why it cannot be read, if it cannot."""
    try:
        parse(tidy(text), queries=True)
    except ExpressionError as error:
        return Problem(_typed(text, error.column), error.sentence)
    return None


def _typed(text: str, column: int) -> int:
    """The column in what was typed, of one in the tidy text: `^` stands for two characters."""
    start = len(text) - len(text.lstrip())
    at = 0
    for place, character in enumerate(text[start:]):
        if at >= column:
            return start + place
        at += 2 if character == "^" else 1
    return len(text.rstrip())


def repeats(text: str, expect: str) -> bool:
    """Whether the formula only names what is asked: `grad(b)` where grad(b) is asked."""
    try:
        asked, given = parse(expect, queries=True), tidy(text)
        return _asks(asked) and overlap(asked_in(expect), asked_in(given))
    except ExpressionError:
        return False


def _asks(expression: Expression) -> bool:
    """Whether it is a name or a query alone, and no formula."""
    return isinstance(expression, Name | Index) or (isinstance(expression, Call) and expression.op in QUERIES)


def is_formula(expression: str) -> bool:
    """Whether it says how something is computed, not only what it is called."""
    try:
        return not _asks(parse(expression, queries=True))
    except ExpressionError:
        return False


# ---------------------------------------------------------------- marking
def mark(
    text: str,
    expect: str,
    tried: Sequence[Answers],
    tolerance: Tolerance | None = None,
    traps: Mapping[str, str] | None = None,
) -> Verdict:
    """`tried`: what the engine answered in the target state, and then at other inputs. Right where all agree."""
    found = problem(text)
    if found is not None:
        return Verdict(sentence=Sentence("ask.formula_column", {"column": found.column + 1}), readable=False)
    if repeats(text, expect):
        return unreadable("ask.formula_repeats")
    given, here = tidy(text), tried[0]
    answer = here.get(given)
    if answer is None or here.get(expect) is None:
        return unreadable("ask.waiting")
    if answer.refused is not None:
        return Verdict(sentence=answer.refused, readable=False)
    if len(tried) == 1 and not names(parse(given, queries=True)):
        return wrong("ask.formula_here_only")  # a net is not tried with other weights: a number might be right by luck
    if same(given, expect, tried, tolerance):
        return RIGHT
    sprung = next((name for name, trap in (traps or {}).items() if same(given, trap, tried, tolerance)), None)
    if sprung is not None:
        return Verdict(trap=sprung)
    here_only = same(given, expect, tried[:1], tolerance)
    return wrong("ask.formula_here_only") if here_only else _differs(answer, here[expect])


def _differs(answer: Answer, right: Answer) -> Verdict:
    """What can be said of a wrong formula without its values."""
    if answer.array is None or right.array is None:
        return wrong("ask.formula_no_number")
    if tuple(answer.array.shape) != tuple(right.array.shape):
        shapes = {"given": str(tuple(answer.array.shape)), "wanted": str(tuple(right.array.shape))}
        key = "transposed" if tuple(answer.array.shape) == tuple(right.array.shape)[::-1] else "shape"
        return wrong(f"ask.formula_{key}", **shapes)
    return Verdict()


def same(one: str, other: str, tried: Sequence[Answers], tolerance: Tolerance | None = None) -> bool:
    """Whether two expressions have the same shape and values wherever both can be computed, and in the first state."""
    found = [_agree(each.get(one), each.get(other), tolerance) for each in tried]
    return found[0] is True and all(each is not False for each in found)


def _agree(one: Answer | None, other: Answer | None, tolerance: Tolerance | None) -> bool | None:
    """None where it cannot be told: the right one has no value there."""
    wanted = numbers(other.array) if other is not None and other.array is not None else None
    if wanted is None or not np.isfinite(wanted).any():
        return None
    given = numbers(one.array) if one is not None and one.array is not None else None
    if given is None or given.shape != wanted.shape:
        return False
    here, there = given.astype("float64"), wanted.astype("float64")
    kept = np.isfinite(there)
    return bool((np.abs(here[kept] - there[kept]) <= _allowed(here[kept], there[kept], tolerance)).all())


def _allowed(here: np.ndarray, there: np.ndarray, tolerance: Tolerance | None) -> np.ndarray:
    if tolerance is not None:
        return np.maximum(tolerance.abs, tolerance.rel * np.abs(there))
    return np.maximum(LEAST, RELATIVE * np.maximum(np.abs(here), np.abs(there)))
