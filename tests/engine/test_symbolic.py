"""Symbolic derivatives: they agree with autograd, are written as LaTeX that can be shown, and read no text as code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sympy

from engine.experiment import Experiment
from engine.operations import OPERATIONS
from engine.restriction import Index, Restriction
from engine.spec import Graph, Net
from engine.symbolic import MOST, formula, operations
from engine.symbolic_forms import ELEMENTWISE, FORMS
from engine.words import Refused
from tests.engine import random_graphs
from tests.engine.examples import NET, graph, net
from tui.formulas import display, inline

SEEDS = 40


def function(given: Graph | Net, source: str = "", output: str = "") -> Restriction:
    experiment = Experiment(given)
    return Restriction.of(experiment.graph, experiment.leaves(experiment.initial()), output, source)


def double(inputs: dict[str, Any]) -> dict[str, Any]:
    """Inputs in float64."""
    return {name: {"value": value, "dtype": "float64"} for name, value in inputs.items()}


def by_sympy(given: Restriction, index: Index) -> float:
    found = formula(given)
    return math.fsum(found.values(found.derivative(given.source, index), given.known)) * float(found.share)


def agree(given: Restriction) -> None:
    """The derivatives to all elements of the source, against autograd in float64."""
    precise = given.precise()
    expected = precise.gradients(())[given.source]
    for index in np.ndindex(tuple(expected.shape)):
        assert by_sympy(precise, index) == pytest.approx(float(expected[index]), rel=1e-9, abs=1e-12)


def shown(given: Restriction, index: Index = ()) -> str:
    found = formula(given)
    return inline(found.latex(found.derivative(given.source, given.place(index))))


# ---------------------------------------------------------------- against autograd
@pytest.mark.parametrize("seed", range(SEEDS))
def test_formulas_of_random_graphs_have_autograds_derivatives(seed: int) -> None:
    given = random_graphs.expression_graph(seed, scalar=seed % 2 == 0)
    written = 0
    for name in given.inputs:
        restricted = function(given, name)
        try:
            formula(restricted)
        except Refused:
            assert operations(restricted) > MOST
            continue
        agree(restricted)
        written += 1
    assert written or operations(function(given)) > MOST


@pytest.mark.parametrize("seed", range(12))
def test_formulas_of_small_nets_have_autograds_derivatives(seed: int) -> None:
    given = function(random_graphs.net(seed), "last.bias")
    if operations(given, one_sample=True) <= MOST:
        agree(given)


# One case for each way in which an operation can be written; inputs away from kinks.
VECTOR, MATRIX = [0.7, -1.3, 0.4], [[0.5, -0.2, 1.1], [0.3, 0.8, -0.6]]
POSITIVE = [0.7, 0.2, 0.45]
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "add": ({"a": VECTOR}, "sum(a + 2)"), "sub": ({"a": VECTOR}, "sum(a - 2)"), "mul": ({"a": VECTOR}, "sum(a * a)"),
    "div": ({"a": POSITIVE}, "sum(2 / a)"), "pow": ({"a": POSITIVE}, "sum(a ** 2.3 + 2 ** a)"),
    "matmul": ({"a": MATRIX}, "sum(tanh(a @ transpose(a)))"), "neg": ({"a": VECTOR}, "sum(-a)"),
    "identity": ({"a": 2.0}, "a"), "float": ({"a": VECTOR}, "sum(float(a))"),
    "relu": ({"a": VECTOR}, "sum(relu(a) * a)"),
    "leaky_relu": ({"a": VECTOR}, "sum(leaky_relu(a) + leaky_relu(a * 2, 0.2))"),
    "tanh": ({"a": VECTOR}, "sum(tanh(a))"), "sigmoid": ({"a": VECTOR}, "sum(sigmoid(a))"),
    "gelu": ({"a": VECTOR}, "sum(gelu(a))"), "exp": ({"a": VECTOR}, "sum(exp(a))"),
    "log": ({"a": POSITIVE}, "sum(log(a))"), "sin": ({"a": VECTOR}, "sum(sin(a))"),
    "cos": ({"a": VECTOR}, "sum(cos(a))"), "sqrt": ({"a": POSITIVE}, "sum(sqrt(a))"),
    "abs": ({"a": VECTOR}, "sum(abs(a) * a)"), "sum": ({"a": MATRIX}, "sum(sum(a, dim=0) ** 2)"),
    "mean": ({"a": MATRIX}, "mean(a) + sum(mean(a, dim=1) ** 2)"),
    "max": ({"a": MATRIX}, "max(a) + sum(max(a, dim=1) ** 2) + sum(max(a, 0.4))"),
    "min": ({"a": MATRIX}, "min(a) + sum(min(a, dim=0) ** 2) + sum(min(a, 0.4))"),
    "norm": ({"a": MATRIX}, "norm(a) + sum(norm(a, dim=1))"), "dot": ({"a": VECTOR}, "dot(a, tanh(a))"),
    "softmax": ({"a": MATRIX}, "sum(softmax(a, dim=0) * a)"),
    "log_softmax": ({"a": MATRIX}, "sum(log_softmax(a) * a)"),
    "transpose": ({"a": MATRIX}, "sum(transpose(a) @ a)"), "reshape": ({"a": MATRIX}, "sum(reshape(a, 3, 2) ** 2)"),
    "view": ({"a": MATRIX}, "sum(view(a, 6) ** 2)"),
    "linear": ({"a": MATRIX, "w": [[0.4, 0.1, -0.3]], "b": [0.2]}, "sum(tanh(linear(a, w, b)))"),
    "mse": ({"a": VECTOR, "y": POSITIVE}, "mse(a, y)"), "sse": ({"a": VECTOR, "y": POSITIVE}, "sse(a, y)"),
    "half_sse": ({"a": VECTOR, "y": POSITIVE}, "half_sse(a, y)"),
    "bce": ({"a": POSITIVE, "y": [1.0, 0.0, 0.5]}, "bce(a, y)"),
    "bce_logits": ({"a": VECTOR, "y": [1.0, 0.0, 0.5]}, "bce_logits(a, y)"),
    "cross_entropy": ({"a": MATRIX, "y": [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]}, "cross_entropy(a, y)"),
}  # fmt: skip


def test_every_differentiable_operation_has_a_form_and_a_case() -> None:
    forms = {op for op, _ in ELEMENTWISE} | set(FORMS)
    assert forms == {name for name, row in OPERATIONS.items() if row.differentiable}
    assert set(CASES) == forms - {"flatten"}  # that one is written in nets only


@pytest.mark.parametrize("op", CASES)
def test_each_operation_is_differentiated_and_written_so_that_it_can_be_shown(op: str) -> None:
    inputs, text = CASES[op]
    for source in inputs:
        given = function(graph(double(inputs), {"f": text}), source)
        agree(given)
        found = formula(given)
        latex = found.latex(found.derivative(source, given.place(())))
        assert inline(latex) and display(latex, 60)


def test_classes_flattened_samples_and_batches() -> None:
    images = [[[0.1, 0.7], [0.3, -0.2]], [[1.0, 0.4], [-0.3, 0.6]], [[0.2, 0.2], [0.9, -0.8]]]
    rows = [[cell for row in image for cell in row] for image in images]
    table = {"kind": "table", "x": rows, "y": [0, 2, 1]}
    layers = [{"name": "flat", "kind": "flatten"}, {"name": "last", "kind": "linear", "out": 3}]
    given = net(NET, data=table, layers=layers, loss="cross_entropy", batch={"size": "all"})
    for source in ("last.weight", "last.bias"):
        agree(function(given, source))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("relu(a)", 0.0), ("leaky_relu(a)", 0.01), ("abs(a)", 0.0), ("max(a, 0)", 0.5), ("min(0, a)", 0.5)],
)
def test_at_kinks_it_has_torchs_convention(text: str, expected: float) -> None:
    given = function(graph(double({"a": 0}), {"f": text}))
    assert by_sympy(given, ()) == float(given.gradients(())["a"]) == expected


def test_what_has_no_gradient_stands_for_its_own_value() -> None:
    given = function(graph(double({"a": 2.0}), {"on": "a > 1", "f": "a * a * float(on)"}))
    agree(given)
    assert shown(given) == "2 · a · f.2"


# ---------------------------------------------------------------- as it is written
@pytest.mark.parametrize(
    ("inputs", "text", "source", "written"),
    [
        ({"x": 3, "y": 2}, "x**2*y + y", "x", "2xy"),
        ({"x": 3, "y": 2}, "x**2*y + y", "y", "x² + 1"),
        ({"a": 3, "b": 1, "c": -2}, "(a + 2*b)*c", "b", "2c"),
        ({"w": 3, "x": 2, "b": 1}, "relu(w*x + b)", "w", "{x, b + wx > 0; 0, b + wx ≤ 0}"),
        ({"W": MATRIX, "x": VECTOR}, "sum(W @ x)", "W", "x₀"),
    ],
)
def test_the_derivatives_of_the_decks_are_written_as_there(
    inputs: dict[str, Any], text: str, source: str, written: str
) -> None:
    assert shown(function(graph(inputs, {"f": text}), source)) == written


def test_the_neuron_of_the_decks() -> None:
    """σ(w·x) with w = (-3, 2, -3) at x = (1, 2, 1): z = -2, σ'(z) = σ(z)(1 - σ(z))."""
    given = function(graph(double({"w": [-3, 2, -3], "x": [1, 2, 1]}), {"f": "sigmoid(dot(w, x))"}))
    sigma = 1 / (1 + math.exp(2))
    assert by_sympy(given, (1,)) == pytest.approx(2 * sigma * (1 - sigma), rel=1e-14)


def test_a_net_on_a_batch_is_the_mean_over_its_samples() -> None:
    given = function(net(NET), "linear1.weight")
    found = formula(given)
    assert found.samples == 4 and float(found.share) == 0.25
    assert shown(given, (2, 1)).startswith("1/4 ∑ᵢ₌₀³ (")


def test_what_is_too_large_is_refused_before_it_is_built() -> None:
    doubling = {f"n{number}": f"n{number - 1} * n{number - 1}" for number in range(1, 60)}
    given = function(graph({"n0": 1.0}, doubling))
    assert operations(given) > 2**58
    with pytest.raises(Refused) as refused:
        formula(given)
    assert refused.value.sentence.key == "look.too_large_to_write"


# ---------------------------------------------------------------- nothing is read as code
def test_names_are_symbols_whatever_they_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a text was read")

    for place in ("sympy.parsing.sympy_parser.parse_expr", "sympy.parsing.sympy_parser.eval_expr", "builtins.eval"):
        monkeypatch.setattr(place, never)
    names = ("__import__", "open", "lambda_", "S", "pi", "I", "E", "oo", "Symbol")
    inputs = {name: 1.5 for name in names}
    given = function(graph(double(inputs), {"f": " + ".join(f"{name} ** 2" for name in names)}), "__import__")
    found = formula(given)
    assert {type(symbol) for symbol in found.symbols.values()} == {sympy.Symbol}
    assert by_sympy(given, ()) == 3.0
    assert shown(given) == "2 · __import__"
