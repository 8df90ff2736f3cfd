"""Cuts the text of a formula into tokens."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from tui.formulas.errors import FormulaError

MAX_LENGTH = 5000

_TOKEN = re.compile(r"\\(?P<command>[A-Za-z]+\*?|.)|(?P<space>[\s~]+)|(?P<mark>[{}^_&'])|(?P<character>.)", re.DOTALL)
NEW_ROW = "\\\\"  # two backslashes
_NOT_IN_MATH = "#$%\\"


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is "command" (text without its backslash), "mark" (braces, scripts, & and '), "character" or "end"."""

    kind: Literal["command", "mark", "character", "end"]
    text: str
    column: int
    spaced: bool = False  # white space stands before it
    end: int = 0  # where the next one may begin

    @property
    def written(self) -> str:
        """As it stands in the text."""
        return f"\\{self.text}" if self.kind == "command" else self.text


class Tokens:
    """The tokens of a formula, one after the other. Words inside \\text are not cut."""

    def __init__(self, source: str) -> None:
        if len(source) > MAX_LENGTH:
            raise FormulaError(MAX_LENGTH, "too_long", limit=MAX_LENGTH)
        self.source = source
        self.next = self._read(0)

    def take(self) -> Token:
        """The next token, and go on."""
        taken = self.next
        if taken.kind != "end":
            self.next = self._read(taken.end)
        return taken

    def is_next(self, *marks: str) -> bool:
        """Whether one of these marks or commands comes next."""
        return self.next.written in marks and self.next.kind != "end"

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Leave out what matches right where the next token begins."""
        if match := pattern.match(self.source, self.next.column):
            self.next = self._read(match.end())

    def words(self) -> str:
        """What stands between the braces that come next, as it is written."""
        start = self.next.end
        depth = 1
        for found in re.finditer(r"\\.|[{}]", self.source[start:], re.DOTALL):
            depth += {"{": 1, "}": -1}.get(found[0], 0)
            if depth == 0:
                self.next = self._read(start + found.end())
                return self.source[start : start + found.start()]
        raise FormulaError(start - 1, "unclosed", mark="{")

    def _read(self, start: int, spaced: bool = False) -> Token:
        match = _TOKEN.match(self.source, start)
        if match is None:
            return Token("end", "", start, spaced, start)
        if match["space"]:
            return self._read(match.end(), True)  # spaces come in one piece, so this is at most one call deep
        if (command := match["command"]) is not None:
            return self._command(command, start, spaced)
        if match["mark"]:
            return Token("mark", match["mark"], start, spaced, match.end())
        return self._character(start, spaced)

    def _command(self, name: str, start: int, spaced: bool) -> Token:
        if name.endswith("*") and name != "*" and name != "operatorname*":
            name = name[:-1]
        if name.isspace():
            name = " "
        return Token("command", name, start, spaced, start + 1 + len(name))

    def _character(self, start: int, spaced: bool) -> Token:
        """One character with the accents that are combined with it."""
        end = start + 1
        check_printable(self.source[start], start)
        if self.source[start] in _NOT_IN_MATH or unicodedata.category(self.source[start])[0] == "M":
            raise FormulaError(start, "character", character=self.source[start])
        while end < len(self.source) and unicodedata.combining(self.source[end]):
            end += 1
        return Token("character", self.source[start:end], start, spaced, end)


def check_printable(text: str, start: int) -> None:
    """Raises FormulaError at the first character that has no shape of its own or changes its neighbour's width."""
    for place, character in enumerate(text, start):
        category = unicodedata.category(character)
        if category[0] == "C" or category in ("Zl", "Zp") or "\ufe00" <= character <= "\ufe0f":
            raise FormulaError(place, "character", character=f"U+{ord(character):04X}")
