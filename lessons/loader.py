"""Loads a lesson: its lesson.yaml and its prose, checked, with everything that is wrong in any of its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from engine.words import LANGUAGES
from lessons import lesson_checks, prose, prose_checks, schema_errors, source, strict_yaml
from lessons.findings import Finding
from lessons.prose import Prose
from lessons.report import Report
from lessons.schema import Lesson
from lessons.strict_yaml import Document

FILE = "lesson.yaml"
_MOST_FINDINGS = 200  # of one file


@dataclass(frozen=True)
class Loaded:
    """A lesson as far as it could be loaded. `lesson` is None exactly if lesson.yaml itself has an error."""

    path: Path  # its folder
    lesson: Lesson | None
    prose: dict[str, Prose]  # by language; also where the prose has findings
    findings: tuple[Finding, ...]
    document: Document | None = None  # lesson.yaml with its places

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that are more than warnings."""
        return tuple(each for each in self.findings if each.severity == "error")


def load(path: Path) -> Loaded:
    """The lesson at `path`, a folder or its lesson.yaml. Whatever is wrong with it is a finding; nothing is raised."""
    folder, name = (path, FILE) if not path.suffix or path.is_dir() else (path.parent, path.name)
    document, found = _document(folder, name)
    report = Report(document) if document else None
    lesson = _lesson(document, found) if document else None
    known = lesson_checks.check(report, lesson, folder) if report and lesson else {}
    pages: dict[str, Prose] = {}
    in_prose: list[Finding] = []
    for index, language in enumerate(_languages(lesson, document)):
        page, problems = _page(folder, language, report, index)
        in_prose += problems
        if page is not None:
            pages[language] = page
            if report and lesson:
                in_prose += prose_checks.check(report, lesson, known, page, f"{language}.md")
    found += report.findings if report else []
    broken = any(each.severity == "error" and not each.sentence.key.startswith("prose.") for each in found)
    return Loaded(folder, None if broken else lesson, pages, in_order([*found, *in_prose]), document)


def _document(folder: Path, name: str) -> tuple[Document | None, list[Finding]]:
    text, found = source.read(folder, name)
    if text is None:
        return None, found
    document = strict_yaml.read(text)
    return document, [*found, *document.findings]


def _lesson(document: Document, found: list[Finding]) -> Lesson | None:
    """The validated lesson; mistakes of its schema are added to `found`."""
    if document.data is None and document.findings:
        return None
    try:
        return Lesson.model_validate(document.data)
    except ValidationError as error:
        read_wrong = {(each.line, each.column) for each in found}  # what stands there is not what was meant
        mistakes = schema_errors.findings(error, document)
        found += [each for each in mistakes if (each.line, each.column) not in read_wrong]
        return None


def _languages(lesson: Lesson | None, document: Document | None) -> list[str]:
    """The languages of the lesson, however broken its lesson.yaml is; without repetition."""
    if lesson is not None:
        return list(dict.fromkeys(lesson.languages))
    data = document.data if document else None
    given = data.get("languages") if isinstance(data, dict) else None
    return [language for language in LANGUAGES if isinstance(given, list) and language in given]


def _page(folder: Path, language: str, report: Report | None, index: int) -> tuple[Prose | None, list[Finding]]:
    """The prose of one language; a file that is not there is a finding about lesson.yaml, which promises it."""
    text, found = source.read(folder, f"{language}.md")
    if text is not None:
        page, problems = prose.read(text)
        return page, [*found, *problems]
    if report and found[0].sentence.key == "file.missing":
        report.value(("languages", index), "prose.no_file", name=f"{language}.md")
        return None, []
    return None, found


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """In reading order, lesson.yaml first, at most so many of a file."""
    kept: list[Finding] = []
    counts: dict[str, int] = {}
    for each in sorted(findings, key=lambda each: (each.file.endswith(".md"), each.order)):
        counts[each.file] = counts.get(each.file, 0) + 1
        if counts[each.file] <= _MOST_FINDINGS:
            kept.append(each)
    return tuple(kept)
