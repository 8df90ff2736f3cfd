"""What may be read off a derivative: the tensors whose numbers stand in it. No torch."""

from __future__ import annotations

from collections.abc import Iterable

from engine.graph import Node

# Their Jacobians are the same whatever the numbers are.
CONSTANT = frozenset({
    "add", "sub", "neg", "identity", "float", "sum", "mean", "transpose", "reshape", "view", "flatten",
})  # fmt: skip


def read_off(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The tensors whose numbers stand in the Jacobian of these operations, or may be read off it."""
    names = (name for node in nodes if node.op not in CONSTANT for name in (*node.sources, node.name))
    return tuple(dict.fromkeys(names))
