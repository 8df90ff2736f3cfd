"""The exercise that asks for thoughts: they are kept and not marked, and stand beside the author's."""

from __future__ import annotations

from lessons.exercises import AskThink
from lessons.passages import Passage
from tui.exercises.kind import Kind
from tui.exercises.known import Known
from tui.exercises.progress import RIGHT, Verdict, unreadable
from tui.exercises.quoting import quoted
from tui.exercises.think_field import ThinkField


def _mark(exercise: AskThink, given: str, known: Known) -> Verdict:
    return RIGHT if given.strip() else unreadable("ask.nothing_written")


def _said(exercise: AskThink, passage: Passage, given: str, language: str) -> str:
    return f"\n\n{quoted(given.strip())}"


KIND = Kind(
    field=lambda exercise, passage: ThinkField(),
    mark=_mark,
    said=_said,
    at_length=True,
    right="ask.kept",
    keys="ask.keys.think",
    letters=True,
)
