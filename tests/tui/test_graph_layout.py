"""Whatever the graph, its boxes stand apart and its lines join them without touching anything else."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.graph_layout import Box, Edge, Layout, Route, layered
from tui.graph_rails import rails, reading_order

Cell = tuple[int, int]
Case = tuple[dict[str, tuple[int, int]], list[Edge]]


@st.composite
def graphs(draw: st.DrawFn) -> Case:
    """Boxes of any size, and edges from earlier to later ones; some stand twice."""
    count = draw(st.integers(1, 12))
    names = [f"n{i}" for i in range(count)]
    sizes = {name: (draw(st.integers(3, 14)), draw(st.integers(3, 5))) for name in names}
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda p: p[0] < p[1])
    edges = draw(st.lists(pairs, max_size=20)) if count > 1 else []
    return sizes, [(names[a], names[b]) for a, b in edges]


def cells_of(box: Box) -> set[Cell]:
    return {(x, y) for x in range(box.x, box.x + box.width) for y in range(box.y, box.y + box.height)}


def steps(route: Route) -> list[tuple[Cell, Cell]]:
    """The route as steps from one cell to the next."""
    found = []
    for (x0, y0), (x1, y1) in pairwise(route.points):
        dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
        while (x0, y0) != (x1, y1):
            found.append(((x0, y0), (x0 + dx, y0 + dy)))
            x0, y0 = x0 + dx, y0 + dy
    return found


def border(box: Box) -> set[Cell]:
    return {
        (x, y) for x, y in cells_of(box) if x in (box.x, box.x + box.width - 1) or y in (box.y, box.y + box.height - 1)
    }


def check(layout: Layout, edges: list[Edge]) -> None:
    """All that must hold for any drawing."""
    for one, other in combinations(layout.boxes.values(), 2):
        assert not cells_of(one) & cells_of(other), "boxes overlap"
    assert sorted((route.source, route.target) for route in layout.routes) == sorted(edges)
    canvas = cells_of(Box(0, 0, layout.width, layout.height))
    for box in layout.boxes.values():
        assert cells_of(box) <= canvas, "a box leaves the canvas"
    used: dict[frozenset[Cell], Route] = {}
    for route in layout.routes:
        assert all(x0 == x1 or y0 == y1 for (x0, y0), (x1, y1) in pairwise(route.points)), "a slanted line"
        assert route.points[0] in border(layout.boxes[route.source])
        assert route.points[-1] in border(layout.boxes[route.target])
        between = [cell for _, cell in steps(route)][:-1]
        assert set(between) <= canvas, "a line leaves the canvas"
        for name, box in layout.boxes.items():
            assert not cells_of(box).intersection(between), f"a line runs through {name}"
        for step in steps(route):
            other = used.setdefault(frozenset(step), route)
            joined = other.source == route.source or (layout.merging and other.target == route.target)
            assert joined, "lines of two boxes lie on one another"


@given(graphs(), st.booleans(), st.integers(1, 6))
def test_a_layered_drawing_is_sound(case: Case, across: bool, gap: int) -> None:
    sizes, edges = case
    check(layered(sizes, edges, across, gap), edges)


@given(graphs(), st.integers(3, 9))
def test_a_drawing_with_leaves_beside_what_they_feed_is_sound(case: Case, arm: int) -> None:
    sizes, edges = case
    beside = leaves_beside(sizes, edges)
    layout = layered(sizes, edges, False, 1, beside, arm)
    check(layout, edges)
    for name, leaves in beside.items():
        for leaf in leaves:
            assert layout.boxes[leaf].x + layout.boxes[leaf].width + arm <= layout.boxes[name].x


def leaves_beside(sizes: dict[str, tuple[int, int]], edges: list[Edge]) -> dict[str, list[str]]:
    """For each box the leaves that feed it alone, once."""
    fed = {target for _, target in edges}
    found: dict[str, list[str]] = {}
    for source, target in edges:
        if source not in fed and sum(edge[0] == source for edge in edges) == 1:
            found.setdefault(target, []).append(source)
    return found


@given(graphs(), st.booleans())
def test_every_edge_goes_the_way_of_the_drawing(case: Case, across: bool) -> None:
    sizes, edges = case
    layout = layered(sizes, edges, across)
    for source, target in edges:
        one, other = layout.boxes[source], layout.boxes[target]
        assert one.x + one.width <= other.x if across else one.y + one.height <= other.y


@given(graphs(), st.booleans())
def test_a_box_is_never_smaller_than_asked(case: Case, across: bool) -> None:
    sizes, edges = case
    for name, box in layered(sizes, edges, across).boxes.items():
        assert box.width >= sizes[name][0] and box.height >= sizes[name][1]


@given(graphs(), st.booleans())
def test_the_same_graph_is_drawn_the_same_way(case: Case, across: bool) -> None:
    assert layered(*case, across) == layered(*case, across)


@given(graphs(), st.sets(st.integers(0, 11)))
def test_rails_are_sound(case: Case, airy: set[int]) -> None:
    sizes, edges = case
    check(rails(list(sizes), edges, {f"n{i}" for i in airy}), edges)


@given(graphs())
def test_on_rails_everything_stands_below_what_feeds_it(case: Case) -> None:
    sizes, edges = case
    order = reading_order(list(sizes), edges)
    assert sorted(order) == sorted(sizes)
    assert all(order.index(source) < order.index(target) for source, target in edges)


def test_two_lines_that_change_places_do_not_meet() -> None:
    """Each leaves where the other comes in: one has to make a detour."""
    sizes = dict.fromkeys("abcd", (5, 3))
    layout = layered(sizes, [("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")], True, 3)
    check(layout, [("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")])


def test_a_chain_is_a_straight_line() -> None:
    sizes = {"a": (9, 3), "b": (5, 3), "c": (13, 3)}
    for across in (True, False):
        for route in layered(sizes, [("a", "b"), ("b", "c")], across).routes:
            assert len(route.points) == 2


def test_a_graph_that_feeds_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="cycle"):
        layered(dict.fromkeys("ab", (3, 3)), [("a", "b"), ("b", "a")], True)
