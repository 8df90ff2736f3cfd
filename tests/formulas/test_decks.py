"""Every formula of the decks is drawn whole, on one line and in two dimensions, at any width."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.formulas.formulas import DECKS, shown, written
from tui.formulas import display, inline
from tui.formulas.layout import layout
from tui.formulas.reader import read
from tui.formulas.tree import Row, Symbol

WIDTHS = pytest.mark.parametrize("width", [None, 90, 50, 34, 12])


def test_the_decks_have_at_least_150_distinct_formulas() -> None:
    assert len(set(DECKS)) == len(DECKS) >= 150


def test_inline_keeps_every_letter_and_digit_on_one_line() -> None:
    for latex in DECKS:
        text = inline(latex)
        assert "\n" not in text
        assert shown(latex, text) == written(latex), latex


@WIDTHS
def test_display_keeps_every_letter_and_digit(width: int | None) -> None:
    for latex in DECKS:
        assert shown(latex, "".join(display(latex, width))) == written(latex), latex


@WIDTHS
def test_all_rows_of_a_display_have_one_width(width: int | None) -> None:
    for latex in DECKS:
        assert len({cell_len(row) for row in display(latex, width)}) == 1, latex


def test_the_signs_between_the_parts_stand_on_the_baseline() -> None:
    for latex in DECKS:
        tree = read(latex)
        box = layout(tree)
        line = box.rows[box.baseline]
        for item in tree.items if isinstance(tree, Row) else ():
            if isinstance(item, Symbol) and item.kind in ("relation", "binary"):
                assert item.text in line, latex
                line = line[line.index(item.text) + 1 :]


@WIDTHS
def test_what_fits_is_not_broken_and_what_does_not_gets_narrower(width: int | None) -> None:
    for latex in DECKS:
        whole, rows = display(latex), display(latex, width)
        if width is None or cell_len(whole[0]) <= width:
            assert rows == whole, latex
        else:
            assert cell_len(rows[0]) <= cell_len(whole[0]), latex
