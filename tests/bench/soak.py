"""Trains on and on with a screen, and looks whether memory grows: `python -m tests.bench.soak [ITERATIONS]`.

One JSON object a line; the exit status is 1 where memory grew in the second half of the run.
"""

from __future__ import annotations

import json
import sys

from tests.bench.memory import of_tutor
from tests.bench.screen import ITERATION, TO_FULL_SPEED, training

EVERY = 5.0  # seconds between looks
ALLOWED = 5.0  # MB that either process may hold more at the end than at half-time


def soak(iterations: int) -> bool:
    """Whether memory stayed as it was, to a few MB."""
    seen: list[tuple[int, float, float]] = []
    with training() as probe:
        probe.press(*TO_FULL_SPEED, "r")
        while not seen or seen[-1][0] < iterations:
            probe.chunks.clear()
            probe.drain(EVERY)
            if (done := probe.last(ITERATION)) is None or (seen and done <= seen[-1][0]):
                raise SystemExit(f"it does not go on: {probe.text[-500:]!r}")
            seen.append((done, *of_tutor(probe)))
            print(json.dumps(dict(zip(("iteration", "screen_mb", "engine_mb"), seen[-1], strict=True))), flush=True)
    half = next(each for each in seen if each[0] >= seen[-1][0] / 2)
    grown = {name: round(seen[-1][place] - half[place], 2) for name, place in (("screen", 1), ("engine", 2))}
    kept = all(each <= ALLOWED for each in grown.values())
    print(json.dumps({"soak": seen[-1][0], "grown_since_half_mb": grown, "goal_mb": ALLOWED, "met": kept}))
    return kept


if __name__ == "__main__":
    sys.exit(not soak(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
