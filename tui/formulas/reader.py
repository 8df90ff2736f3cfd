"""Reads the text of a formula into its parts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tui.formulas.alphabets import shaped
from tui.formulas.commands import READ, unknown
from tui.formulas.environments import LINES, Environment
from tui.formulas.errors import FormulaError
from tui.formulas.spacing import kinds
from tui.formulas.symbols import CHARACTERS, COMMANDS, DELIMITERS, SPACES
from tui.formulas.tokens import NEW_ROW, Token, Tokens, check_printable
from tui.formulas.tree import Brace, Node, Row, Scripts, Space, Stacked, Symbol, Table, only

MAX_DEPTH = 32
MAX_CELLS = 1000  # of all tables together
_DOUBLE = (":=", "==", "<=", ">=")
_ROOM = re.compile(r"\[[\d.]+(pt|em|ex|mm|cm)\]")  # more room below a row, which rows have as they need it
_ESCAPED = re.compile(
    r"\\(?P<sign>[_%&#$ ,{}])|(?P<command>\\(?:[A-Za-z]+|.|$))|(?P<space>[\s~]+)|(?P<brace>[{}])", re.DOTALL
)


def read(source: str) -> Node:
    """The tree of a formula. Raises FormulaError."""
    return Reader(source).formula()


class Reader:
    """One formula while it is read."""

    def __init__(self, source: str) -> None:
        self.tokens = Tokens(source)
        self.depth = 0
        self.cells = 0
        self.alphabet = ""
        self.before = ""  # the character just read

    def formula(self) -> Node:
        lines = self.rows(LINES)
        if self.tokens.next.kind != "end":
            raise FormulaError(self.tokens.next.column, "unexpected", mark=self.tokens.next.written)
        return lines.rows[0][0] if len(lines.rows) == 1 else lines

    @contextmanager
    def deeper(self, column: int) -> Iterator[None]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError(column, "too_deep", limit=MAX_DEPTH)
        yield
        self.depth -= 1

    def row(self, stop: str = "") -> Row:
        """Atoms up to something that closes a row, which is left for the caller."""
        items: list[Node] = []
        with self.deeper(self.tokens.next.column):
            while not self.at_end(stop):
                items.append(self.scripts(self.atom()))
        return Row(tuple(item for item in items if item != Row()))

    def at_end(self, stop: str) -> bool:
        closing = self.tokens.is_next("}", "&", NEW_ROW, "\\right", "\\middle", "\\end")
        return self.tokens.next.kind == "end" or closing or (stop != "" and self.tokens.is_next(stop))

    # ---------------------------------------------------------------- one atom, and what hangs on it
    def atom(self) -> Node:
        token = self.tokens.next
        if token.kind == "command":
            return self.command(self.tokens.take())
        if token.kind == "character":
            return self.character(self.tokens.take())
        return self.group() if token.text == "{" else Row()  # a script or a prime without a base

    def character(self, token: Token) -> Node:
        before, self.before = self.before, token.text
        after = self.tokens.next
        if token.text + after.text in _DOUBLE and not after.spaced:
            return Symbol(token.text + self.tokens.take().text, "relation")
        if token.text == "|" and token.spaced and after.spaced:
            return Symbol("|", "relation")  # given that
        if token.text == "," and before.isdigit() and after.text.isdigit() and not (token.spaced or after.spaced):
            return Symbol(",")  # a decimal comma
        if token.text in CHARACTERS:
            return CHARACTERS[token.text]
        return Symbol(self.in_shape(unicodedata.normalize("NFC", token.text)))

    def in_shape(self, letter: str) -> str:
        """The letter in the alphabet that \\mathbf or its like asks for."""
        return shaped(letter, self.alphabet) if self.alphabet else letter

    def scripts(self, base: Node) -> Node:
        low: Node | None = None
        high: Node | None = None
        primes = 0
        while self.tokens.is_next("_", "^", "'", "\\limits", "\\nolimits"):
            token = self.tokens.take()
            if token.kind == "command":
                base = replace(base, limits=token.text == "limits") if isinstance(base, Symbol) else base
            elif token.text == "'":
                primes += 1
            elif (low if token.text == "_" else high) is not None:
                raise FormulaError(token.column, "double_script", mark=token.text)
            elif token.text == "_":
                low = self.argument(token)
            else:
                high = self.argument(token)
        if isinstance(base, Brace) and primes == 0 and (high is None if not base.over else low is None):
            return Stacked(base, high, low) if low or high else base  # its label
        return Scripts(base, low, high, primes) if low or high or primes else base

    def group(self) -> Row:
        opened = self.tokens.take()
        inside = self.row()
        self.close(opened, "}")
        return inside

    def close(self, opened: Token, mark: str) -> None:
        if not self.tokens.is_next(mark):
            raise FormulaError(opened.column, "unclosed", mark=opened.written)
        self.tokens.take()

    def argument(self, of: Token) -> Node:
        """A group, or the one atom that follows."""
        if self.at_end("") or self.tokens.is_next("^", "_", "'"):
            raise FormulaError(of.column, "missing_argument", name=of.written)
        with self.deeper(of.column):
            return only(self.atom())

    def command(self, token: Token) -> Node:
        name = token.text
        self.before = ""
        if name in COMMANDS:
            return replace(COMMANDS[name], text=self.in_shape(COMMANDS[name].text))
        if name in SPACES:
            return Space(SPACES[name])
        if name in READ:
            return READ[name](self, token)
        raise unknown(token)

    def optional(self, opening: str, closing: str) -> Node | None:
        if not self.tokens.is_next(opening):
            return None
        opened = self.tokens.take()
        inside = self.row(stop=closing)
        self.close(opened, closing)
        return only(inside)

    def words(self, token: Token) -> str:
        """The text between braces, its escapes undone."""
        if not self.tokens.is_next("{"):
            raise FormulaError(token.column, "missing_argument", name=token.written)
        start = self.tokens.next.end
        text = self.tokens.words()

        def plain(found: re.Match[str]) -> str:
            if found["command"]:
                raise FormulaError(start + found.start(), "in_text", name=found["command"][:24])
            return " " if found["space"] or found["sign"] == "," else found["sign"] or ""

        check_printable(re.sub(r"\s", " ", text), start)
        return unicodedata.normalize("NFC", _ESCAPED.sub(plain, text))

    def delimiter(self, token: Token) -> str:
        found = self.tokens.take()
        if found.kind == "end":
            raise FormulaError(token.column, "missing_argument", name=token.written)
        if found.written not in DELIMITERS:
            raise FormulaError(found.column, "delimiter", mark=found.written[:24], name=token.written)
        return DELIMITERS[found.written]

    def rows(self, kind: Environment) -> Table:
        rows: list[list[Row]] = [[self.row()]]
        while self.tokens.is_next(NEW_ROW, "&"):
            mark = self.tokens.take()
            self.cells += 1
            if self.cells > MAX_CELLS:
                raise FormulaError(mark.column, "too_large", limit=MAX_CELLS)
            if mark.text != "&":
                self.tokens.skip(_ROOM)
                rows.append([])
            elif kind is LINES:
                raise FormulaError(mark.column, "unexpected", mark="&")
            rows[-1].append(self.row())
        if len(rows) > 1 and rows[-1] == [Row()]:
            rows.pop()  # what follows the last \\ is no row
        if kind.paired:
            rows = [_paired(cells) for cells in rows]
        elif kind is LINES:
            rows[1:] = [[_continued(cells[0])] for cells in rows[1:]]
        cells = tuple(map(tuple, rows))
        return Table(cells, kind.columns, kind.opening, kind.closing, kind.paired, kind.tight, kind.rules)


def _paired(cells: list[Row]) -> list[Row]:
    """Cells that touch: signs at their edges keep the spaces that they would have within one row."""
    return [Row((Row(), *cell.items)) if place % 2 else _closed(cell) for place, cell in enumerate(cells)]


def _closed(cell: Row) -> Row:
    open_end = bool(cell.items) and kinds(cell.items[-1])[1] in ("relation", "binary", "punctuation")
    return Row((*cell.items, Row())) if open_end else cell


def _continued(line: Row) -> Row:
    """A line that begins with a sign goes on from the one above it."""
    goes_on = bool(line.items) and kinds(line.items[0])[0] in ("relation", "binary")
    return Row((Space(1), Row(), *line.items)) if goes_on else line
