"""All that can be found out about one lesson: its files are read, its habits looked at, and it is gone through."""

from __future__ import annotations

from pathlib import Path

from engine.words import Sentence, Value
from lessons import catalog, lints
from lessons.findings import Finding
from lessons.loader import FILE, in_order, load
from lessons.report import Report


def examine(path: Path, run: bool) -> list[Finding]:
    """Every finding about the lesson at `path`, in reading order; with `run` it is rehearsed too, which needs torch."""
    loaded = load(path)
    found = list(loaded.findings)
    if loaded.lesson is not None and loaded.document is not None:
        report = Report(loaded.document)
        lints.check(report, loaded)
        found += report.findings
        if run:
            from lessons.rehearsal import rehearse

            found += rehearse(loaded)
    return list(in_order(found))


def about(lesson: Path, key: str, **values: Value) -> Finding:
    """A finding about a lesson as a whole: at the beginning of its lesson.yaml."""
    return Finding(str(lesson if lesson.is_file() else lesson / FILE), 1, 1, None, Sentence(key, values))


# ---------------------------------------------------------------- where lessons are
def lessons_of(path: Path) -> list[Path]:
    """The lessons at `path`: a lesson.yaml, a lesson's folder, or a folder of lessons or packs of them."""
    return [path] if path.is_file() else catalog.lessons_in(path)


def folder_of(lesson: Path) -> Path:
    """The folder of a lesson that was named by its folder or by its lesson.yaml."""
    return lesson.parent if lesson.is_file() else lesson
