"""Frames: what a session shows of one moment, as records that can cross the pipe."""

from __future__ import annotations

import math
import time

import torch

from engine import devices, evaluation, stepper, telling
from engine import messages as m
from engine.baseline import Comparing
from engine.curves import thinned
from engine.expression import parse
from engine.graph import Atom
from engine.looks.see import Looks
from engine.memory import Remembered
from engine.pace import CHEAP, Pace
from engine.queries import Questions
from engine.records import record
from engine.session import Session
from engine.settings import told
from engine.state import State
from engine.stepper import Contribution
from engine.timeline import BEGINNING
from engine.words import Refused

LOCAL = 64  # elements up to which a local Jacobian is sent along with an edge
EDGES = 64
DEVICE = 1.0  # seconds between two looks at how busy a GPU is
AT_ONCE = 0.02  # seconds; a field that takes longer waits until training rests


class Frames:
    """Makes the frames of one session; remembers what was sent, so that nothing is computed or sent twice."""

    def __init__(self, session: Session, generation: int = 0) -> None:
        self.session, self.generation = session, generation
        self._kept = Remembered()
        self.looks = Looks(session)
        self._metrics: dict[str, float] = {}
        self._metrics_of: object = None  # the parameters they were computed from
        self._metrics_after = 0  # iterations that were done then
        experiment = session.experiment
        self._metrics_pace = Pace(evaluation.seconds(experiment, evaluation.whole_sets(experiment)))
        self._field_pace: dict[tuple[int, int], Pace] = {}
        self._field_of: tuple[object, object] | None = None
        self._field_at = self._curve_at = -math.inf
        self._curve_sent: m.Curve | None = None
        self._comparing = Comparing(session)
        self._device: tuple[torch.device | None, float] = (None, 0.0)  # whose use was told last, and when
        self._baseline_field_of: object = None

    def opened(self) -> m.Opened:
        """What stays the same while the experiment is open."""
        experiment = self.session.experiment
        plane, data = evaluation.extent(experiment), experiment.dataset
        if plane is None or data is None:
            return m.Opened(self.generation, str(experiment.settings.device), experiment.settings.seed)
        labels = (data.y if data.y.dtype == torch.int64 else data.y > 0.5).to(torch.uint8).cpu().numpy().tobytes()
        device, seed = str(experiment.settings.device), experiment.settings.seed
        return m.Opened(self.generation, device, seed, record(data.x, math.inf), labels, plane)

    def frame(self, seq: int, watch: m.Watch, rate: float = 0.0) -> m.Frame:
        """Everything that the screen asked to see, now."""
        session = self.session
        state = session.look()
        atoms = telling.touched(session)
        done = session.experiment.graph.atoms[state.cursor - 1] if state.cursor else None
        edges = _edges(state, atoms) if not session.busy else ()
        now = telling.moment(session)
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
            state.lr if session.experiment.trains else None,
            {**told(state.settings), **session.timeline.notes()},
            metrics,
            age,
            self._curve(watch),
            self._field(watch),
            session.busy,
            rate,
            telling.label(session, session.timeline.now.entry),
            telling.next_label(session),
            telling.formula(session, done),
            telling.sentence(session, atoms),
            session.outcome,
            session.message,
            tuple(_held(session, each) for each in watch.conditions),
            self.looks.quick(watch.looks),
            *self._kept.news(session),
            baseline_field=self._baseline_field(watch),
            comparison=self._comparing.compared(),
            device_use=self._device_use(),
            way=session.experiment.training.used,
        )

    def _measure(self, watch: m.Watch, done: int) -> tuple[dict[str, float], int]:
        """The metrics, and how many iterations ago they were computed."""
        if not watch.metrics:
            return {}, 0
        if self._metrics_of is not self.session.state.parameters and self._metrics_pace.due(self.session.busy):
            with self._metrics_pace:
                self._metrics = evaluation.metrics(self.session.experiment, self.session.state)
            self._metrics_of, self._metrics_after = self.session.state.parameters, done
        return self._metrics, abs(done - self._metrics_after)

    def _curve(self, watch: m.Watch) -> m.Curve | None:
        now = time.perf_counter()
        if not watch.curve or (self.session.busy and now - self._curve_at < _pause(watch.curve_fps)):
            return None
        curve = thinned(self.session.timeline.losses(), watch.curve)
        if curve == self._curve_sent:
            return None
        self._curve_sent, self._curve_at = curve, now
        return curve

    def _device_use(self) -> m.DeviceUse | None:
        now, device = time.perf_counter(), self.session.state.settings.device
        if device == self._device[0] and now - self._device[1] < DEVICE:
            return None
        self._device = device, now
        return devices.use(device)

    def _field(self, watch: m.Watch) -> m.Field | None:
        """What the net answers over the plane; where that is dear, at every second place while training goes on."""
        now, busy, wanted = time.perf_counter(), self.session.busy, watch.field
        if wanted is None or (busy and now - self._field_at < _pause(watch.field_fps)):
            return None
        coarse = busy and self._pace_of(wanted).seconds >= CHEAP
        size = (-(-wanted[0] // 2), -(-wanted[1] // 2)) if coarse else wanted
        parameters, pace = self.session.state.parameters, self._pace_of(size)
        same = self._field_of is not None and self._field_of[0] is parameters and self._field_of[1] == size
        if same or not pace.due(busy):
            return None
        self._field_of, self._field_at = (parameters, size), now
        with pace:
            found = evaluation.field(self.session.experiment, parameters, *size)
        return evaluation.enlarged(found, *wanted) if coarse and found is not None else found

    def _pace_of(self, size: tuple[int, int]) -> Pace:
        if size not in self._field_pace:
            self._field_pace[size] = Pace(evaluation.seconds(self.session.experiment, size[0] * size[1]))
        return self._field_pace[size]

    def _baseline_field(self, watch: m.Watch) -> m.Field | None:
        """What the net answered over the plane when the baseline was marked; once for each baseline and size."""
        session, baseline = self.session, self.session.baseline
        if baseline is None or watch.field is None or self._baseline_field_of == (baseline.told.number, watch.field):
            return None
        if session.busy and evaluation.seconds(session.experiment, watch.field[0] * watch.field[1]) > AT_ONCE:
            return None
        self._baseline_field_of = (baseline.told.number, watch.field)
        return evaluation.field(session.experiment, baseline.parameters, *watch.field)


def _pause(per_second: float) -> float:
    return 1 / max(per_second, 0.1)


def _held(session: Session, condition: str) -> bool | None:
    """Whether a condition holds now; None where it cannot be told."""
    try:
        return Questions(session).holds(parse(condition, queries=True))
    except Refused:
        return None


# ---------------------------------------------------------------- numbers
def tensors(session: Session) -> tuple[m.Tensor, ...]:
    """Every named tensor that has a value by now: leaves, then nodes in the order they are computed."""
    state, experiment = session.state, session.experiment
    device = str(state.settings.device)
    leaves = experiment.leaves(state)
    found = []
    for leaf in experiment.graph.leaves:
        grad = state.grads.get(leaf.name)
        found.append(
            m.Tensor(
                leaf.name,
                leaf.role,
                device,
                record(leaves[leaf.name]),
                None if grad is None else record(grad),
                leaf.role != "data",
            )
        )
    for node in experiment.graph.nodes:
        if (value := state.values.get(node.name)) is not None:
            grad = state.grads.get(node.name)
            gradient = None if grad is None else record(grad)
            contiguous = value.is_contiguous()
            found.append(m.Tensor(node.name, "node", device, record(value), gradient, contiguous=contiguous))
    return tuple(found)


def edge(state: State, arrival: Contribution, limit: int = LOCAL) -> m.Edge:
    """One contribution as a record, with the local Jacobian where it is small."""
    local = stepper.local(state.tapes[arrival.source], arrival.position, limit)
    return m.Edge(
        arrival.source, arrival.target, arrival.position,
        record(arrival.upstream), None if local is None else record(local), record(arrival.value),
    )  # fmt: skip


# ---------------------------------------------------------------- what was just done
def _touched_values(session: Session, atoms: tuple[Atom, ...]) -> tuple[str, ...]:
    line = session.timeline
    if line.now != BEGINNING and line.entries[line.now.entry].edited:
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
