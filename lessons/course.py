"""course.yaml of a pack of lessons: its units, in order, and the lessons in them whose order matters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from engine.words import LANGUAGES, Sentence
from lessons.findings import Finding

if TYPE_CHECKING:
    from lessons.strict_yaml import Document

FILE = "course.yaml"
_MOST = 100  # units, and lessons of a unit


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a course. `titles`: in every language. `lessons`: ids that have a place of their own, in order."""

    id: str
    titles: dict[str, str]
    lessons: tuple[str, ...] = ()


def read(folder: Path) -> tuple[list[Unit], list[Finding]]:
    """The units of the pack in `folder`, as far as they can be understood; none where it has no course.yaml."""
    from lessons import source, strict_yaml  # here: the course map is imported before the first paint

    if not (folder / FILE).exists():
        return [], []
    text, found = source.read(folder, FILE)
    if text is None:
        return [], found
    document = strict_yaml.read(text)
    if document.findings:
        return [], document.findings
    listed = document.data.get("units") if isinstance(document.data, dict) else None
    if not isinstance(listed, list) or len(listed) > _MOST or set(document.data) != {"units"}:
        return [], [_finding(document, (), "course.units")]
    units = [_unit(each) for each in listed]
    wrong = [number for number, unit in enumerate(units) if unit is None]
    return [each for each in units if each], [_finding(document, ("units", number), "course.unit") for number in wrong]


def _finding(document: Document, path: tuple[str | int, ...], key: str) -> Finding:
    return document.source.told(document.value(path), Sentence(key, {}))


def _unit(given: Any) -> Unit | None:
    """`{id: graphs, title: {es: Grafos, en: Graphs}, lessons: [graph-j]}`; a title in one language will do."""
    if not isinstance(given, dict) or set(given) - {"id", "title", "lessons"}:
        return None
    name, titles, lessons = given.get("id"), given.get("title"), given.get("lessons", [])
    if not _is_text(name) or not isinstance(titles, dict) or not titles or set(titles) - set(LANGUAGES):
        return None
    if not all(map(_is_text, titles.values())) or not isinstance(lessons, list) or not all(map(_is_text, lessons)):
        return None
    first = next(iter(titles.values()))
    return Unit(name, {language: titles.get(language, first) for language in LANGUAGES}, tuple(lessons[:_MOST]))


def _is_text(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= _MOST
