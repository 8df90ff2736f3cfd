"""b marks a baseline: curves, boundaries and weights stand beside each other, and a sentence says what differs."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from engine import baseline
from engine import messages as m
from engine.begin import begin
from engine.frames import Frames
from engine.session import Session
from tests import records
from tests.tui.conftest import settle
from tests.tui.stage import on_stage, text, with_frame
from tui import comparing
from tui.charts import axis
from tui.keys import KEYS
from tui.language import say
from tui.masks import NOTHING, Masks
from tui.panes import boundary_baseline, loss_baseline
from tui.panes.boundary import BoundaryPane
from tui.panes.loss import Band, LossPane
from tui.panes.tensors import TensorsPane
from tui.view import View

RUN, LONG, START = m.Advance("iteration", 20), m.Advance("iteration", 300), m.Travel("start")
FASTER = m.Edit((m.Change("lr", 1.0),))
WATCH = m.Watch(field=(30, 20), curve=100)
DASHES = (loss_baseline.FLAT, loss_baseline.STEEP)


def do(session: Session, *commands: m.AnyCommand) -> None:
    for command in commands:
        session.apply(command)
        session.finish()


def fork(*then: m.AnyCommand, run: m.AnyCommand = RUN, looks: tuple = ()) -> View:
    """XOR run, marked, begun again, and what was done then."""
    session = begin(records.XOR, None, "cpu")
    frames = Frames(session)
    do(session, run)
    baseline.mark(session)
    do(session, START, *then)
    frame = frames.frame(1, msgspec.structs.replace(WATCH, looks=looks))
    assert session.baseline is not None
    view = replace(records.xor(), opened=frames.opened(), baseline=session.baseline.told)
    return replace(view, frame=frame)


def sentence(view: View, language: str = "en", masks: Masks = NOTHING) -> str:
    assert view.frame is not None and view.baseline is not None
    return comparing.sentence(view.baseline, view.frame, len(view.graph.atoms), language, masks)


def cells(pane: LossPane | BoundaryPane) -> int:
    """Dashes below the title."""
    return sum(row.count(mark) for row in text(pane)[1:] for mark in DASHES)


# ---------------------------------------------------------------- what differs
@pytest.mark.parametrize("language", ["es", "en"])
def test_without_a_change_the_same_bits_are_told(language: str) -> None:
    assert sentence(fork(RUN), language) == say(language, "baseline.same", distance="")
    assert sentence(fork(m.Advance("iteration", 9)), language) == say(language, "baseline.same_so_far", distance="")
    assert sentence(fork(), language) == say(language, "baseline.nothing")


def test_a_setting_that_differs_is_told_with_both_values() -> None:
    view = fork(FASTER, RUN)
    assert "lr 0.1 → 1" in sentence(view) and "‖Δ" in sentence(view) and "same bits" not in sentence(view)
    assert view.baseline is not None and view.frame is not None
    assert comparing.legend(view.baseline, view.frame, "en") == "baseline: lr 0.1"


def test_edits_of_one_of_the_two_are_told_with_their_iteration() -> None:
    edit = m.Edit((m.Change("linear1.weight", 0.5, (0, 1)),))
    assert "new: linear1.weight[0, 1] = 0.5 (iteration 0)" in sentence(fork(edit, RUN))
    session = begin(records.XOR, None, "cpu")
    do(session, m.Advance("iteration", 3), edit, RUN)
    baseline.mark(session)
    do(session, START)
    frames = Frames(session)
    assert session.baseline is not None
    view = replace(records.xor(), frame=frames.frame(1, WATCH), baseline=session.baseline.told)
    assert "weight" not in sentence(view), "not yet: the baseline was edited later"
    do(session, m.Advance("iteration", 9))
    view = replace(view, frame=frames.frame(2, WATCH))
    assert "only in the baseline: linear1.weight[0, 1] = 0.5 (iteration 3)" in sentence(view)


def test_a_setting_that_was_changed_at_another_time_is_an_edit_that_differs() -> None:
    session = begin(records.XOR, None, "cpu")
    do(session, FASTER, RUN)
    baseline.mark(session)
    do(session, START, m.Advance("iteration", 5), FASTER, m.Advance("iteration", 15))
    assert session.baseline is not None
    frame = Frames(session).frame(1, WATCH)
    told = sentence(replace(records.xor(), frame=frame, baseline=session.baseline.told))
    assert "new: lr = 1 (iteration 5)" in told and "only in the baseline: lr = 1 (iteration 0)" in told


def test_speed_and_theme_are_no_difference() -> None:
    assert sentence(fork(m.Edit((m.Change("run.speed", 50.0),)), RUN)) == say("en", "baseline.same", distance="")


def test_backward_done_once_more_is_one() -> None:
    told = sentence(fork(m.Advance("phase", 3), m.Again(), m.Advance("phase"), m.Advance("iteration", 19)))
    assert say("en", "baseline.again", iteration=0) in told


def test_many_differences_are_counted() -> None:
    names = [m.Edit((m.Change("linear1.bias", 0.5, (at,)),)) for at in range(4)]
    assert say("en", "baseline.more", count=2) in sentence(fork(FASTER, *names, RUN))


def test_the_status_tells_where_it_is_and_both_losses() -> None:
    view = fork(FASTER, RUN)
    assert view.baseline is not None and view.frame is not None and view.frame.loss is not None
    told = comparing.status(view.baseline, view.frame, "loss", "en")
    assert told.startswith(f"baseline @ iteration 20, loss {view.baseline.loss:.4f} → now {view.frame.loss:.4f}")
    hidden = comparing.status(view.baseline, view.frame, "loss", "en", Masks(metrics=frozenset(["loss"])))
    assert hidden == "baseline @ iteration 20"


def test_what_is_asked_is_not_told() -> None:
    view = fork(m.Edit((m.Change("linear1.bias", 0.5, (0,)),)), FASTER, RUN)
    masks = Masks(values=frozenset([("linear1.bias", ())]), metrics=frozenset(["lr"]))
    told = sentence(view, masks=masks)
    assert "linear1.bias[0] = ?" in told and "lr ? → ?" in told and "= ?." in told and "0.5" not in told


# ---------------------------------------------------------------- the loss pane
async def test_both_curves_are_drawn_and_the_baseline_is_named() -> None:
    pane, view = LossPane(), replace(fork(FASTER, RUN), language="en")
    async with on_stage(pane, view, (78, 14)) as pilot:
        rows = text(pane)
        assert f"{2 * loss_baseline.FLAT} baseline: lr 0.1" in rows[0] and "Different: lr 0.1 → 1." in rows[1]
        assert cells(pane) > 10 and any("⠀" < letter <= "⣿" for row in rows for letter in row)
        pane.view = replace(view, baseline=None)
        await pilot.pause()
        assert cells(pane) == 0 and "baseline" not in "".join(text(pane))


async def test_before_the_first_loss_of_the_second_run_the_baseline_stands_alone() -> None:
    pane = LossPane()
    async with on_stage(pane, fork(FASTER), (78, 14)):
        assert cells(pane) > 20 and not any("⠀" < letter <= "⣿" for row in text(pane) for letter in row)


async def test_the_same_curve_covers_the_baseline() -> None:
    pane = LossPane()
    async with on_stage(pane, fork(RUN), (78, 14)):
        assert cells(pane) == 0 and say("es", "baseline.same", distance="") in text(pane)[1]


async def test_a_loss_that_is_asked_hides_the_baseline_too() -> None:
    pane = LossPane()
    async with on_stage(pane, replace(fork(FASTER, RUN), masks=Masks(metrics=frozenset(["loss"]))), (78, 14)):
        shown = " ".join(" ".join(text(pane)).split())
        assert say("es", "loss.masked") in shown and "┤" not in shown and "0.1" not in shown


@pytest.mark.parametrize("size", [(10, 4), (18, 6), (30, 8), (36, 12), (120, 40)])
async def test_the_loss_pane_fits_any_size(size: tuple[int, int]) -> None:
    for then in ((), (RUN,), (FASTER, m.Advance("iteration", 40))):
        pane = LossPane()
        async with on_stage(pane, fork(*then), size):
            assert all(len(row.rstrip()) <= size[0] for row in text(pane)) and len(text(pane)) == size[1]


def test_the_dashes_pass_every_row_where_the_curve_is_steep() -> None:
    band = Band(np.arange(3.0), np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0]))
    found = loss_baseline.dashes(band, axis(0, 2, 3), axis(0, 1, 3), 3, 10)
    assert [each.mark for each in found][:2] == [loss_baseline.FLAT] * 2
    assert len([each for each in found if each.mark == loss_baseline.STEEP]) == 9


# ---------------------------------------------------------------- the boundary
async def test_the_line_of_the_baseline_lies_over_the_present_field() -> None:
    pane, view = BoundaryPane(), replace(fork(FASTER, LONG, run=LONG), language="en")
    async with on_stage(pane, view, (78, 14)) as pilot:
        assert cells(pane) > 5 and f"{2 * boundary_baseline.FLAT} baseline" in text(pane)[0]
        pane.view = replace(view, baseline=None)
        await pilot.pause()
        assert cells(pane) == 0 and "baseline" not in text(pane)[0]


@pytest.mark.parametrize("kind", ["probability", "class"])
def test_the_dashes_stand_where_the_sides_meet(kind: str) -> None:
    high = 255 if kind == "probability" else 1
    left = np.zeros((8, 6), np.uint8)
    left[:, 3:] = high
    above = np.zeros((8, 6), np.uint8)
    above[4:] = high
    for samples, mark in ((left, boundary_baseline.STEEP), (above, boundary_baseline.FLAT)):
        marks = boundary_baseline.dashes(m.Field(6, 8, kind, samples.tobytes()), 6, 4)  # type: ignore[arg-type]
        assert set(marks.ravel()) == {"", mark}
        if mark == boundary_baseline.STEEP:
            assert [list(row).index(mark) for row in marks] == [2] * 4 and (marks != "").sum() == 4


async def test_where_nothing_has_changed_the_present_line_covers_it() -> None:
    pane = BoundaryPane()
    async with on_stage(pane, fork(LONG, run=LONG), (78, 14)):
        assert cells(pane) == 0


# ---------------------------------------------------------------- the tensors
async def test_v_shows_the_difference_of_every_weight_and_its_norm() -> None:
    view = replace(fork(FASTER, RUN), language="en")
    pane = TensorsPane()
    async with on_stage(pane, replace(view, baseline=None), (78, 40)) as pilot:
        assert not pane.has_views
        pane.view = view
        pane.other_view()
        await pilot.pause()
        assert pane.has_views and len(pane.needs().looks) == 1
        pane.view = replace(fork(FASTER, RUN, looks=pane.needs().looks), language="en")
        await pilot.pause()
        rows = text(pane)
        assert "value − baseline" in rows[0] and sum("‖Δ‖" in row for row in rows) == 4
        assert not any("gradient" in row for row in rows)
        masked = replace(pane.view, masks=Masks(values=frozenset([("linear2.bias", ())])))
        number = next(after for row, after in pairwise(rows) if "linear2.bias" in row).split()[-1]
        pane.view = masked
        await pilot.pause()
        at = next(y for y, row in enumerate(text(pane)) if "linear2.bias" in row)
        assert "‖Δ‖ ?" in text(pane)[at] and number not in "".join(text(pane)[at : at + 2])
        pane.other_view()
        await pilot.pause()
        assert not pane.needs().looks and say("en", "tensors.gradient") in text(pane)[0]


async def test_with_the_same_bits_the_tensors_say_so() -> None:
    pane = TensorsPane()
    async with on_stage(pane, fork(RUN), (78, 40)) as pilot:
        pane.other_view()
        pane.view = fork(RUN, looks=pane.needs().looks)
        await pilot.pause()
        assert sum(say("es", "tensors.same") in row for row in text(pane)) == 4


# ---------------------------------------------------------------- the lesson's screen
async def test_b_marks_and_the_palette_lets_it_go(local) -> None:
    stage = local("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        drop = next(key for key in KEYS if key.name == "drop_baseline")
        assert stage.lesson.reason(drop) == say("es", "reason.no_baseline")
        await pilot.press("i", "i", "b")
        await settle(pilot)
        assert stage.lesson.baseline is not None and stage.lesson.baseline.iteration == 2
        assert "referencia @ iteración 2" in stage.line("happened") and stage.lesson.reason(drop) == ""
        assert stage.lesson.frame.redo is None and len(stage.lesson.frame.log.entries) == 2
        await pilot.press("0", "i", "i")
        await settle(pilot)
        assert stage.lesson.frame.comparison.weights
        await pilot.press("i", "b")
        await settle(pilot)
        assert stage.lesson.baseline.iteration == 3
        stage.lesson.action_drop_baseline()
        await settle(pilot)
        assert stage.lesson.baseline is None and "⚑" not in stage.line("happened")


async def test_it_outlives_an_engine_that_dies(local) -> None:
    stage = local("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("e", "b", "0")
        await settle(pilot)
        kept = stage.lesson.baseline
        stage.engine.die()
        await settle(pilot)
        assert len(stage.engines) == 2 and stage.lesson.baseline == kept is not None
        await pilot.press("e")
        await settle(pilot)
        assert stage.lesson.frame.comparison == m.Comparison(kept.number, True, True, 0.0)


async def test_it_is_found_again_where_the_lesson_was_left(local) -> None:
    stage = local("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("e", "b", "0")
        await settle(pilot)
        kept = stage.lesson.baseline
    again = local("little-net")
    async with again.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert again.lesson.baseline == kept is not None
        await pilot.press("e")
        await settle(pilot)
        assert again.lesson.frame.comparison.weights


async def test_a_frame_without_the_baselines_field_keeps_it() -> None:
    pane, view = BoundaryPane(), fork(FASTER, LONG, run=LONG)
    async with on_stage(pane, view, (78, 14)) as pilot:
        before = text(pane)
        pane.view = with_frame(view, baseline_field=None, field=None)
        await pilot.pause()
        assert text(pane) == before
