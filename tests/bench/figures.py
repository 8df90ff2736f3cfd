"""What a benchmark says: one line of JSON, ours beside a rival measured in the same run, and their ratio."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Numbers = Sequence[float]


@dataclass(frozen=True)
class Line:
    """`ours[i]` and `rival[i]` were measured one right after the other: their ratio is taken round by round.

    The goal holds for the median of the ratio, or, with `goal_of="ours"`, for the median of ours.
    """

    what: str
    unit: str
    ours: Numbers
    against: str
    rival: Numbers
    goal: float | None = None
    goal_of: str = "ratio"
    more: bool = False  # more is better
    also: dict[str, Any] = field(default_factory=dict)

    def as_json(self, bench: str) -> str:
        """The line as it is printed."""
        ratios = [ours / rival for ours, rival in zip(self.ours, self.rival, strict=True) if rival]
        found: dict[str, Any] = {
            "bench": bench,
            "what": self.what,
            "unit": self.unit,
            "ours": spread(self.ours),
            "against": self.against,
            "rival": spread(self.rival),
            "ratio": spread(ratios) if ratios else None,
        }
        if self.goal is not None:
            reached = statistics.median(ratios if self.goal_of == "ratio" else self.ours)
            met = reached >= self.goal if self.more else reached <= self.goal
            found |= {"goal": self.goal, "goal_of": self.goal_of, "met": met}
        return json.dumps({**found, **self.also, "rounds": len(self.ours), "load": round(os.getloadavg()[0], 2)})


def spread(values: Numbers) -> dict[str, float]:
    """The median, and the lowest and highest."""
    return {
        "median": _short(statistics.median(values)), "low": _short(min(values)), "high": _short(max(values))
    }  # fmt: skip


def quantile(values: Numbers, share: float) -> float:
    """The value that this share of all is not above."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def ms(seconds: Numbers) -> list[float]:
    """Seconds as milliseconds."""
    return [1000 * each for each in seconds]
