"""The first line says how whole iterations are trained, once some were; help says what that means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import messages as m
from engine.words import LANGUAGES
from tests.tui.conftest import NET, Stage, settle
from tui.language import say
from tui.readout import circumstances, use
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


async def test_the_first_line_tells_the_seed_and_the_device_that_hold_now(local: Callable[[str], Stage]) -> None:
    stage = local("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "cpu" in stage.line("status") and "77" not in stage.line("status")
        stage.lesson.send(m.Edit((m.Change("run.seed", 77),)))
        await settle(pilot)
        assert "77" in stage.line("status")


def test_of_a_gpu_the_first_line_tells_how_full_and_how_busy_it_is_where_there_is_room() -> None:
    told = use(m.DeviceUse(3 << 30, 140 << 30, 87), running=True)
    assert told == "3/140 GB  87 %" and use(m.DeviceUse(1 << 29, 80 << 30, 5), running=False) == "0/80 GB"
    forms = [each.plain for each in circumstances("en", "cuda:0", "seed 7", ("▶ 200 it/s · max", "▶"), "plan", told)]
    assert forms[0] == "en · cuda:0 3/140 GB  87 % · plan · seed 7 · ▶ 200 it/s · max"
    assert forms[-3:] == ["cuda:0 · ▶ 200 it/s · max", "cuda:0 · ▶", "cuda:0"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_explains_both_words(language: str) -> None:
    text = " ".join(help_text(language).plain.split())
    assert say(language, "help.way") in text
    assert all(say(language, f"status.{way}") in say(language, "help.way") for way in ("plan", "autograd"))
