"""Brackets as high as what stands between them."""

from __future__ import annotations

from tui.formulas.box import EMPTY, Box, column

# top, between, bottom, and a lone middle for braces
_PIECES = {
    "(": "⎛⎜⎝", ")": "⎞⎟⎠", "[": "⎡⎢⎣", "]": "⎤⎥⎦", "⌊": "⎢⎢⎣", "⌋": "⎥⎥⎦", "⌈": "⎡⎢⎢", "⌉": "⎤⎥⎥",
    "|": "│││", "‖": "‖‖‖", "{": "⎧⎪⎩⎨", "}": "⎫⎪⎭⎬", "↑": "↑││", "↓": "││↓", "↕": "↑│↓",
}  # fmt: skip


def bracket(sign: str, height: int, baseline: int) -> Box:
    """The bracket `sign` in a number of rows; for "" nothing."""
    if not sign:
        return EMPTY
    if height == 1:
        return Box((sign,))
    if sign in "⟨⟩":
        return _angle(sign, height, baseline)
    if sign not in _PIECES:
        return column([sign if row == baseline else " " for row in range(height)], baseline)
    if sign in "{}" and height == 2:
        return Box(("⎰", "⎱") if sign == "{" else ("⎱", "⎰"), baseline)
    pieces = _PIECES[sign]
    rows = [pieces[0], *pieces[1] * (height - 2), pieces[2]]
    if sign in "{}":
        rows[min(max(baseline, 1), height - 2)] = pieces[3]
    return Box(tuple(rows), baseline)


def _angle(sign: str, height: int, baseline: int) -> Box:
    """Two slanted lines that meet in the middle, which is in a row of its own where the height is odd."""
    half = height // 2
    indents = [*range(half - 1, -1, -1), *([0] if height % 2 else []), *range(half)]
    strokes = "╱" * half + ("⟨" if height % 2 else "") + "╲" * half
    if sign == "⟩":
        indents = [max(indents) - indent for indent in indents]
        strokes = "╲" * half + ("⟩" if height % 2 else "") + "╱" * half
    return column([" " * indent + stroke for indent, stroke in zip(indents, strokes, strict=True)], baseline)
