"""Finite differences: within their error bounds, and forward differences of the first order."""

from __future__ import annotations

from itertools import pairwise

import pytest

from engine.experiment import Experiment
from engine.finite_differences import STEPS, central_difference, evaluations, forward_difference
from engine.restriction import Restriction
from engine.spec import Graph
from tests.engine import random_graphs
from tests.engine.examples import GRAPH_J, graph

EPSILON = 2.0**-52


def function(given: Graph, source: str = "") -> Restriction:
    experiment = Experiment(given)
    return Restriction.of(experiment.graph, experiment.leaves(experiment.initial()), "", source)


def double(value: object) -> dict[str, object]:
    return {"value": value, "dtype": "float64"}


def smooth(seed: int) -> Restriction:
    return function(random_graphs.expression_graph(seed, smooth=True, scalar=True))


@pytest.mark.parametrize("seed", range(30))
def test_central_differences_converge_until_rounding_stops_them(seed: int) -> None:
    """The error at h / 10 is about 1 / 100 of that at h, or that of rounding."""
    given = smooth(seed)
    exact = float(given.gradients(())[given.source])
    scale = max(abs(float(given.known[node.name])) for node in given.nodes) + abs(exact)
    for h in (1e-3, 1e-4):
        wide, narrow = (abs(central_difference(given, (), step) - exact) for step in (h, h / 10))
        assert narrow <= wide / 20 + 200 * EPSILON * scale / (h / 10)


CUBIC = graph({"x": double(2)}, {"f": "x**3"})


@pytest.mark.parametrize("h", [1e-1, 1e-2, 1e-3])
def test_the_truncation_errors_are_those_of_taylor(h: float) -> None:
    """Of x³ at 2: f'' / 2 h + f''' / 6 h² = 6h + h² forwards, and h² for central differences."""
    given = function(CUBIC)
    assert forward_difference(given, (), h) - 12 == pytest.approx(6 * h + h * h, rel=1e-6)
    assert central_difference(given, (), h) - 12 == pytest.approx(h * h, rel=1e-4)


def test_the_error_of_forward_differences_halves_with_h() -> None:
    given = function(graph({"x": double(0.7)}, {"f": "sin(x) * exp(x)"}))
    exact = float(given.gradients(())["x"])
    errors = [abs(forward_difference(given, (), 2.0**-power) - exact) for power in range(6, 14)]
    assert all(after / before == pytest.approx(0.5, rel=0.02) for before, after in pairwise(errors))


def test_too_small_a_step_is_lost_in_rounding() -> None:
    given = function(graph({"x": 3.0}, {"f": "x * x"}))
    assert central_difference(given, (), 1e-9) == 0.0  # 3 + 1e-9 is 3 in float32
    assert central_difference(given.precise(), (), 1e-9) == pytest.approx(6, rel=1e-6)


def test_one_element_is_moved_and_nothing_of_the_experiment() -> None:
    given = function(graph({"W": double([[1.0, 2.0], [3.0, 4.0]])}, {"f": "sum(W ** 2)"}))
    before = given.value.clone()
    assert central_difference(given, (1, 0), 1e-4) == pytest.approx(6)
    assert given.value.equal(before)


def test_a_node_is_moved_whatever_computed_it() -> None:
    given = function(graph(GRAPH_J["inputs"], GRAPH_J["nodes"]), "g")
    assert central_difference(given.precise(), (), 1e-3) == pytest.approx(-2)


def test_float_does_not_take_the_precision_away() -> None:
    given = function(graph({"x": double(0.3)}, {"f": "float(x) ** 2"})).precise()
    assert central_difference(given, (), 1e-6) == pytest.approx(0.6, rel=1e-9)


def test_the_steps_and_the_cost() -> None:
    assert STEPS[0] == 1e-12 and STEPS[-1] == 1 and 1e-3 in STEPS
    assert (evaluations("forward", 17), evaluations("central", 17)) == (18, 34)
