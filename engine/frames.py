"""Frames: what a session shows of one moment, as records that can cross the pipe."""

from __future__ import annotations

import math
import time

import numpy as np
import torch

from engine import evaluation, stepper
from engine import messages as m
from engine.graph import Atom
from engine.session import Session
from engine.state import State
from engine.stepper import Contribution
from engine.timeline import BEGINNING
from engine.words import Sentence

WHOLE = 4096  # elements up to which a tensor is sent whole
LOCAL = 64  # elements up to which a local Jacobian is sent along with an edge
EDGES = 64
CHEAP = 0.02  # seconds; dearer metrics are computed less often while running


class Frames:
    """Makes the frames of one session; remembers what was sent, so that nothing is computed or sent twice."""

    def __init__(self, session: Session, generation: int = 0) -> None:
        self.session, self.generation = session, generation
        self._metrics: dict[str, float] = {}
        self._metrics_of: object = None  # the parameters they were computed from
        self._metrics_after = 0  # iterations that were done then
        self._metrics_cost = self._metrics_at = 0.0
        self._field_of: tuple[object, object] | None = None
        self._field_at = self._curve_at = -math.inf
        self._curve_sent: m.Curve | None = None

    def opened(self) -> m.Opened:
        """What stays the same while the experiment is open."""
        experiment = self.session.experiment
        plane, data = evaluation.extent(experiment), experiment.dataset
        if plane is None or data is None:
            return m.Opened(self.generation, str(experiment.device), experiment.seed)
        labels = (data.y if data.y.dtype == torch.int64 else data.y > 0.5).to(torch.uint8).cpu().numpy().tobytes()
        return m.Opened(self.generation, str(experiment.device), experiment.seed, record(data.x, math.inf), labels, plane)

    def frame(self, seq: int, watch: m.Watch, rate: float = 0.0) -> m.Frame:
        """Everything that the screen asked to see, now."""
        session = self.session
        state = session.look()
        atoms = touched(session)
        done = session.experiment.graph.atoms[state.cursor - 1] if state.cursor else None
        edges = _edges(state, atoms) if not session.busy else ()
        now = moment(session)
        metrics, age = self._measure(watch, now.iterations_done)
        return m.Frame(
            seq,
            self.generation,
            now,
            tensors(session),
            edges,
            _touched_values(session, atoms),
            _touched_grads(session, atoms),
            session.experiment.loss(state),
            state.lr if session.experiment.update else None,
            metrics,
            age,
            self._curve(watch),
            self._field(watch),
            session.busy,
            rate,
            _label(session, session.timeline.now.entry),
            _next_label(session),
            formula(session, done),
            sentence(session, atoms),
            session.outcome,
            session.message,
        )

    def _measure(self, watch: m.Watch, done: int) -> tuple[dict[str, float], int]:
        """The metrics, and how many iterations ago they were computed."""
        if not watch.metrics:
            return {}, 0
        if self._metrics_of is not self.session.state.parameters and self._metrics_due():
            begin = time.perf_counter()
            self._metrics = evaluation.metrics(self.session.experiment, self.session.state)
            self._metrics_at = time.perf_counter()
            self._metrics_cost = self._metrics_at - begin
            self._metrics_of, self._metrics_after = self.session.state.parameters, done
        current = self._metrics_of is self.session.state.parameters
        return self._metrics, 0 if current else abs(done - self._metrics_after)

    def _metrics_due(self) -> bool:
        """At rest always; during training as often as they cost little of its time."""
        late = time.perf_counter() - self._metrics_at > 10 * self._metrics_cost
        return self._metrics_cost < CHEAP or late or not self.session.busy

    def _curve(self, watch: m.Watch) -> m.Curve | None:
        now = time.perf_counter()
        if not watch.curve or (self.session.busy and now - self._curve_at < _pause(watch.curve_fps)):
            return None
        curve = thinned(np.asarray(self.session.timeline.losses(), dtype=np.float32), watch.curve)
        if curve == self._curve_sent:
            return None
        self._curve_sent, self._curve_at = curve, now
        return curve

    def _field(self, watch: m.Watch) -> m.Field | None:
        now = time.perf_counter()
        what = (self.session.state.parameters, watch.field)
        same = self._field_of is not None and self._field_of[0] is what[0] and self._field_of[1] == what[1]
        if watch.field is None or same or (self.session.busy and now - self._field_at < _pause(watch.field_fps)):
            return None
        self._field_of, self._field_at = what, now
        return evaluation.field(self.session.experiment, self.session.state.parameters, *watch.field)


def _pause(per_second: float) -> float:
    return 1 / max(per_second, 0.1)


# ---------------------------------------------------------------- numbers
def record(tensor: torch.Tensor, limit: float = WHOLE) -> m.Array:
    """A tensor as it crosses the pipe: whole up to `limit` elements, above that four statistics."""
    shape, dtype = tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")
    tensor = tensor.detach()
    if tensor.numel() <= limit:
        return m.Array(shape, dtype, tensor.cpu().contiguous().numpy().tobytes())
    return m.Array(shape, dtype, None, statistics(tensor))


def statistics(tensor: torch.Tensor) -> tuple[float, float, float, float]:
    """min, max, mean and 2-norm of a tensor."""
    real = tensor.float()
    return (float(real.min()), float(real.max()), float(real.mean()), float(real.norm()))


def thinned(losses: np.ndarray, points: int) -> m.Curve:
    """The lowest and highest of each bucket, in at most `points` buckets."""
    width = max(1, -(-len(losses) // points))
    starts = np.arange(0, len(losses), width, dtype=np.int32)
    if not len(starts):
        return m.Curve(b"", b"", b"")
    low, high = np.fmin.reduceat(losses, starts), np.fmax.reduceat(losses, starts)
    return m.Curve(starts.tobytes(), low.astype(np.float32).tobytes(), high.astype(np.float32).tobytes())


def tensors(session: Session) -> tuple[m.Tensor, ...]:
    """Every named tensor that has a value by now: leaves, then nodes in the order they are computed."""
    state, experiment = session.state, session.experiment
    device = str(experiment.device)
    leaves = experiment.leaves(state)
    found = []
    for leaf in experiment.graph.leaves:
        grad = state.grads.get(leaf.name)
        found.append(
            m.Tensor(
                leaf.name, leaf.role, device, record(leaves[leaf.name]), None if grad is None else record(grad), leaf.role != "data"
            )
        )
    for node in experiment.graph.nodes:
        if (value := state.values.get(node.name)) is not None:
            grad = state.grads.get(node.name)
            found.append(m.Tensor(node.name, "node", device, record(value), None if grad is None else record(grad)))
    return tuple(found)


def edge(state: State, arrival: Contribution, limit: int = LOCAL) -> m.Edge:
    """One contribution as a record, with the local Jacobian where it is small."""
    local = stepper.local(state.tapes[arrival.source], arrival.position, limit)
    return m.Edge(
        arrival.source, arrival.target, arrival.position,
        record(arrival.upstream), None if local is None else record(local), record(arrival.value),
    )  # fmt: skip


# ---------------------------------------------------------------- what was just done
def moment(session: Session) -> m.Moment:
    """Where the session stands, for the phase bar and the status line."""
    state, graph = session.state, session.experiment.graph
    done = graph.atoms[state.cursor - 1] if state.cursor else None
    following = graph.atoms[state.cursor % len(graph.atoms)]
    remaining = {atom.phase for atom in graph.atoms[state.cursor :]}
    completed = tuple(phase for phase in graph.phases if phase not in remaining)
    finished = state.iteration + (state.cursor == len(graph.atoms))
    return m.Moment(
        state.iteration, session.experiment.epoch(state.iteration),
        done.phase if done else None, done.op if done else None,
        following.phase, following.op, completed, finished,
    )  # fmt: skip


def touched(session: Session) -> tuple[Atom, ...]:
    """The operations of this iteration that the last command did; inside a command, those of the present phase."""
    state, line, graph = session.state, session.timeline, session.experiment.graph
    if line.now == BEGINNING or line.entries[line.now.entry].changes is not None or not state.cursor:
        return ()
    entry = line.entries[line.now.entry]
    begin = max(0, entry.start - state.iteration * len(graph.atoms))
    if line.now.time < entry.end:
        phase = graph.atoms[state.cursor - 1].phase
        begin = max(begin, next(n for n, atom in enumerate(graph.atoms) if atom.phase == phase))
    return graph.atoms[begin : state.cursor]


def _touched_values(session: Session, atoms: tuple[Atom, ...]) -> tuple[str, ...]:
    line = session.timeline
    if line.now != BEGINNING and line.entries[line.now.entry].changes is not None:
        return line.entries[line.now.entry].names
    names = [str(atom.op) for atom in atoms if atom.phase in ("forward", "loss")]
    if any(atom.phase == "step" for atom in atoms):
        names += session.experiment.graph.parameters
    return tuple(names)


def _touched_grads(session: Session, atoms: tuple[Atom, ...]) -> tuple[str, ...]:
    graph = session.experiment.graph
    processed = {atom.op for atom in atoms if atom.phase == "backward"}
    names = [arrival.target for arrival in session.state.contributions if arrival.source in processed]
    seeded = [graph.output] if processed and graph.backward_order[0] in processed else []
    return tuple(dict.fromkeys([*seeded, *names]))


def _edges(state: State, atoms: tuple[Atom, ...]) -> tuple[m.Edge, ...]:
    processed = {atom.op for atom in atoms if atom.phase == "backward"}
    arrivals = [arrival for arrival in state.contributions if arrival.source in processed]
    return tuple(edge(state, arrival) for arrival in arrivals[:EDGES])


def formula(session: Session, done: Atom | None) -> str:
    """The operation last done, with names: `J = g * c`."""
    return session.experiment.graph.node(done.op).formula if done and done.op else ""


def sentence(session: Session, atoms: tuple[Atom, ...]) -> Sentence:
    """What the last command did, in plain words."""
    line, state, length = session.timeline, session.state, session.experiment.length
    if line.now == BEGINNING:
        return Sentence("did.start")
    entry = line.entries[line.now.entry]
    if entry.changes is not None:
        return Sentence("did.edit", {"names": ", ".join(entry.names)})
    phases = dict.fromkeys(atom.phase for atom in atoms)
    if len(phases) != 1 or line.now.time - entry.start > length:
        iterations = line.now.time // length - entry.start // length
        return _count_sentence(line.now.time - entry.start, iterations, state.iteration)
    if len(atoms) == 1 and atoms[0].phase in ("forward", "backward"):
        return operation_sentence(session, atoms[0])
    phase = next(iter(phases))
    whole = phase == "step" or phase in moment(session).completed
    return Sentence(f"did.{phase}") if whole else Sentence(f"did.{phase}_part", {"name": str(atoms[-1].op)})


def _count_sentence(operations: int, iterations: int, last: int) -> Sentence:
    """A command that went through several phases."""
    if iterations == 0:
        return Sentence("did.operations", {"count": operations})
    return Sentence("did.iterations" if iterations > 1 else "did.iteration", {"count": iterations, "last": last})


def operation_sentence(session: Session, atom: Atom) -> Sentence:
    """What one operation of this iteration did."""
    if atom.phase in ("loss", "step"):
        return Sentence(f"did.{atom.phase}")
    if atom.phase == "forward":
        return Sentence("did.forward_op", {"formula": formula(session, atom)})
    targets = [arrival.target for arrival in session.state.contributions if arrival.source == atom.op]
    if not targets:
        return Sentence("did.backward_end", {"name": str(atom.op)})
    return Sentence("did.backward_op", {"name": str(atom.op), "targets": ", ".join(dict.fromkeys(targets))})


def _label(session: Session, number: int) -> Sentence | None:
    """What back takes away, or redo brings, named as a command."""
    entries = session.timeline.entries
    if not 0 <= number < len(entries):
        return None
    entry, length = entries[number], session.experiment.length
    values: dict[str, str | int | float] = {}
    if entry.unit == "edit":
        values = {"names": ", ".join(entry.names)}
    elif entry.unit == "run":
        values = {"count": entry.end // length - entry.start // length}
    elif entry.unit == "goto":
        values = {"iteration": entry.end // length}
    return Sentence(f"command.{entry.unit}", values)


def _next_label(session: Session) -> Sentence | None:
    found = session.timeline.after_command()
    return None if found is None else _label(session, found.entry)
