"""`linear` as the two operations that it consists of: the matrix product, then the bias added to every row.

Torch computes both in one call, which differs from the two in the last bits. Only the numbers that are shown are
computed here, however large the layer is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import torch
from torch import Tensor

from engine.graph import Node
from engine.looks.places import SIDE, unravel
from engine.looks.records import Argument, Passed, Share, Taken, Window
from engine.looks.smaller import nodes, opens
from engine.records import record
from engine.words import Sentence, Value


def opened(node: Node, inputs: Sequence[Any], taken: Taken, element: int) -> tuple[Taken, ...]:
    """The matrix product (an operation `linear` without bias) and the addition; as it is, what does not open."""
    if not opens(node):
        return (taken,)
    inner = f"{node.name}.1"
    bias, value, index = taken.arguments[2], taken.value, taken.index
    product = None if value is None else _product(inputs, value)
    out = None if value is None or index is None else float(_row(inputs, index[:-1]) @ inputs[1].detach()[index[-1]])
    upstream, above = taken.upstream, taken.upstream_element
    passed = upstream if taken.done_backward else None
    back = None if index is None or above is None else Share(index, (above,), (1.0,), 1, above if passed else None)
    first = msgspec.structs.replace(
        taken,
        node=inner,
        arguments=taken.arguments[:2],
        value=product,
        out=out,
        upstream=passed,
        upstream_element=above if passed else None,
        arrivals=(Passed(node.name, passed, above if passed else None),),
        complete=passed is not None,
        sentence=_sentence(taken, "matmul", nodes(node)[0]),
    )
    numbers = () if out is None else (out,)
    inside = Argument(
        inner, product, numbers, index or (), len(numbers), differentiable=True, contribution=passed, share=back
    )
    return first, msgspec.structs.replace(
        taken, op="add", arguments=(inside, bias), sentence=_sentence(taken, "add", nodes(node)[1])
    )


def _sentence(taken: Taken, op: str, node: Node) -> Sentence | None:
    if taken.sentence is None:
        return None
    values: dict[str, Value] = {"name": node.name, "first": node.sources[0], "second": node.sources[1]}
    if not taken.done_backward:
        return Sentence(f"op.{op}.forward", values)
    wanted = {each.name for each in taken.arguments if each.differentiable} | (
        {node.sources[0]} if op == "add" else set()
    )
    targets = ", ".join(each for each in node.sources if each in wanted)
    return Sentence(f"op.{op}.backward", {**values, "targets": targets}) if targets else None


def _product(inputs: Sequence[Any], value: Window) -> Window:
    """The matrix product where the window on the layer's value is."""
    rows = range(value.top, min(value.count[0], value.top + SIDE))
    weight = inputs[1].detach()[value.left : value.left + SIDE]
    picked = [_row(inputs, unravel(each, value.shape[:-1])) for each in rows]
    numbers = torch.stack(picked) @ weight.T if picked else weight.new_zeros(0, len(weight))
    return msgspec.structs.replace(value, numbers=record(numbers))


def _row(inputs: Sequence[Any], place: tuple[int, ...]) -> Tensor:
    """One sample of the layer's input."""
    found: Tensor = inputs[0].detach()[place]
    return found
