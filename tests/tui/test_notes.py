"""Speed and theme as the keys change them: at once, in history, and back again when it goes back."""

from __future__ import annotations

import pytest

from engine import messages as m
from tests import records
from tests.tui.conftest import settle
from tui.speeds import FIRST_SPEED, SPEEDS, nearest, noted

SPEED, THEME = "run.speed", "screen.theme"


def is_dark(stage) -> bool:
    return stage.app.current_theme.dark


def notes(stage, name: str) -> list[m.Setting]:
    """What history was told of one of them, in order."""
    return [edit.changes[0].value for edit in stage.engine.said(m.Edit) if edit.changes[0].name == name]


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_speed_is_found_again_from_what_history_keeps(speed: float | None) -> None:
    assert SPEEDS[nearest(noted(speed))] == speed


async def test_plus_then_back_brings_the_speed_back_and_redo_the_other(local):
    stage = local("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("o", "plus", "plus")
        await settle(pilot)
        before = stage.lesson.frame
        assert SPEEDS[stage.lesson.speed] == 500 and before.settings[SPEED] == 500
        assert before.moment.op == "linear1", "what was computed stays"
        await pilot.press("backspace")
        await settle(pilot)
        assert stage.lesson.speed == FIRST_SPEED and "100" in stage.line("status")
        assert stage.engine.said(m.Speed)[-1] == m.Speed(100)
        assert stage.lesson.frame.tensors == before.tensors
        await pilot.press("u")
        await settle(pilot)
        assert SPEEDS[stage.lesson.speed] == 500 and stage.engine.said(m.Speed)[-1] == m.Speed(500)


async def test_the_key_answers_before_the_engine_does(fake):
    stage = fake("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("minus")
        assert SPEEDS[stage.lesson.speed] == 50 and stage.engine.said(m.Speed)[-1] == m.Speed(50)
        assert notes(stage, SPEED) == [50]
        stage.app.action_theme()
        assert not is_dark(stage) and notes(stage, THEME) == ["light"]


async def test_an_older_frame_does_not_take_back_what_was_just_asked_for(fake):
    stage = fake("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        generation = stage.lesson.generation
        moment = records.xor().frame.moment

        await pilot.press("plus", "plus")
        for seq, told in enumerate(({}, {SPEED: 200}, {SPEED: 500}), 1):
            stage.engine.report(m.Frame(seq, generation, moment, (), settings=told))
            await settle(pilot)
            assert SPEEDS[stage.lesson.speed] == 500
        stage.engine.report(m.Frame(4, generation, moment, ()))
        await settle(pilot)
        assert stage.lesson.speed == FIRST_SPEED


async def test_the_theme_then_back_brings_the_theme_back(local):
    stage = local("little-graph")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("space")
        stage.app.action_theme()
        await settle(pilot)
        assert not is_dark(stage) and stage.lesson.frame.settings[THEME] == "light"
        assert stage.lesson.frame.moment.op == "h"
        await pilot.press("backspace")
        await settle(pilot)
        assert is_dark(stage) and stage.lesson.frame.moment.op == "h"
        await pilot.press("u")
        await settle(pilot)
        assert not is_dark(stage)


async def test_outside_lessons_the_theme_changes_without_history(local):
    stage = local()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        stage.app.action_theme()
        assert not is_dark(stage) and notes(stage, THEME) == []


async def test_without_an_engine_the_theme_changes_all_the_same(local):
    stage = local("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for _ in range(6):  # until it is not replaced any more
            stage.engine.die()
            await settle(pilot)
        assert stage.lesson.ended is not None
        stage.app.action_theme()
        assert not is_dark(stage) and notes(stage, THEME) == []


async def test_a_new_engine_goes_on_with_both_and_back_still_leads_to_before(local):
    stage = local("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("plus")
        stage.app.action_theme()
        await settle(pilot)
        stage.engine.die()
        await settle(pilot)
        assert SPEEDS[stage.lesson.speed] == 200 and not is_dark(stage)
        await pilot.press("backspace", "backspace")
        await settle(pilot)
        assert stage.lesson.speed == FIRST_SPEED and is_dark(stage)


async def test_the_settings_window_changes_both_through_history(local):
    stage = local("little-graph")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("comma", "up", "right", "up", "right")
        await settle(pilot)
        assert notes(stage, THEME) == ["light"] and notes(stage, SPEED) == [200]
        await pilot.press("escape", "backspace", "backspace")
        await settle(pilot)
        assert is_dark(stage) and stage.lesson.speed == FIRST_SPEED
