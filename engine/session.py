"""The only thing that changes: commands go in, and the state moves along its timeline, forward and back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine import messages as m
from engine import parameters, units
from engine.checkpoints import Checkpoints, room
from engine.experiment import Experiment, Failure, build
from engine.finiteness import first_not_finite
from engine.replay import Replay
from engine.spec import Graph, Net
from engine.state import State
from engine.timeline import BEGINNING, Moment, Timeline
from engine.training import Run
from engine.words import Refused, Sentence

if TYPE_CHECKING:
    from engine.baseline import Baseline

WHOLE_SECONDS = 0.1  # up to which an iteration is ended before it is looked at


class Session:
    """One experiment under a learner's hands. `apply` begins a command; `work` goes on with one that takes longer.

    Raises Refused, from the constructor and from `apply`, for what cannot be done; what stood before then stands.
    """

    def __init__(
        self, given: Graph | Net, seed: int | None = None, device: str = "cpu", history: int | None = None
    ) -> None:
        self.experiment: Experiment = build(given, seed, device)
        self._state = self.experiment.initial()
        self._run_under_way: Run | None = None  # whole iterations after `_state`
        self.timeline = Timeline(self.experiment.graph)
        budget = history or room(self._state.settings.device)
        self.checkpoints = Checkpoints(self._state, budget, self.experiment.keeps_gradients)
        self._replay = Replay(self.experiment, self.timeline, self.checkpoints)
        self.outcome = "ok"
        self.message: Sentence | None = None
        self.running = False
        self.baseline: Baseline | None = None  # lives apart from history; `engine.baseline` marks it
        self.marks = 0  # how many were marked
        self.seconds_to_see = 0.0  # what an iteration took that was done so that it can be looked into
        self._goal: int | None = None  # the time up to which the present command goes; None: nothing to do
        self._singly = 0  # the time up to which it goes operation by operation, to find the one that fails

    @property
    def state(self) -> State:
        """The present state. After whole iterations it is the start of the next one: `look` shows the last one too."""
        if self._run_under_way is not None:
            self._state = self._run_under_way.state()
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        self._state, self._run_under_way = state, None

    @property
    def seen(self) -> bool:
        """Whether everything that can be seen of the present moment is there, so that to `look` costs nothing."""
        return self._run_under_way is None

    # ---------------------------------------------------------------- commands
    def apply(self, command: m.AnyCommand) -> None:
        """Begin what the learner asked for; `busy` says whether `work` is needed to finish it."""
        handler, before = _HANDLERS.get(type(command)), (self.outcome, self.message)
        if handler is None:
            return
        self.outcome, self.message = "ok", None
        try:
            handler(self, command)
        except Refused:
            self.outcome, self.message = before
            raise
        if isinstance(command, m.Edit) and command.note:  # training stands where it stood
            self.outcome, self.message = before

    @property
    def busy(self) -> bool:
        """Whether a command is still under way."""
        return self._goal is not None

    def finish(self) -> None:
        """Work until the present command is done."""
        while self.busy:
            self.work(1.0)

    def stop(self) -> None:
        """End the present command where it is."""
        self._goal, self.running, self._singly = None, False, 0
        self.timeline.drop_empty()

    def _advance(self, command: m.Advance) -> None:
        if command.count > 0:
            self._begin(command.unit, self._end_of(command.unit, command.count))

    def _run(self, command: m.Run) -> None:
        if command.on and not self.running:
            self._begin("run", self._end_of_training())
            self.running = True
        elif not command.on:
            if self.running:
                self._end_so_that_it_is_seen()
            self.stop()

    def _travel(self, command: m.Travel) -> None:
        self.stop()
        line = self.timeline
        if command.direction == "start":
            self.stand(BEGINNING)
        elif command.direction == "back":
            self.stand(line.before_command() if command.by == "command" else line.before_phase())
        elif (found := line.after_command() if command.by == "command" else line.after_phase()) is not None:
            self.stand(found)
        elif command.by == "phase":
            self._begin("phase", self._end_of("phase"))

    def _goto(self, command: m.Goto) -> None:
        if command.iteration < 0:
            raise Refused("goto.negative")
        self.stop()
        found = self.timeline.at_iteration(command.iteration)
        if found is not None:
            self.stand(found)
        else:
            self._begin("goto", command.iteration * self.experiment.length)

    def _edit(self, command: m.Edit) -> None:
        again = self.running
        changes = parameters.check(command.changes, self.state, self.experiment.trains)
        self.stop()
        for note in (change for change in changes if change.name in m.NOTES):
            self._forget_future()
            self.timeline.edit([note], (note.name,), self.timeline.now.time)
        if values := [change for change in changes if change.name not in m.NOTES]:
            self._edit_values(values)
        if again:
            self._run(m.Run(True))

    def _edit_values(self, changes: list[parameters.Checked]) -> None:
        self.state = self.experiment.edited(self.state, changes)
        self._forget_future()
        self.timeline.edit(changes, tuple(dict.fromkeys(change.name for change in changes)), self._time)
        entry = self.timeline.now.entry
        self.checkpoints.keep(entry, self.state, entry + 1, complete=True)

    def _again(self, command: m.Again) -> None:
        state = self.experiment.again(self.look())
        self.stop()
        self.state = state
        self.checkpoints.cut(self.timeline.now.entry, state.iteration)
        self.timeline.edit([], (), self._time, "again")

    # ---------------------------------------------------------------- going forward
    @property
    def _time(self) -> int:
        length, run = self.experiment.length, self._run_under_way
        return run.iteration * length if run is not None else self._state.iteration * length + self._state.cursor

    def _begin(self, unit: str, goal: int) -> None:
        self.stop()
        if goal > self._time:
            self._forget_future()
            self.timeline.begin(unit)
            self._goal = goal

    def _end_of(self, unit: m.Unit, count: int = 1) -> int:
        return units.end(self.experiment, self.timeline, self.state.settings, unit, self._time, count)

    def _end_of_training(self) -> int:
        return units.end_of_training(self.experiment, self.state.settings, self._time)

    def work(self, seconds: float, iterations: int | None = None, seen: bool = True) -> int:
        """Go on with the command for about `seconds`, `iterations` at most; how many were done.

        `seen`: the last of them so that one can look into it. The last one of a command always is.
        """
        begin, first = time.perf_counter(), self._time // self.experiment.length
        many = self.checkpoints.within(seconds)

        def done() -> int:
            return self._time // self.experiment.length - first

        while self._goal is not None and time.perf_counter() - begin < seconds:
            left = many + 1 if iterations is None else iterations - done()
            if left <= 0:
                break
            self._guarded(self._work_once, min(many, left - seen))
        if seen and (iterations is None or done() < iterations):
            self._end_so_that_it_is_seen()
        return done()

    def _guarded(self, work: Callable[..., None], *given: int) -> None:
        """Do some work; what torch refuses ends the command."""
        try:
            work(*given)
        except Failure as failure:
            self._fail(failure.explained.kind, failure.explained.sentence)
        except Refused as refused:  # backward cannot begin
            self._fail("gradient", refused.sentence)

    def _work_once(self, most: int = 0) -> None:
        """`most` whole iterations, or fewer; else one operation. The last iteration is done by its operations."""
        assert self._goal is not None
        length = self.experiment.length
        whole = min(most, self._goal // length - self._time // length - 1)
        if self._time % length or self._time < self._singly:
            whole = 0
        if whole >= 1 and self.experiment.trains:
            self._train(whole)
        else:
            self._atom()
        self.timeline.extend(self._time)
        if self._goal is not None and self._time >= self._goal:
            self.stop()

    def _end_so_that_it_is_seen(self) -> None:
        """One iteration by its operations, if the last one was not done so and the command goes on for one more.

        Of a long one the beginning must do.
        """
        begin, length, first = time.perf_counter(), self.experiment.length, self._time
        while self._goal is not None and (
            not self.seen or (self._time % length and time.perf_counter() - begin < WHOLE_SECONDS)
        ):
            self._guarded(self._work_once)
        if self._time > first:
            self.seconds_to_see = time.perf_counter() - begin

    def _atom(self) -> None:
        self._keep_checkpoint(self.experiment.opened(self.state))
        self.state = self.experiment.advance(self.state)
        if self.timeline.losses_by(self._time) > self.timeline.losses_by(self._time - 1):
            loss = self.experiment.loss(self.state)
            self.timeline.computed.extend([math.nan if loss is None else loss])
            if loss is not None and not math.isfinite(loss):
                self._not_finite()

    def _train(self, most: int) -> None:
        run = self._run_under_way or self.experiment.train(self._state)
        here, first, known = self.timeline.now.entry, run.iteration, self.seen
        count = min(most, self.checkpoints.due(here, first) - first, self.checkpoints.interval)
        begin = time.perf_counter()
        try:
            losses = run.go(count)
        except (Failure, Refused):  # once more, operation by operation: then it is known which one it was
            losses = []
        good = next((n for n, loss in enumerate(losses) if loss is not None and not math.isfinite(loss)), len(losses))
        self.timeline.computed.extend([math.nan if loss is None else loss for loss in losses[:good]])
        if good == count:
            self._run_under_way = run
            self.checkpoints.timed(time.perf_counter() - begin, count)
            if run.iteration >= self.checkpoints.due(here, run.iteration - 1):
                begin = time.perf_counter()
                self.checkpoints.keep(here, run.state(gradients=self.experiment.keeps_gradients), here)
                self.checkpoints.took(time.perf_counter() - begin)
            return
        if good or not known:
            self.state = self._replay.at(Moment(here, (first + good) * self.experiment.length))
        self._singly = (first + count) * self.experiment.length  # one of these goes wrong

    def _keep_checkpoint(self, state: State) -> None:
        """Keep the start of an iteration, if it is time to."""
        entry = self.timeline.now.entry
        if state.cursor == 0 and state.iteration >= self.checkpoints.due(entry, state.iteration - 1):
            self.checkpoints.keep(entry, state, entry)

    def _not_finite(self) -> None:
        self.timeline.extend(self._time)
        advance, length = self.experiment.advance, self.experiment.length
        found = first_not_finite(self._before_iteration, advance, length, self.state.iteration)
        key = "gradient_not_finite" if found and found.gradient else "not_finite"
        name = found.name if found else self.experiment.graph.output
        iteration = found.iteration if found else self.state.iteration
        self._fail("not_finite", Sentence(f"outcome.{key}", {"name": name, "iteration": iteration}))

    def _before_iteration(self, iteration: int) -> State:
        moment = self.timeline.at_iteration(iteration)
        return self.experiment.opened(self._replay.at(moment or self.timeline.now))

    def _fail(self, outcome: str, message: Sentence) -> None:
        self.timeline.extend(self._time)
        self.stop()
        self.outcome, self.message = outcome, message

    # ---------------------------------------------------------------- going back
    def stand(self, moment: Moment | None) -> None:
        """Stand at a moment of history, with the same bits as the first time."""
        if moment is None:
            return
        self.state = self._replay.at(moment)
        self.timeline.now = moment

    def was(self, time: int) -> State | None:
        """The state after `time` operations on the way here, with the same bits; None where it did not lead there."""
        moment = self.timeline.at_time(time)
        return self._replay.at(moment) if moment is not None else None

    def _forget_future(self) -> None:
        """Before a new entry begins: what was kept of the future is of no use any more."""
        self.checkpoints.cut(self.timeline.now.entry, self._time // self.experiment.length)

    def look(self) -> State:
        """The present state with everything in it that can be seen."""
        if not self.seen:
            self.state = self._replay.at(self.timeline.now)
        return self._state


_HANDLERS: dict[type, Callable] = {  # type: ignore[type-arg]
    m.Advance: Session._advance,
    m.Run: Session._run,
    m.Travel: Session._travel,
    m.Goto: Session._goto,
    m.Edit: Session._edit,
    m.Again: Session._again,
}
