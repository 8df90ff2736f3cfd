"""The net as a whole, held against the same net built with torch.nn and evaluated directly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from engine import evaluation
from engine import messages as m
from engine.session import Session
from tests.engine.examples import GRAPH_J, NET, graph, net

CLASSES = {"layers": [*NET["layers"][:2], {"name": "linear2", "kind": "linear", "out": 3}], "loss": "cross_entropy"}
SQUASHED = {"layers": [*NET["layers"], {"name": "squash", "kind": "sigmoid"}]}


def trained(**changes: Any) -> Session:
    """A session after a few iterations, so that weights are not what they were."""
    session = Session(net(**changes))
    session.apply(m.Advance("iteration", 5))
    session.finish()
    session.look()
    return session


def model_of(session: Session, *after: nn.Module) -> nn.Module:
    """The net as a person would build it, with the session's weights."""
    weights = session.state.parameters
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, len(weights["linear2.bias"])), *after)
    with torch.no_grad():
        for ours, value in zip(model.parameters(), weights.values(), strict=True):
            ours.copy_(value)
    return model.eval()


# ---------------------------------------------------------------- metrics
@pytest.mark.parametrize(
    ("changes", "after", "loss", "answer"),
    [
        ({}, (), F.binary_cross_entropy_with_logits, lambda out: (torch.sigmoid(out) > 0.5).float()),
        ({**SQUASHED, "loss": "bce"}, (nn.Sigmoid(),), F.binary_cross_entropy, lambda out: (out > 0.5).float()),
        (CLASSES, (), F.cross_entropy, lambda out: out.argmax(1)),
        ({"loss": "mse"}, (), F.mse_loss, None),
        ({"loss": "sse"}, (), lambda out, y: (out - y).square().sum(), None),
    ],
    ids=["bce_logits", "bce", "cross_entropy", "mse", "sse"],
)
def test_metrics_are_of_the_whole_sets(
    changes: dict[str, Any], after: tuple[nn.Module, ...], loss: Any, answer: Any
) -> None:
    session = trained(**changes)
    data, model = session.experiment.dataset, model_of(session, *after)
    assert data is not None and data.test_x is not None
    with torch.no_grad():
        answers = (model(data.x), model(data.test_x))
    out, test_out = (each if each.shape[1] > 1 else each.squeeze(1) for each in answers)
    expected = {"train_loss": float(loss(out, data.y))}
    if answer is not None:
        expected["train_accuracy"] = float((answer(out) == data.y).double().mean())
        expected["test_accuracy"] = float((answer(test_out) == data.test_y).double().mean())
    assert evaluation.metrics(session.experiment, session.state) == expected


def test_without_test_points_there_is_no_test_accuracy_and_a_graph_has_no_metrics() -> None:
    session = trained(data={**NET["data"], "test": 0})
    assert set(evaluation.metrics(session.experiment, session.state)) == {"train_loss", "train_accuracy"}
    plain = Session(graph(GRAPH_J["inputs"], GRAPH_J["nodes"]))
    assert evaluation.metrics(plain.experiment, plain.state) == {}


def test_metrics_touch_nothing_of_the_session() -> None:
    session = trained()
    before = (session.state, dict(session.state.grads), session.timeline.now)
    evaluation.metrics(session.experiment, session.state)
    evaluation.field(session.experiment, session.state.parameters, 4, 4)
    assert (session.state, dict(session.state.grads), session.timeline.now) == before


def test_where_the_loss_cannot_be_computed_there_are_no_metrics_and_no_crash() -> None:
    outside = {"kind": "table", "x": [[5, 5], [-5, -5]], "y": [1, 0]}
    session = Session(net(loss="bce", data=outside, params={"linear2.bias": [3]}))  # bce of a number above 1
    assert evaluation.metrics(session.experiment, session.state) == {}


# ---------------------------------------------------------------- the plane
def test_the_field_is_the_probability_at_the_middle_of_each_place_the_top_row_first() -> None:
    session = trained()
    x0, x1, y0, y1 = evaluation.extent(session.experiment) or (0, 0, 0, 0)
    columns, rows = 7, 5
    field = evaluation.field(session.experiment, session.state.parameters, columns, rows)
    assert field is not None and (field.columns, field.rows, field.kind) == (columns, rows, "probability")
    shown = np.frombuffer(field.data, np.uint8).reshape(rows, columns)
    model = model_of(session)
    for row in range(rows):
        for column in range(columns):
            u = x0 + (column + 0.5) * (x1 - x0) / columns
            v = y1 - (row + 0.5) * (y1 - y0) / rows
            with torch.no_grad():
                probability = torch.sigmoid(model(torch.tensor([[u, v]]))).item()
            assert abs(int(shown[row, column]) - probability * 255) < 0.51


def test_the_field_of_classes_is_the_index_of_the_largest_output() -> None:
    session = trained(**CLASSES)
    field = evaluation.field(session.experiment, session.state.parameters, 6, 6)
    assert field is not None and field.kind == "class"
    x0, x1, y0, y1 = evaluation.extent(session.experiment) or (0, 0, 0, 0)
    top_left = torch.tensor([[x0 + (x1 - x0) / 12, y1 - (y1 - y0) / 12]])
    assert field.data[0] == model_of(session)(top_left).argmax().item()
    assert set(field.data) <= {0, 1, 2}


def test_the_field_of_a_regression_is_cut_to_what_can_be_shown() -> None:
    session = Session(net(loss="mse", params={"linear2.bias": [1e6]}))
    field = evaluation.field(session.experiment, session.state.parameters, 3, 3)
    assert field is not None and set(field.data) == {255}


def test_the_plane_holds_every_point_with_a_margin() -> None:
    session = trained()
    assert session.experiment.dataset is not None
    x0, x1, y0, y1 = evaluation.extent(session.experiment) or (0, 0, 0, 0)
    x = session.experiment.dataset.x
    assert x0 < x[:, 0].min() and x[:, 0].max() < x1 and y0 < x[:, 1].min() and x[:, 1].max() < y1


def test_a_single_point_still_has_a_plane_around_it() -> None:
    session = Session(net(data={"kind": "table", "x": [[2, 3]], "y": [1]}))
    x0, x1, y0, y1 = evaluation.extent(session.experiment) or (0, 0, 0, 0)
    assert x0 < 2 < x1 and y0 < 3 < y1


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"kind": "table", "x": [1, 2], "y": [0, 1]}},  # one feature
        {"data": {"kind": "table", "x": [[1, 2, 3]], "y": [0]}},  # three
        {"data": {"kind": "table", "x": [[1, 2]], "y": [[0, 1]]}, "loss": "mse", 
         "layers": [{"name": "linear2", "kind": "linear", "out": 2}]},  # two answers
    ],
    ids=["one feature", "three features", "two answers"],
)  # fmt: skip
def test_what_does_not_lie_in_a_plane_has_no_field(changes: dict[str, Any]) -> None:
    session = Session(net(**changes))
    assert evaluation.extent(session.experiment) is None
    assert evaluation.field(session.experiment, session.state.parameters, 4, 4) is None
