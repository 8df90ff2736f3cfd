"""From an exercise's progress to what is kept of it, and back; an exercise that has changed is asked again."""

from __future__ import annotations

from tui.exercises.progress import Progress
from tui.progress.records import Given, Kept

Answers = tuple[Given, ...]


def kept(had: Answers, before: Progress, after: Progress, digest: str, at: float) -> Kept:
    """What is to be kept when an exercise has come from one progress to another, at the time `at`."""
    return Kept(
        at, digest, after.given, after.verdict, after.attempts, after.hints,
        after.solved, after.given_up, after.locked, _answers(had, before, after, at),
    )  # fmt: skip


def _answers(had: Answers, before: Progress, after: Progress, at: float) -> Answers:
    """The answers up to now."""
    if before.locked and not after.locked and had:  # a prediction came out, or was given up
        return (*had[:-1], Given(had[-1].at, had[-1].given, after.solved))
    if after.attempts > before.attempts:
        return (*had, Given(at, after.given, None if after.locked else after.solved))
    if after.solved and not before.solved:  # by deeds
        return (*had, Given(at, "", True))
    return had


def progress_of(found: Kept, digest: str) -> Progress:
    """How far the learner is with an exercise that has this digest now."""
    if found.digest != digest:
        return Progress(changed=found.done)
    return Progress(found.given, found.verdict, found.attempts, found.hints, found.solved, found.given_up, found.locked)
