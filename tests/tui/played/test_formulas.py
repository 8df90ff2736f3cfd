"""Every formula in the prose of the built-in lessons can be set, on a wide screen and on a narrow one."""

from __future__ import annotations

import re

import pytest

from lessons import catalog
from lessons.inline import pieces
from tui.filling import filled
from tui.formulas import display, inline
from tui.opening import open_lesson

ENTRIES = catalog.entries([])


@pytest.mark.parametrize("path", [entry.path for entry in ENTRIES], ids=lambda path: path.name)
def test_every_formula_can_be_set(path: catalog.Path) -> None:
    found = 0
    for prose in open_lesson(path).prose.values():
        for passage in prose.passages.values():
            texts = (passage.markdown, passage.explain or "", *passage.hints, *passage.traps.values())
            for text in (*texts, *passage.options.values(), passage.heading):
                found += _set(filled(text, lambda each, formula: "-1.5"))
    assert found


def _set(markdown: str) -> int:
    """How many formulas there are. Raises FormulaError for one that cannot be read."""
    count = 0
    for piece in pieces(markdown):
        if piece.kind == "formula":
            count += 1
            if re.match(r"\$\$", markdown[piece.start :]):
                assert display(piece.text, 60) and display(piece.text, 30)
            else:
                assert inline(piece.text)
    return count
