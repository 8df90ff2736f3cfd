"""Marking pairs: which of those on the left was given the right one, and how an answer writes them."""

from __future__ import annotations

import random
from collections.abc import Mapping

from tui.exercises.progress import RIGHT, Verdict, unreadable, wrong

JOINED = "="  # never part of an id


def written(chosen: Mapping[str, str]) -> str:
    """Pairs as an answer: `h=twice g=plus`."""
    return " ".join(f"{left}{JOINED}{right}" for left, right in chosen.items())


def read(given: str, pairs: Mapping[str, str]) -> dict[str, str]:
    """The pairs that were given, as far as they are of this exercise."""
    parts = (part.partition(JOINED) for part in given.split())
    return {left: right for left, _, right in parts if left in pairs and right in pairs.values()}


def mark(given: str, pairs: Mapping[str, str]) -> Verdict:
    """Right if all pairs are the same; else so many are wrong."""
    chosen = read(given, pairs)
    if len(chosen) < len(pairs):
        return unreadable("ask.pairs_missing")
    count = sum(chosen[left] != right for left, right in pairs.items())
    return wrong("ask.pairs_wrong", wrong=count, count=len(pairs)) if count else RIGHT


def choices(name: str, pairs: Mapping[str, str]) -> tuple[str, ...]:
    """What stands on the right, each once, in an order of its own: the same each time."""
    found = list(dict.fromkeys(pairs.values()))
    draw, first = random.Random(name), tuple(found)
    for _ in range(20):
        draw.shuffle(found)
        if tuple(found) != first:
            break
    return tuple(found)
