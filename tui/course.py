"""Reads what the course map shows: the lessons there are, and how the learner stands with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lessons.catalog import Entry, survey
from lessons.loader import load
from tui.course_list import Continuing, Course
from tui.progress.records import Record
from tui.progress.standing import Standing, last, recommended, standings


def read(folders: Sequence[Path], known: Mapping[str, Record] | None = None) -> Course:
    """The course as it is now; `known` are records that perhaps could not be written yet. Raises Refused."""
    found = survey(folders)
    standing = standings(found.entries, known)
    titles = {unit.id: unit.titles for unit in found.units}
    following = recommended(found.entries, standing)
    left = _continuing(found.entries, standing)
    return Course(tuple(found.entries), titles, standing, left, following, found.remarks)


def _continuing(entries: Sequence[Entry], standing: Mapping[str, Standing]) -> Continuing | None:
    """The lesson that was left last, if it is still there."""
    name = last(standing)
    entry = next((each for each in entries if each.id == name and each.error is None), None)
    left = standing[entry.id].left if entry is not None else None
    if entry is None or left is None:
        return None
    prose = load(entry.path).prose
    headings = {
        language: page.passages[left.step].heading for language, page in prose.items() if left.step in page.passages
    }
    return Continuing(entry, headings, left.iteration)
