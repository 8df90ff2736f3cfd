"""Marking outcomes: whether something works, and then with which shape, or which error it ends in."""

from __future__ import annotations

from lessons.answers import OUTCOMES, WORKS
from tui.exercises import shapes
from tui.exercises.progress import RIGHT, Verdict, unreadable, wrong


def read(given: str) -> tuple[str, str]:
    """What was chosen, and the shape that was written with it: `works (2, 3)`."""
    chosen, _, shape = given.strip().partition(" ")
    return chosen, shape.strip()


def mark(given: str, answer: str, shape: tuple[int, ...] | None) -> Verdict:
    """Whether it came out so; where it works, whether the shape is right too."""
    chosen, written = read(given)
    if chosen not in OUTCOMES:
        return unreadable("ask.nothing_chosen")
    if chosen != answer:
        known = "it_works" if answer == WORKS else "it_fails" if chosen == WORKS else "other_error"
        return wrong(f"ask.outcome.{known}")
    if answer != WORKS:
        return RIGHT
    return shapes.mark(written, shape or ()) if written else unreadable("ask.outcome.shape_first")
