"""How often what is watched is painted while training goes on; at rest everything is painted at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["numbers", "tables", "charts"]


@dataclass(frozen=True, slots=True)
class Rates:
    """Paints a second. `tables` is of the boundary's field too."""

    numbers: float = 10.0
    tables: float = 5.0
    charts: float = 2.0
    sparing: bool = False  # a slow line: fewer colours, and nothing that only pleases the eye

    def pause(self, kind: Kind) -> float:
        """Seconds between two paints."""
        rate: float = getattr(self, kind)
        return 1 / rate

    def scaled(self, numbers: float) -> Rates:
        """The same proportions with so many numbers a second."""
        by = numbers / self.numbers
        return replace(self, numbers=numbers, tables=self.tables * by, charts=self.charts * by)


USUAL = Rates()
LOW_BANDWIDTH = Rates(numbers=4.0, tables=1.0, charts=0.25, sparing=True)


def rates(fps: float | None, low_bandwidth: bool) -> Rates:
    """What `--fps` and `--low-bandwidth` ask for."""
    found = LOW_BANDWIDTH if low_bandwidth else USUAL
    return found if fps is None else found.scaled(fps)
