"""What each command with arguments makes of what follows it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tui.formulas.alphabets import ACCENT_COMMANDS, ALPHABETS
from tui.formulas.environments import ENVIRONMENTS, SUBSTACK, Environment
from tui.formulas.errors import FormulaError
from tui.formulas.symbols import CHARACTERS, COMMANDS, NO_EFFECT, SPACES
from tui.formulas.tokens import Token
from tui.formulas.tree import (
    Accent,
    Arrow,
    Boxed,
    Brace,
    Bracket,
    Fenced,
    Fraction,
    Kind,
    Node,
    Root,
    Row,
    Space,
    Stacked,
    Struck,
    Symbol,
    Text,
)

if TYPE_CHECKING:
    from tui.formulas.reader import Reader

_HEIGHTS = {"big": 1, "Big": 3, "bigg": 3, "Bigg": 5}
_SIDES: dict[str, Kind | None] = {"": None, "l": "opening", "r": "closing", "m": "relation"}
_BIG = {f"{size}{side}": (rows, kind) for size, rows in _HEIGHTS.items() for side, kind in _SIDES.items()}


def fraction(reader: Reader, token: Token) -> Node:
    return Fraction(reader.argument(token), reader.argument(token))


def binomial(reader: Reader, token: Token) -> Node:
    return Fenced("(", (Fraction(reader.argument(token), reader.argument(token), bar=False),), ")")


def root(reader: Reader, token: Token) -> Node:
    degree = reader.optional("[", "]")
    return Root(reader.argument(token), degree)


def operator(reader: Reader, token: Token) -> Node:
    return Symbol(reader.words(token), "operator", limits=token.text.endswith("*"))


def in_alphabet(reader: Reader, token: Token) -> Node:
    before, reader.alphabet = reader.alphabet, ALPHABETS[token.text]
    inside = reader.argument(token)
    reader.alphabet = before
    return inside


def negated(reader: Reader, token: Token) -> Node:
    crossed = reader.argument(token)
    if not isinstance(crossed, Symbol):
        raise FormulaError(token.column, "missing_argument", name=token.written)
    return replace(crossed, text=unicodedata.normalize("NFC", crossed.text + "\u0338"))


def brace(reader: Reader, token: Token) -> Node:
    return Brace(reader.argument(token), over=token.text == "overbrace")


def stack(reader: Reader, token: Token) -> Node:
    mark, base = reader.argument(token), reader.argument(token)
    return Stacked(base, under=mark) if token.text == "underset" else Stacked(base, over=mark)


def arrow(reader: Reader, token: Token) -> Node:
    under = reader.optional("[", "]")
    return Arrow("←" if token.text == "xleftarrow" else "→", reader.argument(token), under)


def modulo(reader: Reader, token: Token) -> Node:
    return Row((Space(1), Symbol("(", "opening"), Text("mod "), reader.argument(token), Symbol(")", "closing")))


def fenced(reader: Reader, token: Token) -> Node:
    opening = reader.delimiter(token)
    parts, middle = [reader.row()], []
    while reader.tokens.is_next("\\middle"):
        middle.append(reader.delimiter(reader.tokens.take()))
        parts.append(reader.row())
    if not reader.tokens.is_next("\\right"):
        raise FormulaError(token.column, "unclosed", mark="\\left")
    return Fenced(opening, tuple(parts), reader.delimiter(reader.tokens.take()), tuple(middle))


def big(reader: Reader, token: Token) -> Node:
    rows, kind = _BIG[token.text]
    sign = reader.delimiter(token)
    own = CHARACTERS.get(sign, Symbol(sign)).kind
    return Bracket(sign, rows, kind or own)


def environment(reader: Reader, token: Token) -> Node:
    name = reader.words(token).rstrip("*")
    if name not in ENVIRONMENTS:
        raise FormulaError(token.column, "environment", name=name[:24])
    kind = ENVIRONMENTS[name]
    table = reader.rows(columns(reader, token, kind) if kind.argument else kind)
    if not reader.tokens.is_next("\\end"):
        raise FormulaError(token.column, "unclosed", mark=f"\\begin{{{name}}}")
    end = reader.tokens.take()
    if (closed := reader.words(end).rstrip("*")) != name:
        raise FormulaError(end.column, "environment_end", name=name, other=closed[:24])
    return table


def columns(reader: Reader, token: Token, kind: Environment) -> Environment:
    """The alignments of an array and its upright rules."""
    written = reader.words(token).replace(" ", "")
    letters = written.replace("|", "")
    if not letters or set(letters) - set("lcr"):
        raise FormulaError(token.column, "columns", columns=written[:24])
    rules = {len(written[:place].replace("|", "")) for place, letter in enumerate(written) if letter == "|"}
    return replace(kind, columns=letters, rules=tuple(sorted(rules)))


def substack(reader: Reader, token: Token) -> Node:
    opened = reader.tokens.next
    if not reader.tokens.is_next("{"):
        raise FormulaError(token.column, "missing_argument", name=token.written)
    reader.tokens.take()
    table = reader.rows(SUBSTACK)
    reader.close(opened, "}")
    return table


def unknown(token: Token) -> FormulaError:
    """What is said of a command that does not exist."""
    name = token.written[:24]
    close = get_close_matches(token.text[:24], [*COMMANDS, *READ, *SPACES], 1, 0.7)
    if close:
        return FormulaError(token.column, "unknown_hint", name=name, hint=f"\\{close[0]}")
    return FormulaError(token.column, "unknown", name=name)


READ: dict[str, Callable[[Reader, Token], Node]] = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), fraction),
    **dict.fromkeys(("binom", "dbinom", "tbinom"), binomial),
    **dict.fromkeys(
        ("text", "textrm", "textbf", "textit", "texttt", "textsf", "textnormal", "mbox"),
        lambda reader, token: Text(reader.words(token)),
    ),
    **dict.fromkeys(("operatorname", "operatorname*"), operator),
    **dict.fromkeys(ALPHABETS, in_alphabet),
    **dict.fromkeys(ACCENT_COMMANDS, lambda reader, token: Accent(reader.argument(token), ACCENT_COMMANDS[token.text])),
    **dict.fromkeys(("underbrace", "overbrace"), brace),
    **dict.fromkeys(("overset", "stackrel", "underset"), stack),
    **dict.fromkeys(("xrightarrow", "xleftarrow"), arrow),
    **dict.fromkeys(("cancel", "bcancel", "xcancel"), lambda reader, token: Struck(reader.argument(token))),
    **dict.fromkeys(("boxed", "fbox"), lambda reader, token: Boxed(reader.argument(token))),
    **dict.fromkeys(_BIG, big),
    **dict.fromkeys(NO_EFFECT, lambda reader, token: Row()),
    "sqrt": root,
    "not": negated,
    "pmod": modulo,
    "left": fenced,
    "begin": environment,
    "substack": substack,
    "tag": lambda reader, token: Row((Space(3), Text(f"({reader.words(token)})"))),
}
