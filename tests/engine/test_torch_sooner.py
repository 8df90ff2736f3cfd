"""With the first part of torch every experiment begins and shows its first frame; the second makes torch whole."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import get_args

import pytest

from engine import messages as m
from engine import torch_sooner
from engine.graph import LAYERS
from engine.looks.records import SymbolicDerivative
from engine.process import WITH_LITTLE, Engine
from lessons import catalog
from lessons.loader import load
from tests.engine.conversation import Conversation
from tests.engine.examples import GRAPH_J, NET
from tests.local_engine import LocalPipe

ROOT = Path(__file__).parents[2]
PARTS = """
from engine import torch_sooner
torch_sooner.KNOWN = {known}
print(torch_sooner.import_first(), torch_sooner.import_first())
import torch
print(torch.Generator().manual_seed(3).initial_seed(), torch.ones(2, requires_grad=True).sum().backward())
print(hasattr(torch._meta_registrations, "activate_meta"))
second = torch_sooner.Second(print)
second.begin(), second.wait(), second.wait()
print(hasattr(torch._meta_registrations, "activate_meta"), torch.broadcast_shapes((2, 1), (3,)))
print((torch.empty(3, 4, device="meta") @ torch.empty(4, 5, device="meta")).shape)
"""
FRAMES = """
import json, sys
from engine.torch_sooner import import_first
assert import_first()
import torch
from engine import messages as m
from engine.begin import begin, read
from engine.frames import Frames
from engine.looks.see import QUICK
looks = tuple(look() for look in QUICK)
for spec in json.load(sys.stdin):
    frames = Frames(begin(read(spec.encode())))
    frames.opened()
    frame = frames.frame(1, m.Watch(field=(40, 36), curve=76, looks=looks))
    seen = (type(each).__name__ for each in frame.seen)
    print(frame.outcome, frame.field is not None, *frame.metrics, *seen)
print(hasattr(torch._meta_registrations, "activate_meta"))
"""
known = pytest.mark.skipif(
    not version("torch").startswith(torch_sooner.KNOWN), reason="in this torch both parts are imported at once"
)


def told(script: str, given: str = "") -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_version_is_told_without_an_import() -> None:
    assert version("torch") == torch_sooner._version()


WHOLE = ["True torch.Size([2, 3])", "torch.Size([3, 5])"]


@known
def test_the_second_part_makes_torch_whole() -> None:
    assert told(PARTS.format(known=torch_sooner.KNOWN)) == ["True False", "3 None", "False", "", *WHOLE]


def test_of_a_torch_that_is_not_known_there_is_no_second_part() -> None:
    assert told(PARTS.format(known=("0.",))) == ["False False", "3 None", "True", *WHOLE]


def experiments() -> list[str]:
    """Of the whole course, and nets of all layers, losses, inits and orders that there are."""
    found = [
        given.model_dump_json()
        for entry in catalog.entries()
        if (lesson := load(entry.path).lesson) is not None
        for given in lesson.named_experiments.values()
    ]
    layers = [{"name": f"{kind}1", "kind": kind} for kind in LAYERS if kind not in ("linear", "flatten")]
    hidden, last = NET["layers"][0], NET["layers"][-1]
    nets = [{**NET, "layers": [hidden, each, last]} for each in layers]
    nets += [{**NET, "loss": loss} for loss in ("mse", "half_sse", "sse", "bce")]
    nets.append({**NET, "loss": "cross_entropy", "layers": [hidden, {**last, "out": 2}]})
    nets += [{**NET, "init": {"kind": kind}} for kind in ("zeros", "uniform", "normal", "xavier", "kaiming")]
    nets += [{**NET, "batch": {"size": 4, "order": order}} for order in ("given", "random")]
    return found + [json.dumps(each) for each in nets]


@known
def test_every_experiment_begins_with_the_first_part() -> None:
    given = experiments()
    *lines, whole = told(FRAMES, json.dumps(given))
    assert whole == "False", "something has imported the second part"
    assert len(lines) == len(given) > 40
    assert all(line.startswith("ok ") for line in lines)
    often = ("True", "train_loss", "SeenOperation", "SeenJacobian", "SeenPaths", "SeenDerivatives")
    assert all(sum(each in line for line in lines) > 10 for each in often)


class Later:
    """A second part of torch that is not there until somebody waits for it."""

    there = False

    def begin(self) -> None: ...

    def wait(self) -> None:
        self.there = True


def opened() -> Engine:
    """An engine that was told everything that it may do before torch is whole."""
    engine = Engine(LocalPipe(lambda report: None))  # type: ignore[arg-type]
    engine.second = Later()  # type: ignore[assignment]
    watch = m.Watch(conditions=("a * b > 2",), looks=(SymbolicDerivative(),))
    ask = m.Ask(7, (), ("J",))
    engine.pipe.inbox.extend((watch, m.Open(json.dumps(GRAPH_J).encode()), m.Speed(None), ask, m.Ack(1)))
    engine.turn()
    return engine


COMPUTES = (
    m.Advance("op"), m.Run(True), m.Travel("start"), m.Goto(2), m.Edit((m.Change("a", 2.0),)), m.Again(), m.Mark(),
    m.Stand(()), m.SaveWeights("nowhere/w.safetensors"), m.LoadWeights("nowhere/w.safetensors"),
)  # fmt: skip


def test_a_lesson_opens_without_waiting_for_all_of_torch() -> None:
    engine = opened()
    assert engine.session is not None and engine.seq == 1, "opened, and its first frame is sent"
    assert not engine.second.there


def test_every_command_either_can_do_without_or_is_tried_here() -> None:
    assert {*WITH_LITTLE, *map(type, COMPUTES)} == set(get_args(m.AnyCommand))


@pytest.mark.parametrize("command", COMPUTES, ids=lambda command: type(command).__name__)
def test_what_computes_waits_for_all_of_torch(command: m.AnyCommand) -> None:
    engine = opened()
    engine.pipe.inbox.append(command)
    engine.turn()
    assert engine.second.there


def test_a_session_that_is_taken_up_waits_for_all_of_torch() -> None:
    engine = opened()
    engine.pipe.inbox.append(m.Open(json.dumps(GRAPH_J).encode(), log=m.Log((), -1, 0)))
    engine.turn()
    assert engine.second.there


def test_questions_and_looks_wait_until_all_of_torch_is_there() -> None:
    engine, told = opened(), list[m.AnyReport]()
    engine.pipe.send = told.append  # type: ignore[method-assign]

    def turns() -> None:
        for _ in range(3):
            engine.pipe.inbox.append(m.Ack(engine.seq))
            engine.turn()

    turns()
    assert told == [] and engine._asked() and engine._to_look_at()
    engine.second.wait()
    turns()
    assert [each.number for each in told if isinstance(each, m.Answers)] == [7]
    assert any(isinstance(each, m.Frame) and each.seen for each in told)


def test_what_computes_at_once_finds_all_of_torch() -> None:
    """In an engine's own process, commands that come together with the experiment."""
    talk = Conversation()
    try:
        talk.generation = 1
        talk.send(m.Watch(), m.Open(json.dumps(NET).encode(), generation=1), m.Advance("phase"), m.Advance("epoch"))
        assert talk.frame(lambda frame: frame.moment.iterations_done == 3).outcome == "ok"
    finally:
        talk.client.stop()
