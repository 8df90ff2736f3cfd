"""What a kind of exercise is: a row of the register in kinds.py, made of plain functions and one field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from textual.widget import Widget

from engine.messages import Change
from lessons.passages import Passage
from tui.exercises.known import Known
from tui.exercises.progress import Verdict

Expressions = tuple[str, ...]


def _none(exercise: Any) -> Expressions:
    return ()


def _no_mark(exercise: Any, given: str, known: Known) -> Verdict:
    return Verdict(readable=False)


def _as_given(exercise: Any, passage: Passage, given: str, language: str) -> str:
    return given


def _of_the_prose(passage: Passage, language: str) -> Mapping[str, str]:
    return passage.options


def _no_solution(exercise: Any, passage: Passage, known: Known, language: str) -> str:
    return ""


def _as_nothing(exercise: Any, passage: Passage, given: str, language: str) -> str:
    return ""


def _no_tries(exercise: Any, given: str) -> Expressions:
    return ()


def _no_witness(exercise: Any) -> tuple[Change, ...]:
    return ()


@dataclass(frozen=True)
class Kind:
    """Marks one kind of exercise, and says how it is answered."""

    field: Callable[[Any, Passage], Widget] | None = None  # what the answer goes into
    asks: Callable[[Any], Expressions] = _none  # what must be known before it can be marked
    elsewhere: Callable[[Any], Expressions] = _none  # of these, what is tried at other inputs as well
    hides: Callable[[Any], Expressions] = _none  # what is masked until it is answered
    hides_lines: Callable[[Any], Expressions] = _none  # lines of the script that are masked as well, by name
    hides_formulas: bool = False  # whether derivatives written as formulas are masked as well
    mark: Callable[[Any, str, Known], Verdict] = _no_mark
    said: Callable[[Any, Passage, str, str], str] = _as_given  # an answer, as Markdown
    options: Callable[[Passage, str], Mapping[str, str]] = _of_the_prose  # what may be chosen, as Markdown
    solution: Callable[[Any, Passage, Known, str], str] = _no_solution  # as Markdown
    tries: Callable[[Any, str], Expressions] = _no_tries  # what of an answer itself the engine is asked, everywhere
    about: Callable[[Any, Passage, str, str], str] = _as_nothing  # what is said of a wrong answer, as Markdown
    at_length: bool = False  # whether what was answered is too long for a sentence that calls it wrong
    explains: bool = False  # whether the solution is told of a right answer too
    right: str = "ask.right"  # the sentence that closes what was answered
    keys: str = "ask.keys.answering"  # the sentence about the keys of the field
    letters: bool = False  # whether answers are written with letters: then no key of the lesson works in the field
    failures: bool = False  # that torch refuses an operation is an answer
    when: Literal["at once", "after the step", "when it holds"] = "at once"
    reach: Callable[[Any], Expressions] = _none  # conditions that answer it
    witness: Callable[[Any], Sequence[Change]] = _no_witness  # edits that show the solution


def expectations(exercise: Any) -> Expressions:
    """What an exercise with `expect` and traps asks for."""
    return (exercise.expect, *exercise.traps.values())


def expected(exercise: Any) -> Expressions:
    """What is hidden while an exercise with `expect` is open."""
    return (exercise.expect,)
