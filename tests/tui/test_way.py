"""The first line says how whole iterations are trained, once some were; help says what that means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.words import LANGUAGES
from tests.tui.conftest import NET, Stage, settle
from tui.language import say
from tui.readout import circumstances
from tui.screens.help import help_text

OTHER = NET.replace("epochs: 5", "epochs: 5\n  mutation: drop_zero_grad")


async def _trained(stage: Stage) -> tuple[str, str]:
    """The first line before the first epoch, and after it."""
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        before = stage.line("status")
        await pilot.press("e")
        await settle(pilot)
        return before, stage.line("status")


async def test_a_net_that_suits_the_plan_is_trained_by_it(local: Callable[[str], Stage]) -> None:
    before, after = await _trained(local("little-net"))
    assert "· plan ·" in after and "plan" not in before


async def test_a_loop_that_the_plan_does_not_know_is_trained_by_autograd(
    local: Callable[[str], Stage], lessons: Path
) -> None:
    assert OTHER != NET
    (lessons / "little-net" / "lesson.yaml").write_text(OTHER, "utf-8")
    before, after = await _trained(local("little-net"))
    assert "· autograd ·" in after and "autograd" not in before


def test_where_room_is_short_it_goes_before_the_device_does() -> None:
    forms = [each.plain for each in circumstances("es", "cpu", "semilla 7", ("▶ 200 it/s · máx 200 it/s", "▶"), "plan")]
    assert forms[0] == "es · cpu · plan · semilla 7 · ▶ 200 it/s · máx 200 it/s"
    assert forms[-2:] == ["cpu · ▶", "cpu"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_explains_both_words(language: str) -> None:
    text = " ".join(help_text(language).plain.split())
    assert say(language, "help.way") in text
    assert all(say(language, f"status.{way}") in say(language, "help.way") for way in ("plan", "autograd"))
