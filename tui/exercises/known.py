"""What the engine has answered about a step, by expression; and numbers as prose in a language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.messages import Answer
from engine.words import Sentence
from lessons.answers import alone, is_true, numbers, outcome_of, shape_of
from tui import number
from tui.exercises.program import Program
from tui.language import say

PENDING = "…"
REFUSED = "⟨?⟩"
MOST = 16  # numbers of a tensor that stand in a sentence; of a larger one its shape


@dataclass(frozen=True, eq=False)
class Known:
    """`answers` in the step's target state, `before` where the step begins; `held` at other inputs, each once."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    before: Mapping[str, Answer] = field(default_factory=dict)
    elsewhere: tuple[Mapping[str, Answer], ...] = ()
    program: Program = field(default_factory=Program)  # the step's experiment as a script

    def refusal(self, expressions: tuple[str, ...], failures: bool = False) -> Sentence | None:
        """Why one of these cannot be told. With `failures` an operation that torch refuses is an answer too."""
        found = [self.answers[each] for each in expressions if each in self.answers]
        told = [each for each in found if not (failures and outcome_of(each) is not None)]
        return next((each.refused for each in told if each.refused is not None), None)

    def has(self, expressions: tuple[str, ...]) -> bool:
        """Whether the engine has answered all of these."""
        return all(each in self.answers for each in expressions)

    def number(self, expression: str) -> tuple[float, str] | None:
        """The number that it is, and its dtype; None where it is none, or not known."""
        return alone(self.answers.get(expression))

    def shape(self, expression: str) -> tuple[int, ...] | None:
        """The shape that it is; of a tensor its own."""
        return shape_of(self.answers.get(expression))

    def outcome(self, expression: str) -> str | None:
        """"works", or the kind of failure; None where it is not known."""
        return outcome_of(self.answers.get(expression))

    def failure(self, expression: str) -> Sentence | None:
        """Why it does not work."""
        answer = self.answers.get(expression)
        return answer.refused if answer is not None and answer.outcome is not None else None

    def holds(self, condition: str) -> bool:
        """Whether it is true in the target state, and at every other input that was tried."""
        answers = [each.get(condition) for each in (self.answers, *self.elsewhere)]
        return all(is_true(each) for each in answers if each is None or each.refused is None) and is_true(answers[0])

    def written(self, expression: str, language: str, formula: bool = False) -> str:
        """The value as prose in `language` writes it: 0,45 in Spanish."""
        answer = self.answers.get(expression)
        if answer is None:
            return r"\ldots" if formula else PENDING
        return (_in_formula if formula else _in_prose)(answer, language)


def spoken(value: float, dtype: str, language: str) -> str:
    """A number in prose: without zeros at its end, with the language's decimal sign."""
    if number.kind(dtype) == "bool":
        return say(language, "ask.true" if value else "ask.false")
    text = number.element(value, dtype).strip() if number.kind(dtype) != "float" else number.short(value).strip()
    mantissa, e, exponent = text.partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return say(language, "ask.decimal").join(mantissa.split(".")) + e + exponent


def _in_prose(answer: Answer, language: str) -> str:
    if answer.dtype is not None:
        return answer.dtype
    if answer.shape is not None:
        return str(tuple(answer.shape))
    if answer.array is None:
        return REFUSED
    values, dtype = numbers(answer.array), answer.array.dtype
    if values is None or values.size > MOST:
        return str(tuple(answer.array.shape))
    return _listed(values.tolist(), dtype, language)


def _listed(values: Any, dtype: str, language: str) -> str:
    if not isinstance(values, list):
        return spoken(float(values), dtype, language)
    separator = "; " if say(language, "ask.decimal") == "," else ", "
    return "[" + separator.join(_listed(each, dtype, language) for each in values) + "]"


def _in_formula(answer: Answer, language: str) -> str:
    values = numbers(answer.array) if answer.array is not None else None
    if values is None or answer.array is None:
        text = _in_prose(answer, language)
        return rf"\text{{{text}}}"
    if values.ndim and 0 < values.size <= MOST:
        return matrix(values, language)
    return (
        _number(values, answer.array.dtype, language)
        if values.ndim == 0
        else rf"\text{{{_in_prose(answer, language)}}}"
    )


def matrix(values: npt.NDArray[np.generic], language: str) -> str:
    """Rows of numbers as LaTeX; a vector is one row."""
    rows = np.atleast_2d(values)
    cells = (r" & ".join(_number(each, str(values.dtype), language) for each in row) for row in rows)
    return r"\begin{pmatrix} " + r" \\ ".join(cells) + r" \end{pmatrix}"


def _number(value: Any, dtype: str, language: str) -> str:
    """As LaTeX: a decimal comma in braces, so that no space follows it; a power of ten."""
    if number.kind(dtype) == "bool":
        return rf"\text{{{spoken(float(value), dtype, language)}}}"
    mantissa, e, exponent = spoken(float(value), dtype, language).partition("e")
    mantissa = mantissa.replace(",", "{,}").replace("inf", r"\infty").replace("nan", r"\text{nan}")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if e else mantissa
