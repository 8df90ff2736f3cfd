"""The chain rule, walked back from the output by the derivatives that people write, and not by torch's kernels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.derivative_formulas import counts, passed
from engine.derivatives import passed_text
from engine.graph import Node
from engine.restriction import Restriction
from engine.spec import Number


@dataclass(frozen=True, eq=False)
class Step:
    """What `source` passes back to its input `target`, as text in the expression language and as numbers."""

    source: str
    target: str
    text: str
    value: Tensor  # of the target's shape


def walk(function: Restriction) -> tuple[Tensor, tuple[Step, ...]]:
    """The derivative of the output to the source, of the source's shape; and the steps that led to it, in order."""
    ways = function.on_the_way
    reached = {function.source, *(node.name for node in ways)}
    arrived = {function.output: torch.ones_like(function.known[function.output])}
    steps: list[Step] = []
    for node in reversed(ways):
        if node.name not in arrived:
            continue
        for step in _passed(node, function.known, arrived[node.name], reached):
            steps.append(step)
            before = arrived.get(step.target)
            arrived[step.target] = step.value if before is None else before + step.value
    return arrived.get(function.source, torch.zeros_like(function.value)), tuple(steps)


def _passed(node: Node, known: Mapping[str, Tensor], upstream: Tensor, reached: set[str]) -> list[Step]:
    inputs: list[Tensor | Number] = [known[name] if isinstance(name, str) else name for name in node.inputs]
    found = []
    for position, name in enumerate(node.inputs):
        if isinstance(name, str) and name in reached:
            value = passed(node, inputs, known[node.name], upstream, position)
            if value is not None:
                found.append(Step(node.name, name, passed_text(node, position, counts(node, inputs)) or "", value))
    return found
