"""What a GPU's kernels cannot refuse without ending every use of it is refused before, where and as a CPU does."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from engine.kernels import TORCH_ERRORS, check_classes, check_probabilities

numbers = st.lists(
    st.one_of(st.sampled_from([0.0, 1.0, -0.0, 1.5, -1e-7, math.nan, math.inf]), st.floats(0, 1)), min_size=1
)


def refusal(function: object, *given: object) -> str | None:
    """With which words; None where it does it."""
    try:
        function(*given)  # type: ignore[operator]
    except TORCH_ERRORS as error:
        return str(error)
    return None


@given(numbers)
def test_what_is_no_probability(values: list[float]) -> None:
    p = torch.tensor(values)
    assert refusal(check_probabilities, p) == refusal(F.binary_cross_entropy, p, torch.zeros_like(p))


@given(st.lists(st.sampled_from([*range(-3, 7), -100]), min_size=1), st.integers(2, 5))
def test_what_is_no_class(values: list[int], count: int) -> None:
    classes = torch.tensor(values)
    assert refusal(check_classes, classes, count, -100) == refusal(
        F.cross_entropy, torch.zeros(len(values), count), classes
    )
    assert (refusal(check_classes, classes, count) is None) == (refusal(F.one_hot, classes, count) is None)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_right_ones_are_not_refused(count: int) -> None:
    check_classes(torch.arange(count), count)
    check_probabilities(torch.linspace(0, 1, count))
