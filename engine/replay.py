"""How a session comes to any moment of its history: from a state that was kept before it, with the same bits."""

from __future__ import annotations

from dataclasses import replace

from engine.checkpoints import Checkpoints
from engine.experiment import Experiment
from engine.state import State
from engine.timeline import Moment, Timeline


class Replay:
    """Does again what the timeline holds. A way that is long leaves checkpoints, so that it is gone only once."""

    def __init__(self, experiment: Experiment, timeline: Timeline, checkpoints: Checkpoints) -> None:
        self._experiment, self._timeline, self._checkpoints = experiment, timeline, checkpoints

    def at(self, moment: Moment) -> State:
        """The state at a moment, with everything in it that was visible then."""
        entries = self._timeline.entries
        fresh = self._timeline.begins_here(moment)
        iteration = (moment.time if fresh else moment.time - 1) // self._experiment.length
        kept = self._checkpoints.nearest(moment.entry, iteration)
        state = replace(kept.state, batch=self._experiment.batch(kept.state.iteration, kept.state.settings))
        for number in range(kept.first, moment.entry + 1):
            if entries[number].edited:
                state = self._experiment.edited(state, entries[number].changes or [])
            elif entries[number].again:
                state = self._experiment.again(state)
            elif number == moment.entry or entries[number + 1].edited or entries[number + 1].again:
                state = self._on(state, number, moment.time if number == moment.entry else entries[number].end)
        return state

    def _on(self, state: State, entry: int, until: int) -> State:
        """From `state` to the time `until`, in `entry`: whole iterations quickly, the last two operation by operation.

        (The last, to show all of it; the one before, for the gradients that stay visible until backward begins.)
        """
        experiment, length = self._experiment, self._experiment.length
        while 0 < state.cursor < length and state.iteration * length + state.cursor < until:
            state = experiment.advance(state)
        start = experiment.opened(state)
        if start.cursor == 0 and experiment.trains:
            last = max(0, until - 1) // length - 1
            while start.iteration < last:
                state = start = self._quickly(start, entry, last)
        while state.iteration * length + state.cursor < until:
            state = experiment.advance(state)
        return state

    def _quickly(self, start: State, entry: int, last: int) -> State:
        """Some whole iterations, `last` not included."""
        due = min(last, self._checkpoints.due(entry, start.iteration))
        run = self._experiment.train(start)
        run.go(due - start.iteration)
        state = run.state()
        if due < last:
            self._checkpoints.keep(entry, state, entry)
        return state
