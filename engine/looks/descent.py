"""The weights along history up to now, bit for bit: from checkpoints and by replay, in slices."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from engine.checkpoints import Kept
from engine.session import Session
from engine.state import State, Tensors

POINTS = 100  # of history, about
BYTES = 64 << 20  # of weights that are remembered; with large ones there are fewer points
FAR = 25  # checkpoints' intervals beyond which a place is not replayed: the checkpoint itself stands for it
SLICE = 0.004  # seconds of replay between two yields

Place = tuple[int, int]  # an entry of the timeline and an iteration in it: the weights when that begins
BEGINNING = (-1, 0)


@dataclass(eq=False)
class Remembered:
    """The weights at places of one history; a future that was cut may be another the next time."""

    cuts: int = 0
    weights: dict[Place, Tensors] = field(default_factory=dict)


_remembered: WeakKeyDictionary[Session, Remembered] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Step:
    """The weights at one place; `jump`: an edit led there."""

    iteration: int
    jump: bool
    weights: Tensors


def descent(session: Session) -> Generator[None, None, tuple[Step, ...]]:
    """The weights at about POINTS iterations of history and after its edits, in order; the present ones last."""
    kept = _remembered.setdefault(session, Remembered())
    if kept.cuts != session.timeline.cuts:
        kept.cuts, kept.weights = session.timeline.cuts, {}
    kept.weights[_present(session)] = session.state.parameters
    wanted = places(session, _most(session))
    yield from _recall(session, wanted, kept.weights)
    edits = set(_edits(session))
    return tuple(Step(place[1], place in edits, kept.weights[place]) for place in wanted)


def _most(session: Session) -> int:
    size = sum(tensor.numel() * tensor.element_size() for tensor in session.state.parameters.values())
    return max(8, min(POINTS, BYTES // max(1, size)))


# ---------------------------------------------------------------- places in history
def places(session: Session, most: int) -> list[Place]:
    """Where history is looked at, in order: its beginning, about `most` iterations and as many edits, and now."""
    edits = _edits(session)
    stretches = _stretches(session)
    stride = _stride(sum(len(each) for _, each in stretches), most)
    found = {BEGINNING, _present(session), *edits[:: _stride(len(edits), most)]}
    for entry, iterations in stretches:
        found |= {(entry, iteration) for iteration in iterations if iteration % stride == 0}
        if (entry + 1, iterations[-1]) in found:
            found.add((entry, iterations[-1]))  # from where an edit led away
    return sorted({_within_reach(session, place) for place in found})


def _present(session: Session) -> Place:
    now = session.timeline.now
    return now.entry, now.time // session.experiment.length


def _edits(session: Session) -> list[Place]:
    """The places to which edits of weights led."""
    line, length = session.timeline, session.experiment.length
    names = {*session.state.parameters, "run.seed"}
    done = enumerate(line.entries[: line.now.entry + 1])
    return [
        (number, entry.end // length) for number, entry in done if entry.edited and names.intersection(entry.names)
    ]


def _stretches(session: Session) -> list[tuple[int, range]]:
    """The entries in which weights were trained, each with the iterations that its steps led to."""
    line, length, found = session.timeline, session.experiment.length, []
    for number, entry in enumerate(line.entries[: line.now.entry + 1]):
        end = line.now.time if number == line.now.entry else entry.end
        iterations = range(entry.start // length + 1, end // length + 1)
        if entry.changes is None and session.experiment.trains and iterations:
            found.append((number, iterations))
    return found


def _stride(count: int, most: int) -> int:
    """A power of two, so that places stay the same while history grows."""
    stride = 1
    while count > most * stride:
        stride *= 2
    return stride


def _within_reach(session: Session, place: Place) -> Place:
    """The place itself, or the checkpoint before it where the way from there is long. Now is known anyway."""
    kept = _nearest(session, place)
    far = place[1] - kept.state.iteration > FAR * session.checkpoints.interval
    return kept.place if far and place != _present(session) else place


def _nearest(session: Session, place: Place) -> Kept:
    """The last kept state from which one comes to these weights (`Checkpoints.nearest` is for gradients too)."""
    after = session.checkpoints.nearest(place[0], place[1] + 1)
    return after if after.place <= place else session.checkpoints.nearest(*place)


# ---------------------------------------------------------------- replay
@dataclass(frozen=True, eq=False)
class _Walk:
    """Where replay has come: all entries up to `entry` are done, and `state` is where one is at `place`."""

    entry: int
    place: Place
    state: State


def _recall(session: Session, wanted: list[Place], known: dict[Place, Tensors]) -> Generator[None, None, None]:
    """Put the weights at the wanted places into `known`, going forward through history once."""
    walk: _Walk | None = None
    for place in wanted:
        if place in known:
            continue
        near = _nearest(session, place)
        if walk is None or walk.place < near.place:
            walk = _Walk(near.first - 1, near.place, _started(session, near))
        state = yield from _replayed(session, walk, place)
        walk, known[place] = _Walk(place[0], place, state), state.parameters
        yield


def _started(session: Session, kept: Kept) -> State:
    return replace(kept.state, batch=session.experiment.batch(kept.state.iteration, kept.state.settings))


def _replayed(session: Session, walk: _Walk, place: Place) -> Generator[None, None, State]:
    """The start of iteration place[1] in entry place[0]; what was done by hand on the way is done again."""
    state, experiment = walk.state, session.experiment
    for entry in session.timeline.entries[walk.entry + 1 : place[0] + 1]:
        if not (entry.edited or entry.again):
            continue
        iteration, cursor = divmod(entry.end, experiment.length)
        state = yield from _trained(session, state, iteration)
        if entry.again:
            while state.cursor < cursor:
                state = experiment.advance(state)
                yield
        state = experiment.again(state) if entry.again else experiment.edited(state, entry.changes or [])
    return (yield from _trained(session, state, place[1]))


def _trained(session: Session, state: State, iteration: int) -> Generator[None, None, State]:
    """The start of `iteration`, a few milliseconds of training at a time; one that is under way by its operations."""
    experiment = session.experiment
    if not experiment.trains:
        return replace(state, iteration=iteration)
    most = session.checkpoints.within(SLICE)
    while state.iteration < iteration:
        if state.cursor:
            state = experiment.opened(experiment.advance(state))
        else:
            run = experiment.train(state)
            run.go(min(most, iteration - state.iteration))
            state = run.state()
        yield
    return state
