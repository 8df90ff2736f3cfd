"""Where the boxes of a graph stand: in layers, by depth, with room for the lines between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tui.graph_routing import Channel, Point, straightened, tracks

Edge = tuple[str, str]  # source, target; a source that is used twice stands twice
Item = str | tuple[str, int]  # a box, or the place where the line of a box passes through a layer
SWEEPS = 8
BETWEEN_BOXES, BETWEEN_LINES = {True: 1, False: 3}, 2  # cells across the flow, left to right or downwards


@dataclass(frozen=True, slots=True)
class Box:
    """The cells of one box, from its top left corner."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Route:
    """A line from a cell of the source's border to one of the target's, with every corner in between."""

    source: str
    target: str
    position: int  # which of the edges between these two
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Layout:
    """Boxes and lines on a canvas of `width` x `height` cells."""

    boxes: dict[str, Box]
    routes: tuple[Route, ...]
    width: int
    height: int
    merging: bool = False  # may lines to the same target run together?


@dataclass
class _Placed:
    """An item while it is being placed: `at` is its first cell across the flow, `main` its first cell along it."""

    size: int  # across the flow
    length: int  # along the flow
    inlet: tuple[int, int] = (0, 0)  # first and last offset across where lines may come in
    outlet: int = 0  # offset across where its line goes out
    at: int = 0
    main: int = 0
    ports: dict[int, int] = field(default_factory=dict)  # number of an edge -> where it comes in


def layered(
    sizes: Mapping[str, tuple[int, int]],
    edges: Sequence[Edge],
    across: bool,
    gap: int = 1,
    beside: Mapping[str, Sequence[str]] | None = None,
    arm: int = 4,
) -> Layout:
    """Boxes of `sizes` (width, height) in layers from left to right (`across`) or downwards, `gap` cells or more apart.

    `beside` (downwards only): boxes that stand to the left of the one they feed, `arm` cells from it.
    A box may come out larger than asked. Raises ValueError for a graph with a cycle.
    """
    return _Layered(sizes, edges, across, gap, beside or {}, arm).layout()


class _Layered:
    """One run of the layout; nothing of it stays."""

    def __init__(
        self,
        sizes: Mapping[str, tuple[int, int]],
        edges: Sequence[Edge],
        across: bool,
        gap: int,
        beside: Mapping[str, Sequence[str]],
        arm: int,
    ) -> None:
        self.sizes, self.across, self.gap, self.beside, self.arm = dict(sizes), across, gap, beside, arm
        self.all_edges = list(edges)
        aside = {name for names in beside.values() for name in names}
        self.edges = [(n, edge) for n, edge in enumerate(edges) if edge[0] not in aside]
        self.names = [name for name in sizes if name not in aside]
        self._grow()

    def layout(self) -> Layout:
        self.depth = self._depths()
        self.placed: dict[Item, _Placed] = {name: self._box(name) for name in self.names}
        self._chains()
        self._order()
        self._align()
        self._ports()
        paths = self._channels()
        return self._transposed(paths)

    # ------------------------------------------------------------ sizes
    def _grow(self) -> None:
        """Every line that comes into a box needs a cell of its own."""
        for name in self.names:
            count = sum(edge[1] == name for _, edge in self.edges)
            width, height = self.sizes[name]
            if self.across:
                self.sizes[name] = (width, max(height, count + 2))
            else:
                tall = sum(self.sizes[each][1] for each in self.beside.get(name, ()))
                self.sizes[name] = (max(width, 2 * count + 2), max(height, tall))

    def _wing(self, name: str) -> int:
        """The cells that the boxes beside one take, with the lines from them."""
        names = self.beside.get(name, ())
        return max(self.sizes[each][0] for each in names) + self.arm if names else 0

    def _box(self, name: str) -> _Placed:
        width, height = self.sizes[name]
        if self.across:
            return _Placed(height, width, (1, height - 2) if height > 2 else (0, height - 1), (height - 1) // 2)
        wing = self._wing(name)
        inner = (wing + 1, wing + width - 2) if width > 2 else (wing, wing + width - 1)
        return _Placed(wing + width, height, inner, wing + width // 2)

    # ------------------------------------------------------------ layers
    def _depths(self) -> dict[str, int]:
        before, after = defaultdict(list), defaultdict(list)
        for _, (source, target) in self.edges:
            before[target].append(source)
            after[source].append(target)
        depth: dict[str, int] = {}
        waiting = list(self.names)
        while waiting:
            ready = [name for name in waiting if all(each in depth for each in before[name])]
            if not ready:
                raise ValueError("the graph has a cycle")
            for name in ready:
                depth[name] = 1 + max((depth[each] for each in before[name]), default=-1)
            waiting = [name for name in waiting if name not in depth]
        for name in self.names:
            if not before[name] and after[name]:
                depth[name] = min(depth[each] for each in after[name]) - 1
        return depth

    def _chains(self) -> None:
        """The places where lines pass through layers, one a source and layer; the links from layer to layer."""
        count = 1 + max(self.depth.values(), default=-1)
        self.layers: list[list[Item]] = [[n for n in self.names if self.depth[n] == k] for k in range(count)]
        self.links: list[list[tuple[Item, Item, int]]] = [[] for _ in range(count)]  # from, to, edge (-1: none)
        for number, (source, target) in self.edges:
            item: Item = source
            for k in range(self.depth[source] + 1, self.depth[target]):
                passing = (source, k)
                if passing not in self.placed:
                    self.placed[passing] = _Placed(1, 0)
                    self.layers[k].append(passing)
                    self.links[k - 1].append((item, passing, -1))
                item = passing
            self.links[self.depth[target] - 1].append((item, target, number))

    def _order(self) -> None:
        """Few crossings: every item goes to the mean place of its neighbours, and the best order is kept."""
        best, least = [list(layer) for layer in self.layers], self._crossings()
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            for k in range(1, len(self.layers)) if down else range(len(self.layers) - 2, -1, -1):
                links = self.links[k - 1] if down else self.links[k]
                fixed = {item: i for i, item in enumerate(self.layers[k - 1 if down else k + 1])}
                means: dict[Item, float] = {}
                for i, item in enumerate(self.layers[k]):
                    near = [fixed[a if down else b] for a, b, _ in links if (b if down else a) == item]
                    means[item] = sum(near) / len(near) if near else i
                self.layers[k].sort(key=means.__getitem__)
            if (crossings := self._crossings()) < least:
                best, least = [list(layer) for layer in self.layers], crossings
        self.layers = best

    def _crossings(self) -> int:
        total = 0
        for k in range(len(self.layers) - 1):
            above = {item: i for i, item in enumerate(self.layers[k])}
            below = {item: i for i, item in enumerate(self.layers[k + 1])}
            ends = [(above[a], below[b]) for a, b, _ in self.links[k]]
            total += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(ends) for c, d in ends[:i])
        return total

    # ------------------------------------------------------------ places across the flow
    def _align(self) -> None:
        """Move every item as near to its neighbours as the order within its layer lets it."""
        for layer in self.layers:
            self._settle(layer, {})
        last = len(self.layers) - 1
        for _ in range(SWEEPS // 2):
            for k in range(1, last + 1):
                self._settle(self.layers[k], self._wishes(k, self.links[k - 1], True))
            for k in range(last - 1, -1, -1):
                self._settle(self.layers[k], self._wishes(k, self.links[k], False))
        for k in range(1, last + 1):
            self._settle(self.layers[k], self._wishes(k, self.links[k - 1], True))
        start = min((placed.at for placed in self.placed.values()), default=0)
        for placed in self.placed.values():
            placed.at -= start

    def _wishes(self, k: int, links: list[tuple[Item, Item, int]], down: bool) -> dict[Item, float]:
        near: dict[Item, list[float]] = defaultdict(list)
        for source, target, _ in links:
            above, below = self.placed[source], self.placed[target]
            if down:
                near[target].append(above.at + above.outlet - below.outlet)
            else:
                near[source].append(below.at + below.outlet - above.outlet)
        return {item: sum(each) / len(each) for item, each in near.items()}

    def _settle(self, layer: list[Item], wishes: Mapping[Item, float]) -> None:
        """The places nearest to the wishes that keep the order and the distances (pool adjacent violators)."""
        starts, reach = [], 0
        for i, item in enumerate(layer):
            starts.append(reach)
            boxes = isinstance(item, str) and i + 1 < len(layer) and isinstance(layer[i + 1], str)
            reach += self.placed[item].size + (BETWEEN_BOXES[self.across] if boxes else BETWEEN_LINES)
        pools: list[tuple[float, int]] = []  # mean, count
        for item, start in zip(layer, starts, strict=True):
            mean, count = wishes.get(item, float(self.placed[item].at)) - start, 1
            while pools and pools[-1][0] > mean:
                before, many = pools.pop()
                mean, count = (mean * count + before * many) / (count + many), count + many
            pools.append((mean, count))
        moves = [int(mean // 1) for mean, count in pools for _ in range(count)]
        for item, start, move in zip(layer, starts, moves, strict=True):
            self.placed[item].at = start + move

    def _ports(self) -> None:
        """Where each line comes in: straight on where it can, in the order in which the lines come."""
        for links in self.links:
            into: dict[Item, list[tuple[int, int]]] = defaultdict(list)
            for source, target, number in links:
                above = self.placed[source]
                into[target].append((above.at + above.outlet, number))
            for target, arrivals in into.items():
                placed = self.placed[target]
                least, most = (placed.at + offset for offset in placed.inlet)
                step = 1 if self.across else 2
                step = step if len(arrivals) * step <= most - least + 1 else 1
                arrivals.sort()
                wanted = [min(max(where, least), most) for where, _ in arrivals]
                for i in range(1, len(wanted)):
                    wanted[i] = max(wanted[i], wanted[i - 1] + step)
                limit = most
                for i in range(len(wanted) - 1, -1, -1):
                    wanted[i] = min(wanted[i], limit)
                    limit = wanted[i] - step
                placed.ports = {number: where for (_, number), where in zip(arrivals, wanted, strict=True)}

    # ------------------------------------------------------------ lines
    def _channels(self) -> list[tuple[Point, ...]]:
        """Set the layers apart as far as their lines need, and return each edge's corners as (along, across)."""
        paths: dict[int, list[Point]] = {}
        fed = {target for links in self.links for _, target, _ in links}
        trails: dict[Item, list[Point]] = {}  # the corners of a line up to where it passes through a layer
        main = 0
        for k, layer in enumerate(self.layers):
            length = max((self.placed[item].length for item in layer), default=1)
            for item in layer:
                placed = self.placed[item]
                placed.main = main + (0 if self.across or item in fed else length - placed.length)
                if self.across:
                    placed.length = length
            main += length
            if k + 1 == len(self.layers):
                break
            nets: dict[Item, Channel] = {}
            for source, target, number in self.links[k]:
                above = self.placed[source]
                net = nets.setdefault(source, Channel(above.at + above.outlet))
                net.exits.append(self.placed[target].ports[number])
            room, bends = tracks(list(nets.values()))
            start, main = main, main + max(room, self.gap)
            by_net = dict(zip(nets, bends, strict=True))
            for source, target, number in self.links[k]:
                above, where = self.placed[source], self.placed[target].ports[number]
                begin = trails.get(source) or [(above.main + above.length - 1, above.at + above.outlet)]
                corners = [(start + track, row) for track, row in by_net[source][where]]
                trail = [*begin, *corners]
                if number < 0:
                    trails[target] = [*trail, (main, where)]
                else:
                    paths[number] = [*trail, (main, where)]
        return [straightened(paths.get(number, [])) for number in range(len(self.all_edges))]

    def _transposed(self, paths: list[tuple[Point, ...]]) -> Layout:
        boxes: dict[str, Box] = {}
        for name in self.names:
            placed = self.placed[name]
            if self.across:
                boxes[name] = Box(placed.main, placed.at, placed.length, placed.size)
            else:
                wing = self._wing(name)
                boxes[name] = Box(placed.at + wing, placed.main, placed.size - wing, placed.length)
                boxes |= self._beside(name, boxes[name], placed.at)
        routes: list[Route] = []
        seen: dict[Edge, int] = defaultdict(int)
        for edge, path in zip(self.all_edges, paths, strict=True):
            points = path if self.across else tuple((x, y) for y, x in path)
            if not points:
                box, to = boxes[edge[0]], boxes[edge[1]]
                row = box.y + (box.height - 1) // 2
                points = ((box.x + box.width - 1, row), (to.x, row))
            routes.append(Route(*edge, seen[edge], points))
            seen[edge] += 1
        right = [box.x + box.width for box in boxes.values()] + [x + 1 for r in routes for x, _ in r.points]
        bottom = [box.y + box.height for box in boxes.values()] + [y + 1 for r in routes for _, y in r.points]
        return Layout(boxes, tuple(routes), max(right, default=0), max(bottom, default=0))

    def _beside(self, name: str, box: Box, left: int) -> dict[str, Box]:
        """The boxes to the left of one, under one another and all of the same width."""
        names = self.beside.get(name, ())
        width = max((self.sizes[each][0] for each in names), default=0)
        y = box.y + (box.height - sum(self.sizes[each][1] for each in names)) // 2
        found = {}
        for each in names:
            found[each] = Box(left, y, width, self.sizes[each][1])
            y += self.sizes[each][1]
        return found
