"""What the screen keeps of a session, so that another engine can stand at the same moment with the same bits."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import torch

from engine import messages as m
from engine import parameters
from engine.checkpoints import size
from engine.optimizers import Slots
from engine.records import record
from engine.session import Session
from engine.settings import Settings, changed, told
from engine.state import State
from engine.timeline import Entry, Moment, Timeline

SMALL = 256 << 10  # bytes that go with every frame
LARGE = 16 << 20  # bytes up to which a memory is sent at all
SECONDS = 2.0  # between two memories that are not small
MANY, TOO_MANY = 1 << 16, 16 << 20  # numbers in edits: with more the log is sent as seldom, or not any more


class Remembered:
    """What of a session has been sent already: news of the log, and of the memory as often as its size allows."""

    def __init__(self) -> None:
        self._log: tuple[object, ...] = ()
        self._of: State | None = None  # the state whose memory was sent
        self._at = self._log_at = -math.inf

    def news(self, session: Session) -> tuple[m.Log | None, m.Losses | None, m.Memory | None]:
        """The log, the losses and the memory that the next frame carries; None for what need not be sent."""
        line = session.timeline
        now = (line.now, len(line.entries), line.entries[-1].end if line.entries else 0, line.edits, line.cuts)
        if now == self._log:
            return None, line.computed.news(), None  # what did not go into one message
        numbers, clock = sum(map(_numbers, line.entries)), time.perf_counter()
        if numbers > TOO_MANY or (numbers > MANY and session.busy and clock - self._log_at < SECONDS):
            return None, None, None  # the losses go with the log
        self._log_at = clock
        cut = bool(self._log) and line.cuts != self._log[-1]
        self._log = now
        start, losses = session.look().start, line.computed.news()
        if start is self._of and not cut:
            return log(session), losses, None
        cost = size(start)
        late = time.perf_counter() - self._at > SECONDS or cut or not session.busy
        if cost > LARGE or (cost > SMALL and not late):
            return log(session), losses, None
        self._of, self._at = start, time.perf_counter()
        return log(session), losses, memory(session)


def log(session: Session, losses: bool = False) -> m.Log:
    """Everything that was done, and where in it the session stands; with the losses, where they are wanted too."""
    line = session.timeline
    computed = line.computed.part(0, len(line.computed)).tobytes() if losses else b""
    entries = tuple(m.Done(each.unit, each.start, each.end, _changes(each)) for each in line.entries)
    return m.Log(entries, line.now.entry, line.now.time, computed)


def _changes(entry: Entry) -> tuple[m.Change, ...] | None:
    if entry.changes is not None and entry.told is None:
        entry.told = tuple(
            m.Change(each.name, each.value.tolist() if isinstance(each.value, torch.Tensor) else each.value, each.index)
            for each in entry.changes
        )
    return cast("tuple[m.Change, ...] | None", entry.told)


def _numbers(entry: Entry) -> int:
    """In its changes."""
    return sum(each.value.numel() for each in entry.changes or () if isinstance(each.value, torch.Tensor))


def memory(session: Session) -> m.Memory:
    """The state in which the present iteration began."""
    line = session.timeline
    start = session.look().start
    return m.Memory(
        line.now.entry,
        _first(line, start.iteration),
        start.iteration,
        _records(start.parameters),
        {name: _slot_records(slots) for name, slots in start.slots.items()},
        _records(start.grads),
        _setting_records(start),
    )


def _first(line: Timeline, iteration: int) -> int:
    """The entry at which replay begins from the start of `iteration`, the present one.

    One advance may stand for all that were made in it; but backward done again must be done again in its place.
    """
    number = line.now.entry
    if line.begins_here(line.now):
        return number + 1
    first = number
    while number >= 0 and line.entries[number].end > iteration * line.length and not line.entries[number].edited:
        if line.entries[number].again:
            first = number - 1
        number -= 1
    return first


def _records(tensors: Mapping[str, torch.Tensor]) -> dict[str, m.Array]:
    return {name: record(tensor, math.inf) for name, tensor in tensors.items()}


def _slot_records(slots: Slots) -> dict[str, m.Array | int]:
    return {name: value if isinstance(value, int) else record(value, math.inf) for name, value in slots.items()}


def resume(session: Session, done: m.Log, kept: m.Memory | None) -> None:
    """Have a fresh session stand where another one stood. Raises Refused where an edit does not fit the experiment."""
    line = session.timeline
    losses = np.frombuffer(done.losses, np.float32)
    for each in done.entries:
        entry = Entry(each.unit, each.start, each.end, losses_at=len(line.computed))
        if each.changes is not None:
            entry.changes = parameters.check(each.changes, session.state, session.experiment.trains)
            entry.names = tuple(dict.fromkeys(change.name for change in each.changes))
        else:
            count = line.losses_by(each.end) - line.losses_by(each.start)
            here, losses = losses[:count], losses[count:]
            line.computed.extend(here)
            line.computed.extend(np.full(count - len(here), np.nan, np.float32))  # not kept: a gap in the curve
        line.entries.append(entry)
    if kept is not None:
        session.checkpoints.keep(kept.entry, _state(session, kept), kept.first, complete=True)
    session.stand(Moment(done.entry, done.time))


def _state(session: Session, kept: m.Memory) -> State:
    settings = _settings(session, kept)
    device = settings.device
    slots = {name: {slot: _slot(value, device) for slot, value in each.items()} for name, each in kept.slots.items()}
    return State(
        kept.iteration,
        0,
        {name: _tensor(each, device) for name, each in kept.parameters.items()},
        slots,
        settings,
        grads={name: _tensor(each, device) for name, each in kept.grads.items()},
    )


def _setting_records(state: State) -> dict[str, m.Setting]:
    now = state.settings
    nesterov = bool(now.optimizer and now.optimizer.nesterov)
    return {
        **told(now),
        "nesterov": nesterov,
        "first_iteration": now.first_iteration,
        "first_epoch": now.first_epoch,
    }


def _settings(session: Session, kept: m.Memory) -> Settings:
    had, settings = dict(kept.settings), session.experiment.settings
    first_iteration, first_epoch = cast(int, had.pop("first_iteration")), cast(int, had.pop("first_epoch"))
    nesterov = had.pop("nesterov")
    for name, value in had.items():
        if not (name == "optimizer.momentum" and value == 0):
            settings = changed(settings, name, value)
    if settings.optimizer is not None:
        settings = replace(settings, optimizer=settings.optimizer.model_copy(update={"nesterov": nesterov}))
    return replace(settings, first_iteration=first_iteration, first_epoch=first_epoch)


def _slot(value: m.Array | int, device: torch.device) -> torch.Tensor | int:
    return value if isinstance(value, int) else _tensor(value, device)


def _tensor(kept: m.Array, device: torch.device) -> torch.Tensor:
    numbers = np.frombuffer(kept.data or b"", dtype=kept.dtype).reshape(kept.shape)
    return torch.from_numpy(numbers.copy()).to(device)
