"""One step of a lesson as it was rehearsed: where its exercises get answers, and where they put what is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.messages import Answer
from engine.words import Sentence, Value
from lessons.answers import alone, is_true
from lessons.findings import Severity
from lessons.report import Report
from lessons.schema import Step
from lessons.strict_yaml import Path

Answers = Mapping[str, Answer]


@dataclass(eq=False)
class Scene:
    """`before` answers where the step begins, `here` in its target state, `elsewhere` there from other inputs."""

    report: Report
    path: Path  # of the step in lesson.yaml
    step: Step
    before: Answers
    here: Callable[[str], Answer]
    elsewhere: Callable[[tuple[str, ...]], list[dict[str, Answer]]]
    _told: dict[str, Answer] = field(default_factory=dict)

    def answer(self, text: str) -> Answer:
        """What the expression is in the target state."""
        if text not in self._told:
            self._told[text] = self.here(text)
        return self._told[text]

    def told(self, path: Path, text: str) -> Answer | None:
        """The same; None, with a finding at `path`, where it cannot be told."""
        answer = self.answer(text)
        if answer.refused is not None:
            self.report.add(self.report.document.value(path), answer.refused)
            return None
        return answer

    def number(self, path: Path, text: str) -> tuple[float, str] | None:
        """The number that it is and its dtype; None, with a finding at `path`, where it is none."""
        answer = self.told(path, text)
        found = alone(answer)
        if answer is not None and found is None:
            shape = answer.array.shape if answer.array is not None else answer.shape or ()
            self.say(path, "run.not_a_number", shape=str(tuple(shape)))
        return found

    def holds_everywhere(self, conditions: tuple[str, ...]) -> list[str]:
        """Those that are true in the target state and, where they can be told, from other inputs too."""
        tries = self.elsewhere(conditions)
        return [
            each for each in conditions
            if is_true(self.answer(each)) and all(is_true(t[each]) for t in tries if t[each].refused is None)
        ]  # fmt: skip

    def say(self, path: Path, key: str, severity: Severity = "error", on_key: bool = False, **values: Value) -> None:
        """Something is wrong with the value (or key) at `path`."""
        place = self.report.document.key(path) if on_key else self.report.document.value(path)
        self.report.add(place, Sentence(key, values), severity=severity)

    @property
    def fails_knowingly(self) -> bool:
        """Whether an exercise of the step asks which error torch raises."""
        return any(each.kind == "outcome" for each in self.step.ask)


def spoken(value: float) -> str:
    """A number in a finding, with as many digits as it needs."""
    return f"{value:.6g}" if math.isfinite(value) else str(value)
