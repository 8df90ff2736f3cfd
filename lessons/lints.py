"""What a lesson may do and had better not: warnings, and the few mistakes that only the whole lesson shows."""

from __future__ import annotations

from lessons import ledger
from lessons.exercises import Asked, AskNumber, AskOrder, AskTensor
from lessons.findings import suggest
from lessons.loader import Loaded
from lessons.passages import Passage
from lessons.prose import Prose
from lessons.report import Report
from lessons.schema import Lesson, Step
from lessons.strict_yaml import Path

WITHOUT_HINTS = ("choice", "think")  # kinds whose options, or whose freedom, are help enough
WIDE = 0.1  # of an answer: a relative tolerance above this is a guess


def check(report: Report, loaded: Loaded) -> None:
    """Reports it for a lesson that has been loaded."""
    assert loaded.lesson is not None
    lesson = loaded.lesson
    _check_covers(report, loaded, lesson)
    for number, step in enumerate(lesson.steps):
        path: Path = ("steps", number)
        if not step.panes:
            report.value((*path, "id"), "lint.no_panes", severity="warning", name=step.id)
        for language, prose in loaded.prose.items():
            _check_text(report, path, step, prose, f"{language}.md")
        for index, exercise in enumerate(step.ask):
            _check_exercise(report, (*path, "ask", index), exercise, loaded.prose)


def _check_covers(report: Report, loaded: Loaded, lesson: Lesson) -> None:
    known = ledger.rows(loaded.path)
    for index, row in enumerate(lesson.covers):
        if row not in known:
            advice = suggest(row, [each for each in sorted(known) if each[:3] == row[:3]])
            report.value(("covers", index), "lint.unknown_row", advice, "warning", name=row)


def _check_text(report: Report, path: Path, step: Step, prose: Prose, file: str) -> None:
    passage = prose.passages.get(step.id)
    if passage is not None and not passage.markdown.strip() and not step.ask:
        report.value((*path, "id"), "lint.no_text", severity="warning", name=step.id, file=file)


# ---------------------------------------------------------------- exercises
def _check_exercise(report: Report, path: Path, exercise: Asked, prose: dict[str, Prose]) -> None:
    kind = getattr(exercise, "kind", "")
    passages = {name: page.passages[exercise.id] for name, page in prose.items() if exercise.id in page.passages}
    for language, passage in passages.items():
        if kind not in WITHOUT_HINTS and not passage.hints:
            report.value((*path, "id"), "lint.no_hint", severity="warning", name=exercise.id, file=f"{language}.md")
    _check_translations(report, path, exercise, passages)
    if isinstance(exercise, AskNumber | AskTensor) and exercise.tol is not None and exercise.tol.rel > WIDE:
        report.value((*path, "tol", "rel"), "lint.wide_tolerance", severity="warning", percent=f"{WIDE:.0%}")
    if isinstance(exercise, AskOrder) and _goes_in_a_circle(exercise):
        report.value((*path, "before"), "lesson.order_circle")


def _check_translations(report: Report, path: Path, exercise: Asked, passages: dict[str, Passage]) -> None:
    """What one language has and another lacks."""
    hints = {language: len(passage.hints) for language, passage in passages.items()}
    most = max(hints.values(), default=0)
    for language, count in hints.items():
        if 0 < count < most:
            report.value(
                (*path, "id"), "lint.fewer_hints", severity="warning",
                name=exercise.id, file=f"{language}.md", count=count, most=most,
            )  # fmt: skip
    explained = [language for language, passage in passages.items() if passage.explain is not None]
    for language in passages if explained else ():
        if language not in explained:
            report.value(
                (*path, "id"), "lint.no_explanation", severity="warning", name=exercise.id, file=f"{language}.md"
            )


def _goes_in_a_circle(exercise: AskOrder) -> bool:
    """Whether no order respects all pairs: then lines are left none of which may come first."""
    waiting = set(range(len(exercise.lines)))
    while free := {line for line in waiting if not any(b == line and a in waiting for a, b in exercise.before)}:
        waiting -= free
    return bool(waiting)
