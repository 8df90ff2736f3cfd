"""Backward taken apart, over a thousand random graphs and two hundred nets: every part is what it is said to be."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from engine import finite_differences, stepper
from engine.experiment import Experiment
from engine.looks import paths
from engine.looks.records import Paths
from engine.restriction import Restriction
from engine.session import Session
from engine.spec import Graph, Net
from engine.symbolic import formula, operations
from engine.words import Refused
from tests.engine import random_graphs
from tests.engine.test_jacobian_look import numbers
from tests.engine.test_stepper import assert_same_bits, autograd, node_by_node

CHUNK = 100
CHUNKS = range(10)
LOCAL = 256  # elements of a Jacobian that is written out here


def graph_of(seed: int) -> Graph:
    return random_graphs.expression_graph(seed, smooth=seed % 3 == 0, scalar=seed % 2 == 0)


def begun(given: Graph | Net) -> tuple[Experiment, dict[str, Tensor]]:
    experiment = Experiment(given)
    return experiment, experiment.leaves(experiment.initial())


def assert_bits(given: Graph | Net) -> None:
    experiment, values = begun(given)
    start = stepper.seed(experiment.graph, stepper.evaluate(experiment.graph, values))
    known, grads = node_by_node(experiment.graph, values, start)
    expected, expected_grads = autograd(experiment.graph, values, start)
    assert_same_bits(known, expected)
    assert_same_bits(grads, expected_grads)


def assert_contributions(given: Graph | Net) -> int:
    """Contribution = upstream x Jacobian in both layouts, for every operation whose Jacobian is small; how many."""
    experiment, values = begun(given)
    graph, known, tapes = experiment.graph, dict(values), {}
    for node in graph.nodes:
        tapes[node.name] = stepper.forward(graph, node, known)
        known[node.name] = tapes[node.name].output.detach()
    grads, count = {graph.output: stepper.seed(graph, known)}, 0
    for name in graph.backward_order:
        arrivals = stepper.backward(tapes[name], grads[name])
        grads = stepper.accumulate(grads, arrivals)
        for each in arrivals:
            numerator = stepper.local(tapes[name], each.position, LOCAL)
            if numerator is not None:
                upstream, matrix = each.upstream.double(), numerator.double().reshape(each.upstream.numel(), -1)
                by_row = upstream.reshape(1, -1) @ matrix  # outputs x inputs
                by_column = matrix.mT @ upstream.reshape(-1, 1)  # the denominator's layout: inputs x outputs
                exact = each.value.dtype == each.upstream.dtype == torch.float64
                size = float((upstream.abs().reshape(1, -1) @ matrix.abs()).max()) + 1e-30
                for product in (by_row.reshape(-1), by_column.reshape(-1)):
                    error = (product - each.value.reshape(-1)).abs().max()
                    assert float(error) <= (1e-12 if exact else 1e-4) * size, (name, each.target)
                count += 1
    return count


def assert_paths(given: Graph) -> int:
    """The products of all paths from an input add up to its gradient; how many inputs were looked at."""
    session, count = Session(given), 0
    while session.state.cursor < len(session.experiment.graph.nodes):
        session.state = session.experiment.advance(session.state)
    for name in given.inputs:
        found = paths.see(session, Paths("", name))
        if found.refused is None and found.total is not None and found.count <= len(found.paths):
            own = [path.product for path in found.paths if path.leaf == name and path.product is not None]
            if own and len(own) == found.count:
                total, parts = numbers(found.total), [numbers(each).reshape(-1) for each in own]
                scale = 1e-9 * (1 + max(float(part.abs().max()) for part in parts))
                exact = all(part.dtype == torch.float64 for part in parts)
                assert torch.allclose(sum(parts), total.reshape(-1), rtol=1e-9 if exact else 1e-4, atol=scale), name
                count += 1
    return count


def assert_formulas(given: Graph) -> int:
    """Sympy and central differences against autograd, for inputs of numbers; how many were written down."""
    experiment, values = begun(given)
    count = 0
    for name in given.inputs:
        try:
            function = Restriction.of(experiment.graph, values, "", name)
            if operations(function) > 60:
                continue
            found = formula(function)
        except Refused:
            continue
        exact = float(function.gradients(())[name])
        by_sympy = math.fsum(found.values(found.derivative(name, ()), function.known)) * float(found.share)
        assert by_sympy == pytest.approx(exact, rel=1e-8, abs=1e-10)
        assert_differences(function, exact)
        count += 1
    return count


def assert_differences(function: Restriction, exact: float) -> None:
    """The error of central differences falls with h squared until rounding: c h^2 + eps |f| / h bounds it."""
    large, small = (finite_differences.central_difference(function, (), h) for h in (1e-3, 5e-4))
    curved = abs(large - small) * 4 / 3  # c h^2 at the larger step, by Richardson
    rounding = 1e-15 * (1 + abs(float(function.value))) / 5e-4
    assert abs(small - exact) <= curved + 100 * rounding + 1e-6 * abs(exact)


# ---------------------------------------------------------------- in chunks, so that they run side by side
@pytest.mark.parametrize("chunk", CHUNKS)
def test_node_by_node_is_autograd_bit_for_bit_on_a_thousand_graphs(chunk: int) -> None:
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        assert_bits(graph_of(seed))


@pytest.mark.parametrize("chunk", CHUNKS)
def test_a_contribution_is_upstream_times_the_jacobian_on_a_thousand_graphs(chunk: int) -> None:
    counts = [assert_contributions(graph_of(seed)) for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK)]
    assert sum(counts) > 2 * CHUNK


@pytest.mark.parametrize("chunk", CHUNKS)
def test_paths_add_up_to_the_gradient_on_a_thousand_graphs(chunk: int) -> None:
    counts = [assert_paths(graph_of(seed)) for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK)]
    assert sum(counts) > CHUNK


@pytest.mark.parametrize("chunk", CHUNKS)
def test_formula_and_differences_agree_with_autograd_on_a_thousand_graphs(chunk: int) -> None:
    seeds = range(chunk * CHUNK, (chunk + 1) * CHUNK)
    counts = [assert_formulas(random_graphs.expression_graph(seed, smooth=True, scalar=True)) for seed in seeds]
    assert sum(counts) > CHUNK


@pytest.mark.parametrize("chunk", range(2))
def test_two_hundred_nets_are_taken_apart_as_exactly(chunk: int) -> None:
    nets = [random_graphs.net(seed) for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK)]
    for net in nets:
        assert_bits(net)
    assert sum(map(assert_contributions, nets)) > 2 * CHUNK
