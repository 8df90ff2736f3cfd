"""The operation table in sympy: arrays of expressions in, arrays of expressions out. Importing this imports sympy.

At kinks the derivatives are torch's: at 0 relu and leaky_relu have that of the left side, abs has 0, and max and min
of two share it where they tie. Where more than two elements of a maximum tie, torch and these differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy

from engine.graph import Node
from engine.spec import Number

Elements = npt.NDArray[np.object_]  # of sympy expressions, in the shape of the tensor
Form = Callable[..., Any]


def constant(value: Number) -> sympy.Expr:
    """A written number: whole numbers and simple fractions stay what they are."""
    if not math.isfinite(value):
        return sympy.Float(value)
    fraction = Fraction(value)
    simple = fraction.denominator <= 64
    return sympy.Rational(fraction.numerator, fraction.denominator) if simple else sympy.Float(value)


def applied(node: Node, inputs: list[Any]) -> Elements:
    """The node's operation on arrays of expressions and written numbers. Raises KeyError where it has no form."""
    arrays = [each if isinstance(each, np.ndarray) else _scalar(constant(each)) for each in inputs]
    if node.op in ("reshape", "view"):
        arrays = [arrays[0], *inputs[1:]]
    if node.squeeze:
        arrays[0] = arrays[0].squeeze(-1)
    form = ELEMENTWISE.get((node.op, len(inputs)))
    if form is not None:
        return _array(np.frompyfunc(form, len(inputs), 1)(*arrays))
    return _array(FORMS[node.op](*arrays, *(() if node.dim is None else (node.dim,))))


def has_form(node: Node) -> bool:
    """Whether sympy can take this operation."""
    return (node.op, len(node.inputs)) in ELEMENTWISE or node.op in FORMS


def _scalar(expression: Any) -> Elements:
    found: Elements = np.empty((), dtype=object)
    found[()] = expression
    return found


def _array(found: Any) -> Elements:
    return found if isinstance(found, np.ndarray) else _scalar(found)


# ---------------------------------------------------------------- one element at a time
def _cases(*pairs: tuple[Any, Any]) -> Any:
    return sympy.Piecewise(*pairs)


def _pair(first: Any, second: Any, wins: Any, loses: Any) -> Any:
    """The maximum or minimum of two; where they tie, half of each."""
    return _cases((first, wins), (second, loses), ((first + second) / 2, sympy.Eq(first, second)))


def _leaky_relu(z: Any, slope: Any) -> Any:
    return _cases((z, z > 0), (slope * z, z <= 0))


ELEMENTWISE: dict[tuple[str, int], Form] = {
    ("add", 2): lambda a, b: a + b,
    ("sub", 2): lambda a, b: a - b,
    ("mul", 2): lambda a, b: a * b,
    ("div", 2): lambda a, b: a / b,
    ("pow", 2): lambda a, b: a**b,
    ("neg", 1): lambda a: -a,
    ("identity", 1): lambda a: a,
    ("float", 1): lambda a: a,
    ("relu", 1): lambda z: _cases((z, z > 0), (sympy.S.Zero, z <= 0)),
    ("leaky_relu", 1): lambda z: _leaky_relu(z, sympy.Rational(1, 100)),
    ("leaky_relu", 2): _leaky_relu,
    ("tanh", 1): sympy.tanh,
    ("sigmoid", 1): lambda z: 1 / (1 + sympy.exp(-z)),
    ("gelu", 1): lambda z: z * (1 + sympy.erf(z / sympy.sqrt(2))) / 2,
    ("exp", 1): sympy.exp,
    ("log", 1): sympy.log,
    ("sin", 1): sympy.sin,
    ("cos", 1): sympy.cos,
    ("sqrt", 1): sympy.sqrt,
    ("abs", 1): lambda z: _cases((z, z > 0), (-z, z < 0), (sympy.S.Zero, sympy.Eq(z, 0))),
    ("max", 2): lambda a, b: _pair(a, b, a > b, a < b),
    ("min", 2): lambda a, b: _pair(a, b, a < b, a > b),
}


# ---------------------------------------------------------------- many elements
def _sum(x: Elements, dim: int | None = None) -> Any:
    return x.sum() if dim is None or not x.ndim else x.sum(axis=dim)


def _mean(x: Elements, dim: int | None = None) -> Any:
    return _sum(x, dim) / sympy.Integer(x.size if dim is None or not x.ndim else x.shape[dim])


def _extreme(which: Any) -> Form:
    def reduced(x: Elements, dim: int | None = None) -> Any:
        if dim is None or not x.ndim:
            return which(*x.flat)
        return np.apply_along_axis(lambda row: _scalar(which(*row)), dim, x)

    return reduced


def _norm(x: Elements, dim: int | None = None) -> Any:
    return np.frompyfunc(sympy.sqrt, 1, 1)(_sum(x * x, dim))


def _exp(x: Elements) -> Any:
    return np.frompyfunc(sympy.exp, 1, 1)(x)


def _log(x: Any) -> Any:
    return np.frompyfunc(sympy.log, 1, 1)(x)


def _softmax(x: Elements, dim: int = -1) -> Any:
    powers = _array(_exp(x))
    return powers / (powers.sum(axis=dim, keepdims=True) if x.ndim else powers)


def _log_softmax(x: Elements, dim: int = -1) -> Any:
    return x - _log(_exp(x).sum(axis=dim, keepdims=True)) if x.ndim else x - x


def _linear(x: Elements, weight: Elements, bias: Elements | None = None) -> Any:
    product = np.dot(x, weight.T)
    return product if bias is None else product + bias


def _cross_entropy(logits: Elements, targets: Elements) -> Any:
    """Of classes, as whole numbers, or of their probabilities."""
    if logits.ndim > 2:
        raise ValueError(logits.shape)  # classes come second there
    rows = logits.reshape(-1, logits.shape[-1])
    probabilities = targets.reshape(rows.shape) if targets.shape == logits.shape else _one_hot(targets, rows.shape[1])
    return -(probabilities * _log_softmax(rows, 1)).sum() / sympy.Integer(len(rows))


def _one_hot(classes: Elements, count: int) -> Elements:
    each = np.frompyfunc(lambda number, k: sympy.KroneckerDelta(number, sympy.Integer(k)), 2, 1)
    return _array(each(classes.reshape(-1, 1), np.arange(count)))


def _bce(p: Elements, y: Elements) -> Any:
    return _mean(_array(-(y * _log(p) + (1 - y) * _log(1 - p))))


def _bce_logits(z: Elements, y: Elements) -> Any:
    return _mean(_array(_log(1 + _exp(z)) - y * z))


FORMS: dict[str, Form] = {
    "matmul": np.matmul,
    "dot": np.dot,
    "linear": _linear,
    "sum": _sum,
    "mean": _mean,
    "max": _extreme(sympy.Max),
    "min": _extreme(sympy.Min),
    "norm": _norm,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "transpose": lambda x: np.swapaxes(x, -2, -1) if x.ndim > 1 else x,
    "reshape": lambda x, *shape: x.reshape(shape),
    "view": lambda x, *shape: x.reshape(shape),
    "flatten": lambda x: x.reshape(x.shape[0], -1),
    "mse": lambda p, y: _mean(_array((p - y) ** 2)),
    "sse": lambda p, y: _sum(_array((p - y) ** 2)),
    "half_sse": lambda p, y: _sum(_array((p - y) ** 2)) / 2,
    "bce": _bce,
    "bce_logits": _bce_logits,
    "cross_entropy": _cross_entropy,
}
