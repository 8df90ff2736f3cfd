"""Marking lines that are put in order: any order passes in which no line comes too late for another."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tui.exercises.progress import RIGHT, Verdict, unreadable

Pairs = Sequence[Sequence[int]]
TURNS = 50  # shuffles that are tried


def written(order: Sequence[int]) -> str:
    """An order as an answer: the numbers of the lines from 0."""
    return " ".join(map(str, order))


def read(given: str, count: int) -> tuple[int, ...] | None:
    """The order that was given; None where it is none of `count` lines."""
    parts = given.split()
    order = tuple(int(part) for part in parts if part.isdecimal() and len(part) < 4)
    return order if sorted(order) == list(range(count)) and len(parts) == count else None


def violated(order: Sequence[int], before: Pairs, lines: Sequence[str] = ()) -> tuple[int, int] | None:
    """The first pair of `before` whose lines stand the other way round. Lines that read alike are the same."""
    places = _places(order, lines)
    return next(((one, other) for one, other in before if places[one] > places[other]), None)


def _places(order: Sequence[int], lines: Sequence[str]) -> dict[int, int]:
    """Where each line stands; of lines that read alike the first stands first."""
    places = {line: place for place, line in enumerate(order)}
    alike: dict[str, list[int]] = {}
    for number, text in enumerate(lines):
        alike.setdefault(text, []).append(number)
    for group in alike.values():
        places |= dict(zip(group, sorted(places[line] for line in group), strict=True))
    return places


def mark(given: str, count: int, before: Pairs, lines: Sequence[str] = ()) -> Verdict:
    """Right if no pair is violated."""
    order = read(given, count)
    if order is None:
        return unreadable("ask.nothing_chosen")
    return RIGHT if violated(order, before, lines) is None else Verdict()


def shuffled(name: str, count: int, before: Pairs, lines: Sequence[str] = ()) -> tuple[int, ...]:
    """The order that the exercise `name` begins with: the same each time, and a wrong one where there is one."""
    draw, order = random.Random(name), list(range(count))
    for _ in range(TURNS):
        draw.shuffle(order)
        if violated(order, before, lines) is not None:
            break
    return tuple(order)


def some_right(count: int, before: Pairs) -> tuple[int, ...] | None:
    """The right order that is nearest to that of the lines; None where the pairs go round in a circle."""
    left, order = list(range(count)), []
    while left:
        free = next((line for line in left if not any(b == line and a in left for a, b in before)), None)
        if free is None:
            return None
        left.remove(free)
        order.append(free)
    return tuple(order)
