"""Which elements of an operation's inputs go into one element of its result. Shapes and indices only, no numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.graph import Node
from engine.looks.places import SIDE, Index, Shape, broadcast, flat, put, start, stretched_from, unravel, without
from engine.operations import OPERATIONS

ELEMENT_LOSSES = ("mse", "sse", "half_sse", "bce", "bce_logits")
REDUCTIONS = ("sum", "mean", "max", "min", "norm")
LOSSES = (*ELEMENT_LOSSES, "cross_entropy")


@dataclass(frozen=True, slots=True)
class Reached:
    """Elements of one input: the first few of `count`, and which of them is looked at most closely."""

    places: tuple[Index, ...] = ()
    count: int = 0
    pivot: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """An operation and the shapes around it; () for a number that was written."""

    node: Node
    shapes: tuple[Shape, ...]
    output: Shape

    @property
    def given(self) -> tuple[Shape, ...]:
        """The inputs' shapes as the operation takes them: predictions (n, 1) as (n)."""
        first = self.shapes[0][:-1] if self.node.squeeze else self.shapes[0]
        return (first, *self.shapes[1:])

    @property
    def space(self) -> Shape:
        """The shape of what can be spelled out: the result, or what a loss is the sum or the mean of."""
        if self.node.op == "cross_entropy":
            return without(self.shapes[0], self.classes_dim)
        if self.node.op in ELEMENT_LOSSES:
            return broadcast(*self.given[:2])
        return self.output

    @property
    def classes_dim(self) -> int:
        """Where cross_entropy's classes stand."""
        return 0 if len(self.shapes[0]) == 1 else 1

    @property
    def dim(self) -> int:
        """The dimension along which it works, from 0; the last one by default."""
        dim = -1 if self.node.dim is None else self.node.dim
        return dim % max(len(self.shapes[0]), 1)

    @property
    def elementwise(self) -> bool:
        """Whether each element of the result comes from one element of each input; max and min of two do."""
        pair = self.node.op in ("max", "min") and len(self.shapes) == 2
        return OPERATIONS[self.node.op].elementwise or pair


def reach(form: Form, index: Index, around: int = 0) -> tuple[Reached, ...]:
    """What goes into the element at `index` of `form.space`, by input. `around`: true class, or maximum."""
    if form.elementwise:
        return tuple(_one(_slope(form, place, index)) for place in range(len(form.shapes)))
    if form.node.op in ELEMENT_LOSSES:
        first, second = (stretched_from(index, shape) for shape in form.given[:2])
        return (_one((*first, 0) if form.node.squeeze else first), _one(second))
    if form.node.op == "cross_entropy":
        return _cross_entropy(form, index, around)
    if form.node.op in REDUCTIONS:
        return (_reduction(form, index, around),)
    found = _REACH[form.node.op](form, index)[: len(form.shapes)]
    return (*found, *(Reached() for _ in form.shapes[len(found) :]))


# ---------------------------------------------------------------- by operation
def _one(place: Index) -> Reached:
    return Reached((place,), 1)


def _slope(form: Form, place: int, index: Index) -> Index:
    shape = form.shapes[place]
    if form.node.op == "leaky_relu" and place == 1 and len(shape) == 1 < len(form.output):  # one per channel
        return (index[1] if shape[0] > 1 else 0,)
    return stretched_from(index, shape)


def _along(places: Callable[[int], Index], size: int, at: int = 0) -> Reached:
    begin = start(at, size)
    return Reached(tuple(places(each) for each in range(begin, min(size, begin + SIDE))), size, at - begin)


def _matmul(form: Form, index: Index) -> Sequence[Reached]:
    first, second = form.shapes
    rest = list(index)
    column = rest.pop() if len(second) > 1 else None
    row = rest.pop() if len(first) > 1 else None
    batch = tuple(rest)

    def left(k: int) -> Index:
        return (k,) if row is None else (*stretched_from(batch, first[:-2]), row, k)

    def right(k: int) -> Index:
        return (k,) if column is None else (*stretched_from(batch, second[:-2]), k, column)

    return _along(left, first[-1]), _along(right, first[-1])


def _linear(form: Form, index: Index) -> Sequence[Reached]:
    size, unit = form.shapes[0][-1], index[-1]
    return _along(lambda k: (*index[:-1], k), size), _along(lambda k: (unit, k), size), _one((unit,))


def _reduction(form: Form, index: Index, around: int) -> Reached:
    shape = form.shapes[0]
    if form.node.dim is None or not shape:
        return _along(lambda k: unravel(k, shape), math.prod(shape), around)
    return _along(lambda k: put(index, form.dim, k), shape[form.dim], around)


def _normalised(form: Form, index: Index) -> Sequence[Reached]:
    if not index:
        return (_one(()),)
    rest, at = without(index, form.dim), index[form.dim]
    return (_along(lambda k: put(rest, form.dim, k), form.shapes[0][form.dim], at),)


def _cross_entropy(form: Form, index: Index, around: int) -> tuple[Reached, ...]:
    dim, shape = form.classes_dim, form.shapes[0]
    logits = _along(lambda k: put(index, dim, k), shape[dim], around)
    return logits, logits if form.shapes[1] == shape else _one(index)


_REACH: dict[str, Callable[[Form, Index], Sequence[Reached]]] = {
    **dict.fromkeys(("matmul", "dot"), _matmul),
    "linear": _linear,
    **dict.fromkeys(("softmax", "log_softmax"), _normalised),
    "transpose": lambda form, index: (_one((*index[:-2], *index[-2:][::-1])),),
    **dict.fromkeys(
        ("reshape", "view", "flatten"),
        lambda form, index: (_one(unravel(flat(index, form.output), form.shapes[0])),),
    ),
    "one_hot": lambda form, index: (_one(index[:-1]),),
}
