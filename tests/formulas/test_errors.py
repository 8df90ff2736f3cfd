"""What cannot be read is refused with a place and a reason, quickly, whatever it is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.words import LANGUAGES
from tests.formulas.formulas import signs
from tui.formulas import FormulaError, display, inline
from tui.language import say

REFUSED = {
    "an unknown command": (r"a + \fraq{a}{b}", "unknown_hint", 4),
    "an unknown command like no other": (r"\zzzzzz", "unknown", 0),
    "a brace that is never closed": (r"a + {b", "unclosed", 4),
    "a brace too many": (r"a} + b", "unexpected", 1),
    "a left without a right": (r"x \left( a", "unclosed", 2),
    "a right without a left": (r"a \right)", "unexpected", 2),
    "no bracket after left": (r"\left a b \right)", "delimiter", 6),
    "an ampersand outside of tables": (r"a & b", "unexpected", 2),
    "an argument that is missing": (r"\frac{a}", "missing_argument", 0),
    "a script without anything": (r"x^", "missing_argument", 1),
    "two scripts on the same thing": (r"x^a^b", "double_script", 3),
    "an environment that is not known": (r"\begin{tikz}\end{tikz}", "environment", 0),
    "an environment ended by another name": (r"\begin{matrix} a \end{pmatrix}", "environment_end", 17),
    "an environment that is never ended": (r"\begin{matrix} a & b", "unclosed", 0),
    "columns that are no columns": (r"\begin{array}{xy} a \end{array}", "columns", 0),
    "a command within a text": (r"\text{si \alpha}", "in_text", 9),
    "a sign of LaTeX": (r"50 %", "character", 3),
    "a control character": ("a\x1b[31m", "character", 1),
    "a character that joins others": ("a\u200db", "character", 1),
    "a backslash at the end": ("a\\", "character", 1),
}
HUGE = {
    "braces": "{" * 4000,
    "commands": r"\frac" * 900,
    "scripts": "x^{" * 1500,
    "roots": r"\sqrt{" * 800,
    "brackets": r"\left(" * 800,
    "environments": r"\begin{matrix}" * 350,
    "a table": r"\begin{matrix}" + "&" * 4000,
    "10 000 characters": "x" * 10_000,
    "10 000 braces": "{" * 10_000,
    "a name": "\\" + "a" * 4000,
}
VAST = {
    "a sum": "x + " * 1200 + "x",
    "fractions": r"\frac{a}{b}" * 400,
    "brackets within brackets": r"\left(" * 13 + r"\frac{a}{b}" + r"\right)" * 13,
    "a table of fractions": r"\begin{pmatrix}" + (r"\frac{a}{b} &" * 30 + r"\\") * 11 + r"\end{pmatrix}",
    "empty rows": r"\begin{aligned}" + r"\\" * 900 + "x" * 2000 + r"\end{aligned}",
}
WORDS = [*r"ab12(){}[]^_&'+-=|,. ", "\\\\", *(f"\\{name} " for name in (
    "frac", "sqrt", "left", "right", "middle", "sum", "lim", "hat", "vec", "text", "mathbf", "alpha", "log", "cdot",
    "quad", "underbrace", "boxed", "cancel", "overset", "not", "Big", "limits", "operatorname",
    "begin{cases}", "end{cases}", "begin{aligned}", "end{aligned}",
    "begin{array}{c|c}", "end{array}", "xrightarrow", "substack", "tag", "binom",
))]  # fmt: skip


@pytest.mark.parametrize("latex, reason, column", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("draw", [display, inline])
def test_is_refused_with_its_place(draw: object, latex: str, reason: str, column: int) -> None:
    with pytest.raises(FormulaError) as refused:
        draw(latex)  # type: ignore[operator]
    assert refused.value.sentence.key == f"formula.{reason}"
    assert refused.value.column == column


@pytest.mark.parametrize("latex", HUGE.values(), ids=HUGE)
def test_what_is_too_large_is_refused_at_once(latex: str) -> None:
    start = time.perf_counter()
    for draw in (display, inline):
        with pytest.raises(FormulaError):
            draw(latex)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("latex", VAST.values(), ids=VAST)
def test_what_is_just_small_enough_is_drawn_soon(latex: str) -> None:
    start = time.perf_counter()
    inline(latex), display(latex), display(latex, 20)
    assert time.perf_counter() - start < 5


@settings(max_examples=300, deadline=2000)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=60).map("".join)), st.integers(1, 60))
def test_anything_is_either_drawn_straight_or_refused_in_words(latex: str, width: int) -> None:
    try:
        rows, broken, text = display(latex), display(latex, width), inline(latex)
    except FormulaError as error:
        assert 0 <= error.column <= len(latex)
        for language in LANGUAGES:
            assert say(language, error.sentence.key, **error.sentence.values)
        return
    assert len({cell_len(row) for row in rows}) == len({cell_len(row) for row in broken}) == 1
    assert signs("".join(rows)) == signs("".join(broken)) == signs(text)
    assert "\n" not in text


@given(st.binary(max_size=300))
def test_random_bytes_are_drawn_or_refused(data: bytes) -> None:
    for encoding in ("latin-1", "utf-8"):
        try:
            display(data.decode(encoding, "replace"))
        except FormulaError:
            continue
