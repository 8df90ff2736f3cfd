"""The two smaller operations that `linear` consists of, as nodes. No torch."""

from __future__ import annotations

from dataclasses import replace

from engine.graph import Node


def opens(node: Node) -> bool:
    """Whether the operation consists of two."""
    return node.op == "linear" and len(node.inputs) == 3


def nodes(node: Node) -> tuple[Node, Node]:
    """The two operations as nodes, to be written as formulas."""
    inner = f"{node.name}.1"
    return replace(node, name=inner, inputs=node.inputs[:2]), replace(node, op="add", inputs=(inner, node.inputs[2]))
