"""What of an operation must not be seen while an exercise asks for it, and for what would give it away."""

from __future__ import annotations

from dataclasses import dataclass

from engine.looks.records import Taken
from tui.masks import Masks


@dataclass(frozen=True)
class Veil:
    """One operation under masks. `node` is the graph's own, of which `taken` may be a smaller part."""

    masks: Masks
    node: str
    taken: Taken

    @property
    def names(self) -> tuple[str, ...]:
        """The operation and its inputs."""
        return (self.node, self.taken.node, *(each.name for each in self.taken.arguments))

    @property
    def shapes(self) -> bool:
        """One shape gives the others away."""
        return not self.masks.shapes.isdisjoint(self.names)

    @property
    def dtypes(self) -> bool:
        """So does one dtype."""
        return not self.masks.dtypes.isdisjoint(self.names)

    def value(self, name: str) -> bool:
        """Whether the numbers of an input are hidden; an inner result is hidden along with the one it leads to."""
        inner = name == f"{self.node}.1" and self.masks.any_value(self.node)
        return self.shapes or inner or self.masks.any_value(name)

    @property
    def out(self) -> bool:
        """The result is hidden along with any of its inputs, which could be computed from it."""
        return self.masks.any_value(self.node) or any(map(self.value, self.names))

    @property
    def upstream(self) -> bool:
        """The gradient from above, and what adds up to it."""
        sources = (each.source for each in self.taken.arrivals)
        return (
            self.shapes
            or self.masks.any_grad(self.node)
            or any((source, self.node) in self.masks.locals for source in sources)
        )

    def local(self, position: int) -> bool:
        """A derivative is made of inputs and result; and often it is all that a gradient that is asked lacks."""
        target = self.taken.arguments[position].name
        return self.out or (self.node, target) in self.masks.locals or self.masks.any_grad(target)

    def passed(self, position: int) -> bool:
        """What was passed on, from which upstream and local derivative could be told."""
        return self.upstream or self.local(position)
