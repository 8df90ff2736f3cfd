"""Edits as lines: `model.linear1.weight[0, 1] = 0.5`, another learning rate, an optimizer made anew."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator

from engine import messages as m
from engine.code.course import Leg
from engine.code.expressions import number
from engine.code.script import Line, folded, optimizer, plain
from engine.spec import Number

Named = Callable[[str], str]  # the engine's name of a tensor -> its variable, or its dtype
PLAIN_DTYPES = ("float32", "int64", "bool")  # what torch.tensor makes of Python's numbers


def values(changes: Iterable[m.Change], variable: Named, dtype: Named) -> Iterator[Line]:
    """The lines that set these numbers, in place; none for no changes."""
    lines = [line for change in changes for line in _value(change, variable(change.name), dtype(change.name))]
    if lines:
        yield from (Line("with torch.no_grad():"), *lines)


def _value(change: m.Change, variable: str, dtype: str) -> Iterator[Line]:
    written = _written(change.value, dtype)
    if change.index:
        yield Line(f"    {variable}[{', '.join(map(str, change.index))}] = {written}")
    elif not isinstance(change.value, list):
        yield Line(f"    {variable}.fill_({written})")
    else:
        options = "" if dtype in PLAIN_DTYPES else f", dtype=torch.{dtype}"
        yield from folded(f"    {variable}.copy_(torch.tensor", written + options, ")")


def _written(value: object, dtype: str) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_written(each, dtype) for each in value)}]"
    assert isinstance(value, int | float)
    if dtype == "float32":
        return number(shortest(float(value)))
    return number({"float": float, "bool": bool}.get(dtype.rstrip("0123456789"), int)(value))


def shortest(value: float) -> Number:
    """The decimal with fewest digits that is the same float32: 0.1 for 0.10000000149011612."""
    try:
        wanted = struct.pack("f", value)
        return next(
            short for digits in range(1, 10) if struct.pack("f", short := float(f"{value:.{digits}g}")) == wanted
        )
    except (OverflowError, StopIteration):  # near the largest float32, or nan
        return value


def training(leg: Leg, parameters: str, climbs: bool = False) -> Iterator[Line]:
    """The lines that change the optimizer of `parameters`, one that `climbs` or not."""
    now = leg.now.optimizer
    if now is None:
        return
    if leg.forgets:
        made = optimizer(now.model_copy(update={"lr": leg.now.lr}), parameters, climbs)
        yield from plain(f"optimizer = {made}")
    elif leg.now.lr != leg.before.lr:
        yield from plain(f'optimizer.param_groups[0]["lr"] = {number(leg.now.lr)}')
