"""Large tensors as records: measured by a sample that is always the same, once, with a corner of real numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine import records
from engine.arrays import corner_shape


@pytest.mark.parametrize("shape", [(300_000,), (512, 512), (3, 300, 400), (70_001,)])
@pytest.mark.parametrize("transposed", [False, True])
def test_a_sample_comes_near_to_all_of_it(shape: tuple[int, ...], transposed: bool) -> None:
    value = torch.randn(shape, generator=torch.Generator().manual_seed(0)) * torch.linspace(0.5, 2, shape[-1]) + 1
    value = value.transpose(0, -1) if transposed else value
    least, most, mean, norm = records.sampled_statistics(value)
    exact = records.statistics(value)
    assert norm == pytest.approx(exact[3], rel=0.05) and mean == pytest.approx(exact[2], abs=0.1)
    assert exact[0] <= least < mean < most <= exact[1]


def test_one_number_seen_many_times_is_measured_as_that() -> None:
    value = torch.tensor(2.0).expand(1000, 1000)
    assert records.sampled_statistics(value) == pytest.approx((2.0, 2.0, 2.0, 2000.0))


def test_a_record_says_whether_it_is_estimated_and_carries_the_first_numbers() -> None:
    for side, sampled in ((100, False), (300, True)):
        value = torch.arange(side * side, dtype=torch.float32).reshape(side, side)
        found = records.record(value)
        assert found.data is None and found.sampled == sampled and found.corner is not None
        corner = np.frombuffer(found.corner, dtype="float32").reshape(corner_shape(found.shape))
        assert np.array_equal(corner, value[:8, :8].numpy())


def test_the_corner_of_a_batch_of_matrices_is_that_of_the_first_and_of_a_vector_its_beginning() -> None:
    batch, vector = torch.randn(3, 90, 40), torch.randn(9000)
    for value, expected in ((batch, batch[0, :8, :8]), (vector, vector[:8])):
        data = records.record(value).corner
        assert data == expected.contiguous().numpy().tobytes()


def test_what_has_not_changed_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    value = torch.randn(400, 400)
    first = records.record(value)
    assert records.record(value) is first
    value[0, 0] = 7.0
    assert records.record(value) is not first
