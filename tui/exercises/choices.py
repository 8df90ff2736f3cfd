"""Marking choices: one option, or several that must all be there and no other."""

from __future__ import annotations

from collections.abc import Collection

from tui.exercises.progress import RIGHT, Verdict, unreadable, wrong


def read(text: str) -> tuple[str, ...]:
    """The options of an answer: their ids, with spaces between them."""
    return tuple(text.split())


def mark(text: str, answers: Collection[str]) -> Verdict:
    """Whether exactly the right options are chosen."""
    given = set(read(text))
    if not given:
        return unreadable("ask.nothing_chosen")
    if given == set(answers):
        return RIGHT
    if len(answers) == 1 and len(given) == 1:
        return Verdict()
    if given < set(answers):
        return wrong("ask.some_missing")
    return wrong("ask.too_many") if given > set(answers) else wrong("ask.not_these")
