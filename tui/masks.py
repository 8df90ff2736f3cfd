"""What must not be seen on any pane or line while an exercise asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from engine.messages import Edge, Tensor

Place = tuple[str, tuple[int, ...]]  # a tensor, and the beginning of an index: all elements under it
HIDDEN = "?"


@dataclass(frozen=True)
class Masks:
    """`values` and `grads` by place; a leaf's value is hidden once it is another than when the step began."""

    values: frozenset[Place] = frozenset()
    grads: frozenset[Place] = frozenset()
    shapes: frozenset[str] = frozenset()
    dtypes: frozenset[str] = frozenset()
    locals: frozenset[tuple[str, str]] = frozenset()  # (output, source) of a local derivative
    metrics: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()  # of the script, by name
    formulas: bool = False  # derivatives that are written as formulas

    def __or__(self, other: Masks) -> Masks:
        return Masks(**{each.name: getattr(self, each.name) | getattr(other, each.name) for each in fields(self)})

    def value(self, tensor: Tensor, index: tuple[int, ...] = ()) -> bool:
        """Whether the value of `tensor`, or of that element of it, is hidden."""
        return tensor.name in self.shapes or _hides(self.values, tensor, index)

    def grad(self, tensor: Tensor, index: tuple[int, ...] = ()) -> bool:
        """Whether its gradient is hidden."""
        return tensor.name in self.shapes or _hides(self.grads, tensor, index)

    def any_value(self, name: str) -> bool:
        """Whether some of its value is hidden: what sums all of it up then is hidden too."""
        return name in self.shapes or any(name == of for of, _ in self.values)

    def any_grad(self, name: str) -> bool:
        """Whether some of its gradient is hidden."""
        return name in self.shapes or any(name == of for of, _ in self.grads)

    def edge(self, edge: Edge) -> bool:
        """Whether what an operation passed on would give away what is hidden."""
        return self.any_grad(edge.target) or (edge.source, edge.target) in self.locals


NOTHING = Masks()


def overlap(one: Masks, other: Masks) -> bool:
    """Whether they hide something in common."""
    if any(_touch(here, there) for name in ("values", "grads") for here, there in _pairs(one, other, name)):
        return True
    return any(getattr(one, name) & getattr(other, name) for name in ("shapes", "dtypes", "locals", "metrics"))


def _pairs(one: Masks, other: Masks, name: str) -> Iterator[tuple[Place, Place]]:
    return ((here, there) for here in getattr(one, name) for there in getattr(other, name))


def _touch(one: Place, other: Place) -> bool:
    shorter = min(len(one[1]), len(other[1]))
    return one[0] == other[0] and one[1][:shorter] == other[1][:shorter]


def _hides(places: frozenset[Place], tensor: Tensor, index: tuple[int, ...]) -> bool:
    shape = tensor.value.shape
    return any(name == tensor.name and _under(start, index, shape) for name, start in places)


def _under(start: tuple[int, ...], index: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether `index` is an element under `start`, whose numbers may count from the end; () is the whole tensor."""
    if len(start) > len(index):
        return False
    return all(at in (here, here + size) for here, at, size in zip(start, index, shape, strict=False))
