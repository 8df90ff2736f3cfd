"""What stands inside the lines of Markdown: code, formulas, places for values, links, raw HTML; with positions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["code", "formula", "value", "open", "html", "link"]

_PARTS = re.compile(
    r"""
    \\.                                               # an escaped character is itself
    | (?P<ticks>`+)
    | (?P<value>\{\{(?P<expression>.{0,500}?)\}\})
    | (?P<open>\{\{)
    | (?P<dollars>\$\$?)
    | (?P<autolink><[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*>)
    | (?P<html><(?:/?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>|!--|!\[CDATA\[|![A-Z]|\?))
    | (?P<link>\]\(\s*<?(?P<target>[^\s)>]*))
    """,
    re.VERBOSE | re.DOTALL,
)
_LINE_TAG = re.compile(r"[ >]*(?P<html></?[A-Za-z][A-Za-z0-9-]*(?=\s|/?>|$))")  # opens a block, complete or not
_CLOSE = {"$$": re.compile(r"(?<!\\)\$\$"), "$": re.compile(r"(?<![\\\s])\$(?!\d)")}
_VAL = re.compile(r"\\val\s*\{")


@dataclass(frozen=True, slots=True)
class Piece:
    """One of them, from `start` to before `end`; `text` is what is inside. `open`: a `{{` that never closes."""

    kind: Kind
    start: int
    end: int
    text: str
    formula: bool = False  # a value that stands in a formula: \\val{...}


def pieces(markdown: str) -> Iterator[Piece]:
    """Every piece of one block of Markdown, in order. A block is a run of lines without an empty one."""
    position = 0
    unclosed: set[str] = set()  # marks that nothing closes from here on, so that no one looks again
    while match := _PARTS.search(markdown, position):
        found = list(_read(markdown, match, unclosed))
        yield from found
        position = max([match.end(), *(piece.end for piece in found)])


def _read(markdown: str, match: re.Match[str], unclosed: set[str]) -> Iterator[Piece]:
    start, end = match.span()
    if mark := match["ticks"] or match["dollars"]:
        if mark not in unclosed:
            yield from (_code if match["ticks"] else _formula)(markdown, start, mark, unclosed)
    elif match["value"]:
        yield Piece("value", match.start("expression"), end, match["expression"])
    elif match["open"]:
        yield Piece("open", start, end, "{{")
    elif match["html"]:
        yield Piece("html", start, end, match["html"])
    elif match["autolink"]:
        yield Piece("link", start + 1, end, match["autolink"][1:-1])
    elif match["link"]:
        yield Piece("link", match.start("target"), end, match["target"])


def _code(markdown: str, start: int, ticks: str, unclosed: set[str]) -> Iterator[Piece]:
    """A code span ends at as many backticks as it began with; without them, they are only backticks."""
    inner = start + len(ticks)
    if close := re.compile(rf"(?<!`){ticks}(?!`)").search(markdown, inner):
        yield Piece("code", start, close.end(), markdown[inner : close.start()])
    else:
        unclosed.add(ticks)


def _formula(markdown: str, start: int, dollars: str, unclosed: set[str]) -> Iterator[Piece]:
    """A formula, and the values in it. A single $ before a space, or closed before a digit, is only a dollar."""
    inner = start + len(dollars)
    close = _CLOSE[dollars].search(markdown, inner + 1)
    if close is None:
        unclosed.add(dollars)
    elif dollars == "$$" or not markdown[inner].isspace():
        yield Piece("formula", start, close.end(), markdown[inner : close.start()])
        yield from _formula_values(markdown[inner : close.start()], inner, close.end())


def _formula_values(text: str, inner: int, end: int) -> Iterator[Piece]:
    for match in _VAL.finditer(text):
        expression = _braced(text, match.end())
        if expression is not None:
            yield Piece("value", inner + match.end(), end, expression, formula=True)
        else:
            yield Piece("open", inner + match.start(), end, match[0], formula=True)


def _braced(text: str, start: int) -> str | None:
    """What stands before the brace that closes the one before `start`."""
    depth = 1
    for index in range(start, min(len(text), start + 500)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return text[start:index]
    return None


def line_tag(line: str) -> re.Match[str] | None:
    """The HTML tag with which a line begins, if it does; its group is `html`."""
    return _LINE_TAG.match(line)
