"""Reads the text of a formula into its parts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches

from tui.formulas.alphabets import ACCENT_COMMANDS, ALPHABETS, shaped
from tui.formulas.environments import ENVIRONMENTS, LINES, SUBSTACK, Environment
from tui.formulas.errors import FormulaError
from tui.formulas.symbols import CHARACTERS, COMMANDS, DELIMITERS, NO_EFFECT, SPACES
from tui.formulas.tokens import Token, Tokens, check_printable
from tui.formulas.tree import (
    Accent, Arrow, Boxed, Brace, Bracket, Fenced, Fraction, Kind, Node, Root, Row, Scripts, Space, Stacked, Struck, Symbol, Table,
    Text, only,
)  # fmt: skip

MAX_DEPTH = 32
MAX_CELLS = 1000  # of one table
_NEW_ROW = "\\\\"
_WORDS = frozenset("text textrm textbf textit texttt textsf textnormal mbox".split())
_FRACTIONS = frozenset("frac dfrac tfrac cfrac".split())
_STACKS = {"overset": "over", "stackrel": "over", "underset": "under"}
_HEIGHTS = {"big": 1, "Big": 3, "bigg": 3, "Bigg": 5}
_SIDES: dict[str, Kind | None] = {"": None, "l": "opening", "r": "closing", "m": "relation"}
_BIG = {f"{size}{side}": (rows, kind) for size, rows in _HEIGHTS.items() for side, kind in _SIDES.items()}
_ESCAPED = re.compile(r"\\(?P<sign>[_%&#$ ,{}])|(?P<command>\\(?:[A-Za-z]+|.|$))|(?P<space>[\s~]+)|(?P<brace>[{}])", re.DOTALL)


def read(source: str) -> Node:
    """The tree of a formula. Raises FormulaError."""
    return _Reader(source).formula()


class _Reader:
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
        closing = self.tokens.is_next("}", "&", _NEW_ROW, "\\cr", "\\right", "\\middle", "\\end")
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
        if token.text == ":" and self.tokens.is_next("=") and not after.spaced:
            self.tokens.take()
            return Symbol(":=", "relation")
        if token.text == "|" and token.spaced and after.spaced:
            return Symbol("|", "relation")  # given that
        if token.text == "," and before.isdigit() and after.text.isdigit() and not (token.spaced or after.spaced):
            return Symbol(",")  # a decimal comma
        if token.text in CHARACTERS:
            return CHARACTERS[token.text]
        return Symbol(shaped(unicodedata.normalize("NFC", token.text), self.alphabet) if self.alphabet else token.text)

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

    # ---------------------------------------------------------------- commands
    def command(self, token: Token) -> Node:
        name = token.text
        self.before = ""
        if name in COMMANDS:
            symbol = COMMANDS[name]
            return replace(symbol, text=shaped(symbol.text, self.alphabet)) if self.alphabet else symbol
        if name in SPACES:
            return Space(SPACES[name])
        if name in _READ:
            return _READ[name](self, token)
        raise unknown(token)

    def fraction(self, token: Token) -> Node:
        return Fraction(self.argument(token), self.argument(token))

    def binomial(self, token: Token) -> Node:
        return Fenced("(", (Fraction(self.argument(token), self.argument(token), bar=False),), ")")

    def root(self, token: Token) -> Node:
        degree = self.optional("[", "]")
        return Root(self.argument(token), degree)

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

    def operator(self, token: Token) -> Node:
        return Symbol(self.words(token), "operator", limits=token.text.endswith("*"))

    def in_alphabet(self, token: Token) -> Node:
        before, self.alphabet = self.alphabet, ALPHABETS[token.text]
        inside = self.argument(token)
        self.alphabet = before
        return inside

    def negated(self, token: Token) -> Node:
        crossed = self.argument(token)
        if not isinstance(crossed, Symbol):
            raise FormulaError(token.column, "missing_argument", name=token.written)
        return replace(crossed, text=unicodedata.normalize("NFC", crossed.text + "\u0338"))

    def brace(self, token: Token) -> Node:
        return Brace(self.argument(token), over=token.text == "overbrace")

    def stack(self, token: Token) -> Node:
        mark, base = self.argument(token), self.argument(token)
        return Stacked(base, over=mark) if _STACKS[token.text] == "over" else Stacked(base, under=mark)

    def arrow(self, token: Token) -> Node:
        under = self.optional("[", "]")
        return Arrow("←" if token.text == "xleftarrow" else "→", self.argument(token), under)

    def modulo(self, token: Token) -> Node:
        return Row((Space(1), Symbol("(", "opening"), Text("mod "), self.argument(token), Symbol(")", "closing")))

    # ---------------------------------------------------------------- brackets that grow
    def delimiter(self, token: Token) -> str:
        found = self.tokens.take()
        if found.kind == "end":
            raise FormulaError(token.column, "missing_argument", name=token.written)
        if found.written not in DELIMITERS:
            raise FormulaError(found.column, "delimiter", mark=found.written[:24], name=token.written)
        return DELIMITERS[found.written]

    def fenced(self, token: Token) -> Node:
        opening = self.delimiter(token)
        parts, middle = [self.row()], []
        while self.tokens.is_next("\\middle"):
            middle.append(self.delimiter(self.tokens.take()))
            parts.append(self.row())
        if not self.tokens.is_next("\\right"):
            raise FormulaError(token.column, "unclosed", mark="\\left")
        return Fenced(opening, tuple(parts), self.delimiter(self.tokens.take()), tuple(middle))

    def big(self, token: Token) -> Node:
        rows, kind = _BIG[token.text]
        sign = self.delimiter(token)
        own = CHARACTERS.get(sign, Symbol(sign)).kind
        return Bracket(sign, rows, kind or own)

    # ---------------------------------------------------------------- tables
    def environment(self, token: Token) -> Node:
        name = self.words(token).rstrip("*")
        if name not in ENVIRONMENTS:
            raise FormulaError(token.column, "environment", name=name[:24])
        kind = ENVIRONMENTS[name]
        columns = self.columns(token) if kind.argument else kind.columns
        table = self.rows(replace(kind, columns=columns))
        if not self.tokens.is_next("\\end"):
            raise FormulaError(token.column, "unclosed", mark=f"\\begin{{{name}}}")
        end = self.tokens.take()
        if (closed := self.words(end).rstrip("*")) != name:
            raise FormulaError(end.column, "environment_end", name=name, other=closed[:24])
        return table

    def columns(self, token: Token) -> str:
        """The alignments of an array; its rules are not drawn."""
        letters = re.sub(r"[|\s]", "", self.words(token))
        if not letters or set(letters) - set("lcr"):
            raise FormulaError(token.column, "columns", columns=letters[:24])
        return letters

    def substack(self, token: Token) -> Node:
        opened = self.tokens.next
        if not self.tokens.is_next("{"):
            raise FormulaError(token.column, "missing_argument", name=token.written)
        self.tokens.take()
        table = self.rows(SUBSTACK)
        self.close(opened, "}")
        return table

    def rows(self, kind: Environment) -> Table:
        rows: list[list[Row]] = [[self.row()]]
        while self.tokens.is_next(_NEW_ROW, "\\cr", "&"):
            mark = self.tokens.take()
            self.cells += 1
            if self.cells > MAX_CELLS:
                raise FormulaError(mark.column, "too_large", limit=MAX_CELLS)
            if mark.text != "&":
                rows.append([])
            elif kind is LINES:
                raise FormulaError(mark.column, "unexpected", mark="&")
            rows[-1].append(self.row())
        if len(rows) > 1 and rows[-1] == [Row()]:
            rows.pop()  # what follows the last \\ is no row
        return Table(tuple(map(tuple, map(_paired, rows) if kind.paired else rows)), kind.columns, kind.opening, kind.closing,
                     kind.paired, kind.tight)  # fmt: skip


def _paired(cells: list[Row]) -> list[Row]:
    """Cells that touch: signs at their edges keep the space that they would have in one row."""
    return [Row((Row(), *cell.items)) if place % 2 else Row((*cell.items, Row())) for place, cell in enumerate(cells)]


def unknown(token: Token) -> FormulaError:
    """What is said of a command that does not exist."""
    name = token.written[:24]
    close = get_close_matches(token.text[:24], [*COMMANDS, *_READ], 1, 0.7)
    if close:
        return FormulaError(token.column, "unknown_hint", name=name, hint=f"\\{close[0]}")
    return FormulaError(token.column, "unknown", name=name)


_READ: dict[str, Callable[[_Reader, Token], Node]] = {
    **dict.fromkeys(_FRACTIONS, _Reader.fraction),
    **dict.fromkeys(("binom", "dbinom", "tbinom"), _Reader.binomial),
    **dict.fromkeys(_WORDS, lambda reader, token: Text(reader.words(token))),
    **dict.fromkeys(("operatorname", "operatorname*"), _Reader.operator),
    **dict.fromkeys(ALPHABETS, _Reader.in_alphabet),
    **dict.fromkeys(ACCENT_COMMANDS, lambda reader, token: Accent(reader.argument(token), ACCENT_COMMANDS[token.text])),
    **dict.fromkeys(("underbrace", "overbrace"), _Reader.brace),
    **dict.fromkeys(_STACKS, _Reader.stack),
    **dict.fromkeys(("xrightarrow", "xleftarrow"), _Reader.arrow),
    **dict.fromkeys(("cancel", "bcancel", "xcancel"), lambda reader, token: Struck(reader.argument(token))),
    **dict.fromkeys(("boxed", "fbox"), lambda reader, token: Boxed(reader.argument(token))),
    **dict.fromkeys(_BIG, _Reader.big),
    **dict.fromkeys(NO_EFFECT, lambda reader, token: Row()),
    "sqrt": _Reader.root,
    "not": _Reader.negated,
    "pmod": _Reader.modulo,
    "left": _Reader.fenced,
    "begin": _Reader.environment,
    "substack": _Reader.substack,
    "tag": lambda reader, token: Row((Space(3), Text(f"({reader.words(token)})"))),
}
