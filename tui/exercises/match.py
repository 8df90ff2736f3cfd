"""The exercise that asks to find pairs."""

from __future__ import annotations

from collections.abc import Mapping

from lessons.exercises import AskMatch
from lessons.passages import Passage
from tui.exercises import pairings
from tui.exercises.kind import Kind
from tui.exercises.known import Known
from tui.exercises.match_field import MatchField
from tui.exercises.progress import Verdict


def _mark(exercise: AskMatch, given: str, known: Known) -> Verdict:
    return pairings.mark(given, exercise.pairs)


def _listed(passage: Passage, pairs: Mapping[str, str]) -> str:
    text = passage.options
    return "\n\n" + "\n".join(f"- {text.get(left, left)} → {text.get(right, right)}" for left, right in pairs.items())


def _said(exercise: AskMatch, passage: Passage, given: str, language: str) -> str:
    return _listed(passage, pairings.read(given, exercise.pairs))


def _solution(exercise: AskMatch, passage: Passage, known: Known, language: str) -> str:
    return _listed(passage, exercise.pairs)


KIND = Kind(
    field=lambda exercise, passage: MatchField(exercise.pairs, pairings.choices(exercise.id, exercise.pairs)),
    mark=_mark,
    said=_said,
    solution=_solution,
    at_length=True,
    keys="ask.keys.match",
)
