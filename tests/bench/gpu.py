"""On a GPU: nets in the engine's loop beside eager autograd there, and what looking costs with 100 M parameters."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch

from tests.bench.big import UNITS, by_phase
from tests.bench.figures import Line
from tests.bench.lesson import XOR
from tests.bench.nets import ADAM, EAGER, LARGE, SIZES, Ours, Rival, described, turns

WIDE = {**SIZES, "2-4096-4096-1, 17 million": (4096, 4096)}


def gpu(quick: bool) -> Iterator[Line]:
    """Nothing where there is no CUDA device; on standard error it says so."""
    if not torch.cuda.is_available():
        print("no CUDA device here: nothing was measured", file=sys.stderr)
        return
    rounds, seconds, units = (1, 0.5, 2048) if quick else (5, 2.0, UNITS)
    yield from on("cuda:0", WIDE, rounds, seconds, units)


def on(device: str, sizes: dict[str, tuple[int, ...]], rounds: int, seconds: float, units: int) -> Iterator[Line]:
    """Both on one device, whose name is in each line."""
    also: dict[str, Any] = {"card": torch.cuda.get_device_name(device) if device.startswith("cuda") else device}
    for what, hidden in sizes.items():
        for name, optimizer in (("SGD", XOR["optimizer"]), ("Adam", ADAM)):
            given = described(hidden, "relu", optimizer=optimizer)
            one, other = Ours(given, device), Rival(given, loader=False, device=device)
            ours, rival = turns(rounds, one.run, other.run, seconds, share=0.5)
            yield Line(f"{what}, {name}", "1/s", ours, EAGER, rival, goal=LARGE, more=True, also=also)
    line = by_phase(rounds, units, device)
    yield replace(line, also={**line.also, **also})
