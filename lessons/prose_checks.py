"""Checks of the prose against lesson.yaml: ids, traps and options on both sides, and every expression in the text."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.expression import METRICS, ExpressionError, parse
from engine.words import Sentence, Value
from lessons.exercises import AskChoice, Asked, AskGoal, AskMatch, AskOrder
from lessons.experiment_checks import Known
from lessons.findings import Finding, Place, suggest
from lessons.lesson_checks import answer_path
from lessons.passages import Passage
from lessons.prose import Prose, Slot
from lessons.report import Report, length_of, unknown_names
from lessons.schema import Lesson
from lessons.strict_yaml import Path


@dataclass
class _Page:
    """The prose in one language and lesson.yaml; `report` is about lesson.yaml, `findings` about the prose."""

    report: Report
    lesson: Lesson
    prose: Prose
    name: str  # of the file
    findings: list[Finding] = field(default_factory=list)

    def add(self, place: Place, key: str, advice: Sentence | None = None, **values: Value) -> None:
        self.findings.append(self.prose.source.told(place, Sentence(key, values), advice))


def check(report: Report, lesson: Lesson, known: dict[str, Known], prose: Prose, name: str) -> list[Finding]:
    """What is wrong in the prose; what lesson.yaml has and the prose lacks goes into `report`."""
    page = _Page(report, lesson, prose, name)
    steps: dict[str, int] = {}  # the id of each passage -> number of its step
    for number, step in enumerate(lesson.steps):
        steps[step.id] = number
        _check_passage(page, ("steps", number), step.id, None)
        for index, exercise in enumerate(step.ask):
            steps[exercise.id] = number
            _check_passage(page, ("steps", number, "ask", index), exercise.id, exercise)
    for passage in prose.passages.values():
        if passage.id not in steps:
            page.add(passage.places["id"], "prose.unknown_id", suggest(passage.id, list(steps)), name=passage.id)
    for slot in prose.slots:
        used = lesson.used_at(steps.get(slot.passage or "", 0))
        _check_slot(page, slot, known[used].names if used in known else None)
    return page.findings


def _check_passage(page: _Page, path: Path, name: str, exercise: Asked | None) -> None:
    passage = page.prose.passages.get(name)
    if passage is None:
        page.report.value((*path, "id"), "prose.no_passage", name=name, file=page.name)
        return
    _check_traps(page, path, passage, list(getattr(exercise, "traps", {})))
    match exercise:
        case AskChoice(options=None):
            _check_answers(page, path, passage, exercise)
        case AskChoice(options=list(options)):
            _check_options(page, path, passage, options)
        case AskGoal(answer=str(answer)) if answer not in passage.options:
            page.report.value((*path, "answer"), "prose.option_missing", name=answer, file=page.name)
        case AskGoal():
            pass  # its prose may name reasons
        case AskMatch():
            _check_pairs(page, path, passage, exercise)
        case AskOrder():
            _check_known(page, passage, exercise.lines)  # a line that has no text is code
        case _:
            for option in passage.options:
                page.add(passage.places[f"option {option}"], "prose.option_unknown", name=option)


def _check_traps(page: _Page, path: Path, passage: Passage, traps: list[str]) -> None:
    for trap in passage.traps:
        if trap not in traps:
            page.add(passage.places[f"trap {trap}"], "prose.trap_unknown", suggest(trap, traps), name=trap)
    for trap in traps:
        if trap not in passage.traps:
            page.report.key((*path, "traps", trap), "prose.trap_missing", name=trap, file=page.name)


def _check_options(page: _Page, path: Path, passage: Passage, options: list[str]) -> None:
    _check_known(page, passage, options)
    for index, option in enumerate(options):
        if option not in passage.options:
            page.report.value((*path, "options", index), "prose.option_missing", name=option, file=page.name)


def _check_known(page: _Page, passage: Passage, names: list[str]) -> None:
    for option in passage.options:
        if option not in names:
            page.add(passage.places[f"option {option}"], "prose.option_unknown", suggest(option, names), name=option)


def _check_pairs(page: _Page, path: Path, passage: Passage, exercise: AskMatch) -> None:
    """Both sides of every pair have their text."""
    _check_known(page, passage, list(dict.fromkeys([*exercise.pairs, *exercise.pairs.values()])))
    for left, right in exercise.pairs.items():
        if left not in passage.options:
            page.report.key((*path, "pairs", left), "prose.option_missing", name=left, file=page.name)
        if right not in passage.options:
            page.report.value((*path, "pairs", left), "prose.option_missing", name=right, file=page.name)


def _check_answers(page: _Page, path: Path, passage: Passage, exercise: AskChoice) -> None:
    for index, answer in enumerate(exercise.answers):
        if answer not in passage.options:
            place = answer_path(path, exercise, index)
            page.report.value(place, "prose.option_missing", name=answer, file=page.name)


def _check_slot(page: _Page, slot: Slot, names: tuple[str, ...] | None) -> None:
    """The expression of a {{...}}, at its place in the prose."""
    found: list[tuple[Sentence, int, int]] = []
    try:
        expression = parse(slot.expression, queries=True)
    except ExpressionError as error:
        found.append((error.sentence, error.column, length_of(error)))
    else:
        known = None if names is None else (*names, *METRICS)
        found += [(each, column, len(str(each.values["name"]))) for each, column in unknown_names(expression, known)]
    for sentence, column, length in found:
        start = slot.column + (column if "\n" not in slot.expression else 0)
        page.findings.append(page.prose.source.told(Place(slot.line, start, start + length), sentence))
