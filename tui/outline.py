"""The graph of an experiment as its description alone tells it, before the engine is up."""

from __future__ import annotations

from engine.graph import Graph, from_expressions, from_layers
from engine.spec import Csv, Net, Table, shape_of
from engine.spec import Graph as GraphSpec

FEATURES = 2  # of points made from a seed; engine.data makes them in the plane


def graph_of(experiment: GraphSpec | Net) -> Graph:
    """The graph that the engine will build. Raises Refused for what it would refuse."""
    if isinstance(experiment, GraphSpec):
        return from_expressions(experiment)
    features, targets = _widths(experiment)
    return from_layers(experiment, features, targets)


def _widths(net: Net) -> tuple[int, int | None]:
    """How many features a sample has, and how many targets (None where y is one number a sample)."""
    match net.data:
        case Table(x=x, y=y):
            features, targets = shape_of(x) or (0,), shape_of(y) or (0,)
            return (features[1] if len(features) > 1 else 1, targets[1] if len(targets) > 1 else None)
        case Csv():
            return 1, None
        case _:
            return FEATURES, None
