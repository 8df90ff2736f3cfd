"""Answers to a lesson's questions, computed in sessions of their own so that the learner's is never touched."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import torch

from engine import messages as m
from engine.expression import parse
from engine.queries import Questions, RefusedByTorch
from engine.records import record
from engine.session import Session
from engine.stages import Walk
from engine.state import State
from engine.words import Refused, Sentence


class Asking:
    """Questions that wait for their turn. Work on them goes on in slices; each ends in one Answers."""

    def __init__(self, fresh: Callable[[], Session], learner: Session, generation: int) -> None:
        self._fresh, self._learner, self._generation = fresh, learner, generation
        self._waiting: deque[m.Ask] = deque()
        self._walk: Walk | None = None
        self._stages: tuple[m.Stage, ...] = ()  # that `_walk` goes through

    @property
    def busy(self) -> bool:
        """Whether a question waits."""
        return bool(self._waiting)

    def ask(self, question: m.Ask) -> None:
        """Put a question in the queue."""
        self._waiting.append(question)

    def work(self, seconds: float) -> m.Answers | None:
        """Go on with the first question for about `seconds`; its answers once they are there."""
        question, here = self._waiting[0], False
        try:
            walk = self._towards(question.stages)
            walk.work(seconds)
            if not walk.done:
                return None
            answers = tuple(answered(walk, text) for text in question.expressions)
            here = not self._learner.busy and self._stands(walk, question.passed)
        except Refused as refused:
            self._walk = None
            answers = (m.Answer(refused=refused.sentence),) * len(question.expressions)
        self._waiting.popleft()
        return m.Answers(self._generation, question.number, answers, here)

    def _stands(self, walk: Walk, passed: bool) -> bool:
        """Whether the learner is where the walk has led; `passed`: or was on the way to where they are."""
        target = walk.session.look()
        if same(target, self._learner.look()):
            return walk.failure is None or walk.failure.kind == self._learner.outcome
        if not passed or walk.failure is not None:
            return False
        before = self._learner.was(walk.session.timeline.now.time)
        return before is not None and same(target, before)

    def _towards(self, stages: tuple[m.Stage, ...]) -> Walk:
        """A walk through `stages`; it goes on from the last one where that led the same way."""
        if self._walk is not None and self._stages == stages:
            return self._walk
        if self._walk is not None and self._walk.done and self._stages == stages[: len(self._stages)]:
            self._walk = Walk(self._walk.session, stages[len(self._stages) :])
        else:
            self._walk = Walk(self._fresh(), stages)
        self._stages = stages
        return self._walk


def same(one: State, other: State) -> bool:
    """Whether two states stand at the same place with the same bits."""
    if (one.iteration, one.cursor, one.settings) != (other.iteration, other.cursor, other.settings):
        return False
    if not all(torch.equal(value, other.parameters[name]) for name, value in one.parameters.items()):
        return False
    if not one.contributions:
        return True  # gradients that are there are of the iteration before
    return one.grads.keys() == other.grads.keys() and all(
        torch.equal(grad, other.grads[name]) for name, grad in one.grads.items()
    )


def answered(walk: Walk, text: str) -> m.Answer:
    """What the expression `text` is where `walk` has led to, or why that cannot be told."""
    try:
        found = Questions(walk.session, walk.before).answer(parse(text, queries=True))
    except RefusedByTorch as refused:
        return m.Answer(refused=refused.sentence, outcome=refused.explained.kind)
    except Refused as refused:
        if walk.failure is not None:  # what is not known is what failed
            return m.Answer(refused=walk.failure.sentence, outcome=walk.failure.kind)
        return m.Answer(refused=refused.sentence)
    if isinstance(found, tuple):
        return m.Answer(shape=found)
    if isinstance(found, str):
        return m.Answer(dtype=found)
    if isinstance(found, torch.Tensor) and found.numel() > 4096:
        return m.Answer(refused=Sentence("query.too_large"), shape=tuple(found.shape))
    number = found if isinstance(found, torch.Tensor) else torch.tensor(found, dtype=torch.float64)
    return m.Answer(array=record(number))
