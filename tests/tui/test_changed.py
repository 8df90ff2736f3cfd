"""What is painted of a row again is enough, and no more than it needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.changed import changed

LETTERS = st.text("ab漢e\u0301", max_size=6)  # with a wide letter, and one that adds an accent to the letter before it
ROWS = st.lists(st.tuples(LETTERS, st.sampled_from(["", "bold"])), max_size=4)


@pytest.mark.parametrize(
    ("before", "after", "cells"),
    [
        ([("loss 0.51", "")], [("loss 0.49", "")], (7, 9)),
        ([("a", ""), ("b", "bold"), ("c", "")], [("a", ""), ("b", ""), ("c", "")], (1, 2)),
        ([("ab", "bold")], [("a", "bold"), ("b", "bold")], None),  # the same cells in other pieces
        ([("12", "")], [("12 ", "")], (2, 3)),
        ([("漢字", "")], [("漢語", "")], (2, 4)),
        ([("e\u0301a", "")], [("ea", "")], (0, 1)),
        ([], [], None),
    ],
)
def test_from_the_first_cell_that_differs_to_the_last(before, after, cells) -> None:
    assert changed(before, after) == cells


@given(ROWS, ROWS)
def test_the_new_cells_put_over_the_old_row_are_the_new_row(before, after) -> None:
    before, after = ([(text.lstrip("\u0301"), look) for text, look in row] for row in (before, after))
    width = max(sum(cell_len(text) for text, _ in row) for row in (before, after))
    old, new = ([*row, (" " * (width - sum(cell_len(text) for text, _ in row)), "")] for row in (before, after))
    cells = changed(old, new)
    if cells is None:
        assert _cells(old) == _cells(new)
        return
    begin, end = cells
    assert 0 <= begin < end <= width
    assert [*_cells(old)[:begin], *_cells(new)[begin:end], *_cells(old)[end:]] == _cells(new)


def _cells(row: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What stands in each cell: a letter with its accents, and its look; "" where a wide letter goes on."""
    found: list[tuple[str, str]] = []
    for text, look in row:
        for letter in text:
            if cell_len(letter):
                found += [(letter, look), *[("", look)] * (cell_len(letter) - 1)]
            else:
                found[-1] = (found[-1][0] + letter, found[-1][1])
    return found
