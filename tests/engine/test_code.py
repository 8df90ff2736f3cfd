"""The script that is shown does, run as plain PyTorch, exactly what the engine documents."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from engine import code, data
from engine.code.net_script import TAKEN
from engine.code.script import WIDTH
from engine.experiment import Experiment
from engine.expression import FUNCTIONS
from engine.graph import LAYERS, LOSSES, Graph, from_expressions, from_layers
from engine.spec import EXPERIMENT, Net
from engine.spec import Graph as GraphSpec
from tests import records

X = [[0.0, 0.5], [1.0, -1.0], [0.25, 1.0], [1.0, 1.0], [-0.5, 0.75]]
PLAIN = {  # written a second time, with functions where the script has modules
    "mse": F.mse_loss,
    "sse": lambda p, y: (p - y).square().sum(),
    "half_sse": lambda p, y: (p - y).square().sum() / 2,
    "bce": F.binary_cross_entropy,
    "bce_logits": F.binary_cross_entropy_with_logits,
    "cross_entropy": F.cross_entropy,
}


def net(**changes: Any) -> tuple[Net, Graph]:
    """A small net on a table of five points; `changes` replace keys of the lesson."""
    classes = changes.get("loss") == "cross_entropy"
    given = {
        "kind": "net",
        "seed": 3,
        "data": {"kind": "table", "x": X, "y": [0, 1, 1, 0, 1]},
        "layers": [
            {"name": "first", "kind": "linear", "out": 3},
            {"name": "act", "kind": "tanh"},
            {"name": "second", "kind": "linear", "out": 2 if classes else 1},
            *([{"name": "squash", "kind": "sigmoid"}] if changes.get("loss") == "bce" else []),
        ],
        "loss": "bce_logits",
        "optimizer": {"kind": "sgd", "lr": 0.1},
        "batch": {"size": 2, "order": "shuffle"},
        "epochs": 3,
        **changes,
    }
    spec = EXPERIMENT.validate_python(given)
    assert isinstance(spec, Net)
    return spec, from_layers(spec, 2, None)


def script(experiment: GraphSpec | Net, graph: Graph) -> str:
    return "\n".join(line.text for line in code.lines(experiment, graph)) + "\n"


def executed(experiment: GraphSpec | Net, graph: Graph) -> dict[str, Any]:
    """The variables that the script leaves behind."""
    variables: dict[str, Any] = {}
    exec(compile(script(experiment, graph), "script", "exec"), variables)
    return variables


def trained(spec: Net) -> list[torch.Tensor]:
    """The weights after a plain loop over the data of `spec` in the documented order."""
    samples = data.make(spec.data, spec.loss)
    torch.manual_seed(spec.seed)
    linears = {each.name: nn.Linear(_features(spec, each.name), each.out or 0) for each in spec.layers if each.out}
    parameters = [weights for layer in linears.values() for weights in layer.parameters()]
    kind = torch.optim.SGD if spec.optimizer.kind == "sgd" else torch.optim.Adam
    optimizer = kind(parameters, **spec.optimizer.model_dump(exclude_defaults=True, exclude={"kind"}))
    n = len(samples.x)
    size = n if spec.batch.size == "all" else int(spec.batch.size)
    for epoch in range(spec.epochs):
        order = data.order(spec.batch.order, n, spec.seed, epoch)
        order = torch.arange(n) if order is None else order
        for start in range(0, n, size):
            batch = order[start : start + size]
            out = samples.x[batch]
            for each in spec.layers:
                out = (
                    linears[each.name](out)
                    if each.out
                    else {"tanh": torch.tanh, "sigmoid": torch.sigmoid}[each.kind](out)
                )
            optimizer.zero_grad()
            loss = PLAIN[spec.loss](out if spec.loss == "cross_entropy" else out.squeeze(1), samples.y[batch])
            loss.backward()
            optimizer.step()
    return [each.detach() for each in parameters]


def _features(spec: Net, name: str) -> int:
    widths = [2, *(each.out for each in spec.layers if each.out)]
    return widths[[each.name for each in spec.layers if each.out].index(name)]


def assert_same_weights(spec: Net, graph: Graph) -> None:
    found = [each.detach() for each in executed(spec, graph)["model"].parameters()]
    for ours, theirs in zip(found, trained(spec), strict=True):
        assert torch.equal(ours, theirs)


def test_the_script_of_xor_run_by_python_gives_the_weights_of_a_plain_loop(tmp_path: Path) -> None:
    spec = records.XOR.model_copy(update={"epochs": 2})
    saved = f"torch.save(list(model.parameters()), {str(tmp_path / 'weights.pt')!r})\n"
    (tmp_path / "xor.py").write_text(script(spec, from_layers(spec, 2, None)) + saved)
    subprocess.run([sys.executable, str(tmp_path / "xor.py")], check=True, cwd=tmp_path, timeout=120)
    for ours, theirs in zip(torch.load(tmp_path / "weights.pt"), trained(spec), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_is_written_as_it_is_computed(loss: str) -> None:
    assert_same_weights(*net(loss=loss))


@pytest.mark.parametrize("order", ["given", "shuffle", "random"])
@pytest.mark.parametrize("size", [1, 2, "all"])
def test_each_order_visits_the_documented_samples(order: str, size: int | str) -> None:
    assert_same_weights(*net(batch={"order": order, "size": size}))


@pytest.mark.parametrize(
    "optimizer",
    [
        {"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
        {"kind": "adam", "lr": 0.01, "weight_decay": 0.1},
    ],
)
def test_each_optimizer_gets_its_settings(optimizer: dict[str, Any]) -> None:
    assert_same_weights(*net(optimizer=optimizer))


def test_classes_of_xor_are_whole_numbers_under_cross_entropy() -> None:
    points = {"kind": "xor", "n": 20, "noise": 0.2, "seed": 5, "test": 4}
    assert_same_weights(*net(loss="cross_entropy", data=points))


def test_every_layer_is_computed_as_the_engine_computes_it() -> None:
    kinds = [{"name": f"layer_{kind}", "kind": kind} for kind in LAYERS if kind != "linear"]
    spec, graph = net(
        layers=[{"name": "first", "kind": "linear", "out": 3}, *kinds, {"name": "last", "kind": "linear", "out": 1}]
    )
    model = executed(spec, graph)["model"]
    engine = Experiment(spec)
    state = engine.initial()
    state = replace(state, parameters=dict(model.named_parameters()), batch={"x": torch.tensor(X)})
    for _ in range(len(spec.layers)):
        state = engine.advance(state)
    assert torch.equal(model(torch.tensor(X)), state.values["last"])


def test_start_values_of_the_lesson_replace_the_seeds() -> None:
    weights = [[0.125, -1.5], [2.0, 0.5], [1e-3, 3.0]]
    spec, graph = net(params={"first.weight": weights}, optimizer={"kind": "sgd", "lr": 1e-30})
    assert executed(spec, graph)["model"].first.weight.tolist() == torch.tensor(weights).tolist()


def test_no_layer_hides_what_a_module_has() -> None:
    assert {name for name in dir(nn.Module()) if not name.startswith("_")} <= TAKEN
    spec, graph = net(layers=[{"name": "forward", "kind": "linear", "out": 1}, {"name": "train", "kind": "tanh"}])
    assert executed(spec, graph)["model"].forward_.out_features == 1


# ---------------------------------------------------------------- graphs
def graph_of(**given: Any) -> tuple[GraphSpec, Graph]:
    spec = EXPERIMENT.validate_python({"kind": "graph", **given})
    assert isinstance(spec, GraphSpec)
    return spec, from_expressions(spec)


def engine_says(spec: GraphSpec) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Values and gradients after the engine's backward."""
    engine = Experiment(spec)
    state = engine.initial()
    while state.cursor < len([atom for atom in engine.graph.atoms if atom.phase != "step"]):
        state = engine.advance(state)
    return {**state.parameters, **state.values}, dict(state.grads)


def assert_same_graph(spec: GraphSpec, graph: Graph) -> None:
    found = executed(spec, graph)
    values, grads = engine_says(spec)
    for name in (*spec.inputs, *spec.nodes):
        assert torch.equal(found[name], values[name]), name
        if name in grads and found[name].grad is not None:
            assert torch.equal(found[name].grad, grads[name]), name
    assert all(found[name].grad is not None for name in spec.inputs if name in grads)


def test_the_script_of_graph_j_is_as_short_as_a_person_would_write_it() -> None:
    view = records.graph_j()
    texts = [line.text for line in code.lines(view.experiment, view.graph)]
    assert texts[2:9] == [
        "a = torch.tensor(3.0, requires_grad=True)",
        "b = torch.tensor(1.0, requires_grad=True)",
        "c = torch.tensor(-2.0, requires_grad=True)",
        "",
        "h = 2 * b",
        "g = a + h",
        "J = g * c",
    ]
    assert texts[-1] == "J.backward()"


# One expression per function; `z` is (2, 3), `w` (3, 3), `v` (3), `k` whole numbers, `p` in 0..1 like `z`.
CALLS = {
    "leaky_relu": ("leaky_relu(z)", "leaky_relu(z, 0.2)", "leaky_relu(z, slope)"),
    "one_hot": ("sum(one_hot(k, 4)) * slope",),
    "max": ("max(z)", "max(z, dim=1)", "max(z, 0)", "max(z, p)"), "min": ("min(z)", "min(z, dim=0)", "min(z, 0.5)"),
    "sum": ("sum(z)", "sum(z, dim=1)"), "mean": ("mean(z)", "mean(z, dim=0)"), "norm": ("norm(z)", "norm(z, dim=1)"),
    "softmax": ("softmax(z)", "softmax(z, dim=0)"), "log_softmax": ("log_softmax(z)",), "dot": ("dot(v, 2 * v)",),
    "transpose": ("transpose(z)", "transpose(v)"), "reshape": ("reshape(z, 3, 2)", "reshape(z, -1)"),
    "view": ("view(z, 6)",), "linear": ("linear(z, w)", "linear(z, w, v)"), "cross_entropy": ("cross_entropy(z, k)",),
    "log": ("log(p)",), "sqrt": ("sqrt(p)",), "mse": ("mse(z, p)",), "sse": ("sse(z, p)",),
    "half_sse": ("half_sse(z, p)",), "bce": ("bce(p, float(z > 0))",), "bce_logits": ("bce_logits(z, p)",),
    "int": ("float(int(3 * z)) * p",), "heaviside": ("heaviside(z) * p",),
}  # fmt: skip
INPUTS = {
    "z": [[0.5, -1.25, 2.0], [0.0, 3.5, -0.75]], "w": [[1.0, 0.5, -1.0], [0.25, 2.0, 0.0], [1.5, -0.5, 1.0]],
    "v": [0.5, -1.0, 2.0], "k": {"value": [1, 2], "dtype": "int64"}, "slope": 0.25,
    "p": {"value": [[0.2, 0.5, 0.9], [0.1, 0.6, 0.3]], "dtype": "float32"},
}  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_is_written_as_the_engine_computes_it(function: str) -> None:
    for text in CALLS.get(function, (f"{function}(z)",)):
        assert_same_graph(*graph_of(inputs=INPUTS, nodes={"out": text, "total": "sum(out * 1.5)"}))


@pytest.mark.parametrize(
    "text",
    [
        "-z ** 2", "(-z) ** 2", "2 ** -slope", "p ** slope ** 2", "(p ** slope) ** 2", "z - (p - slope)",
        "z - p - slope", "z / (p * p)", "z * p / p", "(z + p) * p", "-(z + p)", "- -z", "(z > p) == (p > 0.5)",
        "z @ (w @ w)", "z @ w @ w", "1e-5 * z + -3", "z * (p > 0.5)",
    ],
)  # fmt: skip
def test_brackets_stand_where_they_are_needed(text: str) -> None:
    assert_same_graph(*graph_of(inputs=INPUTS, nodes={"out": text, "total": "sum(float(out) + slope)"}))


def test_names_of_the_script_are_left_to_it() -> None:
    spec, graph = graph_of(inputs={"torch": 2, "optimizer": 3}, nodes={"tensor": "torch * optimizer"})
    assert executed(spec, graph)["torch_"].grad.item() == 3.0


def test_a_node_that_is_only_a_name_keeps_a_gradient_of_its_own() -> None:
    spec, graph = graph_of(inputs={"a": 2}, nodes={"b": "a", "c": "b * 3 + a"})
    found = executed(spec, graph)
    assert (found["a"].grad.item(), found["b"].grad.item()) == (4.0, 3.0)


def test_a_gradient_to_begin_with_is_passed_to_backward() -> None:
    spec, graph = graph_of(inputs={"a": [1.0, 2.0]}, nodes={"b": "a * a"}, seed_gradient=[1.0, 10.0])
    assert executed(spec, graph)["a"].grad.tolist() == [2.0, 40.0]


def test_a_graph_with_an_optimizer_steps_in_a_loop() -> None:
    spec, graph = graph_of(
        inputs={"a": 5.0}, nodes={"J": "(a - 1) ** 2"}, parameters=["a"], optimizer={"kind": "sgd", "lr": 0.1}
    )
    assert executed(spec, graph)["a"].item() == pytest.approx(1.0, abs=1e-6)


# ---------------------------------------------------------------- what the pane reads
def test_each_phase_has_its_lines_and_each_layer_its_own() -> None:
    view = records.xor()
    lines = code.lines(view.experiment, view.graph)
    assert {line.phase for line in lines} == {None, *view.graph.phases}
    assert [line.op for line in lines if line.op] == [node.name for node in view.graph.nodes]
    backward = [line.text.strip() for line in lines if line.phase == "backward"]
    assert backward == ["optimizer.zero_grad()", "loss.backward()"]


def test_lines_fit_a_terminal_however_long_the_data() -> None:
    many = {"kind": "table", "x": [[0.123456789, i] for i in range(40)], "y": [i % 2 for i in range(40)]}
    long = " + ".join(f"{i}.5 * z" for i in range(1, 30))
    for experiment in (net(data=many), graph_of(inputs=INPUTS, nodes={"out": long, "total": "sum(out)"})):
        assert max(len(line.text) for line in code.lines(*experiment)) <= WIDTH
        ast.parse(script(*experiment))
