"""Node by node, the stepper gives the same bits as autograd on the whole graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine import stepper
from engine.graph import Graph, Leaf, Node, from_layers
from engine.kernels import TORCH_ERRORS, apply
from engine.operations import OPERATIONS
from engine.spec import EXPERIMENT, Number
from engine.words import Refused

FLOATING = (torch.float32, torch.float64)
Values = dict[str, Tensor]


def bits(tensor: Tensor) -> tuple[torch.Size, torch.dtype, bytes]:
    return tensor.shape, tensor.dtype, tensor.detach().contiguous().numpy().tobytes()


def node_by_node(graph: Graph, values: Values, seed: Tensor) -> tuple[Values, Values]:
    """All values and all gradients, one operation at a time."""
    known, tapes = dict(values), {}
    for node in graph.nodes:
        tapes[node.name] = stepper.forward(graph, node, known)
        known[node.name] = tapes[node.name].output.detach()
    grads = {graph.output: seed}
    for name in graph.backward_order:
        grads = stepper.accumulate(grads, stepper.backward(tapes[name], grads[name]))
    return known, grads


def autograd(graph: Graph, values: Values, seed: Tensor) -> tuple[Values, Values]:
    """All values and all gradients, by `.backward()` on the whole graph."""
    known = {
        leaf.name: values[leaf.name].clone().requires_grad_(leaf.name in graph.differentiable) for leaf in graph.leaves
    }
    for node in graph.nodes:
        known[node.name] = apply(node, [known[each] if isinstance(each, str) else each for each in node.inputs])
        if known[node.name].requires_grad:
            known[node.name].retain_grad()
    known[graph.output].backward(seed)
    return known, {name: tensor.grad for name, tensor in known.items() if tensor.grad is not None}


def assert_same_bits(ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor]) -> None:
    assert {name: bits(tensor) for name, tensor in ours.items()} == {
        name: bits(tensor) for name, tensor in theirs.items()
    }


# ---------------------------------------------------------------- random graphs
SHAPES = ((3, 3), (3, 3), (3,), (), (2, 3), (3, 1), (2, 3, 3))


def random_node(random: Random, name: str, known: Sequence[str]) -> Node:
    """Any row of the table on any tensors; whether the shapes fit, torch will say."""
    row = OPERATIONS[random.choice(sorted(OPERATIONS))]
    count = random.randint(row.least, min(row.most, 3))
    tensors = min(count, row.numbers_from or count)
    inputs: list[str | Number] = [random.choice(known) for _ in range(tensors)]
    inputs += [random.choice((-1, 1, 2, 3)) for _ in range(count - tensors)]
    if not row.callable and count == 2 and random.random() < 0.2:
        inputs[random.randrange(2)] = random.choice((2, -1, 0.5))
    return Node(name, row.name, tuple(inputs), random.choice((None, 0, 1, -1)) if row.dim and count == 1 else None)


def fits(node: Node, known: Mapping[str, Tensor]) -> Tensor | None:
    """The node's value, if it is small and finite and torch knows the way back (not so through mse with a bool)."""
    leaves = tuple(Leaf(name, "input", tensor.is_floating_point()) for name, tensor in known.items())
    try:
        tape = stepper.forward(Graph(leaves, (node,), node.name), node, known)
        stepper.backward(tape, torch.ones_like(tape.output))
    except TORCH_ERRORS:
        return None
    result = tape.output.detach()
    return result if 0 < result.numel() <= 200 and result.double().abs().max() < 1e6 else None


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Graph, Values]:
    """Graphs of any operations, in two floating dtypes, whose output hangs on everything that no other node uses."""
    count, random = draw(st.integers(1, 40)), Random(draw(st.integers(0, 2**32)))
    generator = torch.Generator().manual_seed(random.randrange(2**32))
    values = {
        name: torch.randn(random.choice(SHAPES), dtype=random.choice(FLOATING), generator=generator) for name in "abcd"
    }
    values["p"] = torch.rand(3, 3, generator=generator)  # probabilities, for bce
    leaves = tuple(Leaf(name, "input", name == "a" or random.random() < 0.9) for name in values)
    known, nodes = dict(values), [Node("first", "tanh", ("a",))]
    known["first"] = torch.tanh(values["a"])

    while len(nodes) < count:
        node = random_node(random, f"n{len(nodes)}", list(known))
        value = fits(node, known)
        if value is not None:
            nodes.append(node)
            known[node.name] = value
    end, used = nodes[-1].name, {source for node in nodes for source in node.sources}
    for unused in [node.name for node in nodes[:-1] if node.name not in used]:
        nodes += Node(f"{unused}.sum", "sum", (unused,)), Node(f"{unused}.joined", "add", (end, f"{unused}.sum"))
        end = nodes[-1].name
    graph = Graph(leaves, tuple(nodes), end)
    return (graph if graph.backward_order else replace(graph, output="first")), values


@pytest.mark.filterwarnings("ignore:Using a target size")
@settings(max_examples=300, deadline=None)
@given(graphs(), st.integers(0, 2**32))
def test_node_by_node_gives_the_same_bits_as_autograd_on_random_graphs(drawn: tuple[Graph, Values], seed: int) -> None:
    graph, values = drawn
    output = stepper.evaluate(graph, values)[graph.output]
    start = torch.randn(output.shape, dtype=output.dtype, generator=torch.Generator().manual_seed(seed))
    known, grads = node_by_node(graph, values, start)
    expected, expected_grads = autograd(graph, values, start)
    assert_same_bits(known, expected)
    assert_same_bits(grads, expected_grads)


@pytest.mark.filterwarnings("ignore:Using a target size")
@settings(max_examples=100, deadline=None)
@given(graphs())
def test_the_whole_graph_way_gives_the_same_bits_as_node_by_node(drawn: tuple[Graph, Values]) -> None:
    graph, values = drawn
    start = torch.ones_like(stepper.evaluate(graph, values)[graph.output])
    known, grads = node_by_node(graph, values, start)
    nodes, gradients = stepper.loss_and_gradients(graph, values, list(grads), start)
    assert_same_bits(gradients, grads)
    assert_same_bits(nodes | values, known)
    assert_same_bits(stepper.evaluate(graph, values), known)


# ---------------------------------------------------------------- random nets
ACTIVATIONS = ("tanh", "relu", "leaky_relu", "sigmoid", "gelu", "softmax", "identity", "flatten")


@st.composite
def nets(draw: st.DrawFn) -> tuple[Graph, Values]:
    """Lowered nets with a batch and weights; bce stands behind a sigmoid, as it must."""
    loss = draw(st.sampled_from(("mse", "half_sse", "sse", "bce", "bce_logits", "cross_entropy")))
    features, outputs = draw(st.integers(1, 9)), draw(st.integers(2 if loss == "cross_entropy" else 1, 5))
    layers = []
    for number in range(draw(st.integers(0, 3))):
        layers.append({"name": f"linear{number}", "kind": "linear", "out": draw(st.sampled_from((1, 4, 17, 200)))})
        layers.append({"name": f"act{number}", "kind": draw(st.sampled_from(ACTIVATIONS))})
    layers.append({"name": "last", "kind": "linear", "out": outputs})
    if loss == "bce":
        layers.append({"name": "probability", "kind": "sigmoid"})
    narrow = loss == "cross_entropy" or (outputs == 1 and draw(st.booleans()))
    net = EXPERIMENT.validate_python(
        {"kind": "net", "layers": layers, "loss": loss, "data": {"kind": "table", "x": [0], "y": [0]}}
    )
    graph = from_layers(net, features, None if narrow else outputs)
    random = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    samples, dtype = draw(st.sampled_from((1, 2, 33, 128))), draw(st.sampled_from(FLOATING))
    values = {leaf.name: torch.randn(leaf.shape or (), dtype=dtype, generator=random) for leaf in graph.leaves}
    values["x"] = torch.randn(samples, features, dtype=dtype, generator=random)
    shape = (samples,) if narrow else (samples, outputs)
    if loss == "cross_entropy":
        values["y"] = torch.randint(outputs, shape, generator=random)
    else:
        values["y"] = torch.rand(shape, dtype=dtype, generator=random)
    return graph, values


@settings(max_examples=150, deadline=None)
@given(nets())
def test_node_by_node_gives_the_same_bits_as_autograd_on_random_nets(drawn: tuple[Graph, Values]) -> None:
    graph, values = drawn
    start = stepper.seed(graph, stepper.evaluate(graph, values))
    known, grads = node_by_node(graph, values, start)
    expected, expected_grads = autograd(graph, values, start)
    assert_same_bits(known, expected)
    assert_same_bits(grads, expected_grads)


@settings(max_examples=60, deadline=None)
@given(nets())
def test_a_lowered_net_gives_the_same_bits_as_torch_modules(drawn: tuple[Graph, Values]) -> None:
    graph, values = drawn
    losses: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
        "mse": torch.nn.MSELoss(),
        "sse": lambda p, y: ((p - y) ** 2).sum(),
        "half_sse": lambda p, y: 0.5 * ((p - y) ** 2).sum(),
        "bce": torch.nn.BCELoss(),
        "bce_logits": torch.nn.BCEWithLogitsLoss(),
        "cross_entropy": torch.nn.CrossEntropyLoss(),
    }
    modules: dict[str, Callable[[], torch.nn.Module]] = {
        "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "leaky_relu": torch.nn.LeakyReLU, "sigmoid": torch.nn.Sigmoid,
        "gelu": torch.nn.GELU, "softmax": lambda: torch.nn.Softmax(1), "identity": torch.nn.Identity,
        "flatten": torch.nn.Flatten,
    }  # fmt: skip
    model = torch.nn.Sequential()
    for node in graph.nodes[:-1]:
        layer = torch.nn.Linear(*reversed(values[node.sources[1]].shape)) if node.op == "linear" else modules[node.op]()
        model.add_module(node.name, layer)
    model.to(values["x"].dtype).load_state_dict({name: values[name] for name in graph.parameters})
    predictions = model(values["x"])
    loss = graph.nodes[-1]
    result = losses[loss.op](predictions.squeeze(-1) if loss.squeeze else predictions, values["y"])
    result.backward()
    nodes, gradients = stepper.loss_and_gradients(graph, values, graph.parameters)
    assert bits(nodes["loss"]) == bits(result)
    assert_same_bits(gradients, {name: each.grad for name, each in model.named_parameters() if each.grad is not None})


# ---------------------------------------------------------------- the pieces
A, B = Leaf("a", "input"), Leaf("b", "input", differentiable=False)
SQUARE = Graph((A, B), (Node("s", "mul", ("a", "a")), Node("t", "mul", ("s", "b"))), "t")


def test_a_node_that_uses_an_input_twice_sends_two_contributions() -> None:
    tape = stepper.forward(SQUARE, SQUARE.node("s"), {"a": torch.tensor(3.0)})
    sent = stepper.backward(tape, torch.tensor(2.0))
    assert [(c.source, c.target, c.position, c.value.item()) for c in sent] == [("s", "a", 0, 6.0), ("s", "a", 1, 6.0)]


def test_the_contributions_of_one_input_in_three_places_come_in_argument_order() -> None:
    graph = Graph(
        (A,), (Node("l", "linear", ("a", "a", "a")), Node("s", "add", ("l", "a")), Node("t", "sum", ("s",))), "t"
    )
    for number in range(20):
        a = torch.randn(5, 5, generator=torch.Generator().manual_seed(number))
        assert_same_bits(*(way(graph, {"a": a}, torch.tensor(1.0))[1] for way in (node_by_node, autograd)))


def test_no_contribution_goes_to_an_input_without_a_gradient() -> None:
    tape = stepper.forward(SQUARE, SQUARE.node("t"), {"s": torch.tensor(9.0), "b": torch.tensor(2.0)})
    assert [c.target for c in stepper.backward(tape, torch.tensor(1.0))] == ["s"]
    assert stepper.local(tape, 1) is None


def test_backward_can_be_run_again_on_the_same_tape() -> None:
    tape = stepper.forward(SQUARE, SQUARE.node("s"), {"a": torch.tensor(3.0)})
    first, again = (stepper.backward(tape, torch.tensor(2.0)) for _ in range(2))
    assert [bits(c.value) for c in first] == [bits(c.value) for c in again]


def test_accumulate_leaves_what_it_was_given_as_it_was() -> None:
    before = {"a": torch.tensor(1.0)}
    arrival = stepper.Contribution("s", "a", 0, torch.tensor(1.0), torch.tensor(2.0))
    after = stepper.accumulate(before, [arrival, arrival])
    assert (before["a"].item(), after["a"].item(), arrival.value.item()) == (1.0, 5.0, 2.0)


def test_forward_leaves_its_inputs_without_gradients() -> None:
    a = torch.tensor(3.0)
    tape = stepper.forward(SQUARE, SQUARE.node("s"), {"a": a})
    assert tape.output.requires_grad and not a.requires_grad


def test_a_local_derivative_above_the_limit_is_not_computed() -> None:
    graph = Graph((A,), (Node("h", "tanh", ("a",)),), "h")
    tape = stepper.forward(graph, graph.node("h"), {"a": torch.zeros(3, 3)})
    assert stepper.local(tape, 0, limit=80) is None
    assert stepper.local(tape, 0, limit=81) is not None


def test_backward_starts_from_one_at_a_scalar() -> None:
    assert stepper.seed(SQUARE, {"t": torch.tensor(18.0)}).item() == 1.0


def test_backward_starts_from_the_seed_gradient_that_is_given() -> None:
    given = torch.tensor([1.0, -2.0])
    assert torch.equal(stepper.seed(SQUARE, {"t": torch.zeros(2)}, given), given)


@pytest.mark.parametrize("given", [None, torch.ones(3)], ids=["none", "another shape"])
def test_backward_from_a_tensor_without_a_seed_gradient_of_its_shape_is_refused(given: Tensor | None) -> None:
    with pytest.raises(Refused) as refused:
        stepper.seed(SQUARE, {"t": torch.zeros(2)}, given)
    assert refused.value.sentence.key == "backward.seed"


def test_backward_from_an_output_that_no_gradient_leaves_is_refused() -> None:
    graph = Graph((A,), (Node("h", "tanh", ("a",)), Node("step", "heaviside", ("h",))), "step")
    with pytest.raises(Refused) as refused:
        stepper.seed(graph, {"step": torch.tensor(1.0)})
    assert refused.value.sentence.key == "backward.nothing"
