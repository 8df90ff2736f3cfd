"""What was answered: every exercise with its question, each answer with whether it was right, and the hints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.messages import Answer
from engine.words import Refused
from tui.exercises.kind import Kind
from tui.exercises.kinds import kind_of
from tui.exercises.known import Known
from tui.filling import expressions, filled
from tui.language import say
from tui.opening import Opening
from tui.progress.records import Given, Kept, Outline
from tui.session_log.replay import answers


def answered(
    opening: Opening, exercises: Mapping[str, Kept], now: Outline, seed: int | None, language: str
) -> Iterator[str]:
    """Markdown lines, in the order of the lesson."""
    assert opening.lesson is not None
    for number, step in enumerate(opening.lesson.steps):
        asked = [each for each in step.ask if each.id in exercises]
        known = _known(opening, number, asked, seed, language) if asked else Known()
        for exercise in asked:
            yield from _exercise(opening, exercise, exercises[exercise.id], known, now, language)


def _known(opening: Opening, number: int, asked: list[Any], seed: int | None, language: str) -> Known:
    """The values that the texts of a step's exercises show."""
    from lessons.stages import target

    assert opening.lesson is not None
    texts = []
    for each in asked:
        passage = opening.passage_of(each.id, language)
        texts += [passage.heading, passage.markdown, *passage.options.values()]
    wanted = tuple(dict.fromkeys(name for text in texts for name in expressions(text)))
    if not wanted:
        return Known()
    try:
        found: Mapping[str, Answer] = answers(
            opening.part(number).experiment, seed, target(opening.lesson, number), wanted
        )
    except Refused:
        return Known()
    return Known(found)


def _exercise(opening: Opening, exercise: Any, kept: Kept, known: Known, now: Outline, language: str) -> Iterator[str]:
    passage, kind = opening.passage_of(exercise.id, language), kind_of(exercise)

    def fill(expression: str, formula: bool) -> str:
        return known.written(expression, language, formula)

    yield from (f"### {filled(passage.heading, fill)}", "")
    if passage.markdown.strip():
        yield from (filled(passage.markdown, fill), "")
    for given in kept.answers:
        said = filled(kind.said(exercise, passage, given.given, language), fill) if given.given else ""
        yield f"- {_answer(kind, given, said, language)}"
    predicted, digest = kind.when == "after the step", now.digests.get(exercise.id)
    yield from (f"- {each}" for each in _circumstances(kept, predicted, digest, language))
    yield ""


def _answer(kind: Kind, given: Given, said: str, language: str) -> str:
    """`2026-11-21 10:02 ✗ 4`"""
    mark = {True: "✓", False: "✗", None: "…"}[given.right]
    said = said or say(language, "log.by_deeds")
    return f"{when(given.at)} {mark} {said}" if not kind.at_length else f"{when(given.at)} {mark}\n\n{_quoted(said)}"


def _quoted(text: str) -> str:
    return "\n".join(f"  > {line}".rstrip() for line in text.split("\n"))


def _circumstances(kept: Kept, predicted: bool, digest: str | None, language: str) -> Iterator[str]:
    if kept.hints:
        yield say(language, "log.hints", count=kept.hints)
    if kept.given_up and not (predicted and kept.answers):  # a prediction that was wrong is not given up
        yield say(language, "log.given_up")
    if digest is not None and kept.digest != digest:
        yield say(language, "log.changed")


def when(at: float) -> str:
    """A moment on the learner's clock."""
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M")
