"""The tutor as a probe sees it: how it is started, and the words by which its paints are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from engine.words import Sentence
from engine.words import say as engine_says
from tests.bench.lesson import ENDLESS, folder
from tests.bench.probe import Probe
from tui.language import say
from tui.speeds import FIRST_SPEED, SPEEDS

TUTOR = ["dltutor", "--lang", "en"]
MAP = say("en", "map.title")
BEGINNING = engine_says(Sentence("did.start"), "en")  # under the engine's first frame
ITERATION = rb"\biter(?:ation)? +(\d+)"
NUMBERS = {name: str(number) for number, name in enumerate(("graph", "tensors", "loss", "boundary", "code"), 1)}
TO_FULL_SPEED = ["+"] * (len(SPEEDS) - 1 - FIRST_SPEED)


@contextmanager
def training(
    size: tuple[int, int] = (80, 24),
    experiment: dict[str, Any] = ENDLESS,
    arguments: Sequence[str] = (),
    **env: str | None,
) -> Iterator[Probe]:
    """The lesson open and at rest, before its first iteration."""
    with folder(experiment) as lesson, Probe([*TUTOR, *arguments, lesson], size, **env) as probe:
        probe.wait_for(BEGINNING)
        probe.settle()
        yield probe


def tab(name: str) -> str:
    """What the tabs show of the pane that is the current one."""
    return f"▸{NUMBERS[name]} {say('en', f'pane.{name}')}"


def steps_to_speed(wanted: float) -> list[str]:
    """The keys that lead from the first speed to this one."""
    by = SPEEDS.index(wanted) - FIRST_SPEED
    return ["+" if by > 0 else "-"] * abs(by)
