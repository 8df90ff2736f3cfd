"""Random experiments as a lesson could write them: graphs of expressions, and nets."""

from __future__ import annotations

from random import Random
from typing import Any

import torch

from engine import stepper
from engine.experiment import Experiment
from engine.kernels import TORCH_ERRORS
from engine.spec import EXPERIMENT, Graph, Net
from engine.words import Refused

UNARY = ("tanh", "sigmoid", "exp", "sin", "cos", "gelu", "softmax", "log_softmax", "relu", "leaky_relu", "abs", "float")
SMOOTH = ("tanh", "sigmoid", "exp", "sin", "cos")
INFIX = ("+", "-", "*", "/")
SHAPES = ((), (), (3,), (2, 3), (3, 2))
LARGEST = 1e4  # of the values and gradients that such a graph may have


def expression_graph(seed: int, smooth: bool = False, scalar: bool = False) -> Graph:
    """A graph of two to seven nodes over two to four inputs in float64, whose output is a number that depends on them.

    smooth: without kinks. scalar: of numbers alone.
    """
    random = Random(seed)
    while True:
        given = _draw(random, smooth, scalar)
        try:
            experiment = Experiment(given)
            values = experiment.leaves(experiment.initial())
            start = torch.ones((), dtype=torch.float64)
            nodes, grads = stepper.loss_and_gradients(experiment.graph, values, list(given.inputs), start)
        except (Refused, *TORCH_ERRORS):
            continue
        known = [*nodes.values(), *grads.values()]
        if grads and all(each.isfinite().all() and each.double().abs().max() < LARGEST for each in known):
            return given


def _draw(random: Random, smooth: bool, scalar: bool) -> Graph:
    names = "abcd"[: random.randint(2, 4)]
    inputs: dict[str, Any] = {name: _input(random, () if scalar else random.choice(SHAPES)) for name in names}
    known, nodes = list(names), dict[str, str]()
    for number in range(random.randint(1, 6)):
        nodes[f"n{number}"] = _expression(random, known, smooth, scalar)
        known.append(f"n{number}")
    used = " ".join(nodes.values())
    open_ends = [name for name in known if name not in used]
    nodes["out"] = " + ".join(name if scalar else f"sum({name})" for name in open_ends)
    found = EXPERIMENT.validate_python({"kind": "graph", "inputs": inputs, "nodes": nodes, "output": "out"})
    assert isinstance(found, Graph)
    return found


def _input(random: Random, shape: tuple[int, ...]) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(random.randrange(2**31))
    value = torch.randn(shape, dtype=torch.float64, generator=generator)
    return {"value": value.tolist(), "dtype": "float64"}


def _expression(random: Random, known: list[str], smooth: bool, scalar: bool) -> str:
    """One or two operations on what is known."""
    chosen, function = random.random(), random.choice(SMOOTH if smooth else UNARY[: 6 if scalar else None])
    one, other = random.choice(known), random.choice(known)
    if chosen < 0.35:
        return f"{function}({one})"
    if chosen < 0.45:
        return f"{one} ** {random.choice((2, 3))}"
    if chosen < 0.8 or scalar:
        return f"{one} {random.choice(INFIX)} {random.choice((other, str(random.randint(2, 5))))}"
    if chosen < 0.9:
        return f"{function}({one} {random.choice(INFIX)} {other})"
    return random.choice((f"{one} @ {other}", f"sum({one})", f"mean({one}, dim=0)", f"{one} @ transpose({other})"))


def net(seed: int) -> Net:
    """A small net on a table of a few samples."""
    random = Random(seed)
    loss = random.choice(("mse", "half_sse", "sse", "bce_logits", "cross_entropy"))
    samples, features, outputs = random.randint(1, 6), random.randint(1, 3), random.randint(2, 3)
    layers: list[dict[str, Any]] = []
    for number in range(random.randint(0, 2)):
        layers.append({"name": f"linear{number}", "kind": "linear", "out": random.randint(1, 4)})
        kind = random.choice(("tanh", "sigmoid", "relu", "gelu", "leaky_relu"))
        layers.append({"name": f"act{number}", "kind": kind})
    layers.append({"name": "last", "kind": "linear", "out": outputs})
    x = [[random.uniform(-2, 2) for _ in range(features)] for _ in range(samples)]
    y: list[Any] = [[random.random() for _ in range(outputs)] for _ in range(samples)]
    if loss == "cross_entropy":
        y = [random.randrange(outputs) for _ in range(samples)]
    found = EXPERIMENT.validate_python(
        {"kind": "net", "seed": seed, "layers": layers, "loss": loss, "data": {"kind": "table", "x": x, "y": y}}
    )
    assert isinstance(found, Net)
    return found
