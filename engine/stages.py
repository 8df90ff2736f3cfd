"""Stages: what a lesson's steps do to an experiment, one after another, carried out on a session in slices of time."""

from __future__ import annotations

import time
from collections.abc import Sequence

from engine import messages as m
from engine.explaining import FAILURES, Explained
from engine.expression import METRICS, Expression, Name, nearest, parse
from engine.messages import Stage
from engine.queries import Questions
from engine.session import Session
from engine.state import State
from engine.words import Refused

UNITS = {"iteration": "iteration", "epoch": "epoch"}  # stages that advance by whole units


class Walk:
    """A session led through stages. `before` is the state in which the last of them began.

    A stage in which torch refuses an operation ends there, and `failure` says why. Raises Refused from `work` where a
    stage cannot be done: an unknown node, a limit before the condition holds.
    """

    def __init__(self, session: Session, stages: Sequence[Stage]) -> None:
        self.session = session
        self.before: State = session.look()
        self.failure: Explained | None = None  # of the last stage
        self._waiting = list(stages)
        self._stage: Stage | None = None
        self._turns = 0  # units of the present stage that are done
        self._condition: Expression | None = None

    @property
    def done(self) -> bool:
        """Whether all stages are carried out."""
        return self._stage is None and not self._waiting

    def finish(self) -> None:
        """Carry all of them out."""
        while not self.done:
            self.work(1.0)

    def work(self, seconds: float) -> None:
        """Go on for about `seconds`."""
        begin = time.perf_counter()
        while not self.done and time.perf_counter() - begin < seconds:
            if self.session.busy:
                self.session.work(seconds)
                self._check()
            elif self._stage is None:
                self._begin(self._waiting.pop(0))
            elif self._reached(self._stage):
                self._stage = None
            else:
                self._turn(self._stage)

    def _begin(self, stage: Stage) -> None:
        self._turns, self._condition, self.failure = 0, None, None
        if stage.edits:
            self.session.apply(m.Edit(stage.edits))
        self.before = self.session.look()
        if stage.until is not None:
            self._condition = parse(stage.until, queries=True)
        self._stage = None if stage.do == "show" else stage

    def _check(self) -> None:
        if self.session.outcome == "ok" or self.session.message is None:
            return
        if self.session.outcome in FAILURES:
            self._stage, self.failure = None, Explained(self.session.outcome, self.session.message)
        else:
            raise Refused(self.session.message.key, **self.session.message.values)

    def _reached(self, stage: Stage) -> bool:
        if self._condition is None:
            return self._turns >= stage.times
        if isinstance(self._condition, Name) and self._condition.name not in METRICS:
            return self._turns > 0 and self._node_reached(stage, self._condition.name)
        # A condition on metrics may hold from the start; what asks for gradients can be answered after the first turn.
        return self._turns > 0 and Questions(self.session, self.before).holds(self._condition)

    def _node_reached(self, stage: Stage, name: str) -> bool:
        """Forward: the node is computed. Backward: all that pass a gradient to it have done so."""
        state, graph = self.session.look(), self.session.experiment.graph
        known = (*(leaf.name for leaf in graph.leaves), *(node.name for node in graph.nodes))
        if name not in known:
            raise Refused("expression.unknown_name", name=name, hint=nearest(name, known))
        if stage.do != "backward":
            return name in state.values
        done = {atom.op for atom in graph.atoms[: state.cursor] if atom.phase == "backward"}
        senders = {each for each in graph.backward_order if name in graph.node(each).sources}
        return name in state.grads and senders <= done

    def _turn(self, stage: Stage) -> None:
        if self._turns >= (stage.limit if stage.until is not None else stage.times):
            raise Refused("stage.limit", limit=stage.limit, until=str(stage.until))
        self._turns += 1
        if stage.do == "train":
            self._train(stage)
        elif stage.do in UNITS:
            self.session.apply(m.Advance(stage.do))  # type: ignore[arg-type]
        elif isinstance(self._condition, Name) and self._condition.name not in METRICS:
            self.session.apply(m.Advance("op"))
        else:
            self._phase(stage)

    def _train(self, stage: Stage) -> None:
        """All epochs, or with a condition iteration by iteration."""
        self.session.apply(m.Run(True) if stage.until is None else m.Advance("iteration"))

    def _phase(self, stage: Stage) -> None:
        """To the end of the phase that the stage names, of this iteration or else of the next."""
        line, graph = self.session.timeline, self.session.experiment.graph
        if stage.do not in graph.phases:
            raise Refused("stage.no_phase", phase=stage.do, phases=", ".join(graph.phases))
        ahead, now = 0, line.now.time
        while True:
            ahead, now = ahead + 1, line.phase_end(now)
            if graph.atoms[(now - 1) % len(graph.atoms)].phase == stage.do:
                break
        self.session.apply(m.Advance("phase", ahead))
