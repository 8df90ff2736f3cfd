"""What is said below an exercise: verdict, hints, trap, solution and explanation, as Markdown; and its line of keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.words import Sentence
from engine.words import say as engine_says
from lessons.passages import Passage
from tui.exercises.kind import Kind
from tui.exercises.known import Known
from tui.exercises.progress import Progress
from tui.language import CATALOGUE, say


@dataclass(frozen=True, eq=False)
class Told:
    """All that the box of an exercise is a function of."""

    exercise: Any
    kind: Kind
    passage: Passage
    progress: Progress
    known: Known
    language: str
    draft: str = ""  # an answer that was begun
    remark: Sentence | None = None  # about the present moment: trained instead of edited, and the like
    again: bool = False  # whether it can be done once more, with other inputs

    @property
    def gives_up(self) -> bool:
        """Whether it is answered with the reason why it cannot be done."""
        return self.kind.when == "when it holds" and getattr(self.exercise, "answer", None) is not None

    def fill(self, expression: str, formula: bool) -> str:
        """A value for the prose."""
        return self.known.written(expression, self.language, formula)


def feedback(told: Told) -> list[str]:
    """Paragraphs, the latest last; nothing while nothing was answered."""
    parts = _hints(told)
    if told.progress.done:
        return parts + _outcome(told)
    return [*parts, *_verdict(told), *_remarks(told)]


def _hints(told: Told) -> list[str]:
    if told.progress.done:
        return []
    title = say(told.language, "ask.hint")
    return [f"*{title} {n}.* {text}" for n, text in enumerate(told.passage.hints[: told.progress.hints], 1)]


def _verdict(told: Told) -> list[str]:
    progress, verdict = told.progress, told.progress.verdict
    if progress.locked:
        return [say(told.language, "ask.predicted", given=_said(told))]
    if verdict is None:
        return []
    about = _about(told, verdict.sentence) if verdict.sentence else ""
    if not verdict.readable:
        return [f"✗ {about}"]
    said = _said(told)
    head = f"**✗ {say(told.language, 'ask.wrong', given=said)}**" if said and not told.kind.at_length else "**✗**"
    trap = told.passage.traps.get(verdict.trap or "", "")
    more = told.kind.about(told.exercise, told.passage, progress.given, told.language)
    return [f"{head} {trap or more or about}".strip()]


def _said(told: Told) -> str:
    return told.kind.said(told.exercise, told.passage, told.progress.given, told.language)


def _about(told: Told, sentence: Sentence) -> str:
    if sentence.key in CATALOGUE:
        return say(told.language, sentence.key, **sentence.values)
    return engine_says(sentence, told.language)


def _remarks(told: Told) -> list[str]:
    found = []
    if told.progress.changed:
        found.append(f"✎ {say(told.language, 'ask.changed')}")
    refusal = told.known.refusal(told.kind.asks(told.exercise), told.kind.failures)
    if refusal is not None:
        found.append(say(told.language, "ask.refused", reason=engine_says(refusal, told.language)))
    if told.remark is not None:
        found.append(_about(told, told.remark))
    if told.progress.wants_solution:
        found.append(f"**{say(told.language, 'ask.sure')}**")
    return found


def _outcome(told: Told) -> list[str]:
    """Right, or the solution; then the explanation."""
    return [each for each in (_closing(told), told.passage.explain) if each]


def _closing(told: Told) -> str:
    progress = told.progress
    solution = told.kind.solution(told.exercise, told.passage, told.known, told.language)
    if told.kind.when == "after the step" and progress.given and progress.attempts:  # what could be read
        key = "ask.came_right" if progress.solved else "ask.came_wrong"
        return f"**{say(told.language, key, given=_said(told), solution=solution)}**"
    if not progress.solved:
        return f"**{say(told.language, 'ask.solution')}** {solution}" if solution else ""
    said = solution if told.kind.explains else _said(told)
    return f"**✓ {say(told.language, told.kind.right)}**" + (f" {said}" if said else "")


def foot(told: Told, answering: bool) -> str:
    """The keys that do something here now. `answering`: whether the answer is being written."""
    progress, hints = told.progress, len(told.passage.hints)
    if progress.done:
        return say(told.language, "ask.keys.again") if told.again else ""
    parts: list[Callable[[], str]] = []
    if told.gives_up:
        parts.append(lambda: say(told.language, "ask.keys.reason" if answering else "ask.keys.impossible"))
    elif told.kind.when != "when it holds" and not progress.locked:
        parts.append(lambda: say(told.language, told.kind.keys if answering else "ask.keys.answer"))
    if answering and told.kind.letters:
        return " · ".join(part() for part in parts)
    if progress.hints < hints:
        parts.append(lambda: say(told.language, "ask.keys.hint", number=progress.hints + 1, count=hints))
    parts.append(lambda: say(told.language, "ask.keys.solution"))
    return " · ".join(part() for part in parts)
