"""What stands in the boxes of a graph: values and gradients in fields of fixed width, tensors as shape and size."""

from __future__ import annotations

from dataclasses import dataclass

from engine.messages import Array, Frame, Tensor
from tui import number
from tui.graph_shown import Item, Shown
from tui.masks import HIDDEN, NOTHING, Masks
from tui.panes.tensor_table import statistics
from tui.view import numbers

SHAPE = 9  # cells of a shape: "(2500, 2)"
NORM = number.WIDTH + 1  # cells of a norm between bars: ‖0.0564‖
LABEL = 9  # cells at most of a label such as ∂J/∂g


@dataclass(frozen=True, slots=True)
class Face:
    """What a box says: two fields of fixed width beside its title, and two below."""

    title: str
    value: str
    label: str
    gradient: str
    known: bool  # has it a gradient?
    touched_value: bool = False
    touched_gradient: bool = False

    @property
    def touched(self) -> bool:
        """Did the last command change it?"""
        return self.touched_value or self.touched_gradient


@dataclass(frozen=True)
class Texts:
    """How the boxes of one graph are written: `scalar` where every tensor is a number."""

    shown: Shown
    scalar: bool
    masks: Masks = NOTHING

    @property
    def value_width(self) -> int:
        return number.WIDTH if self.scalar else SHAPE

    @property
    def gradient_width(self) -> int:
        return number.WIDTH if self.scalar else NORM

    def label(self, item: Item) -> str:
        """`∂J/∂g`; only ∂ where names are long, and in nets the mean stands in its place."""
        every = [f"∂{self.shown.output}/∂{name}" for name in self.shown.items]
        return f"∂{self.shown.output}/∂{item.name}" if self.scalar and max(map(len, every)) <= LABEL else "∂"

    def face(self, item: Item, frame: Frame, width: int) -> Face:
        """What the box of `item` says in this frame, its title no wider than `width` where there is a shorter one."""
        tensor = next((each for each in frame.tensors if each.name == item.name), None)
        inner = {item.name} | {name for name, owner in self.shown.owner.items() if owner == item.name}
        quiet = frame.running
        return Face(
            item.title(width),
            value_text(tensor, self.value_width, self.masks),
            self.label(item),
            gradient_text(tensor, self.masks).ljust(self.gradient_width)[: self.gradient_width],
            tensor is not None and tensor.grad is not None,
            not quiet and not inner.isdisjoint(frame.touched_values),
            not quiet and not inner.isdisjoint(frame.touched_grads),
        )


def value_text(tensor: Tensor | None, width: int, masks: Masks = NOTHING) -> str:
    """A number alone as itself, anything larger as its shape; · where nothing is known yet, ? for what is asked."""
    if tensor is None:
        return " ·".ljust(width)
    if tensor.name in masks.shapes or (single(tensor.value) is not None and masks.any_value(tensor.name)):
        return f" {HIDDEN}".ljust(width)
    alone = single(tensor.value)
    text = number.short(alone).ljust(width) if alone is not None else shape_text(tensor.value)
    return text.ljust(width)[:width]


def mean_text(tensor: Tensor | None, masks: Masks = NOTHING) -> str:
    """The mean of a tensor that is more than a number: "μ  0.1703"; else as many blanks."""
    blank = " " * (2 + number.WIDTH)
    if tensor is None or single(tensor.value) is not None:
        return blank
    if masks.any_value(tensor.name):
        return f"μ  {HIDDEN}".ljust(len(blank))
    return ("μ≈" if tensor.value.sampled else "μ ") + number.short(statistics(tensor.value)[2])


def gradient_text(tensor: Tensor | None, masks: Masks = NOTHING) -> str:
    """A gradient that is a number as itself, a larger one as its norm; blank where it is not known."""
    if tensor is None or tensor.grad is None:
        return ""
    if masks.any_grad(tensor.name):
        return f" {HIDDEN}"
    return passed_text(tensor.grad)


def single(array: Array) -> float | None:
    """The number, where the array is one number alone."""
    values = numbers(array) if array.shape in ((), (1,)) else None
    return None if values is None else float(values.reshape(-1)[0].item())


def shape_text(array: Array) -> str:
    """`(128, 4)`; a vector is `(4)`."""
    return "(" + ", ".join(map(str, array.shape)) + ")"


def passed_text(array: Array) -> str:
    """What flows back: a number, with room for its sign, or the norm of more of them."""
    alone = single(array)
    return number.short(alone) if alone is not None else _norm_text(array)


def _norm_text(array: Array) -> str:
    about = "≈" if array.sampled else ""
    return f"{about}‖{number.fixed(statistics(array)[3]).strip()}‖"
