"""The loss over a range of one weight, all else as it stands; and the slope where it stands."""

from __future__ import annotations

from collections.abc import Generator

import torch

from engine.arrays import Array
from engine.looks.landscape import Landscape, around, batch, training_set
from engine.looks.records import SeenSweep, Sweep
from engine.records import record
from engine.session import Session
from engine.words import Refused

MOST = 1000  # points


def see(session: Session, look: Sweep) -> Generator[None, None, SeenSweep]:
    """Point by point, of the present batch and then of the training set."""
    try:
        return (yield from _seen(session, look))
    except Refused as refused:
        return SeenSweep(of=look, refused=refused.sentence)


def _seen(session: Session, look: Sweep) -> Generator[None, None, SeenSweep]:
    experiment, state = session.experiment, session.look()
    graph, name = experiment.graph, look.element.name
    here = Landscape(graph, batch(experiment, state), (look.element,), look.output)
    yield
    wholly = training_set(experiment, state)
    whole = Landscape(graph, wholly, (look.element,), look.output) if _differs(session, name) else None
    yield
    places = _places(look, here)
    losses = yield from _losses(here, places)
    train = (yield from _losses(whole, places)) if whole else None
    size = len(experiment.dataset) if experiment.dataset is not None else 0
    return SeenSweep(
        of=look,
        iterations=session.timeline.now.time // experiment.length,
        output=here.output,
        at=record(torch.tensor(places, dtype=torch.float64)),
        losses=losses,
        train=train,
        value=here.value(look.element),
        loss=here.loss,
        train_loss=whole.loss if whole else None,
        slope=here.slope(look.element),
        samples=(len(wholly["x"]), size) if whole else (0, 0),
    )


def _differs(session: Session, name: str) -> bool:
    """Whether the batch is not the whole training set; a node has its value for the batch alone."""
    experiment, state = session.experiment, session.look()
    is_leaf = name in (leaf.name for leaf in experiment.graph.leaves)
    return experiment.dataset is not None and is_leaf and len(state.batch["x"]) < len(experiment.dataset)


def _places(look: Sweep, here: Landscape) -> list[float]:
    """The values that the element is given, of its own dtype."""
    low, high = around(here.value(look.element), look.wider)
    low, high = (low if look.low is None else look.low), (high if look.high is None else look.high)
    count = max(2, min(MOST, look.points))
    evenly = torch.linspace(low, high, count, dtype=torch.float64).to(here.present[look.element.name].dtype)
    return [float(place) for place in evenly]


def _losses(landscape: Landscape, places: list[float]) -> Generator[None, None, Array]:
    found = []
    for place in places:
        found.append(landscape.at(place))
        yield
    return record(torch.tensor(found, dtype=torch.float64))
