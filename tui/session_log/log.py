"""The log of a lesson as one Markdown text: its parts, and what stands in each."""

from __future__ import annotations

from collections.abc import Iterator

from engine.spec import Net
from engine.words import Refused
from engine.words import say as engine_says
from tui.exercises.known import spoken
from tui.language import say
from tui.opening import Opening
from tui.places import Left as LeftExperiment
from tui.places import Place, describe
from tui.progress.records import Outline, Record
from tui.session_log import charts
from tui.session_log.answers import answered, when
from tui.session_log.deeds import deeds
from tui.session_log.replay import Reached, reached


def log(opening: Opening, record: Record, now: Outline, place: Place | None, seed: int | None, language: str) -> str:
    """All that is known of this learner and this lesson. `now` is the lesson's outline as it is."""
    language_of_text = opening.spoken(language)
    lines = [f"# {opening.title(language)}", "", *_head(opening, record, language), ""]
    lines += [f"## {say(language, 'log.read')}", "", *_read(opening, record, language_of_text, language), ""]
    answers = list(answered(opening, record.exercises, now, seed, language))
    lines += [f"## {say(language, 'log.answered')}", "", *(answers or [say(language, "log.nothing"), ""])]
    for name, left in (place.experiments if place else {}).items():
        lines += _experiment(opening, name, left, seed, language)
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(opening: Opening, record: Record, language: str) -> Iterator[str]:
    assert opening.lesson is not None
    visits = [each for visits in record.steps.values() for each in visits]
    yield say(language, "log.lesson", name=opening.lesson.id)
    if visits:
        seconds = sum(each.seconds for each in visits)
        last = max(record.newest, *(each.at for each in visits))
        first = min(each.at for each in visits)
        yield say(language, "log.between", first=when(first), last=when(last), time=_lasted(seconds))


def _read(opening: Opening, record: Record, spoken_in: str, language: str) -> list[str]:
    """A table of the steps that were read."""
    assert opening.lesson is not None
    prose = opening.prose.get(spoken_in)
    rows = []
    for step in opening.lesson.steps:
        visits = record.steps.get(step.id, ())
        if visits:
            heading = prose.passages[step.id].heading if prose and step.id in prose.passages else step.id
            time = _lasted(sum(each.seconds for each in visits))
            rows.append(f"| {heading.replace('|', chr(92) + '|')} | {when(visits[0].at)} | {time} |")
    if not rows:
        return [say(language, "log.nothing")]
    head = " | ".join(say(language, f"log.column.{each}") for each in ("step", "when", "time"))
    return [f"| {head} |", "|---|---|---|", *rows]


def _lasted(seconds: float) -> str:
    """`1:04:05`, or `4:05`"""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


# ---------------------------------------------------------------- one experiment
def _experiment(opening: Opening, name: str, left: LeftExperiment, seed: int | None, language: str) -> Iterator[str]:
    """What was done in it, and what came of that; nothing of one that the lesson has no longer."""
    part = opening.parts.get(name)
    if part is None or part.graph is None or left.log is None:
        return
    title = say(language, "log.experiment", name=name) if name else say(language, "log.the_experiment")
    yield from (f"## {title}", "")
    if left.description != describe(part.spec, seed):
        yield from (say(language, "log.other_experiment"), "")
        return
    done = deeds(left.log, part.graph, language)
    yield from (*(f"- {each}" for each in done or [say(language, "log.nothing")]), "")
    try:
        found = reached(part.experiment, seed, left.log, left.memory)
    except Refused as refused:
        yield from (say(language, "log.not_here", reason=engine_says(refused.sentence, language)), "")
        return
    yield from _seen(found, "" if isinstance(part.experiment, Net) else part.graph.output, language)


def _seen(found: Reached, output: str, language: str) -> Iterator[str]:
    """Where it stands: numbers, then charts."""
    frame = found.frame
    numbers = {"iteration": str(frame.moment.iterations_done)}
    if charts.finite(frame.loss):
        numbers[output or "loss"] = spoken(float(frame.loss or 0.0), "float32", language)
    numbers |= {name: spoken(value, "float32", language) for name, value in frame.metrics.items()}
    told = [say(language, f"metric.{name}", value=value) if name != output else f"{name} = {value}"
            for name, value in numbers.items()]  # fmt: skip
    yield from (say(language, "log.reached", where=" · ".join(told)), "")
    yield from _chart(say(language, "loss.title", name=output or say(language, "loss.name")),
                      charts.loss_chart(frame.curve) if frame.moment.iterations_done > 1 else [])  # fmt: skip
    rows = charts.boundary_chart(frame.field, found.opened)
    if frame.field is not None and rows:
        sides = [
            say(language, "log.class", mark=mark, side=side, number=number)
            for mark, side, number in charts.legend(frame.field, found.opened)
        ]
        yield from _chart(f"{say(language, 'pane.boundary')}: {' · '.join(sides)}", rows)


def _chart(title: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield from (title, "", "```text", *rows, "```", "")
