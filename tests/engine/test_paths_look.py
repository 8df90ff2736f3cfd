"""The paths that are looked at: all of them, each with its product, and together they are autograd's gradient."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine import messages as m
from engine import stepper
from engine.graph import Graph
from engine.looks import paths
from engine.looks.records import Paths, SeenPaths
from tests.engine.examples import GRAPH_J, NET, graph, net
from tests.engine.test_jacobian_look import BIG, after_forward, expected, numbers, opened
from tests.engine.test_stepper import Values, graphs, nets


def seen(session: Any, output: str = "", source: str = "", **more: Any) -> SeenPaths:
    return paths.see(session, Paths(output, source, **more))


def own(found: SeenPaths) -> list[Any]:
    return [path for path in found.paths if path.leaf == found.source]


def written(found: SeenPaths) -> list[str]:
    """`b → h → g → J`"""
    return [" → ".join((path.leaf, *(found.links[each].target for each in path.links))) for path in own(found)]


def total(found: SeenPaths) -> torch.Tensor:
    return numbers(found.total)


def by_brute_force(of: Graph, output: str, source: str) -> int:
    """Paths counted one at a time."""
    if output == source:
        return 1
    if output not in (node.name for node in of.nodes):
        return 0
    return sum(by_brute_force(of, each, source) for each in of.node(output).sources)


@pytest.mark.filterwarnings("ignore:Using a target size")
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(graphs(), st.data())
def test_the_products_of_all_paths_of_a_random_graph_add_up_to_the_gradient(
    drawn: tuple[Graph, Values], data: st.DataObject
) -> None:
    of, values = drawn
    session = after_forward(of, values)
    output = data.draw(st.sampled_from([node.name for node in of.nodes]))
    source = data.draw(st.sampled_from(sorted(of.differentiable - {output})))
    found = seen(session, output, source)
    assume(found.refused is None and found.count <= paths.MOST)
    right = expected(of, values, output, source).double()
    assume(bool(torch.isfinite(right).all()))
    assert found.count == len(own(found)) == by_brute_force(of, output, source)
    products = [numbers(path.product).double() for path in own(found)]
    size = sum(float(each.abs().max()) for each in products)
    near = {"rtol": 1e-4, "atol": 1e-5 * (1 + size)}  # many graphs are in float32
    torch.testing.assert_close(total(found).double(), right, **near)
    torch.testing.assert_close(sum(products, torch.zeros_like(right)), right, **near)


SMOOTH = ("tanh({})", "sin({})", "{} * {}", "{} + {}", "{} - {}", "2 * {}", "sigmoid({})", "exp(-{} * {})")


@st.composite
def scalars(draw: st.DrawFn) -> Any:
    """A graph of smooth operations on three numbers, in float64."""
    nodes: dict[str, str] = {}
    for number in range(draw(st.integers(2, 10))):
        written = draw(st.sampled_from(SMOOTH))
        known = [*"abc", *list(nodes)[-3:]]
        names = [draw(st.sampled_from(known)) for _ in range(written.count("{}"))]
        nodes[f"n{number}"] = written.format(*names)
    numbers_ = st.floats(-1.5, 1.5, allow_subnormal=False)
    return graph({name: {"value": draw(numbers_), "dtype": "float64"} for name in "abc"}, nodes)


@settings(max_examples=60, deadline=None)
@given(scalars(), st.sampled_from("abc"))
def test_in_float64_the_sum_over_the_paths_is_the_gradient_to_its_last_digits(spec: Any, source: str) -> None:
    session = opened(spec, m.Advance("phase"))
    found = seen(session, "", source)
    assume(found.count <= paths.MOST)
    assert found.count == by_brute_force(session.experiment.graph, found.output, source)
    for path in own(found):
        factors = [numbers(found.links[each].local).item() for each in path.links]
        assert numbers(path.product).item() == pytest.approx(math.prod(factors), rel=1e-12, abs=1e-300)
    products = [numbers(path.product).item() for path in own(found)]
    gradient = total(found).item()
    assert math.fsum(products) == pytest.approx(gradient, rel=1e-11, abs=1e-13 * (1 + sum(map(abs, products))))


@settings(max_examples=40, deadline=None)
@given(nets(), st.data())
def test_the_one_path_to_a_weight_of_a_net_is_its_gradient(drawn: tuple[Graph, Values], data: st.DataObject) -> None:
    of, values = drawn
    session = after_forward(of, values)
    source = data.draw(st.sampled_from(of.parameters))
    assume(values[source].numel() <= 4096)
    found = seen(session, "loss", source)
    _, gradients = stepper.loss_and_gradients(of, values, [source])
    assert found.count == 1
    (path,) = own(found)
    torch.testing.assert_close(numbers(path.product).reshape(values[source].shape), gradients[source])


@pytest.mark.parametrize("sample", range(4))
def test_of_one_sample_the_paths_are_those_of_its_own_numbers(sample: int) -> None:
    session = opened(net(NET), m.Advance("phase", 3))
    found = seen(session, "loss", "linear1", sample=sample)
    torch.testing.assert_close(total(found)[0], session.look().grads["linear1"][sample])
    torch.testing.assert_close(numbers(own(found)[0].product), total(found))
    deep = seen(session, "linear2", "linear1", sample=sample)
    assert deep.output_shape == (1,) and deep.source_shape == (4,)
    torch.testing.assert_close(numbers(own(deep)[0].product), total(deep))


# ---------------------------------------------------------------- the numbers of the decks
J = graph(GRAPH_J["inputs"], GRAPH_J["nodes"])


@pytest.mark.parametrize(
    ("source", "path", "factors", "gradient"),
    [("a", "a → g → J", [1, -2], -2), ("b", "b → h → g → J", [2, 1, -2], -4), ("c", "c → J", [5], 5)],
)
def test_one_path_survives_for_each_input_and_two_vanish(
    source: str, path: str, factors: list[float], gradient: float
) -> None:
    found = seen(opened(J, m.Advance("phase")), "J", source)
    assert written(found) == [path] and found.count == 1
    assert [numbers(found.links[each].local).item() for each in found.paths[0].links] == factors
    assert numbers(found.paths[0].product).item() == gradient == total(found).item()
    assert sorted({"a", "b", "c"} - {source}) == [each.leaf for each in found.paths[1:]]
    assert all(each.product is None for each in found.paths[1:])


def test_where_paths_meet_their_products_are_added() -> None:
    spec = graph({"a": 2.0, "b": 1.0}, {"g": "a + b", "h": "b + 1", "J": "g * h"})
    found = seen(opened(spec, m.Advance("phase")), "J", "b")
    assert written(found) == ["b → g → J", "b → h → J"]
    assert [numbers(path.product).item() for path in own(found)] == [2, 3] and total(found).item() == 5


def test_the_worked_chain_rule_in_two_inputs() -> None:
    spec = graph({"x": 1.0}, {"g": "3 * x", "h": "x ** 2", "f": "g ** 2 * h + h"})
    found = seen(opened(spec, m.Advance("phase")), "f", "x")
    products: dict[str, float] = {}
    for path, text in zip(own(found), written(found), strict=True):
        via = "g" if "→ g" in text else "h"
        products[via] = products.get(via, 0.0) + numbers(path.product).item()
    assert products == {"g": 18.0, "h": 20.0} and total(found).item() == 38.0


def test_a_gradient_in_two_inputs() -> None:
    spec = graph({"x": 3.0, "y": 2.0}, {"s": "x ** 2", "p": "s * y", "f": "p + y"})
    session = opened(spec, m.Advance("phase"))
    assert [total(seen(session, "f", name)).item() for name in "xy"] == [12.0, 10.0]
    assert [numbers(path.product).item() for path in own(seen(session, "f", "y"))] == [9.0, 1.0]


def test_a_number_times_itself_goes_two_ways() -> None:
    found = seen(opened(graph({"x": 3.0}, {"s": "x * x", "J": "s * s"}), m.Advance("phase")), "J", "x")
    assert found.count == 4 and len(own(found)) == 4
    assert {found.paths[0].links, found.paths[1].links} < set(product(range(4), repeat=2))
    assert sum(numbers(path.product).item() for path in own(found)) == total(found).item() == 4 * 27


# ---------------------------------------------------------------- what vanishes
def test_the_factor_that_makes_a_path_vanish_is_named() -> None:
    spec = graph({"x": 2.0}, {"z": "x - 5", "r": "relu(z)", "t": "3 * r", "J": "t + x"})
    found = seen(opened(spec, m.Advance("phase")), "J", "x")
    assert written(found) == ["x → z → r → t → J", "x → J"]
    assert [path.zeros for path in own(found)] == [(1,), ()]
    assert [numbers(path.product).item() for path in own(found)] == [0.0, 1.0]


def test_a_layer_whose_units_are_all_off_lets_nothing_through() -> None:
    spec = graph({"x": [1.0] * 20, "W": [[-1.0] * 20] * 20}, {"z": "W @ x", "r": "relu(z)", "J": "sum(r)"})
    found = seen(opened(spec, m.Advance("phase")), "J", "x")
    (path,) = own(found)
    assert [found.links[each].target for each in path.links] == ["z", "r", "J"]
    assert path.zeros == (1,) and found.links[path.links[1]].local is None


def test_no_path_goes_through_an_operation_without_a_gradient_alive() -> None:
    spec = graph({"a": 2.0, "b": 3.0}, {"s": "heaviside(a)", "J": "s * b + a"})
    found = seen(opened(spec, m.Advance("phase")), "J", "a")
    dead = [path for path in own(found) if path.zeros]
    assert found.count == 2 and len(dead) == 1 and numbers(dead[0].product).item() == 0
    assert total(found).item() == 1


# ---------------------------------------------------------------- before, and too much
def test_paths_are_known_as_soon_as_the_output_is() -> None:
    session = opened(J, m.Advance("op", 2))
    refused = seen(session).refused
    assert refused is not None and refused.key == "chain.not_yet"
    session.apply(m.Advance("op"))
    session.finish()
    assert written(seen(session)) == ["a → g → J"] and not session.look().contributions


def test_more_paths_than_are_shown_are_counted() -> None:
    nodes = {"n0": "x * x", **{f"n{i}": f"n{i - 1} * n{i - 1}" for i in range(1, 60)}}
    found = seen(opened(graph({"x": 1.0}, nodes), m.Advance("phase")), "n59", "x")
    assert len(found.paths) == paths.MOST and found.count == paths.COUNTED
    small = seen(opened(graph({"x": 1.0}, nodes), m.Advance("phase")), "n9", "x")
    assert small.count == 2**10 and math.isclose(total(small).item(), 2**10)


def test_of_a_big_net_norms_are_sent_and_nothing_else() -> None:
    found = seen(opened(net(BIG), m.Advance("phase", 2)), "loss", "linear2.weight")
    (path,) = own(found)
    assert path.product is not None and path.product.data is None and path.product.stats is not None
    assert path.product.shape == (1, 512 * 512) and found.total is not None and found.total.data is None
    assert all(link.local is None or int(np.prod(link.local.shape)) <= paths.LOCAL for link in found.links)


def test_an_output_of_many_elements_is_refused() -> None:
    session = opened(net(BIG), m.Advance("phase", 2))
    refused = seen(session, "act2", "linear1.weight").refused
    assert refused is not None and refused.key == "chain.too_large"


def test_integers_have_no_paths() -> None:
    spec = graph({"n": {"value": 2, "dtype": "int64"}, "a": 1.0}, {"J": "n * a"})
    session = opened(spec, m.Advance("phase"))
    refused = seen(session, "J", "n").refused
    assert refused is not None and refused.key == "chain.no_gradient"
    assert seen(session).source == "a"
