"""Lesson prose with its values filled in: {{expression}} in text, \\val{expression} in formulas, none in code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lessons.inline import Piece, pieces

Fill = Callable[[str, bool], str]  # expression, whether it stands in a formula -> what is written there
_FENCE = re.compile(r" {0,3}(?P<mark>`{3,}|~{3,})")
_VAL = r"\val"


def filled(markdown: str, fill: Fill) -> str:
    """The text with `fill` called for every place of a value. What stands in code stays as it was written."""
    return "\n".join(text if code else _block(text, fill) for text, code in _blocks(markdown))


def expressions(markdown: str) -> list[str]:
    """The expressions whose values belong in this text, in order."""
    found: list[str] = []
    filled(markdown, lambda expression, formula: found.append(expression) or "")  # type: ignore[func-returns-value]
    return found


def _blocks(markdown: str) -> Iterator[tuple[str, bool]]:
    """Runs of lines without an empty one in them, and lines of code blocks: (text, whether it is code)."""
    run: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        mark = _FENCE.match(line)
        if fence or mark or not line.strip():
            if run:
                yield "\n".join(run), False
                run = []
            yield line, True
            if mark and not fence:
                fence = mark["mark"]
            elif mark and mark["mark"].startswith(fence):
                fence = ""
        else:
            run.append(line)
    if run:
        yield "\n".join(run), False


def _block(text: str, fill: Fill) -> str:
    parts: list[str] = []
    at = 0
    for piece in pieces(text):
        if piece.kind == "value":
            start, end = _extent(text, piece)
            parts += [text[at:start], _no_list(text, start, end, fill(piece.text.strip(), piece.formula))]
            at = end
    return "".join([*parts, text[at:]])


def _no_list(text: str, start: int, end: int, value: str) -> str:
    """The value, and a mark after a whole number that, with the full stop behind it, would begin a list."""
    begins = not text[:start].rpartition("\n")[2].strip(" >-*") and text[end : end + 1] in (".", ")")
    return value + "\\" if begins and value.isdigit() else value


def _extent(text: str, piece: Piece) -> tuple[int, int]:
    """Where the place for a value begins and ends, its braces and all."""
    if not piece.formula:
        return piece.start - len("{{"), piece.end
    return text.rindex(_VAL, 0, piece.start), piece.start + len(piece.text) + len("}")
