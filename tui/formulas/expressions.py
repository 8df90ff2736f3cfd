"""Expressions of the lesson language as mathematics: LaTeX for `inline` and `display`, with brackets where needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from engine.expression import Call, Constant, Expression, Index, Name
from engine.spec import Number
from tui.formulas.alphabets import raised

COMPARISON, SUM, PRODUCT, BESIDE, SIGN, POWER, ONE = range(7)  # what holds together less, to what holds together more
DEEPEST = 8  # roots, bars and exponents within each other; further in they are written as functions
SIGNS = {
    "add": (SUM, "+"), "sub": (SUM, "-"), "mul": (PRODUCT, r"\cdot"), "div": (PRODUCT, "/"),
    "lt": (COMPARISON, "<"), "le": (COMPARISON, r"\le"), "gt": (COMPARISON, ">"), "ge": (COMPARISON, r"\ge"),
    "eq": (COMPARISON, "="), "ne": (COMPARISON, r"\ne"),
}  # fmt: skip
SINGLE = ("sum", "mean", "max", "min", "norm", "dot", "mse", "sse", "half_sse", "bce", "bce_logits", "cross_entropy")
_LETTER = re.compile(r"[A-Za-zͰ-Ͽ]")


def latex(
    expression: Expression, names: Mapping[str, str] | None = None, larger: Collection[str] = (), close: bool = False
) -> str:
    r"""The expression in LaTeX: `2 \cdot b`, `x\,W^{\top} + b`.

    `names` puts LaTeX, such as a number, in place of names; what begins with a minus gets brackets where it needs them.
    `larger` are the names of tensors of more than one element: between two of those, `*` is ⊙. `close`: no spaces
    around the signs of products, for titles.
    """
    return _Writer(names or {}, larger, close).write(expression).text


def has_elements(expression: Expression, larger: Collection[str]) -> bool:
    """Whether the result is known to have more than one element, where the tensors called `larger` have."""
    match expression:
        case Name(name=name):
            return name in larger
        case Call(op="matmul"):
            return False  # of two vectors it is a number
        case Call(op=op, arguments=arguments, dim=dim):
            element_by_element = op in ("max", "min") and len(arguments) == 2
            one = op in SINGLE and dim is None and not element_by_element
            return not one and any(has_elements(each, larger) for each in arguments)
    return False


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some LaTeX: how well it holds together, and whether it begins with a minus."""

    text: str
    level: int = ONE
    signed: bool = False


class _Writer:
    def __init__(self, names: Mapping[str, str], larger: Collection[str], close: bool) -> None:
        self.names, self.larger, self.close = names, larger, close
        self.depth = 0  # of groups that the formula's reader counts

    def write(self, expression: Expression) -> _Piece:
        match expression:
            case Constant(value=str() as text):
                return _Piece(self.names.get(text, _name(text)))
            case Constant(value=int() | float() as number):
                return _number(number)
            case Name(name=name):
                text = self.names.get(name, _name(name))
                signed = text.startswith(("-", "−"))
                return _Piece(text, SIGN if signed else ONE, signed)
            case Index(of=of, index=index):
                return _Piece(f"{self.at_least(ONE, of)}_{{{', '.join(map(str, index))}}}", POWER)
            case Call():
                return self.call(expression)
        raise TypeError(expression)

    def call(self, call: Call) -> _Piece:
        if call.op in SIGNS:
            return self.infix(call, *SIGNS[call.op])
        special = _SPECIAL.get((call.op, len(call.arguments))) if call.dim is None else None
        return (special(self, *call.arguments) if special and self.depth < DEEPEST else None) or self.function(call)

    def infix(self, call: Call, level: int, sign: str) -> _Piece:
        """Two sides; the right one of the same level gets brackets, as does one that begins with a minus."""
        left, right = call.arguments
        first = self.bracketed(self.write(left), level + (level == COMPARISON))
        second = self.write(right)
        over = "(" + second.text + ")" if second.signed else self.bracketed(second, level + 1).text
        if call.op == "mul" and has_elements(left, self.larger) and has_elements(right, self.larger):
            sign = r"\odot"
        if level == PRODUCT and (self.close or sign == "/"):
            return _Piece(f"{first.text}{{{sign}}}{over}", level, first.signed)
        return _Piece(f"{first.text} {sign} {over}", level, first.signed)

    def function(self, call: Call) -> _Piece:
        """`tanh(z)`, `softmax(z, dim=1)`"""
        inside = [self.write(argument).text for argument in call.arguments]
        inside += [] if call.dim is None else [rf"\text{{dim={call.dim}}}"]
        return _Piece(f"{_text(call.op)}({', '.join(inside)})")

    # ---------------------------------------------------------------- brackets
    def bracketed(self, piece: _Piece, level: int) -> _Piece:
        return piece if piece.level >= level else _Piece(f"({piece.text})")

    def at_least(self, level: int, expression: Expression) -> str:
        return self.bracketed(self.write(expression), level).text

    def inner(self, expression: Expression) -> str:
        """What stands in a group of its own."""
        self.depth += 1
        text = self.write(expression).text
        self.depth -= 1
        return text

    # ---------------------------------------------------------------- operations with a notation of their own
    def negative(self, of: Expression) -> _Piece:
        return _Piece(f"-{self.at_least(POWER, of)}", SIGN, True)

    def power(self, base: Expression, exponent: Expression) -> _Piece:
        return _Piece(f"{self.at_least(ONE, base)}^{{{self.inner(exponent)}}}", POWER)

    def beside(self, left: Expression, right: Expression) -> _Piece:
        """A matrix product: its factors stand side by side."""
        first, second = self.bracketed(self.write(left), BESIDE), self.write(right)
        return _Piece(rf"{first.text}\,{self.bracketed(second, POWER).text}", BESIDE, first.signed)

    def linear(self, x: Expression, weight: Expression, *bias: Expression) -> _Piece:
        product = self.beside(x, Call("transpose", (weight,)))
        if not bias:
            return product
        added = self.write(bias[0])
        text = f"({added.text})" if added.signed else self.bracketed(added, PRODUCT).text
        return _Piece(f"{product.text} + {text}", SUM, product.signed)

    def root(self, of: Expression) -> _Piece:
        return _Piece(rf"\sqrt{{{self.inner(of)}}}", POWER)

    def exponential(self, of: Expression) -> _Piece | None:
        """eˣ where the exponent is a single letter or digit that can be written small."""
        plain = of.arguments[0] if isinstance(of, Call) and of.op == "neg" else of
        text = self.write(of).text if isinstance(plain, Name | Constant) else ""
        return _Piece(f"e^{{{text}}}", POWER) if 0 < len(text) <= 2 and raised(text.replace("-", "−")) else None

    def transposed(self, of: Expression) -> _Piece:
        return _Piece(rf"{self.at_least(ONE, of)}^{{\top}}", POWER)

    def dot(self, left: Expression, right: Expression) -> _Piece:
        return self.beside(Call("transpose", (left,)), right)

    def size(self, of: Expression) -> _Piece:
        return _Piece(rf"\left|{self.inner(of)}\right|")

    def norm(self, of: Expression) -> _Piece:
        return _Piece(rf"\left\|{self.inner(of)}\right\|")

    def logistic(self, of: Expression) -> _Piece:
        return _Piece(rf"\sigma({self.write(of).text})")


_SPECIAL: dict[tuple[str, int], Callable[..., _Piece | None]] = {
    ("neg", 1): _Writer.negative,
    ("pow", 2): _Writer.power,
    ("matmul", 2): _Writer.beside,
    ("linear", 2): _Writer.linear,
    ("linear", 3): _Writer.linear,
    ("sqrt", 1): _Writer.root,
    ("exp", 1): _Writer.exponential,
    ("transpose", 1): _Writer.transposed,
    ("dot", 2): _Writer.dot,
    ("identity", 1): _Writer.write,
    ("sigmoid", 1): _Writer.logistic,
    ("abs", 1): _Writer.size,
    ("norm", 1): _Writer.norm,
}


def _text(name: str) -> str:
    return r"\text{" + name.replace("_", r"\_") + "}"


def _name(name: str) -> str:
    """A name as it is called everywhere else; a single letter needs no help."""
    return name if _LETTER.fullmatch(name) else _text(name)


def _number(number: Number) -> _Piece:
    mantissa, _, exponent = f"{number:.6g}".partition("e")
    signed = mantissa.startswith("-")
    if not exponent:
        return _Piece(mantissa, SIGN if signed else ONE, signed)
    power = f"10^{{{int(exponent)}}}"
    if mantissa in ("1", "-1"):
        return _Piece(mantissa[:-1] + power, SIGN if signed else POWER, signed)
    return _Piece(rf"{mantissa}{{\cdot}}{power}", PRODUCT, signed)
