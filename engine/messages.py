"""What crosses the pipe between screen and engine: commands and reports, each a tagged record in MessagePack."""

from __future__ import annotations

import os
import struct
from functools import cache
from typing import Literal, TypeVar

import msgspec

from engine.arrays import Array
from engine.looks.records import AnyLook, AnySeen
from engine.words import Sentence

MAX_MESSAGE = 256 << 20  # bytes
Unit = Literal["op", "phase", "iteration", "epoch"]
Phase = Literal["forward", "loss", "backward", "step"]
Setting = float | int | str | bool | None
Role = Literal["input", "parameter", "data", "node"]
Way = Literal["plan", "autograd"]  # how whole iterations are trained: engine.plan, or torch's own backward
# Settings of the screen, by what they can be besides a number: edits of them are kept, and change nothing in training.
NOTES: dict[str, tuple[str, ...]] = {"run.speed": ("free",), "screen.theme": ("dark", "light")}


# ---------------------------------------------------------------- what both sides speak of
class Change(msgspec.Struct, frozen=True):
    """One edit: `name` is an input, a parameter, or a setting such as "lr" (settings.NAMES, NOTES).

    `index` is one element of it, None for all of it.
    """

    name: str
    value: float | str | list  # type: ignore[type-arg]  # nested lists of numbers
    index: tuple[int, ...] | None = None


class Done(msgspec.Struct, frozen=True):
    """One entry of history, in times that count operations; `changes` for an edit, empty for backward done again."""

    unit: str
    start: int
    end: int
    changes: tuple[Change, ...] | None = None

    @property
    def note(self) -> bool:
        """Whether it is an edit that changes nothing in training."""
        return self.changes is not None and all(change.name in NOTES for change in self.changes)


class Log(msgspec.Struct, frozen=True):
    """All that was done, and where in it the learner stands."""

    entries: tuple[Done, ...]
    entry: int
    time: int
    losses: bytes = b""  # float32, of the advances one after another; none in a frame, which tells what is new of them


class Memory(msgspec.Struct, frozen=True):
    """The start of an iteration, whole, from which a new engine comes to the same bits."""

    entry: int  # of the log
    first: int  # the entry at which replay begins
    iteration: int
    parameters: dict[str, Array]
    slots: dict[str, dict[str, Array | int]]
    grads: dict[str, Array]
    settings: dict[str, Setting]


class Losses(msgspec.Struct, frozen=True):
    """More losses of the log's advances, from number `first` on; what was told from there on before holds no more."""

    first: int
    data: bytes  # float32


class Curve(msgspec.Struct, frozen=True):
    """The loss of every iteration up to now, thinned to buckets: float32, the lowest and highest in each."""

    iterations: bytes  # int32, the first iteration of each bucket
    low: bytes
    high: bytes


class Baseline(msgspec.Struct, frozen=True):
    """A moment that was marked to be compared with. Each marking has another `number`.

    Where it is not `whole` it was too large: no other engine can take it up.
    """

    number: int
    iteration: int  # iterations that were done
    loss: float | None  # of the batch, or else of the last iteration before
    metrics: dict[str, float]
    settings: dict[str, Setting]
    curve: Curve
    log: Log
    parameters: dict[str, Array]
    losses: bytes = b""  # float32, of every iteration
    whole: bool = True


# ---------------------------------------------------------------- commands: screen -> engine
class Command(msgspec.Struct, frozen=True, tag=True):
    """Something the learner asked for."""


class Open(Command, frozen=True):
    """Begin an experiment. `spec` is engine.spec JSON; every frame of it bears `generation`.

    With a `log` (and the `memory` that goes with it) it is taken up where another engine left it.
    """

    spec: bytes
    device: str = "auto"  # auto | cpu | cuda | cuda:N
    seed: int | None = None  # instead of the experiment's own
    generation: int = 0
    log: Log | None = None
    memory: Memory | None = None
    baseline: Baseline | None = None


class Advance(Command, frozen=True):
    """Go on by `count` operations, phases, iterations or epochs; what is begun of a larger unit is first completed."""

    unit: Unit
    count: int = 1


class Run(Command, frozen=True):
    """Train on until paused (or the experiment's epochs are done); one command in history."""

    on: bool


class Speed(Command, frozen=True):
    """At most this many iterations a second while running; None is as fast as it goes."""

    iterations_per_second: float | None


class Travel(Command, frozen=True):
    """Move through what has happened: back to before a command or phase, or forth again to the same bits."""

    direction: Literal["back", "forth", "start"]
    by: Literal["command", "phase"] = "command"


class Goto(Command, frozen=True):
    """Stand before this iteration: back in history, or forward by training up to it."""

    iteration: int


class Edit(Command, frozen=True):
    """Set values by hand; one entry in history."""

    changes: tuple[Change, ...]

    @property
    def note(self) -> bool:
        """Whether it changes nothing in training."""
        return all(change.name in NOTES for change in self.changes)


class SaveWeights(Command, frozen=True):
    """Write the parameters to a file that is not there yet, as torch.save writes a state_dict. `path` is absolute."""

    path: str


class LoadWeights(Command, frozen=True):
    """Set all parameters to those of a state_dict in a file; one entry in history, like any edit."""

    path: str


class Again(Command, frozen=True):
    """Go backward once more, without zero_grad: the new gradients are added to the old ones. One entry in history."""


class Mark(Command, frozen=True):
    """Keep the present moment as baseline, in place of the one before, or keep none. No entry in history."""

    on: bool = True


class Stage(msgspec.Struct, frozen=True):
    """What a step of a lesson does: edits on entering, then `times` units of `do`, or as many as `until` needs."""

    do: Literal["show", "forward", "loss", "backward", "step", "iteration", "epoch", "train"] = "show"
    times: int = 1
    until: str | None = None  # a node, or a condition
    limit: int = 5000  # units, where `until` is given
    edits: tuple[Change, ...] = ()


class Stand(Command, frozen=True):
    """Stand where the lesson stands: begin again, and carry these stages out."""

    stages: tuple[Stage, ...]


class Ask(Command, frozen=True):
    """Answer `expressions` in the state to which `stages` lead from the beginning, whatever the learner did.

    Answered with Answers, in the same order, which also says whether the learner stands there or, where `passed` asks
    for that too, has come through there. Nothing of it shows in the learner's session.
    """

    number: int
    stages: tuple[Stage, ...]
    expressions: tuple[str, ...]
    passed: bool = False


class Watch(Command, frozen=True):
    """What the screen shows, so that no more is computed and sent. Sizes in samples, rates per second."""

    fps: float = 10.0
    field: tuple[int, int] | None = None  # columns, rows of the boundary's field
    field_fps: float = 5.0
    curve: int = 0  # points of the loss curve at most, 0 for none
    curve_fps: float = 2.0
    metrics: bool = True
    conditions: tuple[str, ...] = ()  # expressions whose truth each frame tells
    looks: tuple[AnyLook, ...] = ()


class Ack(Command, frozen=True):
    """The frame `seq` has been drawn. With two frames unacknowledged the engine sends no more."""

    seq: int


AnyCommand = (
    Open | Advance | Run | Speed | Travel | Goto | Edit | Again | SaveWeights | LoadWeights | Mark
    | Stand | Ask | Watch | Ack
)  # fmt: skip


# ---------------------------------------------------------------- reports: engine -> screen
class Tensor(msgspec.Struct, frozen=True):
    """A named tensor: a graph's input, a parameter by its torch name, a batch (`x`, `y`) or a node."""

    name: str
    role: Role
    device: str
    value: Array
    grad: Array | None = None  # None: not known yet, or never
    editable: bool = False
    contiguous: bool = True  # False: the value lies in memory in another order, as transpose leaves it


class Edge(msgspec.Struct, frozen=True):
    """What one backward operation passed to one of its inputs: upstream x local = contribution."""

    source: str  # the node that was processed
    target: str  # the input that received
    position: int  # which argument of the node
    upstream: Array
    local: Array | None  # numerator layout, shape (*source, *target); None where it is too large
    contribution: Array


class Moment(msgspec.Struct, frozen=True):
    """Where the experiment stands. iteration, epoch, phase and op are of the work last done (None: nothing yet)."""

    iteration: int
    epoch: int
    phase: Phase | None
    op: str | None  # the node last done; None in the step phase
    next_phase: Phase
    next_op: str | None
    completed: tuple[Phase, ...]  # phases of this iteration that are finished
    iterations_done: int  # whole iterations completed so far


class Field(msgspec.Struct, frozen=True):
    """The net over a plane, row 0 at the top: uint8, 0..255 for a probability of 0..1, or the class index."""

    columns: int
    rows: int
    kind: Literal["probability", "class"]
    data: bytes


class Comparison(msgspec.Struct, frozen=True):
    """How the present moment stands to the baseline `number`."""

    number: int
    losses: bool | None  # the iterations that both have lost the same, bit for bit; None: there are none
    weights: bool | None  # the same bits; None where as many iterations are not done
    distance: float  # 2-norm of the difference of all weights together


class DeviceUse(msgspec.Struct, frozen=True):
    """How full a GPU is and how busy, whoever uses it."""

    used: int  # bytes
    total: int
    busy: int | None = None  # percent of the last moments in which it did something; None where nobody tells


class Frame(msgspec.Struct, frozen=True, tag=True):
    """Everything the screen shows of one moment. Curve and field are None where they did not change."""

    seq: int
    generation: int
    moment: Moment
    tensors: tuple[Tensor, ...]
    edges: tuple[Edge, ...] = ()  # of the operations that the last command took backward (at most 64)
    touched_values: tuple[str, ...] = ()  # whose value the last command changed
    touched_grads: tuple[str, ...] = ()  # whose gradient it changed
    loss: float | None = None  # of the current batch
    lr: float | None = None
    settings: dict[str, Setting] = {}  # by engine.settings.NAMES and NOTES, those that there are
    metrics: dict[str, float] = {}  # train_loss, train_accuracy, test_accuracy
    metrics_age: int = 0  # iterations since they were computed
    curve: Curve | None = None
    field: Field | None = None
    running: bool = False
    rate: float = 0.0  # iterations a second while running
    undo: Sentence | None = None  # what backspace would take back
    redo: Sentence | None = None
    formula: str = ""  # of the operation last done: "J = g * c"
    sentence: Sentence | None = None  # what the last command did, in plain words
    outcome: str = "ok"  # or not_finite, a kind of engine.explaining.KINDS, or failed where no more is known
    message: Sentence | None = None  # why, where the outcome is not ok
    held: tuple[bool | None, ...] = ()  # of Watch.conditions; None where it cannot be told
    seen: tuple[AnySeen, ...] = ()  # of Watch.looks; those that are missing are as in the frame before
    log: Log | None = None  # None: as in the frame before
    losses: Losses | None = None  # None: no more than were told
    memory: Memory | None = None  # None: as before, or too large to be sent
    baseline_field: Field | None = None  # of the baseline's weights; None: as before
    comparison: Comparison | None = None  # with the baseline; None where there is none, and while training goes on
    device_use: DeviceUse | None = None  # None: as before, or the device is no GPU
    way: Way | None = None  # how whole iterations were trained last; None: none were, but operation by operation


class Hello(msgspec.Struct, frozen=True, tag=True):
    """The engine is up: torch is imported."""

    pid: int
    torch: str
    devices: tuple[str, ...]


class Opened(msgspec.Struct, frozen=True, tag=True):
    """An experiment has begun. points: the training data in the plane, where it has two features."""

    generation: int
    device: str
    seed: int
    points: Array | None = None  # (n, 2) float32
    labels: bytes = b""  # n uint8 class indices
    extent: tuple[float, float, float, float] | None = None  # x0, x1, y0, y1 of the plane that Field covers


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A command could not be done; what stood before stands."""

    generation: int
    message: Sentence


class Notice(msgspec.Struct, frozen=True, tag=True):
    """Something to know, said once: nothing has failed, and the frame tells what was done."""

    generation: int
    message: Sentence


class Answer(msgspec.Struct, frozen=True):
    """What one expression is: a tensor, a shape, or a dtype; or the reason why it cannot be told.

    `outcome` is the kind of failure (engine.explaining), where torch refuses the expression or what leads to it.
    """

    array: Array | None = None
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    refused: Sentence | None = None
    outcome: str | None = None


class Answers(msgspec.Struct, frozen=True, tag=True):
    """The answers to an Ask, in its order."""

    generation: int
    number: int
    answers: tuple[Answer, ...]
    here: bool = False  # the learner stands at the very same state, or came through it if that was asked


class Marked(msgspec.Struct, frozen=True, tag=True):
    """The baseline is now this one; None: there is none any more."""

    generation: int
    baseline: Baseline | None


AnyReport = Frame | Hello | Opened | Failed | Notice | Answers | Marked

# ---------------------------------------------------------------- the wire
# Each message is its length (u32, little-endian), then MessagePack.
# Decoders take milliseconds to build, and each side needs one of them, when the first message has come.
_encoder = msgspec.msgpack.Encoder()
_LENGTH = struct.Struct("<I")
T = TypeVar("T")


@cache
def _commands() -> msgspec.msgpack.Decoder[AnyCommand]:
    return msgspec.msgpack.Decoder(AnyCommand)


@cache
def _reports() -> msgspec.msgpack.Decoder[AnyReport]:
    return msgspec.msgpack.Decoder(AnyReport)


def write(fd: int, message: AnyCommand | AnyReport) -> None:
    """Send one message. Raises OSError when the other side is gone."""
    body = _encoder.encode(message)
    rest = memoryview(_LENGTH.pack(len(body)) + body)
    while rest:
        rest = rest[os.write(fd, rest) :]


def read_command(fd: int) -> AnyCommand:
    """Wait for one command. Raises EOFError when the screen is gone, msgspec.MsgspecError for bytes that are none."""
    return _commands().decode(_read(fd))


def read_report(fd: int) -> AnyReport:
    """Wait for one report. Raises EOFError when the engine is gone, msgspec.MsgspecError for bytes that are none."""
    return _reports().decode(_read(fd))


def _read(fd: int) -> bytes:
    (length,) = _LENGTH.unpack(_read_exactly(fd, _LENGTH.size))
    if length > MAX_MESSAGE:
        raise EOFError(f"a message of {length} bytes")
    return _read_exactly(fd, length)


def _read_exactly(fd: int, count: int) -> bytes:
    body = bytearray()
    while len(body) < count:
        chunk = os.read(fd, count - len(body))
        if not chunk:
            raise EOFError
        body += chunk
    return bytes(body)
