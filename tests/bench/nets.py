"""Nets of many sorts and sizes: our run beside the loop with Dataset and DataLoader, and beside eager autograd."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from engine import messages as m
from engine.process import Engine
from engine.spec import EXPERIMENT
from tests.bench.figures import Line
from tests.bench.lesson import XOR
from tests.bench.rivals import Samples, one_thread

SMALL = 8.0  # times the loop with DataLoader, for nets up to 2-8-8-4
LARGE = 0.97  # times eager autograd, up to a million parameters
FILLING = 8.0  # seconds in which a gigabyte of history fills: memory that nobody has touched before is slow
EAGER = "eager autograd, slices"
WATCH = m.Watch(curve=76, field=(76, 60))
ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU}
LOSSES: dict[str, nn.Module] = {
    "bce_logits": nn.BCEWithLogitsLoss(),
    "mse": nn.MSELoss(),
    "cross_entropy": nn.CrossEntropyLoss(),
}


def described(
    hidden: tuple[int, ...], act: str = "tanh", loss: str = "bce_logits", out: int = 1, **more: Any
) -> dict[str, Any]:
    """A net on the points of XOR."""
    layers: list[dict[str, Any]] = []
    for number, units in enumerate(hidden, 1):
        layers.append({"name": f"linear{number}", "kind": "linear", "out": units})
        layers.append({"name": f"act{number}", "kind": act})
    layers.append({"name": "last", "kind": "linear", "out": out})
    return {**XOR, "layers": layers, "loss": loss, "epochs": 1_000_000, **more}


ADAM = {"kind": "adam", "lr": 0.01}
MOMENTUM = {"kind": "sgd", "lr": 0.01, "momentum": 0.9}
SORTS = {
    "2-4-1 tanh, Adam": described((4,), optimizer=ADAM),
    "2-4-1 tanh, momentum": described((4,), optimizer=MOMENTUM),
    "2-4-1 tanh, MSE": described((4,), loss="mse"),
    "2-8-8-4 relu, cross entropy": described((8, 8), "relu", "cross_entropy", 4),
    "2-8-8-4 relu, cross entropy, Adam": described((8, 8), "relu", "cross_entropy", 4, optimizer=ADAM),
}
SIZES = {"2-64-64-1": (64, 64), "2-256-256-1": (256, 256), "2-1000-1000-1, a million parameters": (1000, 1000)}


def nets(quick: bool) -> Iterator[Line]:
    """Iterations a second, ours watched at the default rates; one thread each, turn by turn."""
    rounds, seconds = (1, 0.5) if quick else (5, 1.5)
    with one_thread():
        for what, given in SORTS.items():
            ours, rival = turns(rounds, Ours(given).run, Rival(given, loader=True).run, seconds)
            yield Line(what, "1/s", ours, "Dataset, DataLoader, autograd, torch.optim", rival, goal=SMALL, more=True)
        for what, hidden in SIZES.items():
            for name, optimizer in (("SGD", XOR["optimizer"]), ("Adam", ADAM)):
                given = described(hidden, "relu", optimizer=optimizer)
                one, other = Ours(given), Rival(given, loader=False)
                if hidden[0] == 1000 and not quick:
                    first = turns(1, one.run, other.run, FILLING)
                    yield Line(f"{what}, {name}, while history fills", "1/s", first[0], EAGER, first[1], more=True)
                ours, rival = turns(rounds, one.run, other.run, 2 * seconds, share=0.25)
                yield Line(f"{what}, {name}", "1/s", ours, EAGER, rival, goal=LARGE, more=True)


def turns(
    rounds: int, one: Callable[[float], float], other: Callable[[float], float], seconds: float, share: float = 1.0
) -> tuple[list[float], list[float]]:
    """One by one; the other has a `share` of the seconds, in which the engine's pauses between dear metrics go on."""
    gc.collect()  # so that the memory of what was measured before is used again
    one(0.2), other(0.2)  # what is made once is made
    pairs = [(one(seconds), other(share * seconds)) for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


class Ours:
    """The engine's own loop, with a screen of 120x40 that hears every frame at once."""

    def __init__(self, given: dict[str, Any], device: str = "cpu") -> None:
        spec = EXPERIMENT.validate_python(given).model_dump_json().encode()
        self.inbox: deque[m.AnyCommand] = deque((m.Open(spec, device), WATCH, m.Run(True)))
        self.wake = Event()
        self.engine = Engine(self)  # type: ignore[arg-type]
        self.engine.turn()

    def send(self, report: m.AnyReport) -> None:
        """Hear what the engine says."""
        if isinstance(report, m.Frame):
            self.inbox.append(m.Ack(report.seq))

    def run(self, seconds: float) -> float:
        """Iterations a second."""
        assert self.engine.session is not None
        timeline = self.engine.session.timeline
        begin, first = time.perf_counter(), timeline.now.time
        while (spent := time.perf_counter() - begin) < seconds:
            self.engine.turn()
        return (timeline.now.time - first) / timeline.length / spent


class Rival:
    """What one would write; every loss is kept."""

    def __init__(self, given: dict[str, Any], loader: bool, device: str = "cpu") -> None:
        torch.manual_seed(given["seed"])
        self.model, self.loss = nn.Sequential(*_modules(given)).to(device), LOSSES[given["loss"]]
        kind = torch.optim.Adam if given["optimizer"]["kind"] == "adam" else torch.optim.SGD
        settings = {name: value for name, value in given["optimizer"].items() if name != "kind"}
        self.optimizer = kind(self.model.parameters(), **settings)
        samples, size = Samples(), given["batch"]["size"]
        y = samples.y.long() if given["loss"] == "cross_entropy" else samples.y
        x, y = samples.x.to(device), y.to(device)
        self.data = TensorDataset(x, y)
        self.batches = self._loaded(size) if loader else self._sliced(x, y, size)
        self.losses: list[float] = []

    def _loaded(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        loader = DataLoader(self.data, batch_size=size, shuffle=True)
        while True:
            yield from loader

    def _sliced(self, x: Tensor, y: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        while True:
            for batch in torch.randperm(len(x)).to(x.device).split(size):
                yield x[batch], y[batch]

    def run(self, seconds: float) -> float:
        """Iterations a second."""
        begin, count = time.perf_counter(), 0
        while (spent := time.perf_counter() - begin) < seconds:
            x, y = next(self.batches)
            found = self.model(x)
            loss = self.loss(found if y.dtype == torch.long else found.squeeze(1), y)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.losses.append(loss.item())
            count += 1
        return count / spent


def _modules(given: dict[str, Any]) -> Iterator[nn.Module]:
    features = 2
    for layer in given["layers"]:
        if layer["kind"] == "linear":
            yield nn.Linear(features, layer["out"])
            features = layer["out"]
        else:
            yield ACTIVATIONS[layer["kind"]]()
