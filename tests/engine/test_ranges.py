"""What a GPU's kernels cannot refuse without ending every use of it is just what a CPU refuses."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from engine.kernels import TORCH_ERRORS, classes, probabilities

NUMBERS = st.one_of(st.sampled_from([0.0, 1.0, -0.0, 1.5, -1e-7, math.nan, math.inf]), st.floats(0, 1))


def does(function: Any, *given: Any) -> bool:
    """Whether torch does it."""
    try:
        function(*given)
    except TORCH_ERRORS:
        return False
    return True


@given(st.lists(NUMBERS, min_size=1))
def test_what_are_probabilities(values: list[float]) -> None:
    p = torch.tensor(values)
    assert probabilities(p) == does(F.binary_cross_entropy, p, torch.zeros_like(p))


@given(st.lists(st.sampled_from([*range(-2, 7), 1, 1, -100]), min_size=1), st.integers(2, 5))
def test_what_are_classes(values: list[int], count: int) -> None:
    numbers = torch.tensor(values)
    assert classes(numbers, count, -100) == does(F.cross_entropy, torch.zeros(len(values), count), numbers)
    assert classes(numbers, count) == does(F.one_hot, numbers, count)
