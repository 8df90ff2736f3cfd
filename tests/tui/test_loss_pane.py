"""The loss pane: the curve as a band in plotext's axes, the number under it, and sentences where there is no curve."""

from __future__ import annotations

import numpy as np
import pytest

from engine.messages import Curve
from tests import records
from tests.tui.stage import on_stage, strips, text, with_frame
from tui.language import say
from tui.panes.loss import Band, LossPane
from tui.themes import LIGHT
from tui.view import View


def curve(low: list[float], high: list[float] | None = None, every: int = 1) -> Curve:
    lows, highs = (np.array(each, np.float32) for each in (low, high or low))
    return Curve((every * np.arange(len(low), dtype=np.int32)).tobytes(), lows.tobytes(), highs.tobytes())


def seen(loss: list[float], high: list[float] | None = None, **changes: object) -> View:
    """XOR with this curve; the present loss is its last."""
    return with_frame(records.xor(), curve=curve(loss, high), loss=(high or loss)[-1], **changes)


def dots(pane: LossPane) -> np.ndarray:
    """How many braille dots each column of the pane has."""
    rows = [
        [bin(ord(cell) - 0x2800).count("1") if 0x2800 <= ord(cell) < 0x2900 else 0 for cell in row]
        for row in text(pane)
    ]
    return np.array(rows).sum(0)


async def test_before_the_first_loss_there_is_a_sentence_and_no_axes() -> None:
    pane = LossPane()
    async with on_stage(pane, with_frame(records.xor(), curve=None, loss=None)):
        assert say("es", "loss.empty") in " ".join(" ".join(text(pane)).split())
        assert not any("└" in row for row in text(pane))
        assert not pane.border_subtitle


async def test_the_curve_stands_in_axes_with_ticks_and_a_title() -> None:
    pane = LossPane()
    async with on_stage(pane, seen([0.7, 0.5, 0.4, 0.1])):
        rows = text(pane)
        assert "pérdida" in rows[0]
        assert any("┤" in row for row in rows) and any("└" in row and "┬" in row for row in rows)
        assert rows[-1].split()[0] == "0"


async def test_the_present_loss_is_the_subtitle_and_a_point_on_the_curve() -> None:
    pane = LossPane()
    view = records.xor()
    async with on_stage(pane, view):
        assert view.frame is not None and view.frame.loss is not None
        assert f"{view.frame.loss:.4f}" in str(pane.border_subtitle) and "12" in str(pane.border_subtitle)
        assert sum(row.count("●") for row in text(pane)[1:]) == 1


async def test_noise_is_a_band_between_the_lowest_and_the_highest() -> None:
    quiet, noisy = LossPane(), LossPane()
    falling = np.linspace(1, 0.4, 40).tolist()
    async with on_stage(quiet, seen(falling)):
        thin = dots(quiet)
    async with on_stage(noisy, seen(falling, [each + 0.2 for each in falling])):
        thick = dots(noisy)
    assert np.median(thick[thick > 0]) > 2 * np.median(thin[thin > 0])


def test_the_outline_of_a_band_reaches_every_lowest_and_highest_loss() -> None:
    random = np.random.default_rng(0)
    low = random.random(80)
    band = Band(np.arange(80.0), low, low + random.random(80))
    for dots_wide in (20, 400):
        across, up = band.outline(dots_wide)
        for number in range(80):
            there = up[across == number]
            assert there.min() == band.low[number] and there.max() == band.high[number]


async def test_a_frame_without_a_curve_keeps_the_one_of_the_same_generation() -> None:
    pane = LossPane()
    view = seen([0.7, 0.5, 0.4])
    async with on_stage(pane, view) as pilot:
        before = text(pane)
        pane.view = with_frame(view, curve=None)
        await pilot.pause()
        assert text(pane) == before
        pane.view = with_frame(view, curve=None, generation=1)
        await pilot.pause()
        assert text(pane) != before and not any("└" in row for row in text(pane))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
async def test_losses_that_are_not_finite_leave_the_finite_ones_standing(bad: float) -> None:
    pane = LossPane()
    async with on_stage(pane, seen([0.7, 0.9, bad])) as pilot:
        assert any("└" in row for row in text(pane)) and str(bad) in str(pane.border_subtitle)
        pane.view = seen([bad])
        await pilot.pause()
        assert say("es", "loss.not_finite") in " ".join(" ".join(text(pane)).split())


async def test_a_graph_shows_its_output_by_name() -> None:
    pane = LossPane()
    async with on_stage(pane, with_frame(records.graph_j(), curve=curve([-10.0]))):
        assert "J" in text(pane)[0] and "-10.0" in str(pane.border_subtitle)


async def test_it_asks_for_about_two_points_a_column() -> None:
    pane = LossPane()
    async with on_stage(pane, records.xor(), (60, 20)):
        assert pane.needs().curve == 2 * 60


@pytest.mark.parametrize("size", [(10, 4), (1, 1), (18, 6), (44, 9), (120, 40)])
async def test_it_fits_any_size(size: tuple[int, int]) -> None:
    views = [None, records.xor(), records.graph_j(), seen([1e30, -1e30]), seen([0.5] * 3)]
    pane = LossPane()
    async with on_stage(pane, None, size) as pilot:
        for view in views:
            pane.view = view
            await pilot.pause()
            assert [strip.cell_length for strip in strips(pane)] == [size[0]] * size[1]


async def test_only_rows_that_changed_are_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pane = LossPane()
    view = seen([0.7, 0.5, 0.4])
    async with on_stage(pane, view) as pilot:
        painted = []
        monkeypatch.setattr(pane, "refresh", lambda *regions, **_: painted.extend(regions or ["all"]))
        pane.view = with_frame(view, seq=41)
        await pilot.pause()
        assert painted == []


async def test_the_light_theme_has_other_colours_and_the_same_text() -> None:
    pane = LossPane()
    async with on_stage(pane, seen([0.7, 0.5, 0.4])) as pilot:
        before, words = strips(pane), text(pane)
        pilot.app.theme = LIGHT.name
        await pilot.pause()
        assert strips(pane) != before and text(pane) == words
