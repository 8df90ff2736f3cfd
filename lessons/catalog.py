"""Finds lessons: in the folders that were named, in those of DLTUTOR_LESSONS, and among those that come along."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.words import LANGUAGES
from lessons.findings import Finding, nearest
from lessons.words import CATALOGUE, Refused

if TYPE_CHECKING:
    from lessons.strict_yaml import Document

BUILT_IN = Path(__file__).with_name("catalog")
VARIABLE = "DLTUTOR_LESSONS"
OTHER = "other"  # the unit of lessons whose unit the course does not list
_FILE = "lesson.yaml"
_BODY = frozenset(("experiment", "experiments", "steps"))  # a list needs only what stands before them


@dataclass(frozen=True, slots=True)
class Entry:
    """A lesson in a list. `error` is the first finding where the lesson's head cannot be read."""

    id: str
    path: Path  # its folder
    titles: dict[str, str]  # by language
    unit: str
    minutes: int | None
    languages: tuple[str, ...]
    error: Finding | None = None

    def title(self, language: str) -> str:
        """The title in `language`, else in another one, else the id."""
        return self.titles.get(language) or next(iter(self.titles.values()), self.id)


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of the course. `lessons`: the ids in it that have a place of their own, in order."""

    id: str
    titles: dict[str, str]
    lessons: tuple[str, ...] = ()


def units() -> tuple[Unit, ...]:
    """The units of the course in order; last the one for every other lesson."""
    data = _head(BUILT_IN, "course.yaml").data
    listed = data["units"] if isinstance(data, dict) else []
    course = [
        Unit(each["id"], {name: each["title"][name] for name in LANGUAGES}, tuple(each["lessons"])) for each in listed
    ]
    return (*course, Unit(OTHER, {name: CATALOGUE.say(name, "catalog.other_unit") for name in LANGUAGES}))


def entries(extra_dirs: Sequence[Path] = ()) -> list[Entry]:
    """Every lesson on the search path, in the order of the course; of lessons with the same id the first one found.

    Raises Refused where one of `extra_dirs` is not a folder.
    """
    found: dict[str, Entry] = {}
    for folder in search_path(extra_dirs):
        for lesson in _lessons_in(folder):
            entry = read_entry(lesson)
            found.setdefault(entry.id, entry)
    order = units()
    return sorted(found.values(), key=lambda entry: _position(entry, order))


def search_path(extra_dirs: Sequence[Path] = ()) -> list[Path]:
    """The folders that are searched, first the named ones. Raises Refused where one of those is not a folder."""
    for folder in extra_dirs:
        if not folder.is_dir():
            raise Refused("catalog.no_folder", name=str(folder))
    named = [Path(each) for each in os.environ.get(VARIABLE, "").split(os.pathsep) if each]
    return [*extra_dirs, *named, BUILT_IN]


def find(name: str, extra_dirs: Sequence[Path] = ()) -> Path:
    """Where the lesson called `name` lies: an id on the search path, else a folder or a lesson.yaml by its path.

    Raises Refused, with the nearest ids, where there is none.
    """
    known = {entry.id: entry.path for entry in entries(extra_dirs)}
    if name in known:
        return known[name]
    path = Path(name)
    try:
        if name and path.exists():
            return path  # what is wrong with it, loading says
    except (OSError, ValueError):  # a name that no file can have
        pass
    near = nearest(name, list(known))
    if near:
        raise Refused("catalog.unknown_near", name=name, near=near)
    raise Refused("catalog.unknown", name=name)


def read_entry(folder: Path) -> Entry:
    """What a list says about the lesson in `folder`, without reading its experiment and its steps."""
    document = _head(folder, _FILE)
    data: dict[str, Any] = document.data if isinstance(document.data, dict) else {}
    given = data.get("languages")
    languages = tuple(name for name in LANGUAGES if isinstance(given, list) and name in given)
    titles = {name: title for name in languages if (title := _title(folder, f"{name}.md"))}
    minutes = data.get("minutes")
    return Entry(
        id=_text(data.get("id")) or folder.name,
        path=folder,
        titles=titles,
        unit=_text(data.get("unit")) or OTHER,
        minutes=minutes if isinstance(minutes, int) else None,
        languages=languages,
        error=next(iter(document.findings), None),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _lessons_in(folder: Path) -> list[Path]:
    """The lessons that lie in `folder`, or `folder` itself if it is one."""
    try:
        if (folder / _FILE).is_file():
            return [folder]
        return sorted(each for each in folder.iterdir() if (each / _FILE).is_file())
    except OSError:
        return []


def _head(folder: Path, name: str) -> Document:
    from lessons import source, strict_yaml  # here: the course map is imported before the first paint

    text, found = source.read(folder, name)
    if text is None:
        return strict_yaml.Document(source.Source(str(folder / name), ""), findings=found)
    return strict_yaml.read(text, until=_BODY)


def _title(folder: Path, name: str) -> str | None:
    from lessons import prose, source

    text, _ = source.read(folder, name)
    return prose.title_of(text.text) if text else None


def _position(entry: Entry, order: tuple[Unit, ...]) -> tuple[int, int, str]:
    """Where an entry stands in the course: by unit, then as the unit lists its lessons, then by id."""
    index = next((number for number, unit in enumerate(order) if unit.id == entry.unit), len(order) - 1)
    listed = order[index].lessons
    return (index, listed.index(entry.id) if entry.id in listed else len(listed), entry.id)
