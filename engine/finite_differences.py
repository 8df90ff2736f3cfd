"""Finite differences: the derivative to one element from the function alone, with a step h; and how far off they are.

Forward: (f(x + h) - f(x)) / h, whose error is about |f''| h / 2. Central: (f(x + h) - f(x - h)) / (2 h), about
|f'''| h^2 / 6. To both comes the rounding of f, about eps |f| / h: it grows as h gets smaller.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from engine.restriction import Index, Restriction

STEPS = tuple(10.0 ** (power / 4) for power in range(-48, 1))  # 1e-12 to 1


def forward_difference(function: Restriction, index: Index, h: float) -> float:
    """Of the output to the element at `index`, all of it in the function's dtype."""
    return float((_moved(function, index, h) - function.at(function.value)) / h)


def central_difference(function: Restriction, index: Index, h: float) -> float:
    """Of the output to the element at `index`, all of it in the function's dtype."""
    return float((_moved(function, index, h) - _moved(function, index, -h)) / (2 * h))


DIFFERENCES: dict[str, Callable[[Restriction, Index, float], float]] = {
    "forward": forward_difference,
    "central": central_difference,
}


def evaluations(name: str, parameters: int) -> int:
    """How often the function is computed for so many derivatives: forward differences share f(x)."""
    return parameters + 1 if name == "forward" else 2 * parameters


def _moved(function: Restriction, index: Index, by: float) -> Tensor:
    value = function.value.clone()
    value[index] += by
    return function.at(value)
