"""When so many operations, phases, iterations or epochs of an experiment are done, or all of its training.

Times count operations, as in `timeline`.
"""

from __future__ import annotations

from engine import messages as m
from engine.experiment import Experiment
from engine.settings import Settings
from engine.timeline import Timeline

UNTIL_PAUSED = 10**12  # iterations


def end(experiment: Experiment, line: Timeline, settings: Settings, unit: m.Unit, now: int, count: int = 1) -> int:
    """The time at which `count` units are done, the one that is under way at `now` counted in."""
    length = experiment.length
    if unit == "op":
        return now + count
    if unit == "phase":
        whole, rest = divmod(count, len(experiment.graph.phases))
        for _ in range(rest):
            now = line.phase_end(now)
        return now + whole * length if rest else line.phase_begin(now) + whole * length
    if unit == "iteration":
        return (now // length + count) * length
    return experiment.epoch_begin(experiment.epoch(now // length, settings) + count, settings) * length


def end_of_training(experiment: Experiment, settings: Settings, now: int) -> int:
    """The end of the experiment's epochs, or of as many again after that. A graph trains until it is paused."""
    length = experiment.length
    if not experiment.trains:
        return (now // length + 1) * length
    epochs = experiment.epochs or UNTIL_PAUSED
    turns = experiment.epoch(now // length, settings) // epochs + 1
    return experiment.epoch_begin(turns * epochs, settings) * length
