"""Checks of a lesson beyond its schema: what its steps and exercises say about their experiments and one another."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath

from engine.expression import METRICS, Call, nearest
from engine.graph import sources
from engine.spec import Expression as Text
from engine.spec import Values, shape_of
from lessons import experiment_checks
from lessons.exercises import AskChoice, Asked, AskFill, AskGoal, AskOrder, AskSpot
from lessons.experiment_checks import Known
from lessons.findings import suggest
from lessons.report import Report
from lessons.schema import Lesson, Step
from lessons.strict_yaml import Path

_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
_ELEMENT = re.compile(r"(?P<name>.+)\[(?P<index>\d+(\s*,\s*\d+)*)\]")
_HYPERPARAMETERS: dict[str, tuple[int, ...] | None] = {"lr": ()}
_NOTHING = Known(None, {})
_ASKED = ("expect", "column", "then")  # fields of exercises that are expressions
_ASKED_TABLES = ("traps", "answer_when")


def check(report: Report, lesson: Lesson, folder: FilePath) -> dict[str, Known]:
    """Reports everything that is wrong with the lesson in `folder`; what is known about each of its experiments."""
    known = {
        name: experiment_checks.check(report, ("experiments", name) if name else ("experiment",), each, folder)
        for name, each in lesson.named_experiments.items()
    }
    languages = [(("languages", index), each) for index, each in enumerate(lesson.languages)]
    _check_once(report, languages, "lesson.language_twice")
    _check_once(report, list(ids(lesson)), "lesson.id_twice")
    for index, step in enumerate(lesson.steps):
        used = lesson.used_at(index)
        if step.use is not None and step.use not in known:
            names = suggest(step.use, [each for each in known if each])
            report.value(("steps", index, "use"), "lesson.unknown_experiment", names, name=step.use)
        _check_step(report, ("steps", index), step, known.get(used, _NOTHING))
    return known


def ids(lesson: Lesson) -> Iterator[tuple[Path, str]]:
    """The id of every step and exercise, with its path."""
    for index, step in enumerate(lesson.steps):
        yield ("steps", index, "id"), step.id
        for number, exercise in enumerate(step.ask):
            yield ("steps", index, "ask", number, "id"), exercise.id


def _check_once(report: Report, places: Sequence[tuple[Path, str]], key: str) -> None:
    first: dict[str, int] = {}
    for path, name in places:
        if name in first:
            report.value(path, key, name=name, line=first[name])
        first.setdefault(name, report.document.value(path).line)


# ---------------------------------------------------------------- steps
def _check_step(report: Report, path: Path, step: Step, known: Known) -> None:
    if step.do in ("forward", "loss", "backward", "step") and step.do not in known.phases:
        report.value((*path, "do"), "lesson.no_phase", phase=step.do, phases=", ".join(known.phases))
    if step.do == "train" and "step" not in known.phases:
        report.value((*path, "do"), "lesson.no_phase", phase="step", phases=", ".join(known.phases))
    _check_until(report, path, step, known)
    for name, values in step.set.items():
        check_edit(report, (*path, "set", name), name, known, values)
    if "boundary" in step.panes and known.features not in (None, 2):
        report.value((*path, "panes", step.panes.index("boundary")), "lesson.no_plane", features=known.features or 0)
    _check_look(report, (*path, "look"), step, known)
    for index, exercise in enumerate(step.ask):
        _check_exercise(report, (*path, "ask", index), exercise, known)


def _check_look(report: Report, path: Path, step: Step, known: Known) -> None:
    """An operation of the graph, and something that it is computed from and that a gradient can reach."""
    graph, look = known.graph, step.look
    if graph is None or look is None:
        return
    operations = [node.name for node in graph.nodes]
    if look.node is not None and look.node not in operations:
        report.value((*path, "node"), "lesson.look_node", suggest(look.node, operations), name=look.node)
    elif look.source is not None:
        node = look.node or graph.output
        behind = sources(graph, node)
        if look.source not in behind:
            hint = suggest(look.source, behind)
            report.value((*path, "source"), "lesson.look_source", hint, name=look.source, node=node)


def _check_until(report: Report, path: Path, step: Step, known: Known) -> None:
    if step.until is None:
        if step.limit is not None:
            report.key((*path, "limit"), "lesson.limit_without_condition")
        return
    if step.do == "show":
        report.key((*path, "until"), "lesson.until_without_do")
    if step.times is not None:
        report.key((*path, "times"), "lesson.times_and_until")
    place = (*path, "until")
    bare = step.until.strip()
    if not re.fullmatch(r"[^\W\d][\w.]*", bare):
        _condition(report, place, step.until, known)
        return
    if step.limit is not None:
        report.key((*path, "limit"), "lesson.limit_without_condition")
    if known.names is not None and bare not in known.names:
        report.value(place, "lesson.until_unknown", name=bare, hint=nearest(bare, known.names))
    elif step.do == "backward" and known.names is not None and bare not in known.differentiable:
        report.value(place, "lesson.until_not_reached", name=bare)


def _condition(report: Report, path: Path, text: Text, known: Known) -> None:
    expression = report.parse(path, text, _names(known))
    if expression is not None and not (isinstance(expression, Call) and expression.op in _COMPARISONS):
        report.value(path, "lesson.not_a_condition")


def _names(known: Known) -> tuple[str, ...] | None:
    return None if known.names is None else (*known.names, *METRICS)


def check_edit(report: Report, path: Path, name: str, known: Known, values: Values | None = None) -> None:
    """Reports an edit of something that is not there, or with a value of another shape. `name` may end in `[0, 1]`."""
    if known.names is None:
        return
    element = _ELEMENT.fullmatch(name)
    base = element["name"] if element else name
    editable = {**known.editable, **(_HYPERPARAMETERS if "step" in known.phases else {})}
    if base not in editable:
        report.key(path, "edit.unknown", name=base, hint=nearest(base, tuple(editable)))
        return
    shape = editable[base]
    if element and shape is not None:
        index = [int(part[:9]) for part in element["index"].split(",")]
        if len(index) != len(shape) or any(at >= length for at, length in zip(index, shape, strict=True)):
            report.key(path, "edit.index", name=base, index=str(index), shape=str(shape))
        shape = ()
    if values is not None:
        experiment_checks.check_shape(report, path, name, shape, shape_of(values))


# ---------------------------------------------------------------- exercises
def _check_exercise(report: Report, path: Path, exercise: Asked, known: Known) -> None:
    for name in _ASKED:
        if isinstance(text := getattr(exercise, name, None), str):
            report.parse((*path, name), text, _names(known))
    for table in _ASKED_TABLES:
        for name, text in (getattr(exercise, table, None) or {}).items():
            report.parse((*path, table, name), text, _names(known))
    for name in exercise.vary:
        if known.names is not None and name not in known.editable:
            report.key((*path, "vary", name), "lesson.vary_unknown", suggest(name, list(known.editable)), name=name)
    match exercise:
        case AskChoice():
            _check_choice(report, path, exercise)
        case AskOrder():
            _check_order(report, path, exercise)
        case AskGoal():
            _check_goal(report, path, exercise, known)
        case AskFill():
            _check_fill(report, path, exercise, known)
        case AskSpot():
            _check_spot(report, path, exercise, known)


def _check_choice(report: Report, path: Path, exercise: AskChoice) -> None:
    if exercise.options is None:
        return  # then the prose has them
    _check_once(
        report, [((*path, "options", index), each) for index, each in enumerate(exercise.options)], "lesson.id_twice"
    )
    for index, name in enumerate(exercise.answers):
        if name not in exercise.options:
            report.value(
                answer_path(path, exercise, index), "lesson.answer", suggest(name, exercise.options), name=name
            )


def answer_path(path: Path, exercise: AskChoice, index: int) -> Path:
    """Where answer number `index` of the choice at `path` stands."""
    if exercise.answer is None:
        return (*path, "answer_when", exercise.answers[index])
    return (*path, "answer") if isinstance(exercise.answer, str) else (*path, "answer", index)


def _check_order(report: Report, path: Path, exercise: AskOrder) -> None:
    for index, pair in enumerate(exercise.before):
        for side, line in enumerate(pair):
            if not 0 <= line < len(exercise.lines):
                report.value(
                    (*path, "before", index, side), "lesson.line_number", line=line, last=len(exercise.lines) - 1
                )


def _check_fill(report: Report, path: Path, exercise: AskFill, known: Known) -> None:
    """The line is one of the script, and there is something to be typed on it."""
    lines = known.script
    if lines is None:
        return
    count = Counter(line.name for line in lines if line.text)
    askable = [line.name for line in lines if count[line.name] == 1 and _is_typed(line.text)]
    if exercise.line not in askable:
        names = suggest(exercise.line, askable)
        report.value((*path, "line"), "lesson.no_line", names, name=exercise.line, names=", ".join(askable))


def _is_typed(line: str) -> bool:
    """Whether the line is one assignment or call."""
    try:
        body = ast.parse(line.strip(), mode="single").body  # "exec" opens a file for its message
    except SyntaxError:
        return False
    return len(body) == 1 and isinstance(body[0], ast.Assign | ast.Expr)


def _check_spot(report: Report, path: Path, exercise: AskSpot, known: Known) -> None:
    """The mistake is the one that the experiment has: then panes, script and question are of one program."""
    if known.experiment is not None and getattr(known.experiment, "mutation", None) != exercise.mutation:
        report.value((*path, "mutation"), "lesson.other_mutation", name=exercise.mutation)


def _check_goal(report: Report, path: Path, exercise: AskGoal, known: Known) -> None:
    for index, name in enumerate(exercise.edit):
        check_edit(report, (*path, "edit", index), name, known)
    _condition(report, (*path, "reach"), exercise.reach, known)
    for name, values in exercise.witness.items():
        check_edit(report, (*path, "witness", name), name, known, values)
