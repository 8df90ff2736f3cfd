"""Graphs from expressions and from layers: names, order, shapes, phases, and what is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import spec
from engine.expression import ExpressionError
from engine.graph import LAYERS, LOSSES, Atom, Graph, Leaf, Node, from_expressions, from_layers
from engine.kernels import KERNELS
from engine.operations import OPERATIONS
from engine.stepper import evaluate
from engine.words import LANGUAGES, Refused, say


def graph(nodes: dict[str, str], inputs: dict[str, Any] | None = None, **more: Any) -> Graph:
    given = {"kind": "graph", "inputs": inputs or {"a": 3, "b": 1, "c": -2}, "nodes": nodes, **more}
    return from_expressions(spec.EXPERIMENT.validate_python(given))


def net(*layers: dict[str, Any], features: int = 2, targets: int | None = None, **more: Any) -> Graph:
    given = {"kind": "net", "data": {"kind": "xor"}, "layers": list(layers), "loss": "bce_logits", **more}
    return from_layers(spec.EXPERIMENT.validate_python(given), features, targets)


def linear(name: str, out: int) -> dict[str, Any]:
    return {"name": name, "kind": "linear", "out": out}


def refused(key: str, build: Any, *arguments: Any, **keywords: Any) -> Refused:
    with pytest.raises(Refused) as error:
        build(*arguments, **keywords)
    assert error.value.sentence.key == key
    assert all(say(error.value.sentence, language) for language in LANGUAGES)
    return error.value


GRAPH_J = {"h": "2 * b", "g": "a + h", "J": "g * c"}


# ---------------------------------------------------------------- from expressions
def test_one_operation_makes_one_node_of_that_name() -> None:
    assert graph(GRAPH_J).nodes == (
        Node("h", "mul", (2, "b")),
        Node("g", "add", ("a", "h")),
        Node("J", "mul", ("g", "c")),
    )


def test_inner_operations_are_numbered_in_the_order_they_are_computed() -> None:
    built = graph({"h": "tanh(a * b) + c ** 2"})
    assert [(node.name, node.op, node.part_of) for node in built.nodes] == [
        ("h.1", "mul", "h"), ("h.2", "tanh", "h"), ("h.3", "pow", "h"), ("h", "add", None),
    ]  # fmt: skip
    assert built.node("h").inputs == ("h.2", "h.3")


def test_a_graph_computes_what_its_expressions_say() -> None:
    built = graph({"h": "2 * b", "J": "(a + h) * c - 2 ** h"})
    values = {"a": torch.tensor(3.0), "b": torch.tensor(1.0), "c": torch.tensor(-2.0)}
    assert evaluate(built, values)["J"].item() == (3 + 2) * -2 - 2**2


def test_operations_of_constants_are_folded_into_one_number() -> None:
    assert graph({"h": "(1 + 2) * 3 * a"}).nodes == (Node("h", "mul", (9, "a")),)


def test_a_node_that_is_only_a_name_is_the_identity() -> None:
    assert graph({"h": "a"}).nodes == (Node("h", "identity", ("a",)),)


def test_dim_and_whole_numbers_stand_in_the_node() -> None:
    built = graph({"s": "sum(x, dim=1)", "r": "reshape(x, 3, -1)"}, {"x": [[1, 2, 3], [4, 5, 6]]}, output="s")
    assert built.nodes == (Node("s", "sum", ("x",), 1), Node("r", "reshape", ("x", 3, -1)))


def test_a_formula_reads_as_it_would_be_written() -> None:
    built = graph({"h": "2 * b", "s": "-softmax(a, dim=0) ** 0.5"})
    assert [node.formula for node in built.nodes] == [
        "h = 2 * b",
        "s.1 = softmax(a, dim=0)",
        "s.2 = s.1 ** 0.5",
        "s = -s.2",
    ]


def test_the_output_is_the_last_node_unless_another_is_named() -> None:
    assert (graph(GRAPH_J).output, graph(GRAPH_J, output="g").output) == ("J", "g")


def test_leaves_have_the_shapes_of_their_values() -> None:
    built = graph({"s": "sum(x)"}, {"x": [[1, 2, 3], [4, 5, 6]], "n": {"value": 1, "dtype": "int64"}})
    assert built.leaves == (Leaf("x", "input", True, (2, 3)), Leaf("n", "input", False, ()))


def test_nodes_may_use_earlier_nodes_only() -> None:
    error = refused("expression.unknown_name", graph, {"g": "a + h", "h": "2 * b"})
    assert isinstance(error, ExpressionError) and error.column == 4


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("graph.name_twice", {"nodes": {"a": "b + c"}}),
        ("graph.constant_node", {"nodes": {"h": "2 * 3"}}),
        ("graph.constant_node", {"nodes": {"h": "a + tanh(1)"}}),
        ("graph.constant_node", {"nodes": {"h": "a * (1 < 2)"}}),
        ("graph.unknown_output", {"nodes": GRAPH_J, "output": "K"}),
        ("graph.unknown_output", {"nodes": GRAPH_J, "output": "a"}),
        ("graph.unknown_parameter", {"nodes": GRAPH_J, "parameters": ["w"], "optimizer": {"kind": "sgd"}}),
        ("graph.constant_parameter", {"nodes": {"h": "n + 1"}, "inputs": {"n": {"value": 1, "grad": False}},
                                      "parameters": ["n"], "optimizer": {"kind": "sgd"}}),
        ("graph.optimizer_and_parameters", {"nodes": GRAPH_J, "parameters": ["a"]}),
        ("graph.optimizer_and_parameters", {"nodes": GRAPH_J, "optimizer": {"kind": "sgd"}}),
        ("graph.constant_parameter", {"nodes": {"h": "n + 1"},
                                      "inputs": {"n": {"value": 1, "dtype": "int64", "grad": True}},
                                      "parameters": ["n"], "optimizer": {"kind": "sgd"}}),
        ("graph.ragged", {"nodes": {"h": "x + 1"}, "inputs": {"x": [[1, 2], [3]]}}),
        ("graph.too_many_nodes", {"nodes": {f"h{n}": "a + b * c" for n in range(33)}}),
        ("expression.reserved_name", {"nodes": {"loss": "a + b"}}),
        ("expression.reserved_name", {"nodes": {"h": "2 * sum"}, "inputs": {"sum": 1}}),
        ("expression.bad_name", {"nodes": {"if": "a + b"}}),
        ("expression.unknown_function", {"nodes": {"h": "grad(a)"}}),
    ],
)  # fmt: skip
def test_a_graph_that_cannot_be_is_refused(key: str, given: dict[str, Any]) -> None:
    refused(key, graph, **given)


def test_a_graph_may_have_64_operations() -> None:
    assert len(graph({f"h{n}": "a + b * c" for n in range(32)}).nodes) == spec.MAX_NODES


# ---------------------------------------------------------------- gradients and phases
def test_gradients_flow_through_floating_inputs_and_differentiable_operations() -> None:
    built = graph(
        {"s": "a > b", "h": "a * b", "k": "n * 2", "J": "h * s"}, {"a": 1, "b": 2, "n": {"value": 1, "grad": False}}
    )
    assert built.differentiable == {"a", "b", "h", "J"}


def test_backward_visits_what_the_output_depends_on_last_computed_first() -> None:
    assert graph({**GRAPH_J, "beside": "a * b"}, output="J").backward_order == ("J", "g", "h")


def test_backward_does_not_pass_an_operation_without_a_derivative() -> None:
    assert graph({"h": "a * b", "s": "heaviside(h)", "J": "s * c"}).backward_order == ("J",)
    assert graph({"h": "a * b", "s": "heaviside(h)"}).backward_order == ()


def test_the_atoms_of_a_graph_are_its_operations_forward_and_back() -> None:
    built = graph(GRAPH_J)
    assert built.atoms == (
        Atom("forward", "h"), Atom("forward", "g"), Atom("forward", "J"),
        Atom("backward", "J"), Atom("backward", "g"), Atom("backward", "h"),
    )  # fmt: skip
    assert built.phases == ("forward", "backward")


def test_a_graph_with_an_optimizer_has_a_step() -> None:
    built = graph(GRAPH_J, parameters=["a"], optimizer={"kind": "sgd"})
    assert built.phases == ("forward", "backward", "step")
    assert built.atoms[-1] == Atom("step", None)


def test_a_graph_without_a_way_back_has_no_backward_phase() -> None:
    assert graph({"s": "a > b"}).phases == ("forward",)


def test_the_loss_of_a_net_is_a_phase_of_its_own_and_backward_begins_with_it() -> None:
    built = net(linear("linear1", 4), {"name": "act_fn", "kind": "tanh"}, linear("linear2", 1))
    assert built.phases == ("forward", "loss", "backward", "step")
    assert [atom.op for atom in built.atoms if atom.phase == "loss"] == ["loss"]
    assert [atom.op for atom in built.atoms if atom.phase == "backward"] == ["loss", "linear2", "act_fn", "linear1"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["tanh", "heaviside", "neg"]), st.integers(0, 9)), min_size=1, max_size=12))
def test_backward_visits_a_node_exactly_when_autograd_would(steps: list[tuple[str, int]]) -> None:
    nodes: list[Node] = []
    for number, (op, back) in enumerate(steps):
        nodes.append(Node(f"n{number}", op, (nodes[-1 - back].name if back < len(nodes) else "a",)))
    built = Graph((Leaf("a", "input"),), tuple(nodes), nodes[-1].name)
    known = {"a": torch.tensor(0.5, requires_grad=True)}
    for node in nodes:
        known[node.name] = KERNELS[node.op](known[node.sources[0]])
        if known[node.name].requires_grad:
            known[node.name].retain_grad()
    if known[built.output].requires_grad:
        known[built.output].backward()
    visited = {node.name for node in nodes if known[node.name].requires_grad and known[node.name].grad is not None}
    assert set(built.backward_order) == visited


# ---------------------------------------------------------------- from layers
def test_a_net_lowers_to_one_node_a_layer_and_the_loss() -> None:
    built = net(linear("linear1", 4), {"name": "act_fn", "kind": "tanh"}, linear("linear2", 1))
    assert built.nodes == (
        Node("linear1", "linear", ("x", "linear1.weight", "linear1.bias")),
        Node("act_fn", "tanh", ("linear1",)),
        Node("linear2", "linear", ("act_fn", "linear2.weight", "linear2.bias")),
        Node("loss", "bce_logits", ("linear2", "y"), squeeze=True),
    )


def test_parameters_have_the_names_shapes_and_order_of_torch() -> None:
    built = net(linear("first", 4), {"name": "act", "kind": "relu"}, linear("last", 3), features=5, targets=3)
    model = torch.nn.Sequential()
    model.add_module("first", torch.nn.Linear(5, 4))
    model.add_module("act", torch.nn.ReLU())
    model.add_module("last", torch.nn.Linear(4, 3))
    shapes = {leaf.name: leaf.shape for leaf in built.leaves}
    assert [(name, shapes[name]) for name in built.parameters] == [
        (n, tuple(p.shape)) for n, p in model.named_parameters()
    ]


def test_the_batch_is_data_without_gradients() -> None:
    built = net(linear("linear1", 1))
    assert built.leaves[:2] == (Leaf("x", "data", False), Leaf("y", "data", False))


@pytest.mark.parametrize("kind", LAYERS)
def test_every_layer_kind_there_is_lowers_to_an_operation(kind: str) -> None:
    built = net(
        linear("first", 2),
        {"name": "layer", "kind": kind, **({"out": 1} if kind == "linear" else {})},
        linear("last", 1),
    )
    assert built.node("layer").op in OPERATIONS


@pytest.mark.parametrize(
    ("outputs", "targets", "loss", "squeeze"),
    [(1, None, "mse", True), (1, 1, "mse", False), (3, 3, "mse", False), (3, None, "cross_entropy", False)],
)
def test_one_output_is_squeezed_to_targets_of_one_dimension(
    outputs: int, targets: int | None, loss: str, squeeze: bool
) -> None:
    assert net(linear("last", outputs), targets=targets, loss=loss).node("loss").squeeze is squeeze


@pytest.mark.parametrize(
    ("outputs", "targets", "loss"),
    [(3, None, "mse"), (1, 2, "mse"), (2, 1, "bce"), (3, 3, "cross_entropy"), (3, 1, "cross_entropy")],
)
def test_targets_of_another_shape_are_refused(outputs: int, targets: int | None, loss: str) -> None:
    refused("net.targets", net, linear("last", outputs), targets=targets, loss=loss)


LAST = linear("last", 1)


@pytest.mark.parametrize(
    ("key", "layers", "more"),
    [
        ("mutation.unknown", [LAST], {"mutation": "ascent"}),
        ("mutation.needs.detached", [LAST], {"mutation": "detached"}),
        ("net.optimizer_not_yet", [LAST], {"optimizer": {"rule": "perceptron"}}),
        ("net.no_parameters", [{"name": "act", "kind": "tanh"}], {"features": 1}),
        ("net.one_class", [LAST], {"loss": "cross_entropy"}),
        ("net.too_large", [linear(f"l{n}", 4096) for n in range(8)] + [LAST], {}),
        ("graph.name_twice", [linear("last", 2), LAST], {}),
        ("graph.name_twice", [linear("x", 2), LAST], {}),
        ("expression.reserved_name", [linear("loss", 2), LAST], {}),
    ],
)
def test_a_net_that_cannot_be_is_refused(key: str, layers: list[dict[str, Any]], more: dict[str, Any]) -> None:
    refused(key, net, *layers, **more)


@pytest.mark.parametrize(
    "loss", sorted({"mse", "half_sse", "sse", "bce", "bce_logits", "cross_entropy", "perceptron"} - set(LOSSES))
)
def test_a_loss_that_is_not_there_yet_is_refused_by_name(loss: str) -> None:
    assert refused("net.loss_not_yet", net, LAST, loss=loss).sentence.values == {"kind": loss}


@pytest.mark.parametrize("kind", sorted({"dropout", "batchnorm", "layernorm"} - set(LAYERS)))
def test_a_layer_that_is_not_there_yet_is_refused_by_name(kind: str) -> None:
    assert refused("net.layer_not_yet", net, {"name": "layer", "kind": kind}, LAST).sentence.values == {"kind": kind}


def test_a_net_just_below_the_limit_is_described_without_being_allocated() -> None:
    built = net(*(linear(f"l{n}", 4096) for n in range(6)), LAST)
    assert sum(torch.Size(leaf.shape or (0,)).numel() for leaf in built.leaves) <= spec.MAX_PARAMETERS
