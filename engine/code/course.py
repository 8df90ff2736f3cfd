"""What was done to an experiment, as a script has to do it: edits, and the whole iterations between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from engine import messages as m
from engine import spec


@dataclass(frozen=True, slots=True)
class Training:
    """How it trains at a moment: what the engine's Settings hold, apart from the device.

    `samples` of the data; epochs are counted from `first_iteration`, which begins epoch `first_epoch`.
    """

    lr: float
    optimizer: spec.Optimizer | None
    batch: spec.Batch
    seed: int
    samples: int = 1
    first_iteration: int = 0
    first_epoch: int = 0

    @property
    def size(self) -> int:
        """Samples in a batch."""
        return self.samples if self.batch.size == "all" else min(self.batch.size, self.samples)

    def place(self, iteration: int) -> tuple[int, int]:
        """The epoch that `iteration` belongs to, and how many batches of it come before."""
        epochs, batches = divmod(iteration - self.first_iteration, -(-self.samples // self.size))
        return self.first_epoch + epochs, batches

    def changed(self, change: m.Change, iteration: int) -> Training:
        """After one change of a setting, before `iteration`. (The engine has seen to it that the value is possible.)"""
        value, optimizer = change.value, self.optimizer
        match change.name:
            case "lr":
                return replace(self, lr=float(value))  # type: ignore[arg-type]
            case "run.seed":
                return replace(self, seed=int(value))  # type: ignore[arg-type]
            case "optimizer.kind" if optimizer is not None:
                return replace(self, optimizer=optimizer.of_kind(str(value)))
            case "optimizer.momentum" if optimizer is not None:
                return replace(self, optimizer=optimizer.with_momentum(float(value)))  # type: ignore[arg-type]
            case "batch.order":
                return replace(self, batch=self.batch.model_copy(update={"order": value}))
            case "batch.size":
                size = value if isinstance(value, str) else int(value)  # type: ignore[arg-type]
                epoch, before = self.place(iteration)
                batch = self.batch.model_copy(update={"size": size})
                if size == self.batch.size:
                    return self
                return replace(self, batch=batch, first_iteration=iteration, first_epoch=epoch + (before > 0))
        return self


SETTINGS = ("lr", "optimizer.kind", "optimizer.momentum", "batch.size", "batch.order", "run.seed", "run.device")


@dataclass(frozen=True, slots=True)
class Leg:
    """Edits before iteration `first`, and the whole iterations that follow them.

    `begun_anew`: values are those of the seed again. `forgets`: the optimizer's memory of the parameters is dropped.
    `again`: how often backward was done once more in it; such a leg is one iteration.
    """

    first: int
    before: Training
    now: Training
    values: tuple[m.Change, ...] = ()
    begun_anew: bool = False
    forgets: bool = False
    devices: tuple[str, ...] = ()
    iterations: int = 0
    again: int = 0

    def edited(self, changes: Iterable[m.Change]) -> Leg:
        """With more edits at the same place. Of two that set the same numbers the later one remains."""
        leg = self
        for change in changes:
            leg = leg._with_setting(change) if change.name in SETTINGS else leg._with_value(change)
        return leg

    def parted(self, again: Mapping[int, int]) -> Iterator[Leg]:
        """The same, with a leg of its own for each iteration in which backward was done `again`."""
        leg = self
        for iteration in sorted(each for each in again if self.first <= each < self.first + self.iterations):
            left = leg.first + leg.iterations - iteration - 1
            if leg is self or iteration > leg.first:
                yield replace(leg, iterations=iteration - leg.first)
            yield Leg(iteration, leg.now, leg.now, iterations=1, again=again[iteration])
            leg = Leg(iteration + 1, leg.now, leg.now, iterations=left)
        if leg is self or leg.iterations:
            yield leg

    def _with_value(self, change: m.Change) -> Leg:
        index = change.index or None  # () is all of a scalar
        kept = (each for each in self.values if each.name != change.name or (index and each.index != index))
        return replace(self, values=(*kept, m.Change(change.name, change.value, index)))

    def _with_setting(self, change: m.Change) -> Leg:
        now = self.now.changed(change, self.first)
        if change.name == "run.seed":
            return replace(self, now=now, values=(), begun_anew=True, forgets=True)
        if change.name == "run.device":
            return replace(self, devices=(*self.devices, str(change.value)))
        return replace(self, now=now, forgets=self.forgets or now.optimizer != self.now.optimizer)


@dataclass(frozen=True, slots=True)
class Course:
    """The legs in order, and how many operations of the iteration after them are done.

    `again`: how often backward was done once more in that iteration.
    """

    legs: tuple[Leg, ...]
    rest: int
    again: int = 0

    @property
    def now(self) -> Training:
        """How it trains at the end."""
        return self.legs[-1].now

    @property
    def iterations(self) -> int:
        """All whole iterations."""
        return self.legs[-1].first + self.legs[-1].iterations

    def going_on(self, iterations: int) -> Course:
        """With so many iterations more at its end, in place of a part of one."""
        return Course((*self.legs, Leg(self.iterations, self.now, self.now, iterations=iterations)), 0)


def course(log: m.Log | None, start: Training, length: int) -> Course:
    """What leads to where `log` stands; what was undone is not in it. `length`: operations in an iteration.

    An edit in the middle of an iteration leads back to its beginning, so that only whole iterations lie between edits.
    """
    legs, again, time = [Leg(0, start, start)], Counter[int](), 0
    for number, entry in enumerate(log.entries[: log.entry + 1] if log else ()):
        assert log is not None
        time = log.time if number == log.entry else entry.end
        if entry.unit == "again":
            again[(time - 1) // length] += 1
        elif changes := [each for each in entry.changes or () if each.name not in m.NOTES]:
            first = time // length
            again = Counter({iteration: count for iteration, count in again.items() if iteration < first})
            legs[-1] = here = replace(legs[-1], iterations=first - legs[-1].first)
            if here.iterations:
                legs.append(Leg(first, here.now, here.now))
            legs[-1] = legs[-1].edited(changes)
    legs[-1] = replace(legs[-1], iterations=time // length - legs[-1].first)
    parted = tuple(part for leg in legs for part in leg.parted(again))
    return Course(parted, time % length, again[time // length] if time % length else 0)
