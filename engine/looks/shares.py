"""What one element of an input gets back: upstream and local derivative at every result that it went into.

Computed for the few elements that are looked at, with autograd on them alone. The contributions themselves are those
of the whole operation; summed in another order, they differ from these in the last bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from engine.graph import Node
from engine.kernels import apply
from engine.looks.places import SIDE, Index, flat, put, stretched_to, unravel, without
from engine.looks.reach import Form, reach
from engine.looks.records import Share
from engine.looks.windows import number
from engine.spec import Number

MEANS = ("mse", "bce", "bce_logits")
LARGEST = 4096  # elements along a dimension that are still differentiated for one of them


@dataclass(frozen=True, eq=False, slots=True)
class Case:
    """An operation done forward, with what goes into it."""

    form: Form
    inputs: tuple[Tensor | Number, ...]

    def tensor(self, position: int) -> Tensor:
        """One input as a tensor."""
        found = self.inputs[position]
        assert isinstance(found, Tensor)
        return found.detach()


Local = tuple[tuple[Index, ...], int, Sequence[float]]  # results, how many there are, and the derivatives at the first


def share(case: Case, position: int, place: Index, upstream: Tensor | None, passed: Tensor | None) -> Share | None:
    """The share of the element at `place` of one input; None where it would take too much work."""
    found = _local(case, position, place)
    if found is None:
        return None
    results, count, local = found
    total = None if passed is None else number(passed, place)
    above = () if upstream is None else tuple(number(upstream, each) for each in results)
    return Share(place, above, tuple(local) if above else (), count, total)


def alone(case: Case, index: Index) -> float:
    """What one sample comes to in a loss, before the mean or the sum over all. `index`: in `form.space`."""
    form = case.form
    if form.node.op == "cross_entropy":
        dim = form.classes_dim
        pick: Any = put(index, dim, slice(None))
        rows = [case.tensor(0)[pick], case.tensor(1)[pick if form.shapes[1] == form.shapes[0] else index]]
        return float(apply(Node("out", "cross_entropy", ("logits", "targets")), rows))
    places = _places(form, index)
    inputs = [_element(each, place) for each, place in zip(case.inputs, places, strict=True)]
    return float(_applied(case, [each.reshape(1) if isinstance(each, Tensor) else each for each in inputs]))


# ---------------------------------------------------------------- by operation
def _local(case: Case, position: int, place: Index) -> Local | None:
    if case.form.elementwise:
        return _elementwise(case, position, place)
    function = _LOCALS.get(case.form.node.op)
    return None if function is None else function(case, position, place)


def _elementwise(case: Case, position: int, place: Index) -> Local | None:
    form, shape = case.form, case.form.shapes[position]
    if form.node.op == "leaky_relu" and position == 1 and len(form.output) > 1 == len(shape):
        wide = tuple(size if n == 1 else 1 for n, size in enumerate(form.output))
        own = unravel(place[0] if shape[0] > 1 else 0, wide)
        results, count = stretched_to(own, wide if shape[0] > 1 else (1,) * len(wide), form.output)
    else:
        results, count = stretched_to(place, shape, form.output)
    return results, count, [_derivative(case, position, _places(form, each)) for each in results]


def _places(form: Form, index: Index) -> list[Index]:
    return [each.places[0] if each.places else () for each in reach(form, index)]


def _derivative(case: Case, position: int, places: Sequence[Index]) -> float:
    """Of the operation on the elements at `places` alone, with respect to one of them."""
    inputs: list[Any] = [
        _element(each, place).reshape(1) if isinstance(each, Tensor) else each
        for each, place in zip(case.inputs, places, strict=True)
    ]
    leaf = inputs[position] = inputs[position].clone().requires_grad_()
    with torch.enable_grad():
        output = _applied(case, inputs)
    return float(torch.autograd.grad(output.sum(), leaf, allow_unused=True, materialize_grads=True)[0])


def _applied(case: Case, inputs: Sequence[Any]) -> Tensor:
    names = tuple(f"input {n}" if isinstance(each, Tensor) else each for n, each in enumerate(inputs))
    return apply(replace(case.form.node, inputs=names, dim=None, squeeze=False), inputs)


def _element(given: Tensor | Number, place: Index) -> Any:
    return given.detach()[place] if isinstance(given, Tensor) else given


def _loss(case: Case, position: int, place: Index) -> Local | None:
    """Every sample goes into the one result; an element that is stretched over many of them is not followed."""
    form = case.form
    own = place[:-1] if form.node.squeeze and position == 0 else place
    indices, count = stretched_to(own, form.given[position], form.space)
    if count > SIDE:
        return None
    local = sum(_derivative(case, position, _places(form, each)) for each in indices)
    return ((),), 1, [local / (math.prod(form.space) if form.node.op in MEANS else 1)]


def _linear(case: Case, position: int, place: Index) -> Local:
    rows, units = case.form.output[:-1], case.form.output[-1]
    if position == 0:
        weight = case.tensor(1)[:SIDE, place[-1]]
        return tuple((*place[:-1], unit) for unit in range(min(units, SIDE))), units, weight.tolist()
    count = math.prod(rows)
    samples = [unravel(each, rows) for each in range(min(count, SIDE))]
    local = [1.0 if position == 2 else number(case.tensor(0), (*each, place[1])) for each in samples]
    return tuple((*each, place[0]) for each in samples), count, local


def _matmul(case: Case, position: int, place: Index) -> Local | None:
    """Vectors and matrices; of batches of matrices there is no share."""
    first, second = case.form.shapes
    if len(first) > 2 or len(second) > 2:
        return None
    row, column = (place[0],) if len(first) == 2 else (), (place[-1],) if len(second) == 2 else ()
    if position == 0:
        count = second[1] if len(second) == 2 else 1
        others = [(place[-1], *((each,) if len(second) == 2 else ())) for each in range(min(count, SIDE))]
        return tuple((*row, *other[1:]) for other in others), count, [number(case.tensor(1), other) for other in others]
    count = first[0] if len(first) == 2 else 1
    others = [(*((each,) if len(first) == 2 else ()), place[0]) for each in range(min(count, SIDE))]
    return tuple((*other[:-1], *column) for other in others), count, [number(case.tensor(0), other) for other in others]


def _reduction(case: Case, position: int, place: Index) -> Local | None:
    form, shape = case.form, case.form.shapes[0]
    whole = form.node.dim is None or not shape
    if (math.prod(shape) if whole else shape[form.dim]) > LARGEST:
        return None
    pick = put(without(place, form.dim), form.dim, slice(None)) if not whole else ()
    along = case.tensor(0).reshape(-1) if whole else case.tensor(0)[pick]
    at = flat(place, shape) if whole else place[form.dim]
    leaf = along.clone().requires_grad_()
    with torch.enable_grad():
        output = apply(Node("out", form.node.op, ("along",), None if whole else 0), [leaf])
    local = float(torch.autograd.grad(output, leaf)[0][at])
    return (() if whole else without(place, form.dim),), 1, [local]


def _normalised(case: Case, position: int, place: Index) -> Local | None:
    form, shape = case.form, case.form.shapes[0]
    if not place:
        return ((),), 1, [0.0]
    if shape[form.dim] > LARGEST:
        return None
    rest, at = without(place, form.dim), place[form.dim]
    leaf = case.tensor(0)[put(rest, form.dim, slice(None))].clone().requires_grad_()
    with torch.enable_grad():
        output = apply(Node("out", form.node.op, ("along",), 0), [leaf])
    count = len(leaf)
    shown = range(min(count, SIDE))
    local = [float(torch.autograd.grad(output[each], leaf, retain_graph=True)[0][at]) for each in shown]
    return tuple(put(rest, form.dim, each) for each in shown), count, local


def _cross_entropy(case: Case, position: int, place: Index) -> Local | None:
    form, dim = case.form, case.form.classes_dim
    if form.shapes[0][dim] > LARGEST:
        return None
    rest = without(place, dim)
    pick: Any = put(rest, dim, slice(None))
    alike = form.shapes[1] == form.shapes[0]
    rows = [case.tensor(0)[pick].clone(), case.tensor(1)[pick if alike else rest].clone()]
    leaf = rows[position] = rows[position].requires_grad_()
    with torch.enable_grad():
        output = apply(Node("out", "cross_entropy", ("logits", "targets")), rows)
    local = float(torch.autograd.grad(output, leaf)[0][place[dim]])
    return ((),), 1, [local / max(math.prod(form.space), 1)]


def _moved(case: Case, position: int, place: Index) -> Local:
    """An element that only goes elsewhere."""
    form = case.form
    if form.node.op == "transpose":
        return ((*place[:-2], *place[-2:][::-1]),), 1, [1.0]
    return (unravel(flat(place, form.shapes[0]), form.output),), 1, [1.0]


_LOCALS: dict[str, Callable[[Case, int, Index], Local | None]] = {
    "linear": _linear,
    **dict.fromkeys(("matmul", "dot"), _matmul),
    **dict.fromkeys(("sum", "mean", "max", "min", "norm"), _reduction),
    **dict.fromkeys(("softmax", "log_softmax"), _normalised),
    **dict.fromkeys(("transpose", "reshape", "view", "flatten"), _moved),
    **dict.fromkeys(("mse", "sse", "half_sse", "bce", "bce_logits"), _loss),
    "cross_entropy": _cross_entropy,
}
