"""The lines of a graph drawn in box characters: joined where they are one line, bridged where they cross."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tui.canvas import Canvas
from tui.graph_layout import Layout, Route
from tui.graph_routing import Point

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
# by the sum of the directions that a cell is open to; one direction alone is drawn as a line
LIGHT = " │││─╯╮┤─╰╭├─┴┬┼"
HEAVY = LIGHT.translate(str.maketrans("│─╯╮┤╰╭├┴┬┼", "┃━┛┓┫┗┏┣┻┳╋"))
OPEN = {(0, -1): (UP, DOWN), (0, 1): (DOWN, UP), (-1, 0): (LEFT, RIGHT), (1, 0): (RIGHT, LEFT)}


def steps(route: Route) -> Iterator[tuple[Point, Point]]:
    """The route from cell to cell."""
    for (x, y), (to_x, to_y) in pairwise(route.points):
        dx, dy = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
        while (x, y) != (to_x, to_y):
            yield (x, y), (x + dx, y + dy)
            x, y = x + dx, y + dy


def draw_lines(canvas: Canvas, layout: Layout, active: set[Route]) -> None:
    """Draw every route; those in `active` heavy."""
    cells: dict[Point, dict[Route, int]] = defaultdict(lambda: defaultdict(int))
    for route in layout.routes:
        for here, there in steps(route):
            leaving, entering = OPEN[there[0] - here[0], there[1] - here[1]]
            cells[here][route] |= leaving
            cells[there][route] |= entering
    for (x, y), routes in cells.items():
        letter, heavy = _letter(routes, active, layout.merging)
        canvas.put(x, y, letter, "flow" if heavy else "line")


def _letter(routes: dict[Route, int], active: set[Route], merging: bool) -> tuple[str, bool]:
    """What stands in a cell that these routes pass, each open to the directions that its number sums up."""
    groups: list[tuple[set[str], int, bool]] = []
    for route, open_to in routes.items():
        names, heavy = {f"from {route.source}"} | ({f"to {route.target}"} if merging else set()), route in active
        apart = []
        for other, theirs, bold in groups:
            if names & other:
                names, open_to, heavy = names | other, open_to | theirs, heavy or bold
            else:
                apart.append((other, theirs, bold))
        groups = [*apart, (names, open_to, heavy)]
    # two lines that cross: the upright one passes over the other
    _, open_to, heavy = max(groups, key=lambda group: group[1] == UP | DOWN)
    return (HEAVY if heavy else LIGHT)[open_to], heavy
