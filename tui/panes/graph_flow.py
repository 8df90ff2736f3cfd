"""Which lines of a graph the last command used: forward, or backward with what it passed along each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from engine.messages import Edge, Frame
from tui.graph_layout import Layout, Route
from tui.graph_shown import Shown
from tui.masks import HIDDEN, NOTHING, Masks
from tui.panes.graph_text import passed_text


@dataclass(frozen=True)
class Flow:
    """Routes to be drawn as active; of those that numbers came back along, the contributions."""

    active: frozenset[Route]
    backward: frozenset[Route]
    contributions: dict[Route, str]


def flow(shown: Shown, layout: Layout, frame: Frame, masks: Masks = NOTHING) -> Flow:
    """What flowed in this frame; nothing while training runs, when all of it does."""
    if frame.running:
        return Flow(frozenset(), frozenset(), {})
    contributions: dict[Route, str] = {}
    routes = {(route.source, route.target, route.position): route for route in layout.routes}
    arrived: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in frame.edges:
        arrived[shown.owner.get(edge.target, edge.target), shown.owner.get(edge.source, edge.source)].append(edge)
    for (source, target), edges in arrived.items():
        for position, edge in enumerate(edges):
            route = routes.get((source, target, position))
            if route is not None:
                contributions[route] = HIDDEN if masks.edge(edge) else passed_text(edge.contribution).strip()
    backward = frozenset(contributions)
    return Flow(backward | _forward(shown, layout, frame), backward, contributions)


def _forward(shown: Shown, layout: Layout, frame: Frame) -> frozenset[Route]:
    """The lines into the operations that were just computed."""
    if frame.moment.phase not in ("forward", "loss") or frame.edges:
        return frozenset()
    done = {shown.owner[name] for name in frame.touched_values if name in shown.owner}
    return frozenset(route for route in layout.routes if route.target in done)
