"""A graph as a list, one node a row, with rails beside it that show what feeds what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import accumulate

from tui.graph_layout import Box, Edge, Layout, Route
from tui.graph_routing import straightened

STEP = 2  # cells from rail to rail


def rails(names: Sequence[str], edges: Sequence[Edge], airy: Collection[str] = ()) -> Layout:
    """One cell for each name, from the top in `reading_order`; an empty row follows those in `airy`."""
    order = reading_order(names, edges)
    row = dict(zip(order, accumulate((1 + (name in airy) for name in order), initial=0), strict=False))
    last = {name: max((row[t] for s, t in edges if s == name), default=row[name]) for name in order}
    lane: dict[str, int] = {}
    holders: dict[int, str] = {}  # rail -> whose line runs on it
    for name in order:
        ending = [at for at, holder in holders.items() if last[holder] == row[name]]
        free = next(at for at in range(len(order) + 1) if at not in holders)
        lane[name] = min(ending, default=free)
        for at in ending:
            del holders[at]
        if last[name] > row[name]:
            holders[lane[name]] = name
    boxes = {name: Box(STEP * lane[name], row[name], 1, 1) for name in order}
    routes: list[Route] = []
    seen: dict[Edge, int] = defaultdict(int)
    for source, target in edges:
        start, end = boxes[source], boxes[target]
        points = straightened(((start.x, start.y), (start.x, end.y), (end.x, end.y)))
        routes.append(Route(source, target, seen[source, target], points))
        seen[source, target] += 1
    width = 1 + STEP * max(lane.values(), default=-1)
    return Layout(boxes, tuple(routes), max(width, 0), 1 + max(row.values(), default=-1), True)


def reading_order(names: Sequence[str], edges: Sequence[Edge]) -> list[str]:
    """Every name after those that feed it, and these as late as can be: a leaf stands just before its first use."""
    feeding: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        feeding[target].append(source)
    found: dict[str, None] = {}

    def visit(name: str) -> None:
        waiting = [name]
        while waiting:
            missing = [each for each in feeding[waiting[-1]] if each not in found]
            if missing:
                waiting.append(missing[0])
            else:
                found.setdefault(waiting.pop())

    fed = [name for name in names if feeding[name]]
    for name in (*fed, *names):
        visit(name)
    return list(found)
