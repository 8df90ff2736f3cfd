"""The engine's process in conversation: what it answers to each command, when it sends frames, and when it waits."""

from __future__ import annotations

import json
import os
import statistics
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from engine import frames, telling
from engine import messages as m
from engine.process import UNACKNOWLEDGED, Engine
from engine.session import Session
from tests.engine.conversation import Conversation
from tests.engine.examples import GRAPH_J, LONG, NET, net
from tests.local_engine import LocalEngine

ROOT = Path(__file__).resolve().parents[2]
procfs = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def engine() -> Iterator[Conversation]:
    """One process for all tests; each opens an experiment of its own."""
    conversation = Conversation()
    yield conversation
    conversation.client.stop()
    assert conversation.ends == []


@pytest.fixture
def talk(engine: Conversation) -> Conversation:
    return engine


def straight(spec: dict[str, Any], *commands: m.AnyCommand) -> Session:
    """A session in this process after the same commands."""
    session = Session(net(spec))
    for command in commands:
        session.apply(command)
        session.finish()
    session.look()
    return session


# ---------------------------------------------------------------- what is answered
def test_the_engine_introduces_itself(talk: Conversation) -> None:
    hello = talk.report(lambda each: isinstance(each, m.Hello))
    assert hello.pid == talk.client.pid
    assert hello.torch == torch.__version__
    assert hello.devices[0] == "cpu" and len(hello.devices) == 1 + torch.cuda.device_count()


def test_an_experiment_is_opened_before_its_first_frame_which_shows_the_beginning(talk: Conversation) -> None:
    frame = talk.open(NET, seed=8, device="cpu")
    mine = [each for each in talk.reports if getattr(each, "generation", None) == talk.generation]
    assert isinstance(mine[0], m.Opened) and mine[1] is frame
    assert (mine[0].device, mine[0].seed) == ("cpu", 8)
    assert frame.tensors == frames.tensors(Session(net(), seed=8))
    assert frame.moment.phase is None and frame.undo is None and not frame.running


def test_graph_j_operation_by_operation_shows_a_frame_for_each_key(talk: Conversation) -> None:
    talk.open(GRAPH_J)
    shown = [talk.after(m.Advance("op")) for _ in range(6)]
    assert [(f.moment.phase, f.moment.op) for f in shown] == [
        ("forward", "h"), ("forward", "g"), ("forward", "J"), ("backward", "J"), ("backward", "g"), ("backward", "h"),
    ]  # fmt: skip
    grads = {t.name: struct.unpack("<f", t.grad.data)[0] for t in shown[-1].tensors if t.grad and t.grad.data}
    assert grads == {"J": 1, "g": -2, "c": 5, "a": -2, "h": -2, "b": -4}
    assert [(each.source, each.target) for each in shown[3].edges] == [("J", "g"), ("J", "c")]
    assert shown[2].loss == -10


@pytest.mark.parametrize(
    "commands",
    [
        (m.Advance("op", 3),),
        (m.Advance("phase", 3),),
        (m.Advance("phase"), m.Advance("iteration")),
        (m.Advance("epoch", 2), m.Travel("back"), m.Travel("forth")),
        (m.Goto(7), m.Goto(2)),
        (m.Advance("iteration", 4), m.Edit((m.Change("linear1.bias", 0.5, (1,)), m.Change("lr", 0.1)))),
        (m.Run(True),),
        (m.Advance("epoch"), m.Travel("start")),
    ],
    ids=lambda commands: " ".join(type(each).__name__ for each in commands),
)
def test_what_the_process_shows_has_the_bits_of_a_session(
    talk: Conversation, commands: tuple[m.AnyCommand, ...]
) -> None:
    talk.open(NET)
    shown = [talk.after(command) for command in commands][-1]
    session = straight(NET, *commands)
    assert shown.tensors == frames.tensors(session)
    assert shown.moment == telling.moment(session)
    assert shown.lr == session.state.lr


def test_two_epochs_asked_for_at_once_are_both_done_and_what_follows_keeps_its_turn(talk: Conversation) -> None:
    talk.open(NET)
    talk.send(m.Advance("epoch"), m.Advance("epoch"), m.Advance("op"), m.Advance("op"))
    talk.frame(lambda frame: frame.moment.op == "act_fn")
    frame = talk.calm()
    assert (frame.moment.iterations_done, frame.moment.op) == (6, "act_fn")


class StillPipe:
    """A pipe into which a test puts commands at a moment of its choice."""

    def __init__(self) -> None:
        self.inbox: deque[m.AnyCommand] = deque()
        self.wake = threading.Event()
        self.sent: list[m.AnyReport] = []
        self.send = self.sent.append


def test_a_command_that_comes_while_another_waits_does_not_overtake_it() -> None:
    pipe = StillPipe()
    engine = Engine(pipe)  # type: ignore[arg-type]
    pipe.inbox.extend([m.Open(json.dumps(NET).encode()), m.Advance("epoch"), m.Advance("iteration")])
    engine._take_commands()
    assert engine.session is not None
    engine.session.finish()  # the epoch is done; the iteration still waits
    pipe.inbox.append(m.Advance("op"))
    for _ in range(4):
        engine._take_commands()
        engine._work()
    assert [entry.unit for entry in engine.session.timeline.entries] == ["epoch", "iteration", "op"]


def test_travelling_interrupts_an_epoch_and_what_waited_for_it(talk: Conversation) -> None:
    talk.open(LONG)
    talk.send(m.Advance("epoch"), m.Advance("epoch"))
    talk.frame(lambda frame: frame.running and frame.moment.iterations_done > 0)
    frame = talk.after(m.Travel("back"))
    assert frame.moment.iterations_done == 0
    assert frame.redo is not None and frame.redo.key == "command.epoch"
    assert talk.calm().moment == frame.moment


def test_a_run_goes_on_until_it_is_paused_and_is_one_command(talk: Conversation) -> None:
    talk.open(LONG)
    talk.send(m.Run(True))
    first = talk.frame(lambda frame: frame.running)
    talk.frame(lambda frame: frame.running and frame.moment.iterations_done > first.moment.iterations_done)
    paused = talk.after(m.Run(False))
    assert paused.undo is not None and paused.undo.key == "command.run"
    assert paused.undo.values == {"count": paused.moment.iterations_done}
    assert talk.after(m.Travel("back")).moment.iterations_done == 0


def test_an_edit_during_a_run_is_in_history_and_the_run_goes_on(talk: Conversation) -> None:
    talk.open(LONG)
    talk.send(m.Run(True))
    begun = talk.frame(lambda frame: frame.moment.iterations_done > 0)
    talk.send(m.Edit((m.Change("lr", 0.25),)))
    edited = talk.frame(lambda frame: frame.lr == 0.25)
    assert edited.running
    talk.frame(lambda frame: frame.moment.iterations_done > edited.moment.iterations_done)
    frame: m.Frame = talk.after(m.Run(False))
    history = []
    while frame.undo is not None:
        history.append(frame.undo.key)
        frame = talk.after(m.Travel("back"))
    assert history == ["command.run", "command.edit", "command.run"]
    assert frame.lr == begun.lr == 0.5


@pytest.mark.parametrize("speed", [20.0, 200.0])
def test_a_run_keeps_to_the_speed_that_was_asked_for(talk: Conversation, speed: float) -> None:
    talk.open(LONG)
    talk.send(m.Speed(speed), m.Run(True))
    first = talk.frame(lambda frame: frame.moment.iterations_done > 0)
    begin = time.monotonic()
    time.sleep(1.2)
    last = talk.frame(lambda frame: True, len(talk.reports))
    rate = (last.moment.iterations_done - first.moment.iterations_done) / (time.monotonic() - begin)
    assert speed / 2 < rate < speed * 1.3
    assert speed / 2 < last.rate < speed * 1.3
    assert talk.after(m.Run(False)).rate == 0


@pytest.mark.parametrize(("seconds", "pause"), [(0.0, 0.1), (0.004, 0.1), (0.0075, 0.15), (5.0, 0.4)])
def test_frames_that_are_dear_come_less_often_but_at_least_a_quarter_as_often(seconds: float, pause: float) -> None:
    engine = Engine(StillPipe())  # type: ignore[arg-type]
    assert engine.watch.fps == 10
    engine.frame_seconds = seconds
    assert engine._pause() == pytest.approx(pause)


def test_a_command_is_answered_soon_while_training_flat_out(talk: Conversation) -> None:
    talk.open(LONG)
    talk.send(m.Run(True))
    talk.frame(lambda frame: frame.running)
    waited = []
    for turn in range(1, 16):
        begin = time.monotonic()
        talk.send(m.Edit((m.Change("lr", turn / 100),)))
        talk.frame(lambda frame, turn=turn: frame.lr == turn / 100)  # type: ignore[misc]
        waited.append(time.monotonic() - begin)
    talk.after(m.Run(False))
    assert statistics.median(waited) < 0.25


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("command", "key"),
    [
        (m.Edit((m.Change("linear9.bias", 1.0),)), "edit.unknown"),
        (m.Edit((m.Change("linear1.weight", [[0.0] * 4] * 2),)), "edit.transposed"),
        (m.Goto(-1), "goto.negative"),
    ],
)
def test_what_cannot_be_done_is_said_and_what_stood_stands(talk: Conversation, command: m.AnyCommand, key: str) -> None:
    talk.open(NET)
    before = talk.after(m.Advance("phase", 2))
    talk.send(command)
    assert talk.failed().message.key == key
    assert talk.calm().tensors == before.tensors


@pytest.mark.parametrize(
    ("spec", "device", "key"),
    [
        (json.dumps(NET).encode(), "cuda:99", "device.absent"),
        (json.dumps(NET).encode(), "abacus", "device.unknown"),
        (b"no JSON", "auto", "outcome.bad_spec"),
        (b'{"kind": "cake"}', "auto", "outcome.bad_spec"),
        (json.dumps({**NET, "loss": "perceptron"}).encode(), "auto", "net.loss_not_yet"),
    ],
)
def test_an_experiment_that_cannot_be_opened_is_refused_and_the_next_one_opens(
    talk: Conversation, spec: bytes, device: str, key: str
) -> None:
    talk.generation += 1
    talk.send(m.Open(spec, device, generation=talk.generation), m.Advance("op"))
    assert talk.failed().message.key == key
    assert talk.open(GRAPH_J).tensors


# ---------------------------------------------------------------- when frames are sent
def test_every_frame_bears_the_generation_of_its_experiment_and_none_of_the_old_one_follows(talk: Conversation) -> None:
    talk.open(LONG)
    talk.send(m.Run(True))
    talk.frame(lambda frame: frame.running)
    old = talk.generation
    talk.open(GRAPH_J)
    talk.after(m.Advance("op"))
    at = next(n for n, each in enumerate(talk.reports) if isinstance(each, m.Opened) and each.generation == old + 1)
    assert {each.generation for each in talk.reports[at:] if isinstance(each, m.Frame)} == {old + 1}


def test_the_last_frame_shows_the_last_state_however_slow_the_screen(talk: Conversation) -> None:
    talk.open(NET)
    talk.acknowledge = False
    for turn in range(30):
        talk.send(m.Advance("op"))
        if turn % 4 == 0:
            talk.send(m.Ack(talk.frames()[-1].seq))
        time.sleep(0.002)
    talk.acknowledge = True
    talk.send(m.Ack(talk.frames()[-1].seq))
    session = straight(NET, *[m.Advance("op")] * 30)
    assert talk.calm().moment == telling.moment(session)


def test_without_acknowledgement_only_two_frames_come_and_then_the_newest(talk: Conversation) -> None:
    talk.open(NET)
    talk.acknowledge = False
    before = len(talk.frames())
    for _ in range(5):
        talk.send(m.Advance("iteration"))
    frame = talk.calm()
    assert len(talk.frames()) - before <= UNACKNOWLEDGED
    assert frame.moment.iterations_done < 5
    talk.acknowledge = True
    talk.send(m.Ack(frame.seq))
    assert talk.frame(lambda each: each.seq == frame.seq + 1).moment.iterations_done == 5


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@procfs
def test_a_run_that_nobody_looks_at_waits_and_goes_on_when_somebody_does(talk: Conversation) -> None:
    talk.open(LONG)
    pid = talk.client.pid
    assert pid is not None
    talk.acknowledge = False
    before = len(talk.frames())
    talk.send(m.Run(True))
    time.sleep(3.0)
    assert len(talk.frames()) - before <= UNACKNOWLEDGED
    used, memory = processor_seconds(pid), resident_bytes(pid)
    time.sleep(0.6)
    assert processor_seconds(pid) - used < 0.1
    assert resident_bytes(pid) - memory < 1 << 20
    last = talk.frames()[-1]
    talk.acknowledge = True
    talk.send(m.Ack(last.seq))
    later = talk.frame(lambda frame: frame.seq > last.seq + 2)
    assert later.running and later.moment.iterations_done > last.moment.iterations_done
    talk.after(m.Run(False))


@procfs
def test_an_engine_at_rest_uses_no_processor(talk: Conversation) -> None:
    talk.open(NET)
    talk.after(m.Advance("epoch"))
    pid = talk.client.pid
    assert pid is not None
    talk.calm(0.2)
    used = processor_seconds(pid)
    time.sleep(0.5)
    assert processor_seconds(pid) - used < 0.05


def test_curve_and_field_are_sent_only_when_they_changed(talk: Conversation) -> None:
    talk.open(NET)
    first = talk.after(m.Watch(field=(6, 4), curve=10))
    assert first.field is not None and first.curve is not None
    forward = talk.after(m.Advance("phase"))
    assert forward.field is None and forward.curve is None
    loss = talk.after(m.Advance("phase"))
    assert loss.field is None and loss.curve is not None
    step = talk.after(m.Advance("phase", 2))
    assert step.field is not None and step.curve is None
    again = talk.after(m.Watch(field=(3, 2), curve=10))
    assert again.field is not None and len(again.field.data) == 6 and again.curve is None


def test_a_note_in_mid_run_waits_for_the_next_frame_and_any_other_command_does_not() -> None:
    engine = LocalEngine(lambda report: None, lambda status: None)
    engine.start()
    engine.send(m.Open(json.dumps(LONG).encode()))
    engine.send(m.Run(True))
    for command, at_once in (
        (m.Edit((m.Change("run.speed", 30.0),)), False),
        (m.Edit((m.Change("lr", 0.2), m.Change("run.speed", 20.0))), True),
        (m.Run(False), True),
        (m.Edit((m.Change("run.speed", 10.0),)), True),
    ):
        engine.engine.at_once = False
        engine.engine.obey(command)
        assert engine.engine.at_once == at_once, command


# ---------------------------------------------------------------- a pipe that says nonsense
def raw(talks: bytes, listens: bool = True) -> subprocess.Popen[bytes]:
    """A bare engine process, which is told these bytes."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "engine.process"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE if listens else subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(talks)
    process.stdin.flush()
    return process


@pytest.mark.parametrize(
    "nonsense",
    [
        b"GET / HTTP/1.1\r\n\r\n" * 100_000,
        struct.pack("<I", 4) + b"\xc1\xc1\xc1\xc1",
        struct.pack("<I", 0),
        struct.pack("<I", m.MAX_MESSAGE + 1),
    ],
    ids=["text", "no MessagePack", "empty", "too long"],
)
def test_nonsense_ends_the_engine_without_a_fuss(nonsense: bytes) -> None:
    process = raw(b"")
    assert process.stdin is not None
    try:
        process.stdin.write(nonsense)
        process.stdin.flush()
    except BrokenPipeError:
        pass
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors == b""


def test_an_engine_whose_screen_never_reads_ends_with_its_pipe() -> None:
    wide = {
        "kind": "graph",
        "inputs": {f"a{n}": [[0.5] * 64] * 64 for n in range(20)},  # a frame of more than a pipe holds
        "nodes": {"s": "a0 + a1"},
    }
    reader, writer = os.pipe()
    for command in (m.Advance("op"), m.Advance("op")):
        m.write(writer, command)
    body = m._encoder.encode(m.Open(json.dumps(wide).encode()))
    process = raw(struct.pack("<I", len(body)) + body + os.read(reader, 65536))
    os.close(reader)
    os.close(writer)
    assert process.stdin is not None
    time.sleep(3.0)  # by now it is in the middle of a frame
    assert process.poll() is None
    process.stdin.close()
    assert process.wait(2.0) == 0
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    process.stderr.close()


def test_an_experiment_is_taken_up_from_the_log_and_memory_of_a_frame_in_a_new_engine() -> None:
    first, second = Conversation(), Conversation()
    try:
        first.open(NET)
        first.after(m.Advance("iteration", 30))
        first.after(m.Edit((m.Change("lr", 0.25),)))
        left = first.after(m.Advance("phase", 3))
        logs = [each.log for each in first.frames() if each.log]
        memories = [each.memory for each in first.frames() if each.memory]
        found = second.open(NET, log=logs[-1], memory=memories[-1])
        assert (found.tensors, found.moment, found.lr) == (left.tensors, left.moment, left.lr)
    finally:
        first.client.stop(), second.client.stop()


def test_a_log_that_makes_no_sense_is_said_and_the_experiment_begins() -> None:
    log = m.Log((m.Done("edit", 0, 0, (m.Change("nothing", 1.0),)),), 0, 0)
    talk = Conversation()
    try:
        assert talk.open(NET, log=log).moment.iterations_done == 0
        assert talk.failed().message.key == "outcome.cannot_resume"
    finally:
        talk.client.stop()
