"""Torch's own backward kernels, called by hand, give the bits of autograd."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor

from engine import stepper
from engine.backward_kernels import BACKWARD, contributions
from engine.graph import Leaf, Node
from engine.operations import OPERATIONS
from engine.spec import Number
from tests.engine.operation_cases import DIFFERENTIABLE, Case, case

pytestmark = pytest.mark.filterwarnings("ignore:Using a target size")  # torch warns of losses that broadcast
SEEDS = 150


def same(ours: Tensor, theirs: Tensor) -> bool:
    """Shape, dtype and every bit of every number (but for the sign of zeros), nan included."""
    alike = ours.dtype == theirs.dtype and ours.shape == theirs.shape
    return alike and torch.equal(ours.isnan(), theirs.isnan()) and torch.equal(ours.nan_to_num(), theirs.nan_to_num())


def both(given: Case) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    tape = given.tape()
    upstream = given.upstream(tape.output)
    theirs = tuple(each.value for each in stepper.backward(tape, upstream))
    return contributions(tape.node, tape.inputs, tape.output, upstream), theirs


def test_every_differentiable_operation_has_its_kernels_and_no_other_has() -> None:
    assert set(BACKWARD) == set(DIFFERENTIABLE)


@pytest.mark.parametrize("op", DIFFERENTIABLE)
def test_there_is_a_kernel_for_each_input_that_is_a_tensor(op: str) -> None:
    row = OPERATIONS[op]
    assert len(BACKWARD[op]) == (row.most if row.numbers_from is None else row.numbers_from)


@pytest.mark.parametrize("op", DIFFERENTIABLE)
def test_the_kernels_give_the_bits_of_autograd(op: str) -> None:
    for seed in range(SEEDS):
        ours, theirs = both(case(op, seed))
        assert len(ours) == len(theirs) > 0
        assert all(same(*pair) for pair in zip(ours, theirs, strict=True)), f"{op}, seed {seed}"


def test_only_what_is_wanted_is_computed() -> None:
    given = case("linear", 2)
    tape = given.tape()
    upstream = torch.ones_like(tape.output)
    whole = contributions(tape.node, tape.inputs, tape.output, upstream, (0, 1))
    (weight,) = contributions(tape.node, tape.inputs, tape.output, upstream, (1,))
    assert len(whole) == 2 and torch.equal(whole[1], weight)


def test_the_kernels_leave_no_graph_behind() -> None:
    tape = case("matmul", 1).tape()
    (first, *_) = contributions(tape.node, tape.inputs, tape.output, torch.ones_like(tape.output))
    assert first.grad_fn is None and not first.requires_grad


# ---------------------------------------------------------------- torch's conventions
INF = math.inf
HUGE = [1e4, -1e4, 0.0]
EDGES: tuple[tuple[str, tuple[Any, ...], int | None, list[Any]], ...] = (  # operation, inputs, dim, gradients
    ("relu", ([-1.0, 0.0, 1.0],), None, [[0.0, 0.0, 1.0]]),
    ("leaky_relu", ([-1.0, 0.0, 1.0], 0.25), None, [[0.25, 0.25, 1.0]]),
    ("leaky_relu", ([-1.0, 0.0, 1.0], [0.25]), None, [[0.25, 0.25, 1.0], [-1.0]]),
    ("abs", ([-2.0, 0.0, 2.0],), None, [[-1.0, 0.0, 1.0]]),
    ("gelu", ([0.0],), None, [[0.5]]),
    ("sqrt", ([0.0],), None, [[INF]]),
    ("log", ([0.0, 2.0**-126],), None, [[INF, 2.0**126]]),
    ("max", ([1.0, 3.0], [3.0, 3.0]), None, [[0.0, 0.5], [1.0, 0.5]]),
    ("min", ([1.0, 3.0], [3.0, 3.0]), None, [[1.0, 0.5], [0.0, 0.5]]),
    ("max", ([-1.0, 0.0, 1.0], 0), None, [[0.0, 0.5, 1.0]]),  # not relu at 0
    ("max", ([2.0, 5.0, 5.0, 5.0, 5.0],), None, [[0.0, 0.25, 0.25, 0.25, 0.25]]),
    ("min", ([2.0, 2.0, 5.0],), None, [[0.5, 0.5, 0.0]]),
    ("max", ([[2.0, 2.0], [1.0, 2.0]],), 1, [[[1.0, 0.0], [0.0, 1.0]]]),
    ("min", ([[2.0, 2.0], [1.0, 2.0]],), 0, [[[0.0, 1.0], [1.0, 0.0]]]),
    ("norm", ([0.0, 0.0],), None, [[0.0, 0.0]]),
    ("norm", ([[0.0, 0.0], [3.0, 4.0]],), 1, [[[0.0, 0.0], [0.6, 0.8]]]),
    ("pow", ([0.0, 0.0, 0.0, 0.0], [0.0, 0.5, 1.0, 2.0]), None, [[0.0, INF, 1.0, 0.0], [0.0] * 4]),
    ("pow", ([0.0], 0), None, [[0.0]]),
    ("pow", ([0.0], 2), None, [[0.0]]),
    ("pow", ([0.0], [-1.0]), None, [[-INF], [-INF]]),
    ("pow", (0, [0.0, 2.0, -1.0]), None, [[0.0, 0.0, -INF]]),
    ("div", ([1.0, -1.0], [0.0, 0.0]), None, [[INF, INF], [-INF, INF]]),
    ("bce", ([0.0, 1.0], [0.0, 1.0]), None, [[0.0, 0.0], [INF, -INF]]),
    ("bce", ([1.0, 0.0], [0.0, 1.0]), None, [[5e11, -5e11], [-INF, INF]]),  # torch keeps p (1 - p) from 0 by 1e-12
    ("bce_logits", (HUGE, [0.0, 0.0, 0.0]), None, [[1 / 3, 0.0, 1 / 6], [-1e4 / 3, 1e4 / 3, 0.0]]),
    ("softmax", (HUGE,), None, [[0.0, 0.0, 0.0]]),
    ("log_softmax", (HUGE,), None, [[-2.0, 1.0, 1.0]]),
    ("cross_entropy", ([HUGE, HUGE], torch.tensor([0, 1])), None, [[[0.0, 0.0, 0.0], [0.5, -0.5, 0.0]]]),
    ("cross_entropy", (HUGE, [0.0, 1.0, 0.0]), None, [[1.0, -1.0, 0.0], [0.0, 2e4, 1e4]]),
    ("tanh", ([1e4],), None, [[0.0]]),
    ("sigmoid", ([-1e4, 1e4],), None, [[0.0, 0.0]]),
    ("exp", ([-1e4, 1e4],), None, [[0.0, INF]]),
)


def edge(op: str, inputs: tuple[Any, ...], dim: int | None) -> Case:
    """The operation on lists, which become tensors with gradients, and on tensors and numbers as they are."""
    given: tuple[Tensor | Number, ...] = tuple(
        torch.tensor(each) if isinstance(each, list) else each for each in inputs
    )
    names = tuple(f"i{n}" if isinstance(each, Tensor) else each for n, each in enumerate(given))
    leaves = tuple(
        Leaf(str(name), "input", each.is_floating_point())
        for name, each in zip(names, given, strict=True)
        if isinstance(each, Tensor)
    )
    return Case(Node("out", op, names, dim), given, leaves, Random(0))


@pytest.mark.parametrize(("op", "inputs", "dim", "expected"), EDGES)
def test_torchs_convention_at_kinks_ties_poles_and_large_logits(
    op: str, inputs: tuple[Any, ...], dim: int | None, expected: list[Any]
) -> None:
    tape = edge(op, inputs, dim).tape()
    upstream = torch.ones_like(tape.output)
    ours = contributions(tape.node, tape.inputs, tape.output, upstream)
    theirs = [each.value for each in stepper.backward(tape, upstream)]
    assert all(same(*pair) for pair in zip(ours, theirs, strict=True))
    for found, wanted in zip(ours, expected, strict=True):
        torch.testing.assert_close(found, torch.tensor(wanted))
