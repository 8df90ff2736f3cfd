"""The worked examples of the lecture decks, with their right numbers, as the tutor steps through them."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from engine import messages as m
from engine.looks import jacobian, paths
from engine.looks.records import Jacobian, Paths
from engine.session import Session
from tests.engine.examples import graph
from tests.engine.test_jacobian_look import numbers

EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, str], dict[str, Any], dict[str, Any]]] = {
    # inputs, nodes, values, gradients
    "J = (a + 2b) c": (
        {"a": 3, "b": 1, "c": -2}, {"h": "2 * b", "g": "a + h", "J": "g * c"},
        {"h": 2, "g": 5, "J": -10}, {"J": 1, "g": -2, "c": 5, "a": -2, "h": -2, "b": -4},
    ),
    "f = (a + b)(b + 1)": (
        {"a": 2, "b": 1}, {"g": "a + b", "h": "b + 1", "f": "g * h"},
        {"g": 3, "h": 2, "f": 6}, {"g": 2, "h": 3, "a": 2, "b": 5},
    ),
    "sigma(w.x)": (
        {"w0": -3, "w1": 2, "w2": -3, "x1": -1, "x2": -2},
        {"p": "w1 * x1", "q": "w2 * x2", "z": "w0 + p + q", "n": "-z", "e": "exp(n)", "d": "1 + e", "f": "1 / d"},
        {"p": -2, "q": 6, "z": 1, "n": -1, "e": 0.3679, "d": 1.3679, "f": 0.7311},
        {"d": -0.5344, "e": -0.5344, "n": -0.1966, "z": 0.1966, "w0": 0.1966, "w1": -0.1966, "w2": -0.3932,
         "x1": 0.3932, "x2": -0.5898},
    ),
    "f = x^2 y + y": (
        {"x": 3, "y": 2}, {"f": "x ** 2 * y + y"}, {"f": 20}, {"x": 12, "y": 10},
    ),
    "f = g^2 h + h, g = 3x, h = x^2": (
        {"x": 1}, {"g": "3 * x", "h": "x ** 2", "f": "g ** 2 * h + h"}, {"g": 3, "h": 1, "f": 10}, {"x": 38},
    ),
    "L = (phi^T x - y)^2": (
        {"phi": [0.5, -1], "x": [1, 2], "y": 1}, {"h": "dot(phi, x)", "g": "h - y", "L": "g ** 2"},
        {"h": -1.5, "g": -2.5, "L": 6.25}, {"phi": [-5, -10], "x": [-2.5, 5], "y": 5},
    ),
    "f(g(x)) = [4 3] W x": (
        {"W": [[1, 2, 3], [4, 5, 6]], "x": [1, 1, 1], "v": [4, 3]}, {"g": "W @ x", "f": "dot(v, g)"},
        {"g": [6, 15], "f": 69}, {"x": [16, 23, 30], "g": [4, 3]},
    ),
    "sum of (sigma(x w) - y)^2 with the identity for sigma": (
        {"X": {"value": [[1, 2], [3, 4], [5, 6]], "grad": False}, "y": {"value": [1, 2, 3], "grad": False},
         "w": [0.5, -0.5]},
        {"p": "X @ w", "L": "sse(p, y)"}, {"p": [-0.5, -0.5, -0.5], "L": 20.75}, {"w": [-53, -68]},
    ),
    "cross entropy of (2, 1, -1)": (
        {"z": [[2, 1, -1]], "t": {"value": [0], "dtype": "int64"}}, {"L": "cross_entropy(z, t)"},
        {"L": 0.3490}, {"z": [[-0.295, 0.260, 0.035]]},
    ),
    "cross entropy of probabilities, by mistake": (
        {"z": [[2, 1, -1]], "t": {"value": [0], "dtype": "int64"}}, {"p": "softmax(z)", "L": "cross_entropy(p, t)"},
        {"L": 0.7663}, {"z": [[-0.172, 0.153, 0.019]]},
    ),
}  # fmt: skip
SHOWN = 6e-4  # they are written with three or four digits


def done(inputs: dict[str, Any], nodes: dict[str, str]) -> Session:
    session = Session(graph(inputs, nodes))
    session.apply(m.Advance("iteration"))
    session.finish()
    assert session.outcome == "ok"
    return session


@pytest.mark.parametrize("name", EXAMPLES)
def test_values_and_gradients_are_those_of_the_deck(name: str) -> None:
    inputs, nodes, values, grads = EXAMPLES[name]
    state = done(inputs, nodes).look()
    for node, value in values.items():
        torch.testing.assert_close(state.values[node], torch.tensor(value).float(), atol=SHOWN, rtol=0)
    for node, grad in grads.items():
        torch.testing.assert_close(state.grads[node], torch.tensor(grad).float(), atol=SHOWN, rtol=0)


@pytest.mark.parametrize("x", [3.0, 2.0, 1.0])
def test_a_relu_unit_passes_its_gradient_where_it_is_open(x: float) -> None:
    state = done({"w": 1, "x": x, "b": -2}, {"z": "w * x + b", "a": "relu(z)"}).look()
    assert float(state.values["a"]) == max(0.0, x - 2)
    assert float(state.grads["w"]) == (x if x > 2 else 0.0)  # closed at 0 too, by torch's convention


def test_both_paths_of_the_second_example_and_their_sum() -> None:
    session = done(*EXAMPLES["f = (a + b)(b + 1)"][:2])
    found = paths.see(session, Paths("f", "b"))
    products = sorted(float(numbers(path.product)) for path in found.paths if path.leaf == "b")
    assert products == [2.0, 3.0] and float(numbers(found.total)) == 5.0


def test_the_path_contributions_of_the_chain_rule_example() -> None:
    session = done(*EXAMPLES["f = g^2 h + h, g = 3x, h = x^2"][:2])
    found = paths.see(session, Paths("f", "x"))
    through_g = [each for each in found.paths if "g" in {found.links[link].target for link in each.links}]
    assert sum(float(numbers(each.product)) for each in through_g) == 18.0  # 2 g h dg/dx
    assert float(numbers(found.total)) == 38.0


def test_the_jacobian_of_softmax_is_that_of_its_probabilities() -> None:
    session = done({"z": [2, 1, -1]}, {"p": "softmax(z)", "J": "sum(p * p)"})
    found = jacobian.see(session, Jacobian("p", "z"))
    p = [math.exp(each) for each in (2, 1, -1)]
    p = [each / sum(p) for each in p]
    expected = [[p[i] * ((i == j) - p[j]) for j in range(3)] for i in range(3)]
    torch.testing.assert_close(numbers(found.matrix), torch.tensor(expected), atol=1e-6, rtol=1e-5, check_dtype=False)
