"""Memory that nobody refers to any more is used again, and only then; what is in a copy stays as it was."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.recycling import FROM, Recycled

LARGE = FROM // 4


@given(st.lists(st.one_of(st.just("copy"), st.integers(0, 9)), max_size=30), st.booleans())
def test_what_is_kept_keeps_its_values_and_what_is_let_go_is_used_again(steps: list[str | int], small: bool) -> None:
    flat = torch.zeros(16 if small else LARGE)
    memory, kept, most = Recycled(flat), list[tuple[float, torch.Tensor]](), 0
    places = set()
    for number, step in enumerate(steps, 1):
        if step == "copy":
            flat.fill_(number)
            copy = memory.copy(flat)
            places.add(copy.data_ptr())
            kept.append((number, copy[3:9].view(2, 3)))  # a view of a view keeps all of it
            del copy
        elif kept:
            del kept[int(step) % len(kept)]
        most = max(most, len(kept))
        assert all(bool((view == value).all()) for value, view in kept)
    if not small:
        assert len(places) <= most, "no more places than were needed at once"


def test_the_last_views_may_outlive_what_makes_them() -> None:
    memory = Recycled(torch.zeros(LARGE))
    view = memory.copy(torch.full((LARGE,), 7.0))[5:]
    del memory
    gc.collect()
    assert bool((view == 7).all()) and view.data_ptr() % 4 == 0


@pytest.fixture(params=[torch.float16, torch.bfloat16, torch.float64])
def dtype(request: pytest.FixtureRequest) -> Iterator[torch.dtype]:
    yield request.param


def test_copies_begin_where_torchs_own_tensors_do_in_every_dtype(dtype: torch.dtype) -> None:
    flat = torch.arange(LARGE, dtype=dtype)
    memory = Recycled(flat)
    copies = [memory.copy(flat) for _ in range(3)]
    assert all(torch.equal(copy, flat) and copy.dtype == dtype and copy.data_ptr() % 64 == 0 for copy in copies)
    assert len({copy.data_ptr() for copy in copies}) == 3


def test_without_its_maker_a_place_is_freed() -> None:
    memory = Recycled(torch.zeros(LARGE))
    one, other = memory.copy(torch.ones(LARGE)), memory.copy(torch.zeros(LARGE))
    gone = weakref.ref(memory)
    del memory, other
    assert gone() is None and bool((one == 1).all()), "nothing that is kept holds it"
