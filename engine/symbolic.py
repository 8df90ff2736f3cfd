"""Symbolic derivatives: a number of the graph as a formula of single elements, differentiated by sympy.

The formula is built from our own nodes: names become sympy.Symbol, and no text is ever read by sympy, which would run
it as Python. Importing this imports sympy.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
import torch
from sympy.printing.latex import LatexPrinter

from engine.graph import Node
from engine.operations import OPERATIONS
from engine.restriction import Index, Restriction
from engine.symbolic_forms import Elements, applied, has_form
from engine.words import Refused

MOST = 400  # operations on single numbers that a formula may have
DIGITS = 30
ROW = "i"  # stands for the sample, where the formula is that of one
MEANS = ("mse", "bce", "bce_logits", "cross_entropy")
SUMS = ("sse", "half_sse")
_LETTER = re.compile(r"[A-Za-zͰ-Ͽ]")
_TWICE = {"relu": 2, "leaky_relu": 2, "gelu": 2, "abs": 4, "max": 5, "min": 5, "softmax": 2}  # how often they write it


class _Printer(LatexPrinter):
    """As sympy writes it; cases with their conditions, in no language."""

    def _print_Piecewise(self, cases: Any) -> str:
        rows, before = [], list[Any]()
        for value, condition in cases.args:
            condition = sympy.Not(sympy.Or(*before)) if condition == True else condition  # noqa: E712, sympy's own true
            before.append(condition)
            rows.append(f"{self._print(value)} & {self._print(condition)}")
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


@dataclass(frozen=True, slots=True)
class Element:
    """What a symbol stands for. `each`: that of every sample, whose number is the first index."""

    name: str
    index: Index
    each: bool = False


@dataclass(frozen=True, eq=False)
class Formula:
    """The output in terms of single elements. With `samples` it is that of one sample, of which so many are taken.

    share: 1, or 1 / samples where their mean is taken.
    """

    expression: sympy.Expr
    symbols: Mapping[Element, sympy.Symbol]
    samples: int = 0
    share: sympy.Expr = sympy.S.One

    def derivative(self, name: str, index: Index) -> sympy.Expr:
        """With respect to one element; of one sample, where the formula is."""
        symbol = self.symbols.get(Element(name, index))
        try:
            return sympy.S.Zero if symbol is None else sympy.diff(self.expression, symbol)
        except RecursionError:
            raise Refused("look.too_deep") from None

    def values(self, expression: sympy.Expr, known: Mapping[str, torch.Tensor]) -> Iterator[float]:
        """An expression of these symbols with the numbers in it: once, or once for each sample."""
        used = {each: symbol for each, symbol in self.symbols.items() if symbol in expression.free_symbols}
        lists = {each.name: known[each.name].tolist() for each in used}
        fixed = {symbol: _number(lists[each.name], each.index) for each, symbol in used.items() if not each.each}
        for sample in range(self.samples or 1):
            own = {s: _number(lists[each.name], (sample, *each.index)) for each, s in used.items() if each.each}
            yield _value(expression.xreplace({**fixed, **own}))

    def latex(self, expression: sympy.Expr) -> str:
        """An expression of these symbols, or the sum of it over all samples, in LaTeX."""
        names = {symbol: written(each) for each, symbol in self.symbols.items()}
        long = any(len(each.name) > 1 for each, symbol in self.symbols.items() if symbol in expression.free_symbols)
        text = _Printer({"symbol_names": names, "mul_symbol": "dot" if long else None}).doprint(expression)
        if not self.samples:
            return text
        mean = "" if self.share == 1 else rf"\frac{{1}}{{{self.samples}}} "
        return rf"{mean}\sum_{{{ROW}=0}}^{{{self.samples - 1}}} \left({text}\right)"


# ---------------------------------------------------------------- building it
def formula(function: Restriction) -> Formula:
    """The output as a formula. Of a net on a batch that of one sample, since its loss is their sum or their mean.

    Raises Refused where it would be too large to write down.
    """
    samples = _samples(function)
    symbols: dict[Element, sympy.Symbol] = {}
    count = operations(function, bool(samples))
    if count > MOST:
        raise Refused("look.too_large_to_write", count=count, limit=MOST)
    known: dict[str, Elements] = {}

    def given(name: str) -> Elements:
        if name not in known:
            known[name] = _symbols(function, name, bool(samples), symbols)
        return known[name]

    for node in function.nodes:
        if not _opaque(function, node):
            try:
                known[node.name] = applied(node, [given(x) if isinstance(x, str) else x for x in node.inputs])
            except (RecursionError, KeyError, ValueError):
                raise Refused("look.no_formula", name=node.name) from None
    output = given(function.output).reshape(-1)[0]
    mean = samples and function.graph.node(function.output).op in MEANS
    return Formula(output, symbols, samples, sympy.Rational(1, samples) if mean else sympy.S.One)


def operations(function: Restriction, one_sample: bool = False) -> int:
    """How many operations on single numbers the formula takes, about, each written as often as it is needed."""
    sizes: dict[str, int] = {}
    for node in function.nodes:
        if _opaque(function, node):
            continue
        size = 0
        for position, name in enumerate(node.inputs):
            if isinstance(name, str):
                size += _fan(function, node, position, one_sample) * (sizes.get(name, 0) + 1)
        sizes[node.name] = size * _TWICE.get(node.op, 1)
    return sizes.get(function.output, 0)


def _fan(function: Restriction, node: Node, position: int, one_sample: bool) -> int:
    """How many elements of an input go into one element of the result."""
    shape = tuple(function.known[str(node.inputs[position])].shape)
    if node.op in ("linear", "matmul", "dot"):
        return 1 if position == 2 else int(function.known[str(node.inputs[0])].shape[-1])
    if node.op in ("softmax", "log_softmax"):
        return 1 + (shape[-1 if node.dim is None else node.dim] if shape else 1)
    if OPERATIONS[node.op].elementwise:
        return 1
    result = function.known[node.name].shape
    if one_sample:
        shape, result = shape[1:], result[1:]
    return max(1, math.prod(shape) // max(1, math.prod(result)))


def _samples(function: Restriction) -> int:
    """How many samples the output is the sum or the mean of; 0 where it is not, or the source is theirs."""
    graph = function.graph
    batch = [leaf.name for leaf in graph.leaves if leaf.role == "data"]
    if not batch or function.output != graph.loss or _batched(function, function.source):
        return 0
    if not all(_by_sample(node) for node in function.nodes[:-1]) or function.nodes[-1].op not in (*MEANS, *SUMS):
        return 0
    return int(function.known[batch[0]].shape[0])


def _by_sample(node: Node) -> bool:
    along = node.op in ("softmax", "log_softmax") and node.dim in (1, -1, None)
    return along or node.op in ("linear", "flatten") or (OPERATIONS[node.op].elementwise and len(node.sources) == 1)


def _batched(function: Restriction, name: str) -> bool:
    """Whether it has a first dimension for samples."""
    role = next((leaf.role for leaf in function.graph.leaves if leaf.name == name), "node")
    return function.graph.loss is not None and role in ("data", "node")


def _opaque(function: Restriction, node: Node) -> bool:
    """Whether the node stands for its own value: no gradient comes back through it."""
    return node.name not in function.graph.differentiable or not has_form(node)


def _symbols(function: Restriction, name: str, one_sample: bool, symbols: dict[Element, sympy.Symbol]) -> Elements:
    """A symbol for each element of a tensor; of one sample where there is a batch."""
    shape, each = tuple(function.known[name].shape), one_sample and _batched(function, name)
    found: Elements = np.empty((1, *shape[1:]) if each else shape, dtype=object)
    for index in np.ndindex(found.shape):
        element = Element(name, index[1:] if each else index, each)
        found[index] = symbols.setdefault(element, sympy.Symbol(label(element), real=True))
    return found


# ---------------------------------------------------------------- names and numbers
def label(element: Element) -> str:
    """`W[0, 1]`; `x[i, 1]` for the element of every sample."""
    places = [ROW] * element.each + list(map(str, element.index))
    return f"{element.name}[{', '.join(places)}]" if places else element.name


def written(element: Element) -> str:
    r"""`W_{0,1}` in LaTeX; a name of more than a letter as text."""
    text = element.name.replace("_", r"\_")
    name = element.name if _LETTER.fullmatch(element.name) else rf"\text{{{text}}}"
    places = [ROW] * element.each + list(map(str, element.index))
    return f"{name}_{{{','.join(places)}}}" if places else name


def _number(values: Any, index: Index) -> sympy.Expr:
    for at in index:
        values = values[at]
    return sympy.Float(values, DIGITS) if isinstance(values, float) else sympy.Integer(values)


def _value(expression: Any) -> float:
    try:
        found = complex(expression.evalf(DIGITS))
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return found.real if found.imag == 0 else math.nan
