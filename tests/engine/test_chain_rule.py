"""The chain rule walked by the written derivatives gives what autograd gives; a restriction is a part of a graph."""

from __future__ import annotations

import pytest
import torch

from engine import messages as m
from engine.chain_rule import walk
from engine.experiment import Experiment
from engine.restriction import Restriction
from engine.session import Session
from engine.spec import Graph, Net
from engine.words import Refused
from tests.engine import random_graphs
from tests.engine.examples import GRAPH_J, NET, graph, net

J = graph(GRAPH_J["inputs"], GRAPH_J["nodes"])


def function(given: Graph | Net, source: str = "", output: str = "") -> Restriction:
    experiment = Experiment(given)
    return Restriction.of(experiment.graph, experiment.leaves(experiment.initial()), output, source)


@pytest.mark.parametrize("seed", range(60))
def test_the_rule_agrees_with_autograd_on_random_graphs(seed: int) -> None:
    given = random_graphs.expression_graph(seed)
    for name in given.inputs:
        restricted = function(given, name)
        expected = restricted.gradients(())[name]
        torch.testing.assert_close(walk(restricted)[0], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(15))
def test_the_rule_agrees_with_autograd_on_small_nets(seed: int) -> None:
    given = random_graphs.net(seed)
    for source in ("last.weight", "last.bias"):
        restricted = function(given, source).precise()
        torch.testing.assert_close(walk(restricted)[0], restricted.gradients(())[source], rtol=1e-9, atol=1e-12)


def test_the_steps_lead_from_the_output_to_the_source() -> None:
    found, steps = walk(function(J, "b"))
    assert float(found) == -4
    said = [(each.source, each.target, each.text, float(each.value)) for each in steps]
    assert said == [("J", "g", "grad(J) * c", -2), ("g", "h", "grad(g)", -2), ("h", "b", "grad(h) * 2", -4)]


def test_paths_that_meet_are_added() -> None:
    found, steps = walk(function(graph({"x": 3.0}, {"f": "x * x + x"})))
    assert float(found) == 7 and [each.target for each in steps].count("x") == 3


def test_a_source_that_is_a_node_ends_the_walk() -> None:
    found, steps = walk(function(J, "g"))
    assert float(found) == -2 and len(steps) == 1


# ---------------------------------------------------------------- restrictions
def test_the_gradients_are_those_that_the_learner_sees_bit_for_bit() -> None:
    session = Session(net(NET))
    session.apply(m.Advance("iteration"))
    session.finish()
    state, experiment = session.look(), session.experiment
    restricted = Restriction.of(experiment.graph, experiment.leaves(state.start), "", "linear1.weight")
    found = restricted.gradients(restricted.parameters)
    assert restricted.parameters == experiment.graph.parameters and restricted.count == 17
    assert all(torch.equal(found[name], state.grads[name]) for name in restricted.parameters)


def test_the_first_leaf_is_the_one_that_nobody_chose() -> None:
    assert function(J).source == "a"
    assert function(J, output="h").source == "b"
    assert function(net(NET)).source == "linear1.weight"


def test_what_the_output_does_not_depend_on_has_the_derivative_0() -> None:
    given = function(J, "a", "h")
    assert float(given.gradients(())["a"]) == 0 == float(walk(given)[0])


@pytest.mark.parametrize(
    ("source", "output", "key"),
    [
        ("", "no", "look.no_operation"),
        ("no", "", "look.no_tensor"),
        ("k", "", "look.not_differentiable"),
        ("", "v", "look.many_numbers"),
    ],
)
def test_what_cannot_be_differentiated_is_refused_with_a_reason(source: str, output: str, key: str) -> None:
    given = graph(
        {"a": [1.0, 2.0], "k": {"value": 2, "dtype": "int64"}},
        {"v": "a * k", "f": "sum(v)"},
    )
    with pytest.raises(Refused) as refused:
        function(given, source, output)
    assert refused.value.sentence.key == key


def test_an_index_that_there_is_not_is_refused() -> None:
    given = function(net(NET), "linear1.weight")
    assert given.place(()) == (0, 0) and given.place((3, 1)) == (3, 1)
    for index in ((4, 0), (0,), (-1, 0)):
        with pytest.raises(Refused):
            given.place(index)
