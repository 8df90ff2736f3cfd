"""One operation taken apart: what arrives, what is passed on and the few numbers spelled out are autograd's."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine import messages as m
from engine import stepper
from engine.begin import begin
from engine.looks.operation import see
from engine.looks.reach import Form, reach
from engine.looks.records import Operation, SeenOperation, Taken, Window
from engine.looks.shares import Case, share
from engine.looks.windows import SIDE, unravel, window
from engine.session import Session
from tests.engine import random_graphs
from tests.engine.examples import GRAPH_J, NET, graph, net
from tests.engine.operation_cases import DIFFERENTIABLE, case

BOUND = 24_000  # bytes of what is seen of one operation, however large it is


def done(session: Session, *commands: m.AnyCommand) -> Session:
    for command in commands:
        session.apply(command)
        session.finish()
    return session


def numbers(found: Window | None) -> Any:
    assert found is not None and found.numbers.data is not None
    return np.frombuffer(found.numbers.data, dtype=found.numbers.dtype).reshape(found.numbers.shape)


def part(tensor: torch.Tensor, like: Window) -> Any:
    """The same window of a tensor, by plain slicing of its rows."""
    rows = tensor.reshape(like.count).numpy()
    return rows[like.top : like.top + SIDE, like.left : like.left + SIDE]


class Made(TorchDispatchMode):
    """Notes the largest tensor that is computed or copied; a view of another is neither."""

    largest = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        given = {each.untyped_storage().data_ptr() for each in tree_leaves(args) if isinstance(each, torch.Tensor)}
        for each in tree_leaves(result):
            if isinstance(each, torch.Tensor) and each.untyped_storage().data_ptr() not in given:
                self.largest = max(self.largest, each.numel())
        return result


def only(seen: SeenOperation) -> Taken:
    (taken,) = seen.parts
    return taken


# ---------------------------------------------------------------- windows
@given(st.lists(st.integers(1, 20), max_size=4), st.integers(0, 10**6), st.booleans())
def test_a_window_holds_the_element_and_the_bits_around_it(sizes: list[int], place: int, turned: bool) -> None:
    count = math.prod(sizes)
    whole = torch.arange(float(count)).reshape(sizes)
    whole = whole.mT if turned and whole.dim() > 1 else whole
    index = unravel(place % count, tuple(whole.shape))
    found = window(whole, index)
    shown = numbers(found)
    assert shown.size <= SIDE * SIDE
    assert (shown == part(whole, found)).all()
    assert float(whole[index]) in shown


# ---------------------------------------------------------------- whole experiments
def check_backward(session: Session) -> None:
    """Upstream is autograd's gradient, bit for bit, and the sum of what arrived."""
    experiment = session.experiment
    state = session.look()
    leaves = experiment.leaves(state.start)
    names = [node.name for node in experiment.graph.nodes]
    _, grads = stepper.loss_and_gradients(experiment.graph, leaves, names, experiment.seed_gradient)
    for name in experiment.graph.backward_order:
        for element in (0, 5):
            taken = only(see(session, Operation(name, element)))
            assert taken.complete and taken.upstream is not None
            assert (numbers(taken.upstream) == part(grads[name], taken.upstream)).all()
            if taken.arrivals:
                came = [each.element for each in taken.arrivals if each.element is not None]
                added = torch.tensor(came[0], dtype=grads[name].dtype)
                for each in came[1:]:
                    added = added + each
                assert float(added) == taken.upstream_element
            for argument in taken.arguments:
                shared = argument.share
                if shared is not None and shared.count <= SIDE:
                    total = sum(a * b for a, b in zip(shared.upstream, shared.local, strict=True))
                    assert shared.total == pytest.approx(total, rel=1e-3, abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_in_random_graphs_what_arrives_adds_up_to_autograds_gradient(seed: int) -> None:
    session = begin(random_graphs.expression_graph(seed), None, "cpu")
    check_backward(done(session, m.Advance("iteration")))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_in_random_nets_too(seed: int) -> None:
    session = begin(random_graphs.net(seed), None, "cpu")
    check_backward(done(session, m.Advance("phase", 3)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 40), st.booleans())
def test_at_every_moment_there_is_something_to_see(seed: int, operations: int, opened: bool) -> None:
    given = random_graphs.net(seed) if seed % 2 else random_graphs.expression_graph(seed)
    session = done(begin(given, None, "cpu"), m.Advance("op", operations))
    state = session.look()
    for node in session.experiment.graph.nodes:
        seen = see(session, Operation(node.name, seed, opened))
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(seen), type=SeenOperation) == seen
        taken = seen.parts[-1]
        assert (taken.value is not None) == (node.name in state.values)
        assert all(each.contribution is None for each in taken.arguments) or taken.done_backward


# ---------------------------------------------------------------- one element
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(DIFFERENTIABLE), st.integers(0, 10**6), st.integers(0, 10**6))
def test_an_elements_share_is_what_autograd_passes_to_it(op: str, seed: int, element: int) -> None:
    given = case(op, seed)
    tape = given.tape()
    upstream = given.upstream(tape.output)
    shapes = tuple(tuple(each.shape) if isinstance(each, torch.Tensor) else () for each in tape.inputs)
    form = Form(given.node, shapes, tuple(tape.output.shape))
    index = unravel(element % math.prod(form.space), form.space)
    reached = reach(form, index)
    for passed in stepper.backward(tape, upstream):
        place = reached[passed.position].places[reached[passed.position].pivot]
        found = share(Case(form, tape.inputs), passed.position, place, upstream, passed.value)
        if found is None:
            assert op == "matmul" or op in ("mse", "sse", "half_sse", "bce", "bce_logits"), "only these give up"
            continue
        assert found.total == float(passed.value[place])
        if found.count <= SIDE:
            total = sum(a * b for a, b in zip(found.upstream, found.local, strict=True))
            assert total == pytest.approx(found.total, rel=1e-3, abs=1e-4)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(("linear", "matmul", "dot", "sum")), st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_numbers_that_go_into_an_element_come_to_it(op: str, seed: int, element: int) -> None:
    """A sum and a sum of products, computed from these numbers alone."""
    given = case(op, seed)
    tape = given.tape()
    shapes = tuple(tuple(each.shape) if isinstance(each, torch.Tensor) else () for each in tape.inputs)
    form = Form(given.node, shapes, tuple(tape.output.shape))
    index = unravel(element % math.prod(form.output), form.output)
    reached = reach(form, index)
    assume(reached[0].count <= SIDE)
    rows = [[float(torch.as_tensor(tape.inputs[n])[at]) for at in each.places] for n, each in enumerate(reached)]
    total = sum(rows[0]) if op == "sum" else sum(a * b for a, b in zip(rows[0], rows[1], strict=True))
    total += rows[2][0] if len(rows) == 3 else 0
    assert total == pytest.approx(float(tape.output.detach()[index]), rel=1e-4, abs=1e-4)


def test_where_paths_meet_every_term_is_told_with_where_it_comes_from() -> None:
    given = graph({"b": 2.0, "c": 3.0}, {"d": "b * c", "e": "b ** 2", "J": "d * 2 + e"})
    session = done(begin(given, None, "cpu"), m.Advance("phase"), m.Advance("op", 2))
    taken = only(see(session, Operation("e")))
    met = {each.source: each.element for each in taken.arguments[0].met}
    assert met["e"] is None or met["d"] is None, "one path is still to come"
    done(session, m.Advance("phase"))
    taken = only(see(session, Operation("e")))
    gradient = session.look().grads["b"]
    assert sum(each.element or 0 for each in taken.arguments[0].met) == float(gradient) == 10.0


# ---------------------------------------------------------------- opened
@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 60))
def test_an_opened_layer_is_its_product_and_its_sum_within_rounding(seed: int, element: int) -> None:
    random = Random(seed)
    units = random.randint(1, 40)
    layers = [{"name": "one", "kind": "linear", "out": units}]
    table = {"x": [[random.uniform(-2, 2) for _ in range(5)] for _ in range(9)]}
    table["y"] = [[random.random() for _ in range(units)] for _ in range(9)]
    given = net(layers=layers, data={"kind": "table", **table}, loss="mse", seed=seed % 1000, batch={"size": 9})
    session = done(begin(given, None, "cpu"), m.Advance("phase", 3))
    state = session.look()
    product, added = see(session, Operation("one", element, opened=True)).parts
    x, weight, bias = (each.detach() for each in state.tapes["one"].inputs)  # type: ignore[union-attr]
    whole = x @ weight.T
    assert numbers(product.value) == pytest.approx(part(whole, product.value), rel=1e-4, abs=1e-5)  # type: ignore[arg-type]
    assert numbers(added.value) == pytest.approx(part(whole + bias, added.value), rel=1e-4, abs=1e-5)  # type: ignore[arg-type]
    assert product.out is not None and added.out is not None and added.index is not None
    assert product.out + float(bias[added.index[1]]) == pytest.approx(added.out, rel=1e-4, abs=1e-5)
    whole, weight = whole.requires_grad_(), weight.requires_grad_()
    gradient = torch.autograd.grad(x @ weight.T, weight, state.grads["one"])[0]
    passed = product.arguments[1].contribution
    assert passed is not None and numbers(passed) == pytest.approx(part(gradient, passed), rel=1e-4, abs=1e-6)
    above = added.arguments[0].contribution
    assert above == product.upstream == added.upstream, "an addition passes on what came"


def test_folded_operations_of_an_expression_are_opened() -> None:
    given = graph(GRAPH_J["inputs"], {"h": "(a + b) * c", "J": "h ** 2"})
    session = done(begin(given, None, "cpu"), m.Advance("iteration"))
    seen = see(session, Operation("h", opened=True))
    assert [each.node for each in seen.parts] == ["h.1", "h"]
    assert seen.opens and not see(session, Operation("J")).opens


# ---------------------------------------------------------------- sizes
def test_what_is_seen_of_a_large_layer_is_small_and_needs_little_work() -> None:
    layers = [{"name": f"linear{n}", "kind": "linear", "out": 4096} for n in range(2)]
    layers.append({"name": "last", "kind": "linear", "out": 1})
    given = net(layers=layers)
    session = done(begin(given, None, "cpu"), m.Advance("phase", 3))
    for opened in (False, True):
        with Made() as made:
            seen = see(session, Operation("linear1", 5, opened))
        assert len(msgspec.msgpack.encode(seen)) < BOUND
        assert made.largest <= 4096 * SIDE, "some rows of the layer, and never all of it"


def test_a_node_that_is_not_there_is_refused_in_words() -> None:
    seen = see(begin(net(NET), None, "cpu"), Operation("nothing"))
    assert seen.refused is not None and seen.refused.key == "look.no_operation"


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_numbers_that_are_not_finite_are_seen_as_they_are(value: float) -> None:
    session = begin(graph({"a": 0.0, "b": 1.0}, {"g": "a * b"}), None, "cpu")
    state = session.state
    session.state = type(state)(**{**state.__dict__, "parameters": {**state.parameters, "a": torch.tensor(value)}})
    taken = only(see(done(session, m.Advance("op")), Operation("g")))
    assert taken.out is not None and (taken.out == value or (math.isnan(value) and math.isnan(taken.out)))


def test_whole_numbers_and_truths_are_seen() -> None:
    inputs = {"i": {"value": [1, 2, 3], "dtype": "int64"}, "x": [1.0, 2.5, 3.0]}
    session = begin(graph(inputs, {"same": "x == i", "out": "sum(x * i)"}), None, "cpu")
    done(session, m.Advance("iteration"))
    taken = only(see(session, Operation("same", 1)))
    assert taken.value is not None and taken.value.dtype == "bool" and taken.out == 0.0
    assert not any(each.differentiable for each in only(see(session, Operation("out.1"))).arguments[1:])
