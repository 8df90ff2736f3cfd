"""Finds lessons: in folders that were named, those of DLTUTOR_LESSONS, the person's own, and those that come along."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.words import LANGUAGES, Sentence
from lessons import course
from lessons.course import Unit
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
    after: tuple[str, ...] = ()  # the lessons that it builds on

    def title(self, language: str) -> str:
        """The title in `language`, else in another one, else the id."""
        return self.titles.get(language) or next(iter(self.titles.values()), self.id)


@dataclass(frozen=True, slots=True)
class Survey:
    """All that is on the search path. `remarks`: what was left out, and why, as warnings."""

    entries: list[Entry]
    units: tuple[Unit, ...]
    remarks: tuple[Finding, ...] = ()


def units(extra_dirs: Sequence[Path] = ()) -> tuple[Unit, ...]:
    """The units of the course in order, then those of packs; last the one for every other lesson."""
    return survey(extra_dirs).units


def entries(extra_dirs: Sequence[Path] = ()) -> list[Entry]:
    """Every lesson on the search path, in the order of the course; of lessons with the same id the first one found.

    Raises Refused where one of `extra_dirs` is not a folder.
    """
    return survey(extra_dirs).entries


def survey(extra_dirs: Sequence[Path] = ()) -> Survey:
    """Looks through the search path. Raises Refused where one of `extra_dirs` is not a folder."""
    found: dict[str, Entry] = {}
    remarks: list[Finding] = []
    packs = [pack for folder in search_path(extra_dirs) for pack in _packs_in(folder, remarks)]
    for pack in packs:
        for folder in _lessons_of(pack, remarks):
            entry = read_entry(folder)
            first = found.setdefault(entry.id, entry)
            if not _same(first.path, folder):
                remarks.append(_twice(entry, first))
    order = _units(packs, remarks)
    placed = sorted(found.values(), key=lambda entry: _position(entry, order))
    return Survey(placed, order, tuple({each.order: each for each in remarks}.values()))


def namesakes(folders: Sequence[Path], extra_dirs: Sequence[Path] = ()) -> dict[Path, Finding]:
    """What to say of those of these lessons whose id opens another one; of two off the search path the first has it."""
    opened = {entry.id: entry for entry in entries(extra_dirs)}
    found = {}
    for folder in folders:
        entry = read_entry(folder)
        first = opened.setdefault(entry.id, entry)
        if not _same(first.path, folder):
            found[folder] = _twice(entry, first)
    return found


def _twice(entry: Entry, opened: Entry) -> Finding:
    document = head(entry.path)
    sentence = Sentence("pack.twice", {"name": entry.id, "opened": str(opened.path)})
    return document.source.told(document.value(("id",)), sentence, None, "warning")


def _same(one: Path, other: Path) -> bool:
    return one == other or one.resolve() == other.resolve()


def _units(packs: Sequence[Path], remarks: list[Finding]) -> tuple[Unit, ...]:
    """Those of the course first. Of a unit that is in several packs the first title counts, and all lessons."""
    found: dict[str, Unit] = {}
    for pack in dict.fromkeys((BUILT_IN, *packs)):
        listed, findings = course.read(pack)
        for unit in listed:
            first = found.get(unit.id, unit)
            found[unit.id] = Unit(unit.id, first.titles, tuple(dict.fromkeys((*first.lessons, *unit.lessons))))
        remarks += findings
    other = Unit(OTHER, {name: CATALOGUE.say(name, "catalog.other_unit") for name in LANGUAGES})
    return (*(unit for unit in found.values() if unit.id != OTHER), found.get(OTHER, other))


def search_path(extra_dirs: Sequence[Path] = ()) -> list[Path]:
    """The folders that are searched, first the named ones. Raises Refused where one of those is not a folder."""
    for folder in extra_dirs:
        if not folder.is_dir():
            raise Refused("catalog.no_folder", name=str(folder))
    named = [Path(each) for each in os.environ.get(VARIABLE, "").split(os.pathsep) if each]
    return [*extra_dirs, *named, own_lessons(), BUILT_IN]


def own_lessons() -> Path:
    """Where a person keeps packs of lessons: in the platform's folder for data. It need not be there."""
    import platformdirs

    return Path(platformdirs.user_data_dir("dltutor", appauthor=False)) / "lessons"


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
    document = head(folder)
    data: dict[str, Any] = document.data if isinstance(document.data, dict) else {}
    given = data.get("languages")
    languages = tuple(name for name in LANGUAGES if isinstance(given, list) and name in given)
    titles = {name: title for name in languages if (title := _title(folder, f"{name}.md"))}
    minutes, after = data.get("minutes"), data.get("after")
    return Entry(
        id=_text(data.get("id")) or folder.name,
        path=folder,
        titles=titles,
        unit=_text(data.get("unit")) or OTHER,
        minutes=minutes if isinstance(minutes, int) else None,
        languages=languages,
        error=next(iter(document.findings), None),
        after=tuple(name for name in after if _text(name)) if isinstance(after, list) else (),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


# ---------------------------------------------------------------- folders
def lessons_in(folder: Path) -> list[Path]:
    """The lessons in `folder`: itself if it is one, else those that lie in it, then those of the packs in it."""
    return [lesson for pack in _packs_in(folder, []) for lesson in _lessons_of(pack, [])]


def _packs_in(folder: Path, remarks: list[Finding]) -> list[Path]:
    """The folders that hold lessons: `folder` itself, and those in it that are no lessons but have some."""
    if (folder / _FILE).is_file():
        return [folder]
    inner = [each for each in _folders_in(folder, remarks) if not (each / _FILE).is_file()]
    return [folder, *(each for each in inner if any((deeper / _FILE).is_file() for deeper in _listed(each)))]


def _lessons_of(pack: Path, remarks: list[Finding]) -> list[Path]:
    """The lessons that lie in `pack`, or `pack` itself if it is one."""
    if (pack / _FILE).is_file():
        return [pack]
    return [each for each in _folders_in(pack, remarks) if (each / _FILE).is_file()]


def _folders_in(folder: Path, remarks: list[Finding]) -> list[Path]:
    """The folders in `folder`, without those that a link leads out of it: nobody who unpacks lessons chose these."""
    found = []
    for each in _listed(folder):
        if _leads_out(each, folder):
            remarks.append(_link(each, folder))
        elif each.is_dir():
            found.append(each)
    return found


def _link(path: Path, folder: Path) -> Finding:
    sentence = Sentence("pack.link", {"name": path.name, "folder": str(folder)})
    return Finding(str(path), 1, 1, None, sentence, "warning")


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(each for each in folder.iterdir() if not each.name.startswith("."))
    except OSError:
        return []


def _leads_out(path: Path, folder: Path) -> bool:
    try:
        return path.is_symlink() and path.is_dir() and not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links in a circle
        return True


# ---------------------------------------------------------------- one lesson
def head(folder: Path, name: str = _FILE) -> Document:
    """What stands in a lesson's file before its experiment, with places."""
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
