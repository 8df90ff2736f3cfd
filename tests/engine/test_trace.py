"""`dltutor trace` as its contract has it, held against plain PyTorch loops and autograd."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine import data, trace
from engine import messages as m
from engine.session import Session
from engine.spec import Graph, Net
from engine.words import LANGUAGES, Refused, say
from tests.engine.examples import GRAPH_J, NET, graph, net

J = graph(GRAPH_J["inputs"], GRAPH_J["nodes"])
KEYS = ["iteration", "epoch", "phase", "op", "loss", "metrics", "tensors", "edges", "formula", "sentence", "outcome"]


def written(given: Graph | Net, by: m.Unit = "phase", **more: Any) -> str:
    out = io.StringIO()
    options: dict[str, Any] = {"seed": None, "device": "auto", "count": None, "every": 1, "edits": (), "json": True}
    trace.run(given, by=by, out=out, **{**options, "language": "en", **more})
    return out.getvalue()


def not_json(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def traced(given: Graph | Net, by: m.Unit = "phase", **more: Any) -> list[dict[str, Any]]:
    """The records that `dltutor trace --json` prints, read back strictly."""
    return [json.loads(line, parse_constant=not_json) for line in written(given, by, **more).splitlines()]


# ---------------------------------------------------------------- the record
def test_the_record_of_the_contract_is_printed_to_the_letter() -> None:
    record = traced(J, "op")[3]
    assert list(record) == KEYS
    sentence = record.pop("sentence")
    assert sentence and record == {
        "iteration": 0, "epoch": 0, "phase": "backward", "op": "J", "loss": -10.0, "metrics": {},
        "tensors": {
            "a": {"shape": [], "dtype": "float32", "value": 3.0, "grad": None},
            "b": {"shape": [], "dtype": "float32", "value": 1.0, "grad": None},
            "c": {"shape": [], "dtype": "float32", "value": -2.0, "grad": 5.0},
            "h": {"shape": [], "dtype": "float32", "value": 2.0, "grad": None},
            "g": {"shape": [], "dtype": "float32", "value": 5.0, "grad": -2.0},
            "J": {"shape": [], "dtype": "float32", "value": -10.0, "grad": 1.0},
        },
        "edges": [
            {"from": "J", "to": "g", "upstream": 1.0, "local": -2.0, "contribution": -2.0},
            {"from": "J", "to": "c", "upstream": 1.0, "local": 5.0, "contribution": 5.0},
        ],
        "formula": "J = g * c", "outcome": "ok",
    }  # fmt: skip
    assert list(record["tensors"]["a"]) == ["shape", "dtype", "value", "grad"]
    assert list(record["edges"][0]) == ["from", "to", "upstream", "local", "contribution"]


def test_graph_j_comes_to_the_gradients_of_the_lesson() -> None:
    last = traced(J, "op")[-1]["tensors"]
    assert {name: each["grad"] for name, each in last.items()} == {"a": -2, "b": -4, "c": 5, "h": -2, "g": -2, "J": 1}


def test_a_net_bears_the_names_of_its_layers_and_of_torch() -> None:
    records = traced(net(), "op")
    assert [(each["phase"], each["op"]) for each in records] == [
        ("forward", "linear1"), ("forward", "act_fn"), ("forward", "linear2"), ("loss", "loss"),
        ("backward", "loss"), ("backward", "linear2"), ("backward", "act_fn"), ("backward", "linear1"),
        ("step", None),
    ]  # fmt: skip
    leaves = ["x", "y", "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"]
    assert list(records[0]["tensors"]) == [*leaves, "linear1"]
    assert list(records[-1]["tensors"]) == [*leaves, "linear1", "act_fn", "linear2", "loss"]
    assert [each["loss"] is None for each in records] == [True] * 3 + [False] * 6
    assert set(records[0]["metrics"]) == {"train_loss", "train_accuracy", "test_accuracy"}


def test_gradients_are_null_until_they_are_known_and_stay_through_the_step() -> None:
    forward, loss, backward, step, again = traced(net(), "phase", count=5)
    for record in (forward, loss):
        assert all(each["grad"] is None for each in record["tensors"].values())
    known = {name for name, each in backward["tensors"].items() if each["grad"] is not None}
    assert known == set(backward["tensors"]) - {"x", "y"}
    assert {n: t["grad"] for n, t in step["tensors"].items()} == {n: t["grad"] for n, t in backward["tensors"].items()}
    assert again["tensors"]["linear1.weight"]["grad"] == step["tensors"]["linear1.weight"]["grad"]


def test_op_and_edges_are_told_operation_by_operation_only() -> None:
    for by in ("phase", "iteration", "epoch"):
        for record in traced(net(), by, count=4):
            assert record["op"] is None and record["edges"] == []
    assert [bool(each["edges"]) for each in traced(J, "op")] == [False] * 3 + [True] * 3


# ---------------------------------------------------------------- edges
def test_a_node_that_uses_an_input_twice_has_an_edge_for_each_place() -> None:
    edges = traced(graph({"x": 3}, {"y": "x * x"}), "op")[-1]["edges"]
    edge = {"from": "y", "to": "x", "upstream": 1, "local": 3, "contribution": 3}
    assert edges == [edge, edge]


def test_edges_go_to_the_differentiable_inputs_in_the_order_of_the_arguments() -> None:
    by_op = {each["op"]: each["edges"] for each in traced(net(), "op") if each["phase"] == "backward"}
    assert {op: [each["to"] for each in edges] for op, edges in by_op.items()} == {
        "loss": ["linear2"],
        "linear2": ["act_fn", "linear2.weight", "linear2.bias"],
        "act_fn": ["linear1"],
        "linear1": ["linear1.weight", "linear1.bias"],
    }
    inputs = {"a": 2, "k": {"value": 3, "dtype": "int64"}, "f": {"value": 4, "grad": False}}
    last = traced(graph(inputs, {"u": "k * a", "y": "f - u"}), "op")
    assert [[edge["to"] for edge in each["edges"]] for each in last[2:]] == [["u"], ["a"]]


def test_a_local_derivative_is_a_number_a_matrix_or_null_where_it_is_too_large() -> None:
    nodes = {"u": "tanh(v)", "s": "sum(u)", "y": "s * s"}
    y, s, u = traced(graph({"v": [0.5, -1, 2]}, nodes), "op")[3:]
    assert isinstance(y["edges"][0]["local"], float)
    assert s["edges"][0]["local"] == [1, 1, 1]
    v = torch.tensor([0.5, -1, 2])
    assert u["edges"][0]["local"] == torch.autograd.functional.jacobian(torch.tanh, v).tolist()
    (_, last) = traced(graph({"v": [0.5] * 65}, {"y": "tanh(v)"}, seed_gradient=[1] * 65), "op")
    assert last["edges"][0]["local"] is None and len(last["edges"][0]["contribution"]) == 65


def test_the_gradient_of_an_input_is_the_sum_of_its_contributions_so_far() -> None:
    spec = graph({"x": [0.5, 1.5]}, {"a": "x * x", "b": "exp(x)", "c": "a * b + x", "y": "sum(c)"})
    total: dict[str, torch.Tensor] = {}
    for record in traced(spec, "op"):
        for edge in record["edges"]:
            arrived = torch.tensor(edge["contribution"])
            total[edge["to"]] = total[edge["to"]] + arrived if edge["to"] in total else arrived
        for name, value in total.items():
            assert record["tensors"][name]["grad"] == value.tolist()


# ---------------------------------------------------------------- numbers
def test_a_tensor_above_4096_elements_is_null_with_statistics() -> None:
    spec = net(layers=[{"name": "wide", "kind": "linear", "out": 2049}, {"name": "out", "kind": "linear", "out": 1}])
    record = traced(spec, "phase")[-2]["tensors"]
    assert len(record["out.weight"]["value"][0]) == 2049 and "stats" not in record["out.weight"]
    wide, session = record["wide.weight"], Session(spec)
    weight = session.state.parameters["wide.weight"]
    assert wide["shape"] == [2049, 2] and wide["value"] is None and wide["grad"] is None
    assert list(wide["stats"]) == ["min", "max", "mean", "norm"]
    expected = [weight.min(), weight.max(), weight.mean(), torch.linalg.vector_norm(weight)]
    assert list(wide["stats"].values()) == pytest.approx([float(each) for each in expected])


def test_exactly_4096_elements_are_printed() -> None:
    tensor = traced(graph({"v": [[1.0] * 64] * 64}, {"y": "sum(v)"}))[0]["tensors"]["v"]
    assert tensor["value"] == [[1.0] * 64] * 64 and "stats" not in tensor


def test_numbers_that_are_not_finite_are_text() -> None:
    spec = graph({"v": [0, -1, 2]}, {"u": "log(v)", "w": "exp(v * 200)", "y": "sum(u) * 0"})
    record = traced(spec, "op", count=4)[-1]
    assert record["tensors"]["u"]["value"] == ["-inf", "nan", pytest.approx(math.log(2))]
    assert record["tensors"]["w"]["value"] == [1, 0, "inf"]


def test_whole_numbers_and_truths_stay_what_they_are() -> None:
    inputs = {"k": {"value": [1, 2], "dtype": "int64"}, "x": 2}
    tensors = traced(graph(inputs, {"big": "k > 1", "y": "x * x"}), "phase")[0]["tensors"]
    assert tensors["k"] == {"shape": [2], "dtype": "int64", "value": [1, 2], "grad": None}
    assert tensors["big"] == {"shape": [2], "dtype": "bool", "value": [False, True], "grad": None}


def test_float32_numbers_are_printed_with_all_their_bits() -> None:
    printed = traced(net())[0]["tensors"]["linear1.weight"]["value"]
    assert torch.equal(torch.tensor(printed), Session(net()).state.parameters["linear1.weight"])


# ---------------------------------------------------------------- how often
@pytest.mark.parametrize(("by", "records"), [("op", 9), ("phase", 4), ("iteration", 1), ("epoch", 1)])
def test_without_a_count_one_iteration_is_traced_or_one_epoch(by: m.Unit, records: int) -> None:
    assert len(traced(net(), by)) == records


def test_a_graph_without_an_optimizer_has_two_phases() -> None:
    assert [each["phase"] for each in traced(J)] == ["forward", "backward"]


def without_sentence(record: dict[str, Any]) -> dict[str, Any]:
    """A leap of several advances tells of all of them."""
    return {key: value for key, value in record.items() if key != "sentence"}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["op", "phase", "iteration", "epoch"]), st.integers(1, 14), st.integers(1, 6))
def test_every_kth_record_and_the_last_are_those_of_a_trace_that_skips_nothing(
    by: m.Unit, count: int, every: int
) -> None:
    spec = net(optimizer={"kind": "adam", "lr": 0.1})
    whole = [without_sentence(each) for each in trace.records(Session(spec), by, count)]
    some = [without_sentence(each) for each in trace.records(Session(spec), by, count, every)]
    assert len(whole) == count
    shown = [n for n in range(1, count + 1) if n % every == 0 or n == count]
    assert some == [whole[n - 1] for n in shown]


def test_iterations_and_epochs_are_counted_from_0_and_are_those_of_the_work_just_done() -> None:
    records = traced(net(), "iteration", count=7)
    assert [(each["iteration"], each["epoch"]) for each in records] == [(n, n // 3) for n in range(7)]
    assert [(each["iteration"], each["epoch"]) for each in traced(net(), "epoch", count=2)] == [(2, 0), (5, 1)]
    assert [(each["iteration"], each["epoch"]) for each in traced(J, "iteration", count=3)] == [
        (n, n) for n in range(3)
    ]
    assert [each["iteration"] for each in traced(net(), "phase", count=5)] == [0, 0, 0, 0, 1]


# ---------------------------------------------------------------- edits and seeds
def test_edits_are_made_before_the_first_advance() -> None:
    inputs = (m.Change("a", 10.0), m.Change("c", 0.5))
    assert traced(J, edits=inputs)[0]["loss"] == (10 + 2 * 1) * 0.5
    edits = (m.Change("linear1.weight", 0.5, (0, 1)), m.Change("lr", 0.05), m.Change("linear2.bias", [1.0]))
    (model, criterion, order), spec = plain(net(), {}), net()
    with torch.no_grad():
        model.linear1.weight[0, 1] = 0.5
        model.linear2.bias.fill_(1)
    optimizer = torch.optim.SGD(model.parameters(), 0.05, foreach=False)
    loop(model, criterion, order, optimizer, 3)
    last = traced(spec, "iteration", count=3, edits=edits)[-1]["tensors"]
    for name, value in model.named_parameters():
        assert last[name]["value"] == value.tolist()


def test_an_edit_that_does_not_fit_is_refused_before_anything_is_printed() -> None:
    out = io.StringIO()
    options: dict[str, Any] = {"seed": None, "device": "cpu", "by": "op", "count": None, "every": 1, "json": True}
    with pytest.raises(Refused):
        trace.run(J, edits=(m.Change("a", [1.0, 2.0]),), language="en", out=out, **options)
    assert out.getvalue() == ""


def test_a_seed_takes_the_place_of_the_lessons() -> None:
    assert traced(net(), "epoch", seed=8) == traced(net(seed=8), "epoch") != traced(net(), "epoch")


def test_an_absent_device_is_refused() -> None:
    with pytest.raises(Refused, match="cuda:99"):
        traced(J, device="cuda:99")


# ---------------------------------------------------------------- what goes wrong
def test_a_shape_that_does_not_fit_is_an_outcome_of_its_operation_and_the_trace_ends() -> None:
    spec = graph({"a": [[1, 2], [3, 4]], "b": [1, 2, 3]}, {"u": "a * 2", "v": "u @ b", "w": "v * 2"})
    records = traced(spec, "op")
    assert [(each["op"], each["outcome"]) for each in records] == [("u", "ok"), ("v", "shape")]
    assert "v" in records[-1]["message"] and list(records[-1]) == [*KEYS, "message"]
    assert "v" not in records[-1]["tensors"]


def test_backward_from_a_vector_without_a_seed_gradient_is_an_outcome() -> None:
    last = traced(graph({"a": [1, 2]}, {"y": "a * a"}), "phase")[-1]
    assert (last["phase"], last["outcome"]) == ("backward", "gradient") and "seed_gradient" in last["message"]


@pytest.mark.parametrize("by", ["op", "phase", "iteration"])
def test_a_loss_that_is_not_finite_ends_the_trace_with_its_reason(by: m.Unit) -> None:
    records = traced(net(loss="sse", optimizer={"kind": "sgd", "lr": 1e6}), by, count=200)
    assert all(each["outcome"] == "ok" for each in records[:-1])
    last = records[-1]
    assert (last["phase"], last["outcome"], last["loss"]) == ("loss", "not_finite", "inf") and last["message"]


NOT_YET = [
    *(
        ({"layers": [{"name": "a", "kind": kind}, *NET["layers"]]}, kind)
        for kind in ("dropout", "batchnorm", "layernorm")
    ),
    *(({"optimizer": {"kind": kind}}, kind) for kind in ("adamw", "rmsprop", "adagrad")),
    *(({"optimizer": {"rule": kind}}, kind) for kind in ("perceptron", "normal_equations", "random_search")),
    *(({"data": {"kind": kind}}, kind) for kind in ("moons", "circles", "spiral", "blobs", "line")),
    ({"data": {"kind": "csv", "file": "a.csv", "target": "y"}}, "csv"),
    ({"loss": "perceptron"}, "perceptron"),
]


@pytest.mark.parametrize(("changes", "name"), NOT_YET, ids=[name for _, name in NOT_YET])
def test_what_is_not_there_yet_is_refused_by_name(changes: dict[str, Any], name: str) -> None:
    with pytest.raises(Refused) as caught:
        traced(net(**changes))
    assert all(f"`{name}`" in say(caught.value.sentence, language) for language in LANGUAGES)


@pytest.mark.parametrize("kind", ["adamw", "rmsprop", "adagrad"])
def test_a_graph_with_an_optimizer_that_is_not_there_yet_is_refused_by_name(kind: str) -> None:
    with pytest.raises(Refused, match=f"`{kind}`"):
        traced(graph(GRAPH_J["inputs"], GRAPH_J["nodes"], parameters=["a"], optimizer={"kind": kind}))


# ---------------------------------------------------------------- against plain PyTorch
LAYERS: dict[str, type[nn.Module]] = {
    "linear": nn.Linear, "tanh": nn.Tanh, "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU, "softmax": nn.Softmax, "identity": nn.Identity, "flatten": nn.Flatten,
}  # fmt: skip
LOSSES: dict[str, Any] = {
    "mse": nn.MSELoss(),
    "sse": lambda out, y: ((out - y) ** 2).sum(),
    "half_sse": lambda out, y: ((out - y) ** 2).sum() / 2,
    "bce": nn.BCELoss(),
    "bce_logits": nn.BCEWithLogitsLoss(),
    "cross_entropy": nn.CrossEntropyLoss(),
}
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"kind": "sgd", "lr": 0.1},
    "momentum": {"kind": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 0.01},
    "nesterov": {"kind": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": True},
    "adam": {"kind": "adam", "lr": 0.01, "weight_decay": 0.01},
}
TABLE = {
    "kind": "table",
    "x": [[0.1, 0.9, -1], [1.5, 0.2, 0], [0.3, -0.3, 2], [1, 1, 1], [-2, 0.5, 0.7]],
    "y": [0, 1, 1, 0, 1],
}


def built(spec: Net) -> nn.Module:
    """The model as a person writes it, weights from the seed."""
    torch.manual_seed(spec.seed)
    model, width = nn.Sequential(), 3 if spec.data.kind == "table" else 2
    for layer in spec.layers:
        if layer.out:
            model.add_module(layer.name, nn.Linear(width, layer.out))
            width = layer.out
        else:
            model.add_module(layer.name, LAYERS[layer.kind](**({"dim": 1} if layer.kind == "softmax" else {})))
    return model


def plain(spec: Net, hooks: dict[str, torch.Tensor]) -> tuple[Any, Any, Any]:
    """A torch.nn model, its loss, and the batches of any iteration; `hooks` collects what the layers put out."""
    samples, model = data.make(spec.data, spec.loss), built(spec)
    for name, module in model.named_children():
        module.register_forward_hook(
            lambda module, given, out, name=name: hooks.__setitem__(name, out.detach().clone())
        )
    size = 10**9 if spec.batch.size == "all" else spec.batch.size

    def batch(iteration: int) -> tuple[torch.Tensor, torch.Tensor]:
        epoch, place = divmod(iteration, -(-len(samples) // size))
        order = data.order(spec.batch.order, len(samples), spec.seed, epoch)
        chosen = (torch.arange(len(samples)) if order is None else order).split(min(size, len(samples)))[place]
        return samples.x[chosen], samples.y[chosen]

    return model, LOSSES[spec.loss], batch


def loop(model: Any, criterion: Any, batch: Any, optimizer: torch.optim.Optimizer, iterations: int) -> float:
    """The loop that courses teach; the last loss."""
    loss = torch.zeros(())
    for iteration in range(iterations):
        x, y = batch(iteration)
        out = model(x)
        loss = criterion(out.squeeze(1) if out.shape[1] == 1 and y.ndim == 1 else out, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def assert_like_plain_pytorch(spec: Net, iterations: int = 4) -> None:
    hooks: dict[str, torch.Tensor] = {}
    model, criterion, batch = plain(spec, hooks)
    choice = spec.optimizer.model_dump(exclude={"kind", "rule"}, exclude_defaults=True)
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[spec.optimizer.kind or ""]
    loss = loop(model, criterion, batch, kind(model.parameters(), foreach=False, **choice), iterations)
    for every in (1, iterations):
        record = traced(spec, "iteration", count=iterations, every=every)[-1]
        assert record["loss"] == loss
        for name, value in model.named_parameters():
            assert record["tensors"][name]["value"] == value.tolist()
            assert value.grad is not None and record["tensors"][name]["grad"] == value.grad.tolist()
        for name, value in hooks.items():
            assert record["tensors"][name]["value"] == value.tolist()
        for name, value in zip("xy", batch(iterations - 1), strict=True):
            assert record["tensors"][name]["value"] == value.tolist()


@pytest.mark.parametrize("kind", [*LAYERS])
def test_a_net_with_this_layer_has_the_bits_of_torch(kind: str) -> None:
    middle = {"name": "middle", "kind": kind, **({"out": 5} if kind == "linear" else {})}
    layers = [{"name": "first", "kind": "linear", "out": 4}, middle, {"name": "last", "kind": "linear", "out": 1}]
    assert_like_plain_pytorch(net(data=TABLE, layers=layers, batch={"size": 2, "order": "shuffle"}))


@pytest.mark.parametrize("loss", [*LOSSES])
@pytest.mark.parametrize("optimizer", [*OPTIMIZERS])
def test_a_net_with_this_loss_and_optimizer_has_the_bits_of_torch(loss: str, optimizer: str) -> None:
    out = {"name": "last", "kind": "linear", "out": 2 if loss == "cross_entropy" else 1}
    layers = [*NET["layers"][:2], out, *([{"name": "squash", "kind": "sigmoid"}] if loss == "bce" else [])]
    assert_like_plain_pytorch(net(data=TABLE, layers=layers, loss=loss, optimizer=OPTIMIZERS[optimizer]))


@pytest.mark.parametrize("order", ["given", "shuffle", "random"])
@pytest.mark.parametrize("size", [1, 4, "all"])
def test_every_way_of_batching_has_the_bits_of_torch(order: str, size: Any) -> None:
    assert_like_plain_pytorch(net(batch={"size": size, "order": order}), 7)


def test_targets_of_several_columns_have_the_bits_of_torch() -> None:
    table = {**TABLE, "y": [[0, 1], [1, 1], [0.5, 0], [2, 2], [0, 0]]}
    layers = [*NET["layers"][:2], {"name": "last", "kind": "linear", "out": 2}]
    assert_like_plain_pytorch(net(data=table, layers=layers, loss="mse"))


def test_no_gradient_passes_a_heaviside_and_what_lies_before_it_stays() -> None:
    layers = [NET["layers"][0], {"name": "fires", "kind": "heaviside"}, NET["layers"][2]]
    spec = net(layers=layers)
    first, *_, last = traced(spec, "phase", count=8)
    for name in ("linear1.weight", "linear1.bias", "linear1"):
        assert last["tensors"][name]["grad"] is None
    assert last["tensors"]["linear1.weight"] == first["tensors"]["linear1.weight"]
    assert last["tensors"]["linear2.weight"]["value"] != first["tensors"]["linear2.weight"]["value"]
    z = torch.tensor(first["tensors"]["linear1"]["value"])
    assert first["tensors"]["fires"]["value"] == (z > 0).float().tolist()


GRAPHS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "reused": ({"a": 0.5, "b": -1.5}, {"u": "a * b", "v": "u * u + a", "y": "tanh(v) / b"}),
    "matrices": ({"W": [[1, -2], [0.5, 3]], "x": [0.3, -0.7]}, {"z": "W @ x", "a": "sigmoid(z)", "y": "sum(a * a)"}),
    "softmax": ({"z": [1, 2, 0.5], "t": {"value": [0, 1, 0], "grad": False}}, {"y": "-sum(t * log_softmax(z))"}),
    "broadcast": ({"X": [[1, 2, 3], [4, 5, 6]], "b": [0.1, 0.2, 0.3]}, {"y": "mean((X - b) ** 2)"}),
    "double": ({"a": {"value": 0.1, "dtype": "float64"}}, {"y": "exp(a) * sin(a) + a ** 3"}),
}
FUNCTIONS = {
    "tanh": torch.tanh, "sigmoid": torch.sigmoid, "sum": torch.sum, "mean": torch.mean, "exp": torch.exp,
    "sin": torch.sin, "log_softmax": lambda z: F.log_softmax(z, -1),
}  # fmt: skip


@pytest.mark.parametrize("name", [*GRAPHS])
@pytest.mark.parametrize("by", ["op", "phase", "iteration"])
def test_a_graph_has_the_values_and_gradients_of_autograd(name: str, by: m.Unit) -> None:
    inputs, nodes = GRAPHS[name]
    spec = graph(inputs, nodes)
    known: dict[str, Any] = dict(FUNCTIONS)
    for leaf in inputs:
        given = spec.input(leaf)
        known[leaf] = torch.tensor(
            given.value, dtype=getattr(torch, given.dtype), requires_grad=given.grad is not False
        )
    for node, expression in nodes.items():
        known[node] = eval(expression, {"__builtins__": {}}, known)
        known[node].retain_grad()
    known["y"].backward()
    tensors = traced(spec, by)[-1]["tensors"]
    for each in (*inputs, *nodes):
        assert tensors[each]["value"] == known[each].tolist()
        assert tensors[each]["grad"] == (None if known[each].grad is None else known[each].grad.tolist())


# ---------------------------------------------------------------- for people
@pytest.mark.parametrize("language", LANGUAGES)
def test_as_text_each_record_tells_what_was_done_in_the_persons_language(language: str) -> None:
    said = [each["sentence"] for each in traced(J, "op", language=language)]
    text = written(J, "op", json=False, language=language)
    assert all(sentence in text for sentence in said)
    assert "J = -10" in text and "grad -4" in text
    assert len({*said}) == len(said)
    assert said != [each["sentence"] for each in traced(J, "op", language="en" if language == "es" else "es")]
