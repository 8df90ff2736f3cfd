"""Where a learner left a lesson: kept in the state directory, so that the next start stands at the same iteration."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from engine.messages import Baseline, Log, Memory

FORMAT = 1
LARGEST = 256 << 20  # bytes of a file that is read


class Place(msgspec.Struct, frozen=True):
    """A lesson left: at which step, and for each of its experiments what was done and what brings it back."""

    step: str
    experiments: dict[str, Left]
    format: int = FORMAT


class Left(msgspec.Struct, frozen=True):
    """One experiment. `description` is a digest of it and its seed: another one cannot be taken up from it."""

    description: str
    log: Log | None
    memory: Memory | None
    baseline: Baseline | None = None


def describe(spec: bytes, seed: int | None) -> str:
    """The digest of an experiment."""
    return hashlib.sha256(spec + repr(seed).encode()).hexdigest()


def folder() -> Path:
    """The platform's state directory for the tutor."""
    import platformdirs

    return Path(platformdirs.user_state_dir("dltutor", appauthor=False))


def save(lesson: str, place: Place, where: Path | None = None) -> None:
    """Keep a place, whole or not at all. Raises OSError where that cannot be: a full disk, no permission."""
    from tui.progress.files import replace_file

    replace_file(_file(lesson, where), msgspec.msgpack.encode(place))


def forget(lesson: str, where: Path | None = None) -> None:
    """Keep no place in a lesson any more. Raises OSError."""
    _file(lesson, where).unlink(missing_ok=True)


def load(lesson: str, where: Path | None = None) -> Place | None:
    """The place that was kept; None where there is none, or none that can be read."""
    try:
        with _file(lesson, where).open("rb") as file:
            place = msgspec.msgpack.decode(file.read(LARGEST + 1), type=Place)
    except (OSError, msgspec.MsgspecError):
        return None
    return place if place.format == FORMAT else None


def _file(lesson: str, where: Path | None) -> Path:
    return (where or folder()) / "places" / f"{lesson}.msgpack"
