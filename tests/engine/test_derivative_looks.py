"""The four ways as looks: quick ones at once, sympy and the error curve in slices; each with what it costs."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine import messages as m
from engine.begin import begin
from engine.looks.derivatives import see, see_errors, see_symbolic
from engine.looks.records import (
    AnyLook,
    Derivatives,
    DifferenceErrors,
    SeenDerivatives,
    SeenDifferenceErrors,
    SeenSymbolic,
    SymbolicDerivative,
)
from engine.looks.see import LONG, QUICK
from engine.session import Session
from engine.spec import Graph, Net
from tests.engine.examples import GRAPH_J, NET, graph, net

J = graph(GRAPH_J["inputs"], GRAPH_J["nodes"])
PIECE = 0.15  # seconds that a slice may take; most take milliseconds


def session(given: Graph | Net = J, *commands: m.AnyCommand) -> Session:
    found = begin(given, None, "cpu")
    for command in commands:
        found.apply(command)
        found.finish()
    return found


def carried_out(found: Session, look: AnyLook) -> Any:
    steps = LONG[type(look)](found, look)
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value


def ways(seen: SeenDerivatives) -> dict[tuple[str, str], tuple[float, int, int | None]]:
    return {(way.name, way.dtype): (way.value, way.one, way.every) for way in seen.ways}


def test_they_are_registered() -> None:
    assert QUICK[Derivatives] is see
    assert (LONG[SymbolicDerivative], LONG[DifferenceErrors]) == (see_symbolic, see_errors)


def test_the_ways_and_what_they_cost() -> None:
    seen = see(session(), Derivatives())
    assert (seen.output, seen.source, seen.index, seen.parameters) == ("J", "a", (), 3)
    found = ways(seen)
    assert found["autograd", "float32"] == (-2, 6, 6)  # three operations forward and three backward, for one or all
    assert found["rule", "float32"] == (-2, 5, 6)
    assert found["central", "float32"][1:] == (6, 18)  # two evaluations of three operations for each
    assert found["forward", "float32"][1:] == (6, 12)  # which share f(x)
    assert found["central", "float64"][0] == pytest.approx(-2, rel=1e-9)
    assert all(way.seconds > 0 for way in seen.ways)


def test_an_element_of_a_weight_with_a_step_of_ones_own() -> None:
    found = session(net())
    wide, narrow = (see(found, Derivatives("", "linear1.weight", (2, 1), h)) for h in (1.0, 1e-2))
    assert wide.shape == (4, 2) and wide.index == (2, 1)
    exact = ways(wide)["autograd", "float32"][0]
    errors = [abs(ways(each)["central", "float64"][0] - exact) for each in (wide, narrow)]
    assert errors[1] < errors[0] / 100


def test_after_the_step_they_are_about_the_gradients_that_can_be_seen() -> None:
    found = session(net(), m.Advance("iteration"))
    expected = float(found.look().grads["linear1.weight"][0, 0])
    assert see(found, Derivatives()).ways[0].value == expected
    assert carried_out(found, SymbolicDerivative()).autograd == expected


def test_float64_graphs_have_no_second_row_of_it() -> None:
    given = graph({"x": {"value": 2, "dtype": "float64"}}, {"f": "x ** 3"})
    assert [way.name for way in see(session(given), Derivatives()).ways] == ["autograd", "rule", "central", "forward"]


@pytest.mark.parametrize("h", [0.0, -1e-3, 2.0, float("nan")])
def test_a_step_that_makes_no_sense_is_refused(h: float) -> None:
    refused = see(session(), Derivatives(h=h)).refused
    assert refused is not None and refused.key == "look.step"


@pytest.mark.parametrize("look", [Derivatives("h", "no"), SymbolicDerivative("no"), DifferenceErrors("", "", (3,))])
def test_what_cannot_be_looked_at_says_why(look: AnyLook) -> None:
    found = session()
    seen = see(found, look) if isinstance(look, Derivatives) else carried_out(found, look)
    assert seen.of == look and seen.refused is not None


# ---------------------------------------------------------------- sympy
def test_the_formula_its_value_and_its_size() -> None:
    seen: SeenSymbolic = carried_out(session(), SymbolicDerivative("", "b"))
    assert seen.formula == "2 c" and seen.way is not None
    assert (seen.way.value, seen.way.one, seen.way.every) == (-4, 1, 3)  # c: none, 2c: one, a + 2b: two
    assert seen.autograd == -4


def test_of_a_batch_it_is_the_mean_over_the_samples() -> None:
    found = session(net())
    seen = carried_out(found, SymbolicDerivative("", "linear2.weight", (0, 3)))
    exact = ways(see(found, Derivatives("", "linear2.weight", (0, 3))))["autograd", "float32"][0]
    assert seen.samples == 4 and seen.way.value == pytest.approx(exact, rel=1e-5)


def test_a_net_that_is_too_large_is_told_so() -> None:
    large = net(
        NET, layers=[{"name": "wide", "kind": "linear", "out": 300}, {"name": "last", "kind": "linear", "out": 1}]
    )
    refused = carried_out(session(large), SymbolicDerivative()).refused
    assert refused is not None and refused.key == "look.too_large_to_write" and refused.values["count"] > 400


def test_the_work_comes_in_pieces() -> None:
    found = session(net(NET, batch={"size": "all"}))
    carried_out(found, SymbolicDerivative())  # imports sympy
    for look in (SymbolicDerivative("", "linear1.bias"), DifferenceErrors()):
        longest, before = 0.0, time.perf_counter()
        for _ in LONG[type(look)](found, look):
            now = time.perf_counter()
            longest, before = max(longest, now - before), now
        assert longest < PIECE


# ---------------------------------------------------------------- the error over h
def test_the_error_falls_with_h_and_rises_again() -> None:
    given = graph({"x": 0.7}, {"f": "sin(x) * exp(x)"})
    seen: SeenDifferenceErrors = carried_out(session(given), DifferenceErrors())
    assert len(seen.steps) == len(seen.forward) == len(seen.central) == len(seen.precise)
    for errors in (seen.forward, seen.central, seen.precise):
        best = min(errors)
        assert errors[0] > 100 * best and errors[-1] > 100 * best  # too small, just right, too large
    assert min(seen.precise) < min(seen.central) < min(seen.forward)
    assert 1e-4 < seen.best < 1e-1
