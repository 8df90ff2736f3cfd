"""The exercise that asks what a step will bring, before the step can be taken."""

from __future__ import annotations

from textual.widget import Widget

from lessons.exercises import AskPredict
from lessons.passages import Passage
from tui.exercises import numbers, predictions
from tui.exercises.fields import AnswerField, Options
from tui.exercises.kind import Kind, expectations, expected
from tui.exercises.known import Known, alone
from tui.exercises.progress import Verdict, unreadable
from tui.language import say

WORDS = {"sign": predictions.SIGNS, "direction": predictions.DIRECTIONS}


def _field(exercise: AskPredict, passage: Passage) -> Widget:
    return Options(WORDS[exercise.give]) if exercise.give in WORDS else AnswerField()


def outcome(exercise: AskPredict, known: Known) -> str | None:
    """What a sign or direction came to; where nothing was there before the step, the value itself is the change."""
    after = known.number(exercise.expect)
    if after is None:
        return None
    if exercise.give == "sign":
        return predictions.sign(after[0])
    before = alone(known.before.get(exercise.expect))
    return predictions.direction(before[0] if before else 0.0, after[0])


def _mark(exercise: AskPredict, given: str, known: Known) -> Verdict:
    answer = known.number(exercise.expect)
    if answer is None:
        return unreadable("ask.not_answerable")
    if exercise.give in WORDS:
        return predictions.mark(given, outcome(exercise, known)) if given else unreadable("ask.nothing_chosen")
    traps = {name: found[0] for name, text in exercise.traps.items() if (found := known.number(text)) is not None}
    return numbers.mark(given, *answer, exercise.tol, traps)


def _said(exercise: AskPredict, passage: Passage, given: str, language: str) -> str:
    return say(language, f"ask.word.{given}") if exercise.give in WORDS and given else given


def _words(passage: Passage, language: str) -> dict[str, str]:
    return {word: say(language, f"ask.word.{word}") for words in WORDS.values() for word in words}


def _solution(exercise: AskPredict, passage: Passage, known: Known, language: str) -> str:
    value = known.written(exercise.expect, language)
    if exercise.give not in WORDS:
        return value
    word = outcome(exercise, known)
    return f"{say(language, f'ask.word.{word}')} ({value})" if word else value


KIND = Kind(
    field=_field,
    asks=expectations,
    hides=expected,
    mark=_mark,
    said=_said,
    options=_words,
    solution=_solution,
    when="after the step",
)
