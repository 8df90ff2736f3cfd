"""A formula that is wider than its place goes on in the next line, at the places where a person would break it."""

from __future__ import annotations

from rich.cells import cell_len

from tui.formulas import display


def drawn(latex: str, width: int) -> list[str]:
    return [row.rstrip() for row in display(latex, width)]


def test_breaks_before_a_relation_rather_than_within_a_sum() -> None:
    assert drawn(r"f(x) = aaaa + bbbb = cccc + dddd", 20) == ["f(x) = aaaa + bbbb", "  = cccc + dddd"]


def test_breaks_before_a_plus_rather_than_a_dot() -> None:
    assert drawn(r"z = aaa \cdot bbb + ccc \cdot ddd", 18) == ["z = aaa · bbb", "  + ccc · ddd"]


def test_breaks_within_brackets_only_where_nothing_else_helps() -> None:
    assert drawn(r"y = f(a + b) + g(c + d)", 16) == ["y = f(a + b)", "  + g(c + d)"]
    assert drawn(r"f(aaaa + bbbb + cccc)", 14) == ["f(aaaa + bbbb", "  + cccc)"]


def test_statements_side_by_side_go_one_below_the_other() -> None:
    assert drawn(r"a = b + c \quad d = e + f", 12) == ["a = b + c", "d = e + f"]


def test_words_go_on_in_the_next_line() -> None:
    assert drawn(r"x = 1 \text{ si la clase es positiva}", 16) == ["x = 1", "  si la clase", "  es positiva"]


def test_aligned_lines_break_one_by_one() -> None:
    latex = r"\begin{aligned} yyyy &= a + b \\ &= c + d \end{aligned}"
    assert drawn(latex, 20) == ["yyyy = a + b", "     = c + d"]
    assert drawn(latex, 10) == ["yyyy", "  = a + b", "", "  = c + d"]


def test_tall_lines_are_set_apart() -> None:
    rows = drawn(r"\frac{a}{b} = \frac{c}{d}", 6)
    assert rows == [" a", "───", " b", "", "     c", "  = ───", "     d"]


def test_what_has_no_place_to_break_stays_whole() -> None:
    latex = r"\begin{bmatrix} 1 & 2 & 3 & 4 \end{bmatrix}"
    assert display(latex, 5) == display(latex)


def test_brackets_that_did_not_grow_are_broken_like_any_other() -> None:
    rows = display(r"\left[ aaaa + bbbb + cccc \right]", 15)
    assert max(map(cell_len, rows)) <= 15
