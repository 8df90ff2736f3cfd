"""How much memory the screen's process and the engine's hold, beside a process that only imported torch."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Line
from tests.bench.probe import Probe
from tests.bench.revival import is_engine
from tests.bench.screen import TO_FULL_SPEED, training

SCREEN = 120.0  # MB
ENGINE = 1.3  # of the bare process, and the history's budget besides
HELD = """
import torch
from torch import nn
torch.set_num_threads(1)
model, data = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1)), torch.randn(3000, 3)
nn.functional.binary_cross_entropy_with_logits(model(data[:, :2]).squeeze(1), data[:, 2].sigmoid()).backward()
print("there", flush=True)
input()
"""


def resident(pid: int) -> float:
    """The memory of a process that is resident, in MB of 10^6 bytes (VmRSS)."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    assert found is not None
    return int(found[1]) * 1024 / 1e6


def of_tutor(probe: Probe) -> tuple[float, float]:
    """The screen's process and the engine's, in MB."""
    return resident(probe.pid), resident(next(pid for pid in probe.children() if is_engine(pid)))


def memory(quick: bool) -> Iterator[Line]:
    """After some seconds of training as fast as it goes, with the boundary shown."""
    screens, engines, bare = [], [], []
    for _ in range(1 if quick else 3):
        with Probe([sys.executable, "-c", HELD]) as rival:
            rival.wait_for("there")
            bare.append(resident(rival.pid))
        with training() as probe:
            probe.press(*TO_FULL_SPEED, "r")
            probe.drain(5.0 if quick else 15.0)
            screen, engine = of_tutor(probe)
        screens.append(screen)
        engines.append(engine)
    against = "a process with torch and the same tensors"
    yield Line("the screen's process", "MB", screens, against, bare, goal=SCREEN, goal_of="ours")
    yield Line("the engine's process, history and all", "MB", engines, against, bare, goal=ENGINE)
