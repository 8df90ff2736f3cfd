"""What was done, in order, and where in it we stand: the linear history, without its tensors."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.graph import Graph
from engine.losses import Losses, Numbers
from engine.messages import NOTES, Setting


@dataclass
class Entry:
    """One command of the learner. Times count operations since the beginning: iteration * length + cursor.

    An advance goes from `start` to `end`. An edit (`changes` given) happens at an instant: `end` is where it leaves us;
    a note is an edit of NOTES alone, and leaves us where we are, with everything that was computed.
    Backward done again is such an instant too, without changes and without leaving the place.
    """

    unit: str  # op, phase, iteration, epoch, run, goto, edit or again
    start: int
    end: int
    changes: list[Any] | None = None
    names: tuple[str, ...] = ()  # what an edit changed
    losses_at: int = 0  # where in Timeline.computed the losses begin that this advance computed
    told: Any = None  # its changes as they cross the pipe, made once

    @property
    def note(self) -> bool:
        """Whether it is an edit that changes nothing in training."""
        return self.changes is not None and not self.again and all(name in NOTES for name in self.names)

    @property
    def edited(self) -> bool:
        """Whether it is an edit that does: after it nothing is computed."""
        return self.changes is not None and not self.note and not self.again

    @property
    def again(self) -> bool:
        """Whether it is backward done once more, which leaves the cursor where it was."""
        return self.unit == "again"


@dataclass(frozen=True, order=True)
class Moment:
    """A place in history: `time` within entry `entry`, or at its end; entry -1 is the beginning."""

    entry: int
    time: int


BEGINNING = Moment(-1, 0)


class Timeline:
    """The entries, and `now`. What lies after `now` is the future that redo brings back; a new command cuts it."""

    def __init__(self, graph: Graph) -> None:
        self.entries: list[Entry] = []
        self.computed = Losses()  # the loss of every iteration that an advance computed, one advance after another
        self.now = BEGINNING
        self.cuts = 0  # how often a future was cut
        self.edits = 0  # how many were made
        self.length = len(graph.atoms)  # operations in an iteration
        phases = [atom.phase for atom in graph.atoms]
        # cursors at which a phase ends
        self._ends = [n + 1 for n, phase in enumerate(phases) if n + 1 == len(phases) or phases[n + 1] != phase]
        self._loss_at = next((n + 1 for n, atom in enumerate(graph.atoms) if atom.op == graph.output), self.length)

    def phase_end(self, time: int) -> int:
        """When the phase that is under way at `time`, or else the next one, is done."""
        iteration, cursor = divmod(time, self.length)
        return iteration * self.length + self._ends[bisect_right(self._ends, cursor)]

    def phase_begin(self, time: int) -> int:
        """The end of the last phase that is done at `time`."""
        iteration, cursor = divmod(time, self.length)
        at = bisect_right(self._ends, cursor)
        return iteration * self.length + (self._ends[at - 1] if at else 0)

    # ---------------------------------------------------------------- doing
    def begin(self, unit: str) -> Entry:
        """A new advance from now; the future is cut."""
        self.cut()
        self.entries.append(Entry(unit, self.now.time, self.now.time, losses_at=len(self.computed)))
        self.now = Moment(len(self.entries) - 1, self.now.time)
        return self.entries[-1]

    def extend(self, time: int) -> None:
        """The advance that was begun last has come to `time`."""
        self.entries[-1].end = time
        self.now = Moment(len(self.entries) - 1, time)

    def drop_empty(self) -> None:
        """Forget an advance that came nowhere."""
        if self.entries and self.now.entry == len(self.entries) - 1 and self.entries[-1].changes is None:
            last = self.entries[-1]
            if last.start == last.end:
                self.entries.pop()
                self.now = self._end_of(len(self.entries) - 1)

    def edit(self, changes: list[Any], names: tuple[str, ...], time: int, unit: str = "edit") -> None:
        """An edit now, which leaves us at `time`; the future is cut. A note takes the place of one just before it."""
        self.cut()
        self.edits += 1
        if self.entries and self.entries[-1].note and self.entries[-1].names == names:
            self.entries.pop()
        self.entries.append(Entry(unit, self.now.time, time, changes, names, len(self.computed)))
        self.now = Moment(len(self.entries) - 1, time)

    def notes(self) -> dict[str, Setting]:
        """The settings of the screen that hold now, of those that were ever set."""
        past = self.entries[: self.now.entry + 1]
        return {change.name: change.value for entry in past if entry.note for change in entry.changes or ()}

    def begins_here(self, moment: Moment) -> bool:
        """Whether nothing is computed at a moment: at the beginning, and after an edit, whatever notes follow it."""
        entry = moment.entry
        while entry >= 0 and self.entries[entry].note:
            entry -= 1
        return entry < 0 or self.entries[entry].edited

    def cut(self) -> None:
        """Forget what lies after now."""
        self.cuts += self.after_command() is not None
        future = self.now.entry + 1
        if future < len(self.entries):
            self.computed.cut(self.entries[future].losses_at)
        del self.entries[future:]
        if self.entries:
            last = self.entries[-1]
            if last.changes is None and self.now.time < last.end:
                last.end = self.now.time
                self.computed.cut(last.losses_at + self.losses_by(last.end) - self.losses_by(last.start))

    # ---------------------------------------------------------------- where one could go
    def before_command(self) -> Moment | None:
        """Where back leads: before the command in which we stand."""
        return self._end_of(self.now.entry - 1) if self.now.entry >= 0 else None

    def after_command(self) -> Moment | None:
        """Where redo leads: the end of the command in which we stand, else of the next one."""
        if self.now.entry >= 0 and self.now.time < self.entries[self.now.entry].end:
            return self._end_of(self.now.entry)
        return self._end_of(self.now.entry + 1) if self.now.entry + 1 < len(self.entries) else None

    def before_phase(self) -> Moment | None:
        """One phase (or edit) earlier."""
        if self.now.entry < 0:
            return None
        if self.entries[self.now.entry].changes is not None:
            return self._end_of(self.now.entry - 1)
        iteration, cursor = divmod(self.now.time - 1, self.length)
        at = bisect_left(self._ends, cursor + 1)
        return self._backward_to(iteration * self.length + (self._ends[at - 1] if at else 0))

    def after_phase(self) -> Moment | None:
        """One phase (or edit) later, as far as the future goes; None where there is none."""
        return self._forward_to(self.phase_end(self.now.time))

    def at_iteration(self, iteration: int) -> Moment | None:
        """The moment before `iteration`, where history or the future holds it."""
        time = iteration * self.length
        if time <= self.now.time:
            return self._backward_to(time, through_edits=True)
        found = self._forward_to(time, through_edits=True)
        return found if found is not None and found.time == time else None

    def at_time(self, time: int) -> Moment | None:
        """The moment at `time` on the way to `now`; None where that did not lead through it."""
        found = self._backward_to(time, through_edits=True) if time <= self.now.time else None
        return found if found is not None and found.time == time else None

    def _end_of(self, entry: int) -> Moment:
        return Moment(entry, self.entries[entry].end) if entry >= 0 else BEGINNING

    def _backward_to(self, time: int, through_edits: bool = False) -> Moment:
        entry = self.now.entry
        while entry >= 0:
            here = self.entries[entry]
            if here.changes is not None:
                if not through_edits or here.end <= time:
                    return Moment(entry, here.end)
            elif here.start < time:
                return Moment(entry, min(time, here.end))
            entry -= 1
        return BEGINNING

    def _forward_to(self, time: int, through_edits: bool = False) -> Moment | None:
        here = self.now
        while True:
            if (
                here.entry >= 0
                and self.entries[here.entry].changes is None
                and here.time < self.entries[here.entry].end
            ):
                end = self.entries[here.entry].end
                here = Moment(here.entry, min(time, end))
                if time <= end:
                    return here
            if here.entry + 1 >= len(self.entries):
                return None if here == self.now else here
            upcoming = self.entries[here.entry + 1]
            if upcoming.changes is not None and not through_edits and here != self.now:
                return here
            here = Moment(here.entry + 1, upcoming.end if upcoming.changes is not None else upcoming.start)
            if upcoming.changes is not None and not through_edits:
                return here

    # ---------------------------------------------------------------- losses
    def losses_by(self, time: int) -> int:
        """How many iterations have a loss at `time`."""
        return (time - self._loss_at) // self.length + 1 if time >= self._loss_at else 0

    def losses(self) -> Numbers:
        """The loss of every iteration up to now; an iteration that was repeated after an edit counts once.

        A view where they lie side by side: to be copied by whoever keeps it.
        """
        parts: list[tuple[int, int]] = []  # of self.computed: first, end
        for number, entry in enumerate(self.entries[: self.now.entry + 1]):
            first = self.losses_by(min(entry.start, entry.end))
            parts = _up_to(parts, first)
            if entry.changes is None:
                end = self.now.time if number == self.now.entry else entry.end
                begin, count = entry.losses_at, min(self.losses_by(end) - first, self._losses_of(number))
                if parts and parts[-1][1] == begin:
                    parts[-1] = parts[-1][0], begin + count
                elif count:
                    parts.append((begin, begin + count))
        found = [self.computed.part(*part) for part in parts]
        return found[0] if len(found) == 1 else np.concatenate(found) if found else np.empty(0, np.float32)

    def _losses_of(self, number: int) -> int:
        """How many the advance `number` computed."""
        after = self.entries[number + 1].losses_at if number + 1 < len(self.entries) else len(self.computed)
        return after - self.entries[number].losses_at


def _up_to(parts: list[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    """The first `count` of what `parts` have."""
    over = sum(end - first for first, end in parts) - count
    while over > 0:
        first, end = parts.pop()
        if end - over > first:
            parts.append((first, end - over))
        over -= end - first
    return parts
