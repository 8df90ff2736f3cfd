"""The derivative of each operation as a person writes it: text in the lessons' expression language.

In the table `a`, `b`, `c` are the inputs in argument order, `out` is the node's value and `u` the gradient that comes
to it from above. In braces stand numbers that the shapes give: `{n}` how many elements a mean is taken over,
`{classes}`, `{shape}` of the input, and `{dim}`. Along a dimension a sum keeps it (with length 1), and so do `u` and
`out`; a comparison counts as 0 or 1. Where a factor is a vector, matmul's is written as for matrices: a row on the
left, a column on the right. The samples of a batch of batches stand in one row each (linear), the classes last
(cross_entropy).

These are formulas, not torch's kernels: at kinks and ties, where there is no derivative, they may differ from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.expression import Call, Constant, Expression, Name, parse
from engine.graph import Node
from engine.spec import Number


@dataclass(frozen=True, slots=True)
class Derivative:
    """One row: the local derivative to each input, or what is passed to each; None where an input gets no gradient."""

    local: tuple[str | None, ...] = ()  # elementwise: of the output to the input; it is passed u * local
    passed: tuple[str | None, ...] = ()  # in terms of u, of the output's shape


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers that shapes give to a formula. Without them it can be read, and not always computed."""

    n: int | None = None  # elements, or samples, that a mean is taken over
    classes: int | None = None
    shape: tuple[int, ...] | None = None  # of the input
    probabilities: bool = False  # cross_entropy's targets are probabilities, not classes


def _local(*texts: str) -> Derivative:
    return Derivative(local=texts)


def _passed(*texts: str) -> Derivative:
    return Derivative(passed=texts)


DERIVATIVES: dict[str, Derivative] = {
    # operators
    "add": _local("1", "1"),
    "sub": _local("1", "-1"),
    "mul": _local("b", "a"),
    "div": _local("1 / b", "-a / b ** 2"),
    "pow": _local("b * a ** (b - 1)", "out * log(a)"),
    "matmul": _passed("u @ transpose(b)", "transpose(a) @ u"),
    "neg": _local("-1"),
    "identity": _local("1"),
    # one element at a time
    "relu": _local("a > 0"),
    "leaky_relu": _local("(a > 0) + b * (a <= 0)", "a * (a <= 0)"),
    "tanh": _local("1 - out ** 2"),
    "sigmoid": _local("out * (1 - out)"),
    "gelu": _local("out / a + a * exp(-a ** 2 / 2) / sqrt(2 * 3.141592653589793)"),  # out / a is the normal's cdf
    "exp": _local("out"),
    "log": _local("1 / a"),
    "sin": _local("cos(a)"),
    "cos": _local("-sin(a)"),
    "sqrt": _local("1 / (2 * out)"),
    "abs": _local("float(a > 0) - float(a < 0)"),
    "float": _local("1"),
    # reductions; max and min of two inputs go element by element
    "sum": _passed("u"),
    "mean": _passed("u / {n}"),
    "max": Derivative(("(a > b) + (a == b) / 2", "(a < b) + (a == b) / 2"), ("u * (a == out) / sum(a == out{along})",)),
    "min": Derivative(("(a < b) + (a == b) / 2", "(a > b) + (a == b) / 2"), ("u * (a == out) / sum(a == out{along})",)),
    "norm": _passed("u * a / out"),
    "dot": _passed("u * b", "u * a"),
    # along a dimension
    "softmax": _passed("out * (u - sum(out * u, dim={dim}))"),
    "log_softmax": _passed("u - exp(out) * sum(u, dim={dim})"),
    # shapes
    "transpose": _passed("transpose(u)"),
    "reshape": _passed("reshape(u, {shape})"),
    "view": _passed("reshape(u, {shape})"),
    "flatten": _passed("reshape(u, {shape})"),
    # layers and losses
    "linear": _passed("u @ b", "transpose(u) @ a", "sum(u, dim=0)"),
    "mse": _passed("u * 2 * (a - b) / {n}", "u * 2 * (b - a) / {n}"),
    "sse": _passed("u * 2 * (a - b)", "u * 2 * (b - a)"),
    "half_sse": _passed("u * (a - b)", "u * (b - a)"),
    "bce": _passed("u * (a - b) / (a * (1 - a)) / {n}", "u * (log(1 - a) - log(a)) / {n}"),
    "bce_logits": _passed("u * (sigmoid(a) - b) / {n}", "-u * a / {n}"),
    "cross_entropy": _passed(
        "u * (softmax(a, dim={dim}) - one_hot(b, {classes})) / {n}", "-u * log_softmax(a, dim={dim}) / {n}"
    ),
}
_OF_PROBABILITIES = "u * (softmax(a, dim={dim}) * sum(b, dim={dim}) - b) / {n}"  # cross_entropy; mostly sum(b) is 1
_NAMES = ("a", "b", "c")
_LEFT_OUT: dict[tuple[str, int], Number] = {("leaky_relu", 1): 0.01}  # what an input is that was not given


# ---------------------------------------------------------------- to be read
def local_text(node: Node, position: int) -> str | None:
    """The derivative of the node to the input at `position`, with the names of its inputs; None if not elementwise."""
    found = _local_template(node, position)
    return None if found is None else _written(found, node, Counts())


def passed_text(node: Node, position: int, counts: Counts = Counts()) -> str | None:
    """What the node passes to the input at `position`: `grad(J) * c`. None for an input that gets no gradient.

    Without `counts`, the words `n`, `classes` and `shape` stand where their numbers would.
    """
    found = _template(node, position, counts)
    return None if found is None else _written(found, node, counts)


# ---------------------------------------------------------------- to be computed with
def local_expression(node: Node, position: int) -> Expression | None:
    """The derivative as a tree. Its names are those of leaves and nodes, identifiers or not (`linear1.weight`)."""
    found = _local_template(node, position)
    return None if found is None else _named(_tree(found), node)


def passed_expression(node: Node, position: int, counts: Counts = Counts()) -> Expression | None:
    """What is passed, as a tree, in which the gradient from above is the query `grad(node)`.

    None for an input that gets no gradient, and where the formula needs a shape or the classes, and `counts` has none.
    """
    found = formula(node, position, counts)
    return None if found is None else _named(found, node)


def formula(node: Node, position: int, counts: Counts) -> Expression | None:
    """As `passed_expression`, but in terms of a, b, c, u and out."""
    found = _template(node, position, counts)
    if (
        found is None
        or ("{classes}" in found and counts.classes is None)
        or ("{shape}" in found and counts.shape is None)
    ):
        return None
    return _tree(_filled(found, node, counts))


# ---------------------------------------------------------------- which row
def _local_template(node: Node, position: int) -> str | None:
    found = DERIVATIVES.get(node.op, Derivative())
    inputs = len(node.inputs)
    pair = not found.passed or inputs == 2  # max and min have both forms
    given = position < inputs and isinstance(node.inputs[position], str)
    return found.local[position] if given and pair and position < len(found.local) else None


def _template(node: Node, position: int, counts: Counts) -> str | None:
    local = _local_template(node, position)
    if local is not None:
        return _TIMES_U.get(local, f"u * ({local})" if re.search(r"\W", local) else f"u * {local}")
    if node.op == "cross_entropy" and position == 0 and counts.probabilities:
        return _OF_PROBABILITIES
    passed = DERIVATIVES.get(node.op, Derivative()).passed
    given = position < min(len(node.inputs), len(passed)) and isinstance(node.inputs[position], str)
    return passed[position] if given else None


_TIMES_U = {"1": "u", "-1": "-u"}


# ---------------------------------------------------------------- filling in
def _filled(template: str, node: Node, counts: Counts) -> str:
    """The template with its numbers, still in terms of a, b, c, u and out."""
    dim = -1 if node.dim is None else node.dim
    shape = "shape" if counts.shape is None else ", ".join(map(str, counts.shape)) or "1"
    along = "" if node.dim is None else f", dim={node.dim}"
    numbers = {"n": counts.n, "classes": counts.classes}
    words = {name: name if number is None else str(number) for name, number in numbers.items()}
    return template.format(**words, dim=dim, shape=shape, along=along)


def _written(template: str, node: Node, counts: Counts) -> str:
    """The text with names in it. A negative number gets parentheses: `b ** 2` of -1 is (-1) ** 2."""
    words = {name: _word(_input(node, place)) for place, name in enumerate(_NAMES)}
    words |= {"out": node.name, "u": f"grad({_quoted(node.name)})"}
    return re.sub(r"\b(a|b|c|u|out)\b", lambda found: words[found[0]], _filled(template, node, counts))


def _input(node: Node, place: int) -> str | Number:
    return node.inputs[place] if place < len(node.inputs) else _LEFT_OUT.get((node.op, place), "")


def _word(given: str | Number) -> str:
    if isinstance(given, str):
        return given
    return repr(given) if given >= 0 else f"({given!r})"


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'


@lru_cache(maxsize=256)
def _tree(template: str) -> Expression:
    return parse(template)


def _named(tree: Expression, node: Node) -> Expression:
    words: dict[str, Expression] = {"out": Name(node.name), "u": Call("grad", (_query(node.name),))}
    for place, name in enumerate(_NAMES):
        given = _input(node, place)
        words[name] = Name(given) if isinstance(given, str) else Constant(given)
    return substituted(tree, words)


def _query(name: str) -> Expression:
    return Name(name) if name.isidentifier() else Constant(name)


def substituted(tree: Expression, words: Mapping[str, Expression]) -> Expression:
    """The tree with other expressions in place of the names in `words`."""
    match tree:
        case Name(name=name):
            return words.get(name, tree)
        case Call(arguments=arguments):
            return replace(tree, arguments=tuple(substituted(each, words) for each in arguments))
    return tree
