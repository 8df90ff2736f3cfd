"""`dltutor progress`: shows how far the learner is, writes it to a file, and begins lessons again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from tui.course import read
from tui.course_list import MARKS, Course, mark_of
from tui.language import say
from tui.progress import store
from tui.progress.standing import NEW, Standing


def shown(folders: Sequence[Path], language: str) -> Iterator[str]:
    """A line for each unit, with its lessons under it; and where to go on."""
    course = read(folders)
    for number, (unit, entries) in enumerate(groupby(course.entries, key=course.unit_of)):
        members = [(each, course.standing.get(each.id, NEW)) for each in entries]
        done = sum(known.state == "done" for _, known in members)
        yield ("\n" if number else "") + f"{course.titles(unit).get(language, unit)}  {done}/{len(members)}"
        for entry, known in members:
            yield f"  {MARKS[mark_of(known)][0]} {entry.id:<20}  {entry.title(language):<54}  {_told(known, language)}"
    if course.continuing is not None:
        yield f"\n{course.continuing.told(language, 100)}"


def _told(known: Standing, language: str) -> str:
    state = say(language, f"cli.progress.{known.state}", done=known.done, steps=known.steps)
    return f"{state} · {say(language, 'cli.progress.changed', count=len(known.changed))}" if known.changed else state


def shown_as_json(folders: Sequence[Path]) -> Iterator[str]:
    """One object for each lesson."""
    course: Course = read(folders)
    for entry in course.entries:
        fields = {"id": entry.id, "unit": entry.unit, **as_fields(course.standing.get(entry.id, NEW))}
        yield json.dumps(fields, ensure_ascii=False)


def as_fields(known: Standing) -> dict[str, Any]:
    """A standing as JSON tells it."""
    left = known.left
    return {
        "progress": known.state,
        "steps_done": known.done,
        "steps": known.steps or None,
        "changed": list(known.changed),
        "left": {"step": left.step, "iteration": left.iteration, "at": left.at} if left else None,
    }


def exported() -> str:
    """All that is kept, of every lesson, as one JSON text."""
    records = [store.load(name) for name in store.lessons()]
    whole = {"format": 1, "lessons": [each for each in records if each.begun]}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def begun(lesson: str | None) -> list[str]:
    """The lessons of which there is something to reset: this one, or all."""
    names = store.lessons() if lesson is None else [lesson]
    return [name for name in names if store.load(name).begun or _has_place(name)]


def _has_place(lesson: str) -> bool:
    from tui import places

    return places.load(lesson) is not None


def reset(names: Sequence[str], clock: Callable[[], float] = time.time) -> None:
    """Begin these lessons again. Raises OSError."""
    for name in names:
        store.reset(name, clock())
