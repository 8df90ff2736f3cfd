"""The files of progress: one for each lesson, in the state directory. What one session wrote, no other one loses."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from tui.places import folder, forget
from tui.progress.files import replace_file, sweep
from tui.progress.locks import locked
from tui.progress.records import FORMAT, Record, merged

LARGEST = 16 << 20  # bytes of a file that is read


def load(lesson: str, where: Path | None = None) -> Record:
    """What is kept of a lesson; an empty record where that is nothing, or nothing that can be read."""
    try:
        return _read(_file(lesson, where)) or Record(lesson)
    except OSError:
        return Record(lesson)


def lessons(where: Path | None = None) -> list[str]:
    """Of which lessons something is kept."""
    place = _folder(where)
    sweep(place)
    with suppress(OSError):
        return sorted(each.stem for each in place.glob("*.json"))
    return []


def keep(record: Record, where: Path | None = None) -> Record:
    """Add a record to what is kept; all of it together. Raises OSError, and then what was kept is as it was."""
    target = _file(record.lesson, where)
    with locked(target.with_name(f".{target.name}.lock")):
        found = _read(target)
        whole = merged(found or Record(record.lesson), record)
        if found is None:
            _set_aside(target)
        if whole != found:
            replace_file(target, msgspec.json.format(msgspec.json.encode(whole), indent=1))
    return whole


def reset(lesson: str, at: float, where: Path | None = None) -> Record:
    """Begin a lesson again: nothing from before `at` counts any more, in no session. Raises OSError."""
    kept = keep(Record(lesson, reset=max(at, load(lesson, where).newest)), where)
    forget(lesson, where)
    return kept


def _read(path: Path) -> Record | None:
    """The record in a file; None where there is none, or none of ours. Raises OSError where it cannot be told."""
    try:
        with path.open("rb") as file:
            found = msgspec.json.decode(file.read(LARGEST + 1), type=Record)
    except (FileNotFoundError, msgspec.MsgspecError, RecursionError):
        return None
    return found if found.format == FORMAT and found.lesson == path.stem else None


def _set_aside(path: Path) -> None:
    """A file that cannot be read, a newer program's perhaps, is not lost: it gets another name."""
    if path.exists():
        os.replace(path, path.with_name(f"{path.name}.unread"))


def _folder(where: Path | None) -> Path:
    return (where or folder()) / "progress"


def _file(lesson: str, where: Path | None) -> Path:
    return _folder(where) / f"{lesson}.json"
