"""The net as a whole, in eval mode: loss and accuracy over whole sets, and its answer over the plane."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch

from engine import messages as m
from engine.data import Dataset
from engine.experiment import Experiment
from engine.kernels import TORCH_ERRORS, apply
from engine.spec import Net
from engine.state import State, Tensors

MARGIN = 0.25  # of the data's width, on each side of the plane that is drawn


def metrics(experiment: Experiment, state: State) -> dict[str, float]:
    """train_loss, and for classes train_accuracy and test_accuracy; empty for graphs, and where torch refuses."""
    if experiment.dataset is None:
        return {}
    data = experiment.data_on(state.settings.device)
    try:
        return _measured(experiment, state, data)
    except TORCH_ERRORS:  # the forward pass says why (`bce` of a number above 1), or memory is short for whole sets
        return {}


def _measured(experiment: Experiment, state: State, data: Dataset) -> dict[str, float]:
    output = predict(experiment, state.parameters, data.x)
    with torch.no_grad():
        found = {"train_loss": float(apply(experiment.graph.node("loss"), [output, data.y]))}
    found |= _accuracy(experiment, output, data.y, "train_accuracy")
    if data.test_x is not None and data.test_y is not None:
        found |= _accuracy(experiment, predict(experiment, state.parameters, data.test_x), data.test_y, "test_accuracy")
    return found


def _accuracy(experiment: Experiment, output: torch.Tensor, y: torch.Tensor, name: str) -> dict[str, float]:
    right = _right(experiment.spec, output, y)
    return {} if right is None else {name: float(right.double().mean())}


def _right(given: object, output: torch.Tensor, y: torch.Tensor) -> torch.Tensor | None:
    """Which answers are right; None where the loss is one of regression. On the border counts as class 0."""
    loss = given.loss if isinstance(given, Net) else ""
    if loss == "cross_entropy":
        return output.argmax(1) == y
    threshold = {"bce_logits": 0.0, "bce": 0.5}.get(loss)
    return None if threshold is None else (output.reshape(y.shape) > threshold) == (y > 0.5)


PIECE = 1 << 24  # numbers of a layer that are computed at a time
SPEED = 2e10  # floating-point operations a second that may be expected of one thread


def seconds(experiment: Experiment, samples: int) -> float:
    """About how long it takes to compute the answers to so many samples."""
    weights = sum(math.prod(leaf.shape or ()) for leaf in experiment.graph.leaves if leaf.role == "parameter")
    return 2 * weights * samples / SPEED


def whole_sets(experiment: Experiment) -> int:
    """The samples that `metrics` looks at."""
    data = experiment.dataset
    return 0 if data is None else len(data) + (0 if data.test_x is None else len(data.test_x))


def predict(experiment: Experiment, weights: Tensors, x: torch.Tensor) -> torch.Tensor:
    """What the last layer says for x, of shape (n, outputs); of many samples piece by piece, to fit in memory."""
    widest = max((leaf.shape[0] for leaf in experiment.graph.leaves if leaf.shape), default=1)
    rows = max(256, PIECE // widest)
    if len(x) <= rows:
        return _predict(experiment, weights, x)
    return torch.cat([_predict(experiment, weights, piece) for piece in x.split(rows)])


def _predict(experiment: Experiment, weights: Tensors, x: torch.Tensor) -> torch.Tensor:
    known = {**weights, "x": x}
    last = "x"
    with torch.no_grad():
        for node in experiment.graph.nodes:
            if node.name != experiment.graph.loss:
                known[node.name] = apply(node, [known[each] if isinstance(each, str) else each for each in node.inputs])
                last = node.name
    return known[last]


# ---------------------------------------------------------------- the plane
def extent(experiment: Experiment) -> tuple[float, float, float, float] | None:
    """x0, x1, y0, y1 of the plane around the data; None unless the net has two features and one answer."""
    if experiment.dataset is None or experiment.dataset.x.shape[1] != 2 or _kind(experiment) is None:
        return None
    low, high = experiment.dataset.x.amin(0).tolist(), experiment.dataset.x.amax(0).tolist()
    edges = []
    for each in (0, 1):
        around = MARGIN * ((high[each] - low[each]) or 1.0)
        edges += [low[each] - around, high[each] + around]
    return (edges[0], edges[1], edges[2], edges[3])


def _kind(experiment: Experiment) -> Literal["probability", "class"] | None:
    if not isinstance(experiment.spec, Net) or experiment.dataset is None:
        return None
    if experiment.spec.loss == "cross_entropy":
        return "class"
    return "probability" if experiment.dataset.y.ndim == 1 or experiment.dataset.y.shape[1] == 1 else None


def field(experiment: Experiment, weights: Tensors, columns: int, rows: int) -> m.Field | None:
    """The net's answer at the middle of each of columns x rows places, the top row first; None where torch refuses."""
    plane, kind = extent(experiment), _kind(experiment)
    if plane is None or kind is None or columns < 1 or rows < 1:
        return None
    x0, x1, y0, y1 = plane
    device = next(iter(weights.values())).device
    across = x0 + (torch.arange(columns, dtype=torch.float32, device=device) + 0.5) * ((x1 - x0) / columns)
    down = y1 - (torch.arange(rows, dtype=torch.float32, device=device) + 0.5) * ((y1 - y0) / rows)
    v, u = torch.meshgrid(down, across, indexing="ij")
    try:
        output = predict(experiment, weights, torch.stack([u, v], -1).reshape(-1, 2))
    except TORCH_ERRORS:  # as in `metrics`
        return None
    if kind == "class":
        shown = output.argmax(1)
    else:
        loss = experiment.spec.loss if isinstance(experiment.spec, Net) else ""
        answer = torch.sigmoid(output) if loss == "bce_logits" else output.clamp(0, 1)
        shown = (answer * 255).round().nan_to_num(0)
    return m.Field(columns, rows, kind, shown.to(torch.uint8).cpu().numpy().tobytes())


def enlarged(found: m.Field, columns: int, rows: int) -> m.Field:
    """The same field at more places: each is given what the nearest one has."""
    values = np.frombuffer(found.data, np.uint8).reshape(found.rows, found.columns)
    down, across = (np.arange(many) * few // many for many, few in ((rows, found.rows), (columns, found.columns)))
    return m.Field(columns, rows, found.kind, values[np.ix_(down, across)].tobytes())
