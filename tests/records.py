"""Frames written by hand, for tests of what draws them: lesson graph-j, halfway back, and a small XOR net."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import messages as m
from engine.graph import from_expressions, from_layers
from engine.spec import EXPERIMENT, Graph, Net
from tui.view import View

GRAPH_J = EXPERIMENT.validate_python(
    {"kind": "graph", "inputs": {"a": 3, "b": 1, "c": -2}, "nodes": {"h": "2 * b", "g": "a + h", "J": "g * c"}}
)
XOR = EXPERIMENT.validate_python(
    {
        "kind": "net",
        "seed": 7,
        "data": {"kind": "xor", "n": 2500, "noise": 0.1, "seed": 7, "test": 500},
        "layers": [
            {"name": "linear1", "kind": "linear", "out": 4},
            {"name": "act_fn", "kind": "tanh"},
            {"name": "linear2", "kind": "linear", "out": 1},
        ],
        "loss": "bce_logits",
        "optimizer": {"kind": "sgd", "lr": 0.1},
        "batch": {"size": 128, "order": "shuffle"},
        "epochs": 100,
    }
)

SETTINGS: dict[str, m.Setting] = {
    "run.seed": 7, "run.device": "cpu", "lr": 0.1, "optimizer.kind": "sgd", "optimizer.momentum": 0.0,
    "batch.size": 128, "batch.order": "shuffle",
}  # fmt: skip


def array(values: Any, dtype: str = "float32") -> m.Array:
    """The record of these numbers."""
    data = np.asarray(values, dtype=dtype)
    return m.Array(data.shape, dtype, data.tobytes())


def tensor(name: str, role: m.Role, value: Any, grad: Any = None, editable: bool = False) -> m.Tensor:
    """The record of a tensor on the CPU."""
    return m.Tensor(name, role, "cpu", array(value), None if grad is None else array(grad), editable)


def graph_j() -> View:
    """graph-j after two backward operations, J and g: only b's gradient is not known yet."""
    assert isinstance(GRAPH_J, Graph)
    tensors = (
        tensor("a", "input", 3.0, -2.0, True),
        tensor("b", "input", 1.0, None, True),
        tensor("c", "input", -2.0, 5.0, True),
        tensor("h", "node", 2.0, -2.0),
        tensor("g", "node", 5.0, -2.0),
        tensor("J", "node", -10.0, 1.0),
    )
    edges = (
        m.Edge("g", "a", 0, array(-2.0), array(1.0), array(-2.0)),
        m.Edge("g", "h", 1, array(-2.0), array(1.0), array(-2.0)),
    )
    moment = m.Moment(0, 0, "backward", "g", "backward", "h", ("forward",), 0)
    frame = m.Frame(5, 0, moment, tensors, edges, (), ("a", "h"), loss=-10.0, formula="g = a + h")
    return View(GRAPH_J, from_expressions(GRAPH_J), frame, m.Opened(0, "cpu", 0), "es")


def xor() -> View:
    """The XOR net after the backward phase of iteration 12, with a loss curve and a field."""
    assert isinstance(XOR, Net)
    random = np.random.default_rng(0)
    x = random.integers(0, 2, (128, 2)) + 0.1 * random.standard_normal((128, 2))
    y = (x.round()[:, 0] != x.round()[:, 1]).astype(float)
    w1, b1 = random.uniform(-0.7, 0.7, (4, 2)), random.uniform(-0.7, 0.7, 4)
    w2, b2 = random.uniform(-0.5, 0.5, (1, 4)), random.uniform(-0.5, 0.5, 1)
    z1 = x @ w1.T + b1
    a1 = np.tanh(z1)
    z2 = a1 @ w2.T + b2
    p = 1 / (1 + np.exp(-z2))
    d2 = (p - y[:, None]) / 128
    d1 = (d2 @ w2) * (1 - a1 * a1)
    loss = float(np.mean(np.logaddexp(0, z2[:, 0]) - y * z2[:, 0]))
    tensors = (
        tensor("x", "data", x),
        tensor("y", "data", y),
        tensor("linear1.weight", "parameter", w1, d1.T @ x, True),
        tensor("linear1.bias", "parameter", b1, d1.sum(0), True),
        tensor("linear2.weight", "parameter", w2, d2.T @ a1, True),
        tensor("linear2.bias", "parameter", b2, d2.sum(0), True),
        tensor("linear1", "node", z1, d1),
        tensor("act_fn", "node", a1, d2 @ w2),
        tensor("linear2", "node", z2, d2),
        tensor("loss", "node", loss, 1.0),
    )
    moment = m.Moment(12, 0, "backward", "linear1", "step", None, ("forward", "loss", "backward"), 12)
    low = np.linspace(0.70, 0.65, 13).astype("float32")
    curve = m.Curve(np.arange(13, dtype="int32").tobytes(), low.tobytes(), (low + 0.02).tobytes())
    columns, rows = 48, 40
    u, v = np.meshgrid(np.linspace(-0.5, 1.5, columns), np.linspace(1.5, -0.5, rows))
    hidden = np.tanh(np.stack([u, v], -1) @ w1.T + b1)
    field = (255 / (1 + np.exp(-(hidden @ w2.T + b2)[..., 0]))).round().astype("uint8")
    frame = m.Frame(
        40, 0, moment, tensors, (), (), tuple(each.name for each in tensors if each.grad), loss, 0.1, SETTINGS,
        {"train_loss": 0.69, "train_accuracy": 0.51, "test_accuracy": 0.502}, 0, curve,
        m.Field(columns, rows, "probability", field.tobytes()),
        formula="linear1 = linear(x, linear1.weight, linear1.bias)",
    )  # fmt: skip
    points = random.integers(0, 2, (2500, 2))
    labels = (points[:, 0] != points[:, 1]).astype("uint8")
    where = array(points + 0.1 * random.standard_normal((2500, 2)))
    opened = m.Opened(0, "cpu", 7, where, labels.tobytes(), (-0.5, 1.5, -0.5, 1.5))
    return View(XOR, from_layers(XOR, 2, None), frame, opened, "es")
