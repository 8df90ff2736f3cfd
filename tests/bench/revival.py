"""An engine that is killed: how soon another one goes on from the same place."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator

from engine.words import Sentence
from engine.words import say as engine_says
from tests.bench.figures import Line
from tests.bench.probe import Probe, importing_torch
from tests.bench.screen import TO_FULL_SPEED, training
from tui.language import say

TOLD = " ".join(say("en", "revival.again", iteration="").split()[:3])  # the notice breaks its lines where it likes
ONE_MORE = re.compile(
    re.escape(engine_says(Sentence("did.iteration", {"count": 1, "last": 0}), "en")).replace("0", r"\d+").encode()
)
WIDE = (120, 40)  # so that the notice does not lie over what is waited for
MORE = 2.0  # seconds that it may take beyond the import of torch


def revival(quick: bool) -> Iterator[Line]:
    """From SIGKILL in the middle of a run until an iteration after the restored one has been done and painted."""
    ours, told, rival = [], [], []
    for _ in range(1 if quick else 5):
        rival.append(importing_torch())
        with training(WIDE) as probe:
            probe.press(*TO_FULL_SPEED, "r")
            probe.drain(1.5)
            seen, gone_on = _killed(probe)
        told.append(seen)
        ours.append(gone_on)
    yield Line("engine killed: the screen says so", "s", told, "import torch", rival)
    beyond = max(one - other for one, other in zip(ours, rival, strict=True))
    also = {"most_beyond": round(beyond, 2), "goal": MORE, "goal_of": "most_beyond", "met": beyond <= MORE}
    yield Line("engine killed: the next iteration is done", "s", ours, "import torch", rival, also=also)


def _killed(probe: Probe) -> tuple[float, float]:
    engine = next(pid for pid in probe.children() if is_engine(pid))
    begin = probe.press()
    os.kill(engine, signal.SIGKILL)
    told = probe.wait_for(TOLD)
    probe.press("i")
    done = probe.wait(ONE_MORE.search)
    return told - begin, done - begin


def is_engine(pid: int) -> bool:
    """Whether this process is an engine's."""
    with open(f"/proc/{pid}/cmdline", "rb") as command:
        return b"engine.process" in command.read()
