"""`dltutor export`: the script of a lesson's experiment, as a whole run or as the learner has led it; and its file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine import code
from engine import messages as m
from tui.arguments import Arguments, Setting, UsageError

if TYPE_CHECKING:
    from engine.spec import Graph, Net
    from lessons.schema import Lesson


def script(lesson: Lesson, given: Arguments, language: str) -> str:
    """What the arguments ask for. Raises UsageError, and Refused for what cannot be written or set."""
    from tui.outline import graph_of

    name = experiment_of(lesson, given.use)
    experiment = code.seeded(lesson.named_experiments[name], given.seed)
    graph = graph_of(experiment)
    if given.session:
        for option in ("set", "iterations"):
            if option in given.given:
                raise UsageError("session_alone", option=f"--{option}")
        return code.script(experiment, graph, left(lesson, name, given.seed), language=language)
    log = edited(experiment, given.set) if given.set else None
    iterations = given.iterations
    if log is not None and iterations is None:
        iterations = code.run_length(experiment, log, graph)
    return code.script(experiment, graph, log, iterations, language)


def experiment_of(lesson: Lesson, name: str | None) -> str:
    """The experiment of this name, or the first one. Raises UsageError."""
    names = list(lesson.named_experiments)
    if name is None:
        return names[0]
    if name not in names:
        known = ", ".join(filter(None, names))
        raise UsageError("no_experiment" if known else "one_experiment", name=name, lesson=lesson.id, names=known)
    return name


def left(lesson: Lesson, name: str, seed: int | None) -> m.Log:
    """What was done when the learner left this experiment. Raises UsageError where nothing is kept of it."""
    from tui import places

    spec = lesson.named_experiments[name].model_dump_json().encode()
    place = places.load(lesson.id)
    kept = place.experiments.get(name) if place else None
    if kept is None or kept.log is None or kept.description != places.describe(spec, seed):
        raise UsageError("no_session", lesson=lesson.id)
    return kept.log


def edited(experiment: Graph | Net, settings: list[Setting]) -> m.Log:
    """The edits before the start, as far as the engine finds that they fit. Raises Refused."""
    from engine.begin import begin
    from engine.memory import log

    session = begin(experiment, device="cpu")
    session.apply(m.Edit(tuple(m.Change(each.name, each.value, each.index) for each in settings)))
    return log(session)


def write(path: Path, text: str, force: bool = False) -> None:
    """Write a file that is not there yet or, with `force`, over one. Raises FileExistsError, and other OSErrors."""
    with path.open("w" if force else "x", encoding="utf-8") as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            if not force:  # what was there before, perhaps a device, is not ours to take away
                path.unlink()
            raise
