"""What the plot pane is about: one element of a tensor, or two, chosen by the learner among those of a frame."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from engine.looks.records import Element
from engine.messages import Frame, Tensor
from engine.spec import Graph as GraphSpec
from tui.choice import sources
from tui.view import View, numbers


@dataclass(frozen=True)
class Subject:
    """The loss is looked at over `first`, and over `second` too where there are two; `output` "" is the graph's own."""

    first: Element
    second: Element | None
    output: str

    @property
    def elements(self) -> tuple[Element, ...]:
        """One or two."""
        return (self.first,) if self.second is None else (self.first, self.second)


@dataclass(frozen=True)
class Cursor:
    """Where the learner stands: in each tensor on one element, counted in row-major order; and on a second one."""

    places: dict[str, int] = field(default_factory=dict)
    second: Element | None = None

    def along(self, view: View, name: str, by: int) -> Cursor:
        """Another element of the tensor `name`, past its end from the beginning."""
        size = _size(tensor(view.frame, name))
        return replace(self, places={**self.places, name: (self.places.get(name, 0) + by) % max(1, size)})

    def row(self, view: View, name: str, by: int) -> Cursor:
        """The element above or below."""
        found = tensor(view.frame, name)
        return self.along(view, name, by * (found.value.shape[-1] if found and found.value.shape else 1))

    def other_second(self, view: View, subject: Subject, by: int) -> Cursor:
        """Another second element: through all elements that the output depends on, the first one left out."""
        every = leaves(view, subject.output)
        at = place(every, subject.second) if subject.second else None
        if at is None or len(every) == 0:
            return self
        found = at_place(every, at + by)
        return replace(self, second=at_place(every, at + 2 * by) if found == subject.first else found)


def subject(view: View, cursor: Cursor, two: bool) -> Subject | None:
    """What the pane is about in this view; None where nothing can be varied, or its value is not known yet."""
    output = view.choice.node if isinstance(view.experiment, GraphSpec) else ""
    name = chosen_name(view, output, two)
    found = tensor(view.frame, name) if name else None
    if found is None or not _size(found):
        return None
    first = element(found, min(cursor.places.get(found.name, 0), _size(found) - 1))
    return Subject(first, _second(view, cursor, first, output) if two else None, output)


def chosen_name(view: View, output: str, leaf: bool) -> str:
    """The tensor chosen, where it may be one; else the first parameter that the output depends on, or leaf, or ""."""
    behind = sources(view.graph, output or view.graph.output)
    able = [each.name for each in view.graph.leaves if each.name in behind]
    if view.choice.source in (able if leaf else behind):
        return view.choice.source
    trained = [name for name in able if name in view.graph.parameters]
    return next(iter([*trained, *able]), "")


def _second(view: View, cursor: Cursor, first: Element, output: str) -> Element | None:
    """The one chosen; else the element after the first, in its tensor or in the next."""
    every, chosen = leaves(view, output), cursor.second
    if chosen is not None and chosen != first and place(every, chosen) is not None:
        return chosen
    at = place(every, first)
    found = None if at is None else at_place(every, at + 1)
    return None if found == first else found


def place(tensors: list[Tensor], of: Element) -> int | None:
    """Which element of all of these tensors it is; None where it is none of them."""
    before = 0
    for each in tensors:
        shape = each.value.shape
        if each.name == of.name:
            fits = len(of.index) == len(shape) and all(at < size for at, size in zip(of.index, shape, strict=True))
            return before + (int(np.ravel_multi_index(of.index, shape)) if shape else 0) if fits else None
        before += _size(each)
    return None


def at_place(tensors: list[Tensor], number: int) -> Element:
    """The element of that number among all of these tensors, round and round."""
    number %= sum(map(_size, tensors))
    for each in tensors:
        if number < _size(each):
            break
        number -= _size(each)
    return element(each, number)


def leaves(view: View, output: str) -> list[Tensor]:
    """The leaves that the output depends on and a gradient can reach, as tensors of the frame."""
    names = {leaf.name for leaf in view.graph.leaves}
    behind = [name for name in sources(view.graph, output or view.graph.output) if name in names]
    found = [tensor(view.frame, name) for name in behind]
    return [each for each in found if each is not None and _size(each)]


def tensor(frame: Frame | None, name: str) -> Tensor | None:
    """The tensor of that name, once it has a value."""
    return next((each for each in frame.tensors if each.name == name), None) if frame else None


def element(of: Tensor, flat: int) -> Element:
    """An element by its number in row-major order."""
    shape = of.value.shape
    return Element(of.name, tuple(int(at) for at in np.unravel_index(flat, shape)) if shape else ())


def written(each: Element) -> str:
    """`linear1.weight[0, 1]`; a number alone by its name."""
    return f"{each.name}[{', '.join(map(str, each.index))}]" if each.index else each.name


def value(frame: Frame | None, each: Element) -> float | None:
    """The present value of an element; None where the frame does not carry it."""
    found = tensor(frame, each.name)
    values = numbers(found.value) if found else None
    return None if values is None else float(values[each.index].item())


def hidden(view: View, about: Subject) -> bool:
    """Whether the picture would give away what an exercise asks: the curve shows values, and its slope gradients.

    In a graph of numbers each of them can be reckoned from the curve; in a net only those of the curve itself.
    """
    masks = view.masks
    if masks.metrics & {"loss", "train_loss"}:
        return True
    if isinstance(view.experiment, GraphSpec) and (masks.values or masks.grads or masks.locals):
        return True
    return any(masks.any_value(each.name) or masks.any_grad(each.name) for each in about.elements)


def _size(found: Tensor | None) -> int:
    return math.prod(found.value.shape) if found else 0
