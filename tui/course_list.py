"""The rows of the course map: units and lessons with how the learner stands, those that a search leaves."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets.option_list import Option

from lessons.findings import brief
from tui.language import say

if TYPE_CHECKING:
    from lessons.catalog import Entry
    from lessons.findings import Finding
    from tui.progress.standing import Standing

TITLE = 56  # columns of a lesson's title at most
OTHER = "other"  # the unit of lessons whose own is not listed
CONTINUE = "continue"  # the id of the row that leads back to where the learner was
MARKS = {"new": ("○", ""), "started": ("◐", "$accent"), "done": ("●", "$accent"), "changed": ("✎", "$warning")}
NEXT = "→"


@dataclass(frozen=True)
class Continuing:
    """Where the learner left off: the lesson, and the heading of its step in each language."""

    entry: Entry
    headings: Mapping[str, str]
    iteration: int

    def told(self, language: str, room: int) -> str:
        """`Continuar: XOR · Hacia atrás · iteración 12`; where there is little room, the title gives way."""
        heading = self.headings.get(language) or next(iter(self.headings.values()), "")
        iteration = say(language, "metric.iteration", value=self.iteration) if self.iteration else ""
        rest = "".join(f" · {each}" for each in (heading, iteration) if each)
        room -= len(say(language, "map.continue", where=rest))
        return say(language, "map.continue", where=f"{_cut(self.entry.title(language), max(12, room))}{rest}")


@dataclass(frozen=True)
class Course:
    """All that the map shows. `units`: the titles of each unit by language; `next`: the lesson that is recommended."""

    entries: tuple[Entry, ...] = ()
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    standing: Mapping[str, Standing] = field(default_factory=dict)
    continuing: Continuing | None = None
    next: str | None = None
    remarks: tuple[Finding, ...] = ()  # what was left out of the list, and why

    def entry(self, path: str) -> Entry | None:
        """The lesson in this folder."""
        return next((each for each in self.entries if str(each.path) == path), None)

    def named(self, name: str) -> Entry | None:
        """The lesson of this id."""
        return next((each for each in self.entries if each.id == name), None)

    def unit_of(self, entry: Entry) -> str:
        """The unit under which a lesson stands: that for every other lesson where its own is not listed."""
        return entry.unit if entry.unit in self.units or OTHER not in self.units else OTHER

    def titles(self, unit: str) -> Mapping[str, str]:
        """The titles of a unit, by language."""
        return self.units.get(unit, {})


def options(course: Course, language: str, width: int, typed: str = "") -> Iterator[Option]:
    """The rows, for a list of that width; with `typed` only what has all its words."""
    if course.continuing is not None and not typed.strip():
        yield Option(Content.styled(f" ▸ {course.continuing.told(language, width - 7)}", "bold"), id=CONTINUE)
        yield Option("", disabled=True)
    found = [each for each in course.entries if _matches(course, each, typed)]
    for number, (unit, entries) in enumerate(groupby(found, key=course.unit_of)):
        if number:
            yield Option("", disabled=True)
        members = [each for each in course.entries if course.unit_of(each) == unit]
        yield Option(_heading(course, unit, members, language), disabled=True)
        for each in entries:
            yield Option(_row(course, each, language, width), id=str(each.path))


def plain(text: str) -> str:
    """The text without capitals and accents."""
    return "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def _matches(course: Course, entry: Entry, typed: str) -> bool:
    """Whether title, name or unit have every typed word, in any language."""
    words = plain(typed).split()
    if not words:
        return True
    unit = course.titles(course.unit_of(entry)).values()
    text = plain(" ".join((entry.id, entry.unit, *entry.titles.values(), *unit)))
    return all(word in text for word in words)


def _heading(course: Course, unit: str, members: list[Entry], language: str) -> Content:
    """A unit's title, how many of its lessons are done, and the minutes that the rest may take."""
    standing = [(each, course.standing.get(each.id)) for each in members]
    done = sum(known is not None and known.state == "done" for _, known in standing)
    left = sum((known.minutes_left(each.minutes) if known else each.minutes) or 0 for each, known in standing)
    told = f"{done}/{len(members)}" + (f" · {say(language, 'map.minutes', minutes=left)}" if left else "")
    return Content.assemble((course.titles(unit).get(language, unit), "bold $accent"), f"   {told}")


def _row(course: Course, entry: Entry, language: str, width: int) -> Content:
    if entry.error is not None:
        return Content.assemble((f" ✗ {entry.id}", "$error"), "   ", (say(language, "map.broken"), "$muted"))
    known = course.standing.get(entry.id)
    count = f"{known.done}/{known.steps}" if known and known.state == "started" and known.steps else ""
    left = known.minutes_left(entry.minutes) if known else entry.minutes
    minutes = say(language, "map.minutes", minutes=left) if left else ""
    details = f"{count:>7}{minutes:>8}   {' '.join(entry.languages)}"
    room = max(20, min(TITLE, width - len(details) - 6))
    mark, colour = MARKS[mark_of(known)]
    ahead = (NEXT, "bold $accent") if entry.id == course.next else " "
    return Content.assemble(ahead, (mark, colour), f" {_cut(entry.title(language), room):<{room}}{details}")


def mark_of(known: Standing | None) -> str:
    """Of MARKS the one for this standing."""
    return "new" if known is None else "changed" if known.changed else known.state


def about(course: Course, path: str | None, language: str, searching: bool = False) -> Content:
    """What is said of the chosen row, under the list: how it stands, and what it is better to know before."""
    keys = say(language, "map.search" if searching else "map.intro")
    legend = "  ".join(f"{mark} {say(language, f'map.mark.{name}')}" for name, (mark, _) in MARKS.items())
    lines = [Content(keys), Content(f"{legend}  {NEXT} {say(language, 'map.mark.next')}")]
    entry = course.entry(path) if path else None
    if path == CONTINUE and course.continuing is not None:
        entry = course.continuing.entry
    if entry is not None and entry.error is None:
        lines += [Content(each) for each in (_stands(course, entry, language), _after(course, entry, language)) if each]
    lines += [Content.styled(f"⚠ {brief(each, language)}", "$warning") for each in course.remarks]
    return Content("\n").join(lines)


def _stands(course: Course, entry: Entry, language: str) -> str:
    known = course.standing.get(entry.id)
    if known is None or known.state == "new":
        return ""
    parts = [say(language, f"map.stands.{known.state}", done=known.done, steps=known.steps)]
    if known.changed:
        parts.append(say(language, "map.stands.changed", count=len(known.changed)))
    return " ".join(parts)


def _after(course: Course, entry: Entry, language: str) -> str:
    """Advice, and no lock: what the lesson builds on, and whether that is done."""
    names = []
    for name in entry.after:
        other = course.named(name)
        done = (known := course.standing.get(name)) is not None and known.state == "done"
        mark = MARKS["done" if done else mark_of(known)][0]
        names.append(f"{mark} {other.title(language) if other else name}")
    return say(language, "map.after", names=", ".join(names)) if names else ""
