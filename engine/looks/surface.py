"""The loss over two weights, all else as it stands, and the way on which the descent came."""

from __future__ import annotations

import math
from collections.abc import Generator

import torch

from engine.arrays import Array
from engine.looks.descent import Step, descent
from engine.looks.landscape import Landscape, around, containing, training_set
from engine.looks.records import Element, SeenSurface, Surface
from engine.records import record
from engine.session import Session
from engine.words import Refused

MOST = 64  # columns, and rows


def see(session: Session, look: Surface) -> Generator[None, None, SeenSurface]:
    """First the descent, which says over which ranges; then the loss, point by point."""
    try:
        return (yield from _seen(session, look))
    except Refused as refused:
        return SeenSurface(of=look, refused=refused.sentence)


def _seen(session: Session, look: Surface) -> Generator[None, None, SeenSurface]:
    experiment, state = session.experiment, session.look()
    both = (look.first, look.second)
    for each in both:
        if each.name not in state.parameters:
            raise Refused("look.not_a_weight" if each.name in experiment.graph.differentiable else "look.no_tensor",
                          name=each.name)  # fmt: skip
    values = training_set(experiment, state)
    landscape = Landscape(experiment.graph, values, both, look.output)
    yield
    steps = yield from descent(session)
    path = [_numbers(step, both) for step in steps]
    x, y = (_range(look, axis, [place[axis] for place in path]) for axis in (0, 1))
    losses = yield from _grid(landscape, look, x, y)
    size = len(experiment.dataset) if experiment.dataset is not None else 0
    return SeenSurface(
        of=look,
        iterations=session.timeline.now.time // experiment.length,
        output=landscape.output,
        x=x,
        y=y,
        losses=losses,
        loss=landscape.loss,
        path=record(torch.tensor(path, dtype=torch.float64)),
        path_iterations=tuple(step.iteration for step in steps),
        jumps=tuple(number for number, step in enumerate(steps) if step.jump),
        samples=(len(values["x"]), size) if size else (0, 0),
    )


def _numbers(step: Step, both: tuple[Element, Element]) -> tuple[float, ...]:
    return tuple(float(step.weights[each.name][each.index]) for each in both)


def _range(look: Surface, axis: int, values: list[float]) -> tuple[float, float]:
    """What was asked for; else around the present value, with the whole descent in it unless it was narrowed."""
    given = (look.x, look.y)[axis]
    if given is not None:
        return given
    found = around(values[-1], look.wider)
    return containing(found, [value for value in values if math.isfinite(value)]) if look.wider >= 0 else found


def axes(look: Surface, x: tuple[float, float], y: tuple[float, float]) -> tuple[torch.Tensor, torch.Tensor]:
    """The values of the first element from left to right, and of the second from the top down."""
    columns, rows = (max(2, min(MOST, count)) for count in (look.columns, look.rows))
    across = torch.linspace(x[0], x[1], columns, dtype=torch.float64)
    return across, torch.linspace(y[1], y[0], rows, dtype=torch.float64)


def _grid(
    landscape: Landscape, look: Surface, x: tuple[float, float], y: tuple[float, float]
) -> Generator[None, None, Array]:
    across, down = axes(look, x, y)
    found = torch.empty(len(down), len(across), dtype=torch.float64)
    for row, second in enumerate(down.tolist()):
        for column, first in enumerate(across.tolist()):
            found[row, column] = landscape.at(first, second)
            yield
    return record(found)
