"""Expressions of lessons as a person writes them with PyTorch: `relu(x) * 2` -> `torch.relu(x) * 2`."""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.expression import Call, Constant, Expression, Name, walk
from engine.spec import Number

# How tightly Python binds; brackets go around what binds looser than its place asks for.
_COMPARE, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(1, 7)

_INFIX = {
    "add": ("+", _SUM), "sub": ("-", _SUM), "mul": ("*", _PRODUCT), "div": ("/", _PRODUCT),
    "matmul": ("@", _PRODUCT), "pow": ("**", _POWER), "lt": ("<", _COMPARE), "le": ("<=", _COMPARE),
    "gt": (">", _COMPARE), "ge": (">=", _COMPARE), "eq": ("==", _COMPARE), "ne": ("!=", _COMPARE),
}  # fmt: skip

_FUNCTIONAL = "torch.nn.functional."
# What an operation is called, where that is not `torch.` and its name; a leading dot makes it a method.
_CALLED = {
    "leaky_relu": _FUNCTIONAL + "leaky_relu", "gelu": _FUNCTIONAL + "gelu", "linear": _FUNCTIONAL + "linear",
    "one_hot": _FUNCTIONAL + "one_hot", "mse": _FUNCTIONAL + "mse_loss",
    "bce": _FUNCTIONAL + "binary_cross_entropy", "cross_entropy": _FUNCTIONAL + "cross_entropy",
    "bce_logits": _FUNCTIONAL + "binary_cross_entropy_with_logits", "norm": "torch.linalg.vector_norm",
    "float": ".float", "int": ".long", "reshape": ".reshape", "view": ".view",
    "heaviside": "heaviside", "transpose": "transpose", "sse": "sse", "half_sse": "half_sse",
}  # fmt: skip
_OF_TWO = {"max": "torch.maximum", "min": "torch.minimum"}
_WITH_INDICES = ("max", "min")  # along a dimension these return the places as well
_LAST_DIMENSION = ("softmax", "log_softmax")
_TAKES_NUMBERS = (
    "leaky_relu",
    "reshape",
    "view",
    "one_hot",
)  # where a number stands for itself, not for a tensor

# Operations that torch has no function for, each defined once at the top of the script that uses it.
HELPERS = {
    "heaviside": ("def heaviside(x):", "    return (x > 0).to(x.dtype)"),
    "transpose": ("def transpose(x):", "    return x.mT if x.dim() > 1 else x"),
    "sse": ("def sse(predictions, targets):", "    return ((predictions - targets) ** 2).sum()"),
    "half_sse": (
        "def half_sse(predictions, targets):",
        "    return ((predictions - targets) ** 2).sum() / 2",
    ),
}


def helpers(expression: Expression) -> tuple[str, ...]:
    """The names in HELPERS that the expression uses."""
    return tuple(dict.fromkeys(part.op for part in walk(expression) if isinstance(part, Call) and part.op in HELPERS))


def number(value: Number | bool) -> str:
    """A number as Python source: 3.0, -torch.inf."""
    if isinstance(value, float) and not math.isfinite(value):
        return "torch.nan" if math.isnan(value) else "torch.inf" if value > 0 else "-torch.inf"
    return repr(value)


def source(expression: Expression, names: Mapping[str, str]) -> str:
    """Python source of `expression`; `names` gives the variable that each input and node is kept in."""
    if isinstance(expression, Name):
        return f"{names[expression.name]}.clone()"  # a node of its own, not a second name for the same tensor
    return _source(expression, names)[0]


def _source(expression: Expression, names: Mapping[str, str]) -> tuple[str, int]:
    match expression:
        case Name(name=name):
            return names[name], _ATOM
        case Constant(value=int() | float() as value):
            return number(value), _SIGN if value < 0 else _ATOM
        case Call(op="neg", arguments=(operand,)):
            return f"-{_bound(operand, names, _POWER)}", _SIGN
        case Call(op=op, arguments=(left, right)) if op in _INFIX:
            sign, binds = _INFIX[op]
            from_right = op == "pow"  # 2 ** 3 ** 2 is 2 ** (3 ** 2), and only there may a sign stand bare
            first = _bound(left, names, binds + (from_right or binds == _COMPARE))
            second = _bound(right, names, _SIGN if from_right else binds + 1)
            return f"{first} {sign} {second}", binds
        case Call():
            return _call(expression, names), _ATOM
    raise TypeError(f"not a node's expression: {expression}")


def _bound(expression: Expression, names: Mapping[str, str], least: int) -> str:
    text, binds = _source(expression, names)
    return text if binds >= least else f"({text})"


def _call(call: Call, names: Mapping[str, str]) -> str:
    called = _called(call)
    arguments = [_argument(call, argument, names) for argument in call.arguments]
    if call.op in _LAST_DIMENSION or call.dim is not None:
        arguments.append(f"dim={-1 if call.dim is None else call.dim}")
    if called.startswith("."):
        return f"{_bound(call.arguments[0], names, _ATOM)}{called}({', '.join(arguments[1:])})"
    values = ".values" if call.op in _WITH_INDICES and call.dim is not None else ""
    return f"{called}({', '.join(arguments)}){values}"


def _called(call: Call) -> str:
    if len(call.arguments) == 2 and call.op in _OF_TWO:
        return _OF_TWO[call.op]
    if call.op == "leaky_relu" and len(call.arguments) == 2 and not isinstance(call.arguments[1], Constant):
        return _FUNCTIONAL + "prelu"  # the slope is a tensor, with a gradient of its own
    return _CALLED.get(call.op, f"torch.{call.op}")


def _argument(call: Call, argument: Expression, names: Mapping[str, str]) -> str:
    if not isinstance(argument, Constant) or call.op in _TAKES_NUMBERS:
        return _source(argument, names)[0]
    assert not isinstance(argument.value, str)  # strings stand in queries only
    written = argument.value if call.op in _OF_TWO else float(argument.value)
    return f"torch.tensor({number(written)})"
