"""What a lesson screen begins with: the lesson as it was read, and its experiments as their descriptions tell them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine import words
from engine.graph import Graph
from engine.spec import Graph as GraphSpec
from engine.spec import Net
from lessons.findings import Finding, render
from lessons.loader import load
from lessons.passages import Passage
from lessons.prose import Prose
from lessons.schema import Lesson
from tui.language import say
from tui.outline import graph_of
from tui.panes import names_for


@dataclass(frozen=True, eq=False)
class Part:
    """One experiment of a lesson. `graph` is None where it cannot be built, for the reason `refused`."""

    experiment: GraphSpec | Net
    graph: Graph | None
    refused: words.Sentence | None
    panes: tuple[str, ...]

    @property
    def spec(self) -> bytes:
        """The experiment as the engine reads it."""
        return self.experiment.model_dump_json().encode()

    @property
    def trains(self) -> bool:
        """Whether it has an optimizer's step."""
        return self.graph is not None and self.graph.has_step


@dataclass(frozen=True, eq=False)
class Opening:
    """A lesson that was read; where it could not be, `lesson` is None and the findings say why."""

    path: Path
    lesson: Lesson | None
    prose: dict[str, Prose]
    findings: tuple[Finding, ...]
    parts: dict[str, Part]

    def part(self, step: int) -> Part:
        """The experiment that step number `step` works on."""
        assert self.lesson is not None
        return self.parts[self.lesson.used_at(step)]

    def spoken(self, language: str) -> str:
        """`language` if the lesson is there in it, else one in which it is."""
        return language if language in self.prose else next(iter(self.prose), language)

    def title(self, language: str) -> str:
        """The lesson's title."""
        prose = self.prose.get(self.spoken(language))
        return prose.title if prose and prose.title else self.path.name

    def passage(self, step: int, language: str) -> str:
        """The Markdown of a step; the first one begins with what stands before all steps."""
        assert self.lesson is not None
        prose = self.prose.get(self.spoken(language))
        if prose is None:
            return ""
        found = prose.passages.get(self.lesson.steps[step].id)
        parts = [prose.intro] if step == 0 else []
        if found is not None:
            parts += [f"{'#' * found.level} {found.heading}", found.markdown]
        return "\n\n".join(part for part in parts if part.strip())

    def passage_of(self, name: str, language: str) -> Passage:
        """The prose of one exercise."""
        prose = self.prose.get(self.spoken(language))
        return (prose.passages.get(name) if prose else None) or Passage(name, name, 3, 0)

    def expressions(self, step: int) -> tuple[str, ...]:
        """All whose values the prose of a step shows, in any language."""
        assert self.lesson is not None
        this = self.lesson.steps[step]
        names: set[str | None] = {this.id, *(each.id for each in this.ask)} | ({None} if step == 0 else set())
        slots = (slot for prose in self.prose.values() for slot in prose.slots if slot.passage in names)
        return tuple(dict.fromkeys(slot.expression.strip() for slot in slots))

    def notices(self, language: str) -> list[str]:
        """What the learner should know of a lesson that opens all the same."""
        told = []
        if errors := [finding for finding in self.findings if finding.severity == "error"]:
            first = render(errors[0], language).splitlines()[0]
            told.append(say(language, "notice.findings", count=len(errors), first=first))
        if self.prose and language not in self.prose:
            told.append(say(language, "notice.absent_language"))
        return told

    def complaints(self, language: str) -> list[str]:
        """What is wrong in the lesson's files, as text."""
        return [render(finding, language) for finding in self.findings]


def open_lesson(path: Path) -> Opening:
    """Read the lesson in the folder `path`, and see what its experiments are."""
    loaded = load(path)
    lesson = loaded.lesson
    experiments = lesson.named_experiments if lesson is not None else {}
    parts = {name: _part(experiment) for name, experiment in experiments.items()}
    return Opening(path, lesson, dict(loaded.prose), loaded.findings, parts)


def _part(experiment: GraphSpec | Net) -> Part:
    panes = names_for(experiment)
    try:
        return Part(experiment, graph_of(experiment), None, panes)
    except words.Refused as refused:
        return Part(experiment, None, refused.sentence, panes)
