"""The formulas of one operation: in symbols, with the live numbers in them, and what it passes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.derivatives import Counts, formula, local_expression, substituted
from engine.expression import Call, Constant, Expression, Name, parse
from engine.graph import Node
from engine.looks.reach import LOSSES
from engine.looks.records import Taken, Window
from tui import number
from tui.formulas import inline
from tui.formulas.expressions import latex
from tui.graph_shown import LETTERS
from tui.masks import HIDDEN
from tui.panes.operation_masks import Veil

NOT_YET = "·"
UP = "u"  # the gradient from above, in formulas
COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
ALONE = {  # what one sample comes to in a loss, where p and y are its prediction and its target
    "mse": "(p - y) ** 2",
    "sse": "(p - y) ** 2",
    "half_sse": "(p - y) ** 2 / 2",
    "bce": "-(y * log(p) + (1 - y) * log(1 - p))",
    "bce_logits": "log(1 + exp(p)) - y * p",
}
SIGNS = {"sum": "Σ", "norm": "√Σ", "mean": "Σ"}


def plain(value: float, dtype: str = "float32") -> str:
    """A number that stands in a line: `5`, `−0.0123`, `True`."""
    if number.kind(dtype) == "bool":
        return str(bool(value))
    text = number.short(value).strip()
    return text.removesuffix(".0").removesuffix(".").replace("-", "−")


def bracketed(text: str) -> str:
    """A factor or a term that is not the first."""
    return f"({text})" if text.startswith("−") else text


@dataclass(frozen=True)
class Formulas:
    """Writes one operation; `larger`: the tensors that have more than one element."""

    taken: Taken
    node: Node
    veil: Veil
    larger: frozenset[str]

    # ---------------------------------------------------------------- names
    def name(self, name: str) -> str:
        """As formulas have it: a layer's own parameters are W and b."""
        own, _, last = name.rpartition(".")
        return LETTERS[last] if own == self.veil.node and last in LETTERS else name

    @property
    def above(self) -> str:
        """The letter for the gradient from above: δ where u is the name of something."""
        return "δ" if UP in self.node.sources or self.node.name == UP else UP

    def symbols(self, expression: Expression) -> str:
        """The expression with its names."""
        names = {name: LETTERS[name.rpartition(".")[2]] for name in self.node.sources if self.name(name) != name}
        return self._written(expression, names, self.larger)

    def live(self, expression: Expression) -> str:
        """The expression with the numbers of the element that is spelled out."""
        return self._written(expression, {name: _tex(text) for name, text in self.numbers().items()})

    def _written(self, expression: Expression, names: Mapping[str, str], larger: frozenset[str] = frozenset()) -> str:
        text = inline(latex(expression, names, larger, close=True))
        return f"[{text}]" if isinstance(expression, Call) and expression.op in COMPARISONS else text

    # ---------------------------------------------------------------- numbers
    def numbers(self) -> dict[str, str]:
        """The number of each input, and of the result, in the element that is spelled out."""
        found = {each.name: self.given(n)[0] for n, each in enumerate(self.taken.arguments) if self.given(n)}
        return found | {self.node.name: self.out()}

    def given(self, position: int) -> list[str]:
        """The numbers of one input that go into the element, 8 at most."""
        argument = self.taken.arguments[position]
        if self.veil.value(argument.name):
            return [HIDDEN] * max(1, min(argument.count, len(argument.numbers)))
        dtype = argument.value.dtype if argument.value else "float32"
        return [plain(each, dtype) for each in argument.numbers] or [NOT_YET]

    def out(self) -> str:
        """The element that is spelled out; of a loss, what this sample comes to."""
        if self.taken.value is None:
            return NOT_YET
        return HIDDEN if self.veil.out else self.of(self.taken.out, self.taken.value)

    def of(self, value: float | None, like: Window | None) -> str:
        """A number of a tensor, or that it has still to come."""
        return NOT_YET if value is None else plain(value, like.dtype if like else "float32")

    def upstream(self) -> str:
        """The gradient from above at the element."""
        if self.taken.upstream is None:
            return NOT_YET
        return HIDDEN if self.veil.upstream else self.of(self.taken.upstream_element, self.taken.upstream)

    # ---------------------------------------------------------------- forward
    def expression(self) -> Expression:
        """The operation on its inputs."""
        inputs = tuple(Name(each) if isinstance(each, str) else Constant(each) for each in self.node.inputs)
        return Call(self.node.op, inputs, self.node.dim)

    def spelled(self, elementwise: bool) -> str:
        """The operation with live numbers in it, without the result: `3 + 2`, `0.1·0.5 + 0.9·0.4 + 0.2`."""
        if elementwise:
            return self.live(self.expression())
        if self.node.op in ALONE:
            words = {"p": self.given(0)[0], "y": self.given(1)[0]}
            return self._written(parse(ALONE[self.node.op]), {name: _tex(text) for name, text in words.items()})
        write = getattr(self, f"_{_WAYS.get(self.node.op, 'function')}")
        found: str = write()
        return found

    def _product(self) -> str:
        """A row times a column, and the bias."""
        text = products(self.given(0), self.given(1), self.taken.arguments[0].count)
        if len(self.taken.arguments) == 3:
            text += f" + {bracketed(self.given(2)[0])}"
        return text

    def _reduction(self) -> str:
        numbers, argument = self.given(0), self.taken.arguments[0]
        whole, cut = len(numbers) == 1, argument.count > len(numbers)
        if self.node.op in ("max", "min"):
            return f"{self.node.op}({', '.join(numbers)}{', …' if cut else ''})"
        if self.node.op == "norm":
            return f"√({' + '.join(f'{bracketed(each)}²' for each in numbers)}{' + …' if cut else ''})"
        text = total(numbers, argument.count)
        if self.node.op == "mean":
            return f"({text})/{argument.count}" if not whole else f"{text}/{argument.count}"
        return text

    def _softmax(self) -> str:
        shown, argument = self.given(0), self.taken.arguments[0]
        powers = [f"exp({each})" for each in shown]
        below = total(powers, argument.count)
        at = min(argument.pivot, len(shown) - 1)
        if self.node.op == "softmax":
            return f"{powers[at]}/({below})"
        if self.node.op == "log_softmax":
            return f"{shown[at]} − log({below})"
        if self.taken.probabilities:
            return f"cross_entropy({', '.join(shown)}; {', '.join(self.given(1))})"
        return f"log({below}) − {bracketed(shown[at])}"

    def _function(self) -> str:
        """What only moves numbers: the number that comes here."""
        return self.given(0)[0]

    # ---------------------------------------------------------------- backward
    def local(self, position: int) -> tuple[str, str] | None:
        """The local derivative in symbols and with numbers; None where the operation does not go element by element."""
        expression = local_expression(self.node, position)
        if expression is None:
            return None
        expression = simplified(expression)
        symbols = self.symbols(expression)
        if is_number(expression):
            asked = (self.veil.node, self.taken.arguments[position].name) in self.veil.masks.locals
            return (HIDDEN, HIDDEN) if asked else (symbols, symbols)
        if self.taken.value is None:
            return symbols, symbols
        return symbols, HIDDEN if self.veil.local(position) else self.live(expression)

    def rule(self, position: int) -> str | None:
        """What is passed to the input, in symbols, in terms of the gradient from above."""
        first = self.taken.arguments[0].value
        shape = None if first is None else first.shape
        if self.veil.shapes:  # these numbers tell of shapes
            return HIDDEN
        counts = Counts(self.taken.mean_of, self.taken.classes, shape, self.taken.probabilities)
        expression = formula(self.node, position, counts)
        if expression is None:
            return None
        words: dict[str, Expression] = {"u": Name(self.above), "out": Name(self.node.name)}
        for place, letter in enumerate("abc"[: len(self.node.inputs)]):
            given = self.node.inputs[place]
            words[letter] = Name(given) if isinstance(given, str) else Constant(given)
        formulas = replace(self, larger=self.larger | ({self.above} if self.node.name in self.larger else set()))
        return formulas.symbols(substituted(expression, words))


_WAYS = {
    **dict.fromkeys(("linear", "matmul", "dot"), "product"),
    **dict.fromkeys(("sum", "mean", "max", "min", "norm"), "reduction"),
    **dict.fromkeys(("softmax", "log_softmax", "cross_entropy"), "softmax"),
}


def simplified(expression: Expression) -> Expression:
    """Without what numbers alone come to: b² has the derivative 2·b, and not 2·b²⁻¹."""
    if not isinstance(expression, Call):
        return expression
    arguments = tuple(map(simplified, expression.arguments))
    match expression.op, arguments:
        case "sub", (Constant(value=int() | float() as one), Constant(value=int() | float() as other)):
            return Constant(one - other)
        case "pow", (base, Constant(value=1)):
            return base
    return replace(expression, arguments=arguments)


def is_number(expression: Expression) -> bool:
    """Whether a number alone was written, perhaps with a minus."""
    match expression:
        case Constant() | Call(op="neg", arguments=(Constant(),)):
            return True
    return False


def is_loss(op: str) -> bool:
    """Whether it is spelled out sample by sample."""
    return op in LOSSES


def total(terms: list[str], count: int) -> str:
    """`1 + (−2) + 3 + …`"""
    head = [terms[0], *map(bracketed, terms[1:])] if terms else ["0"]
    return " + ".join(head) + (" + …" if count > len(terms) else "")


def products(left: list[str], right: list[str], count: int) -> str:
    """`0.1·0.5 + (−2)·3 + …`"""
    pairs = [f"{one}·{bracketed(other)}" for one, other in zip(left, right, strict=False)]
    return total(pairs, count)


def _tex(text: str) -> str:
    sign, digits = ("-", text[1:]) if text.startswith("−") else ("", text)
    return f"{sign}\\text{{{digits}}}"
