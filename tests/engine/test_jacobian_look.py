"""Jacobians that are looked at: those of torch.func, in windows, one sample at a time, and never too many numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine import messages as m
from engine import stepper
from engine.arrays import Array
from engine.begin import begin
from engine.graph import Graph
from engine.kernels import apply
from engine.looks import jacobian
from engine.looks.between import nodes_between
from engine.looks.records import Jacobian, SeenJacobian
from engine.state import State
from tests.engine.examples import GRAPH_J, NET, graph, net
from tests.engine.test_stepper import Values, graphs, nets

TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


def numbers(array: Array | None) -> torch.Tensor:
    """The tensor that a record carries."""
    assert array is not None and array.data is not None
    return torch.from_numpy(np.frombuffer(array.data, array.dtype).reshape(array.shape).copy())


def opened(spec: Any, *commands: m.AnyCommand) -> Any:
    session = begin(spec, None, "cpu")
    for command in commands:
        session.apply(command)
        session.finish()
    return session


def seen(session: Any, output: str = "", source: str = "", **more: Any) -> SeenJacobian:
    return jacobian.see(session, Jacobian(output, source, **more))


def after_forward(drawn_graph: Graph, values: Values) -> Any:
    """What a look takes of a session in which this graph has been computed."""
    known, tapes = dict(values), {}
    for node in drawn_graph.nodes:
        tapes[node.name] = stepper.forward(drawn_graph, node, known)
        known[node.name] = tapes[node.name].output.detach()
    state = State(0, len(drawn_graph.nodes), dict(values), {}, None, values=known, tapes=tapes)  # type: ignore[arg-type]
    return SimpleNamespace(look=lambda: state, state=state, experiment=SimpleNamespace(graph=drawn_graph))


def function(of: Graph, values: Values, output: str, source: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """`output` as a function of `source`, all else as it is."""
    known = values | stepper.evaluate(of, values)

    def run(given: torch.Tensor) -> torch.Tensor:
        now = {**known, source: given}
        for node in nodes_between(of, output, source):
            now[node.name] = apply(node, [now[each] if isinstance(each, str) else each for each in node.inputs])
        return now[output]

    return run


def expected(of: Graph, values: Values, output: str, source: str) -> torch.Tensor:
    """torch's Jacobian, (outputs, inputs)."""
    run = function(of, values, output, source)
    given = (values | stepper.evaluate(of, values))[source]
    found = torch.autograd.functional.jacobian(run, given)
    return found.reshape(run(given).numel(), given.numel())


def whole(found: SeenJacobian, of: Graph, session: Any) -> torch.Tensor:
    """The matrix that a seen Jacobian stands for."""
    rows, columns = int(np.prod(found.output_shape)), int(np.prod(found.source_shape))
    if found.kind == "none":
        return torch.zeros(rows, columns)
    if found.kind == "kronecker":
        out = found.source_shape[0]
        return torch.cat([torch.kron(torch.eye(out), x[None]) for x in numbers(found.matrix).float()])
    return numbers(found.matrix)


def windowed(found: SeenJacobian, right: torch.Tensor) -> torch.Tensor:
    """With the columns that are seen: of a weight's matrix the first of each row of the weight."""
    if found.kind != "kronecker" or found.matrix is None:
        return right
    by_weight = right.reshape(len(right), *found.source_shape)
    return by_weight[:, :, : found.matrix.shape[-1]].reshape(len(right), -1)


@pytest.mark.filterwarnings("ignore:Using a target size")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs(), st.data())
def test_any_jacobian_of_a_random_graph_is_that_of_torch(drawn: tuple[Graph, Values], data: st.DataObject) -> None:
    of, values = drawn
    session = after_forward(of, values)
    output = data.draw(st.sampled_from([node.name for node in of.nodes]))
    source = data.draw(st.sampled_from(sorted(of.differentiable - {output})))
    found = seen(session, output, source)
    rows, columns = int(np.prod(found.output_shape)), int(np.prod(found.source_shape))
    assume(max(rows, columns) <= 64)
    right = expected(of, values, output, source)
    assume(bool(torch.isfinite(right).all()))
    torch.testing.assert_close(whole(found, of, session).to(right), right, **TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(nets(), st.data())
def test_one_sample_of_a_net_is_that_block_of_the_whole_batch(drawn: tuple[Graph, Values], data: st.DataObject) -> None:
    of, values = drawn
    session = after_forward(of, values)
    output = data.draw(st.sampled_from([node.name for node in of.nodes]))
    sources = {each for node in nodes_between_all(of, output) for each in node} & of.differentiable - {output}
    source = data.draw(st.sampled_from(sorted(sources)))
    known = values | stepper.evaluate(of, values)
    samples = len(values["x"])
    assume(known[output].numel() * known[source].numel() <= 200_000)
    sample = data.draw(st.integers(0, samples - 1))
    found = seen(session, output, source, sample=sample)
    right = expected(of, values, output, source).reshape(*known[output].shape, *known[source].shape)
    right = right[sample] if output != of.loss else right
    if source not in of.parameters:
        right = right.movedim(known[output].dim() - (output != of.loss), 0)[sample]
    right = right.reshape(int(np.prod(found.output_shape)), int(np.prod(found.source_shape)))
    shown, right = whole(found, of, session).to(right), windowed(found, right)
    at = (slice(0, shown.shape[0]), slice(0, shown.shape[1]))
    torch.testing.assert_close(shown, right[at], **TOLERANCE)
    assert shown.numel() <= 4096 or found.kind == "kronecker"


def nodes_between_all(of: Graph, output: str) -> list[tuple[str, ...]]:
    """The inputs of everything that `output` hangs on."""
    before = {output}
    for node in reversed(of.nodes):
        if node.name in before:
            before.update(node.sources)
    return [node.sources for node in of.nodes if node.name in before]


# ---------------------------------------------------------------- upstream x Jacobian
@pytest.mark.parametrize("output", ["J", "g", "h"])
def test_what_is_passed_on_has_the_bits_of_the_contribution(output: str) -> None:
    session = opened(graph(GRAPH_J["inputs"], GRAPH_J["nodes"]), m.Advance("iteration"))
    for arrival in (each for each in session.look().contributions if each.source == output):
        found = seen(session, output, arrival.target)
        assert torch.equal(numbers(found.passed).reshape(arrival.value.shape), arrival.value)
        assert torch.equal(numbers(found.upstream).reshape(arrival.upstream.shape), arrival.upstream)
        local = stepper.local(session.look().tapes[output], arrival.position)
        assert local is not None and torch.equal(numbers(found.matrix).reshape(local.shape), local)


def test_upstream_is_there_only_once_all_of_it_has_arrived() -> None:
    session = opened(graph({"x": 1.0}, {"g": "3 * x", "h": "x ** 2", "f": "g ** 2 * h + h"}), m.Advance("phase"))
    complete = []
    for _ in range(session.experiment.length - session.state.cursor):
        complete.append([name for name in ("f", "h", "g") if seen(session, name).upstream is not None])
        session.apply(m.Advance("op"))
        session.finish()
    assert complete[0] == [] and ["f"] in complete and complete[-1] in (["f", "h"], ["f", "h", "g"])
    assert numbers(seen(session, "h").upstream).item() == 10.0


@pytest.mark.parametrize("source", ["linear1.weight", "linear1.bias", "act_fn", "linear2.weight"])
def test_the_parts_of_all_samples_together_are_what_is_passed_on(source: str) -> None:
    session = opened(net(NET), m.Advance("phase", 3))
    (arrival,) = [each for each in session.look().contributions if each.target == source]
    parts = [seen(session, arrival.source, source, sample=sample) for sample in range(4)]
    assert [part.sample for part in parts] == [0, 1, 2, 3] and {part.samples for part in parts} == {4}
    passed = torch.stack([numbers(part.passed) for part in parts])
    together = passed.sum(0) if parts[0].part else passed
    torch.testing.assert_close(together.reshape(arrival.value.shape), arrival.value)
    for part in (each for each in parts if each.kind != "kronecker"):
        torch.testing.assert_close(numbers(part.upstream) @ numbers(part.matrix), numbers(part.passed).reshape(-1))


def test_of_a_weight_the_product_of_upstream_and_input_is_what_is_passed_on() -> None:
    session = opened(net(NET), m.Advance("phase", 3))
    found = seen(session, "linear1", "linear1.weight", sample=2)
    assert found.kind == "kronecker" and found.part
    torch.testing.assert_close(numbers(found.upstream).T @ numbers(found.matrix), numbers(found.passed))
    assert torch.equal(numbers(found.matrix)[0], session.look().batch["x"][2])


def test_after_the_step_the_jacobian_is_still_that_of_the_weights_before_it() -> None:
    session = opened(net(NET), m.Advance("phase", 3))
    before = seen(session, "linear2", "act_fn")
    session.apply(m.Advance("op"))
    session.finish()
    assert session.look().cursor == session.experiment.length
    assert seen(session, "linear2", "act_fn").matrix == before.matrix
    assert not torch.equal(numbers(before.matrix), session.look().parameters["linear2.weight"])


# ---------------------------------------------------------------- forms
def test_elementwise_operations_are_a_diagonal() -> None:
    session = opened(graph({"z": [1.0, -2.0, 0.5]}, {"t": "tanh(z)", "J": "sum(t)"}), m.Advance("phase"))
    found = seen(session, "t", "z")
    assert found.kind == "diagonal"
    torch.testing.assert_close(numbers(found.matrix), torch.diag(1 - torch.tanh(torch.tensor([1.0, -2.0, 0.5])) ** 2))
    assert seen(session, "J", "z").kind == "dense"


def test_of_a_layer_to_its_input_it_is_the_weight() -> None:
    session = opened(net(NET), m.Advance("phase"))
    found = seen(session, "linear2", "act_fn")
    assert found.kind == "weight" and found.factors == ("act_fn", "linear2.weight", "linear2.bias", "linear2")
    assert torch.equal(numbers(found.matrix), session.look().parameters["linear2.weight"])


def test_through_an_operation_that_no_gradient_passes_there_is_none() -> None:
    session = opened(graph({"a": 2.0, "b": 1.0}, {"s": "heaviside(a)", "u": "b * b", "J": "s * u"}), m.Advance("phase"))
    assert seen(session, "s", "a").kind == "none"
    assert seen(session, "u", "a").kind == "none"
    assert seen(session, "J", "b").kind == "dense"


def test_of_a_tensor_to_itself_it_is_the_identity() -> None:
    session = opened(graph({"z": [1.0, 2.0]}, {"t": "tanh(z)", "J": "sum(t)"}), m.Advance("phase"))
    assert torch.equal(numbers(seen(session, "t", "t").matrix), torch.eye(2))


def test_it_is_of_the_operation_last_done_to_its_first_input() -> None:
    session = opened(graph(GRAPH_J["inputs"], GRAPH_J["nodes"]), m.Advance("op", 2))
    found = seen(session)
    assert (found.output, found.source) == ("g", "a")


@pytest.mark.parametrize(
    ("output", "source", "key"),
    [("J", "", "chain.not_yet"), ("J", "g", "chain.not_yet"), ("nowhere", "", "look.no_operation"),
     ("g", "nowhere", "chain.no_gradient"), ("h", "n", "chain.no_gradient")],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_in_a_sentence(output: str, source: str, key: str) -> None:
    inputs = {**GRAPH_J["inputs"], "n": {"value": 1, "dtype": "int64"}}
    session = opened(graph(inputs, {"h": "2 * b + n", "g": "a + h", "J": "g * c"}), m.Advance("op", 3))
    found = seen(session, output, source)
    assert found.refused is not None and found.refused.key == key


# ---------------------------------------------------------------- size
BIG: dict[str, Any] = {
    **NET,
    "data": {"kind": "xor", "n": 128, "noise": 0.1, "seed": 1, "test": 6},
    "layers": [
        {"name": "linear1", "kind": "linear", "out": 512}, {"name": "act1", "kind": "tanh"},
        {"name": "linear2", "kind": "linear", "out": 512}, {"name": "act2", "kind": "tanh"},
        {"name": "linear3", "kind": "linear", "out": 1},
    ],
    "batch": {"size": 128, "order": "shuffle"},
}  # fmt: skip


@pytest.fixture(scope="module")
def big() -> Any:
    return opened(net(BIG), m.Advance("phase", 3))


@pytest.mark.parametrize("output", ["linear1", "act1", "linear2", "act2", "linear3", "loss"])
def test_of_a_big_net_only_a_window_is_computed_and_sent(big: Any, output: str) -> None:
    before = {each for sources in nodes_between_all(big.experiment.graph, output) for each in sources} - {output}
    for source in sorted(before & big.experiment.graph.differentiable):
        found = seen(big, output, source, sample=5, row=32, column=96)
        arrays = [each for each in (found.matrix, found.upstream, found.passed) if each is not None]
        assert len(arrays) == 3
        assert all(each.data is not None and int(np.prod(each.shape)) <= 4096 for each in arrays)


def test_a_window_is_that_part_of_the_whole(big: Any) -> None:
    state = big.look()
    found = seen(big, "act2", "act1", sample=5, row=480, column=100)
    assert (found.row, found.column) == (480, 100)
    weight = state.tapes["linear2"].inputs[1].detach()
    slope = 1 - state.values["act2"][5] ** 2
    torch.testing.assert_close(numbers(found.matrix), (slope[:, None] * weight)[480:544, 100:164])
    diagonal = numbers(seen(big, "act2", "linear2", sample=5, row=480, column=470).matrix)
    assert diagonal.shape == (32, 42)
    torch.testing.assert_close(diagonal, torch.diag(slope)[480:544, 470:534])


def test_a_sample_beyond_the_batch_begins_again(big: Any) -> None:
    assert seen(big, "act2", "act1", sample=128 + 3).sample == 3
    assert seen(big, "act2", "act1", sample=-1).sample == 127


# ---------------------------------------------------------------- the numbers of the decks
def test_the_jacobian_of_softmax() -> None:
    session = opened(graph({"z": [2.0, 1.0, -1.0]}, {"p": "softmax(z)", "J": "sum(p)"}), m.Advance("phase"))
    rows = [[0.208, -0.183, -0.025], [-0.183, 0.192, -0.009], [-0.025, -0.009, 0.034]]
    found = numbers(seen(session, "p", "z").matrix)
    torch.testing.assert_close(found, torch.tensor(rows), rtol=0, atol=5e-4)
    torch.testing.assert_close(found.sum(1), torch.zeros(3), rtol=0, atol=1e-6)


def test_the_gradient_of_a_composition_on_vectors() -> None:
    spec = graph(
        {"W": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "v": [4.0, 3.0], "x": [1.0, 1.0, 1.0]}, {"g": "W @ x", "f": "v @ g"}
    )
    session = opened(spec, m.Advance("iteration"))
    assert numbers(seen(session, "f", "x").matrix).tolist() == [[16.0, 23.0, 30.0]]
    local = seen(session, "g", "x")
    assert numbers(local.matrix).tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert numbers(local.upstream).tolist() == [4.0, 3.0] and numbers(local.passed).tolist() == [16.0, 23.0, 30.0]


def test_a_look_does_not_change_what_is_looked_at() -> None:
    session = opened(net(NET), m.Advance("phase", 2))
    before = replace(session.look())
    seen(session, "linear2", "linear1.weight")
    after = session.look()
    assert after.values is before.values and after.tapes is before.tapes and after.grads is before.grads
