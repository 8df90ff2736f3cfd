"""Lines between two layers of boxes: each gets a track to change rows on, so that no two ever lie on one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Point = tuple[int, int]
Bends = dict[int, list[Point]]  # exit -> the corners on the way to it, as (track, row)


@dataclass(eq=False)
class Channel:
    """One line: it comes in on the row `entry` and goes out on the rows `exits`."""

    entry: int
    exits: list[int] = field(default_factory=list)
    onward: Channel | None = None  # the second half of a line that was split: it comes in where this one goes out

    @property
    def straight(self) -> bool:
        return all(each == self.entry for each in self.exits)

    @property
    def span(self) -> tuple[int, int]:
        return min(self.entry, *self.exits), max(self.entry, *self.exits)


def tracks(lines: Sequence[Channel]) -> tuple[int, list[Bends]]:
    """How many tracks the lines need, and where each bends.

    A line that leaves on the row where another one comes in must do so on a later track. Where that goes round in
    a circle, one line makes a detour over a row that nobody uses.
    """
    parts = [line for line in lines if not line.straight]
    taken = {row for line in lines for row in (line.entry, *line.exits)}
    while circle := _in_circle(parts):
        row = _free(circle, taken)
        taken.add(row)
        circle.onward = Channel(row, circle.exits)
        circle.exits = [row]
        parts.append(circle.onward)
    track = _assign(parts)
    return 1 + max(track.values(), default=-1), [_bends(line, track) for line in lines]


def _before(lines: Sequence[Channel]) -> dict[Channel, list[Channel]]:
    """For each line those that must bend on earlier tracks: they come in where it goes out, or are its first half."""

    def first(one: Channel, then: Channel) -> bool:
        return one.onward is then or (one is not then and then.onward is not one and one.entry in then.exits)

    return {line: [other for other in lines if first(other, line)] for line in lines}


def _in_circle(lines: Sequence[Channel]) -> Channel | None:
    """A line that waits for itself, or None."""
    waits = _before(lines)
    while True:
        free = [line for line, others in waits.items() if not any(other in waits for other in others)]
        if not free:
            break
        for line in free:
            del waits[line]
    found = next(iter(waits), None)
    seen: set[Channel] = set()
    while found is not None and found not in seen:  # those who wait for a circle are not yet in it: walk into it
        seen.add(found)
        found = next(other for other in waits[found] if other in waits)
    return found


def _free(line: Channel, taken: set[int]) -> int:
    low, high = line.span
    near = sorted(range(max(0, low - 1), high + 2), key=lambda row: abs(2 * row - low - high))
    return next((row for row in near if row not in taken), 1 + max(taken))


def _assign(lines: Sequence[Channel]) -> dict[Channel, int]:
    """The first track after those it waits for on which a line lies on no other."""
    waits = _before(lines)
    track: dict[Channel, int] = {}
    waiting = sorted(lines, key=lambda line: line.span)
    while waiting:
        for line in waiting:
            if all(other in track for other in waits[line]):
                break
        at = 1 + max((track[other] for other in waits[line]), default=-1)
        while any(track[other] == at and _touch(line, other) for other in track):
            at += 1
        track[line] = at
        waiting.remove(line)
    return track


def _touch(one: Channel, other: Channel) -> bool:
    return one.span[0] <= other.span[1] and other.span[0] <= one.span[1]


def _bends(line: Channel, track: dict[Channel, int]) -> Bends:
    if line.straight:
        return {line.entry: []}
    here = track[line]
    if line.onward is None:
        return {each: [(here, line.entry), (here, each)] for each in line.exits}
    begin = [(here, line.entry), (here, line.onward.entry)]
    return {each: begin + rest for each, rest in _bends(line.onward, track).items()}


def straightened(points: Sequence[Point]) -> tuple[Point, ...]:
    """The same way without the points that are no corners."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)
