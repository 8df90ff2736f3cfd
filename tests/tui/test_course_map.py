"""The course map: units and lessons, one of which is opened; broken ones say why."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import OptionList

from engine import messages as m
from tests.tui.conftest import settle
from tui.screens.course_map import CourseMap
from tui.screens.lesson import LessonScreen
from tui.screens.page import Page


def rows(app) -> list[str]:
    return [str(option.prompt) for option in app.screen.query_one(OptionList).options]


def row_of(app, name: str) -> int | None:
    """The row of a lesson, by its folder's name."""
    options = app.screen.query_one(OptionList).options
    return next((number for number, option in enumerate(options) if Path(option.id or "").name == name), None)


async def test_every_lesson_is_listed_with_title_minutes_and_languages(fake):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        listed = "\n".join(rows(stage.app))
        assert listed.count("Una lección pequeña") == 2
        assert "5 min   es en" in listed and "15 min   es en" in listed


async def test_arrows_choose_enter_opens_and_escape_comes_back(fake):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        stage.app.screen.query_one(OptionList).highlighted = row_of(stage.app, "little-net")
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(stage.app.screen, LessonScreen) and stage.app.screen.path.name == "little-net"
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(stage.app.screen, CourseMap)
        assert stage.engine.commands[-1] == m.Run(False)


async def test_the_mouse_opens_a_lesson(fake):
    stage = fake()
    async with stage.app.run_test(size=(80, 120)) as pilot:  # so high that every lesson is on the screen
        await settle(pilot)
        row = row_of(stage.app, "little-net")
        await pilot.click(OptionList, offset=(10, row + 1))
        await settle(pilot)
        assert isinstance(stage.app.screen, LessonScreen)


async def test_a_lesson_from_the_command_line_goes_back_to_the_map(fake):
    stage = fake("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(stage.app.screen, CourseMap)


async def test_a_broken_lesson_is_listed_and_shows_what_is_wrong(fake):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        row = row_of(stage.app, "broken")
        assert "✗" in rows(stage.app)[row]
        stage.app.screen.query_one(OptionList).highlighted = row
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(stage.app.screen, Page)
        assert "lesson.yaml:3:" in str(stage.app.screen.query_one("#text").render())
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(stage.app.screen, CourseMap)


async def test_a_broken_lesson_from_the_command_line_closes_the_tutor_and_says_why(fake):
    stage = fake("broken")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
    assert "lesson.yaml:3:" in stage.app.return_value


async def test_the_map_speaks_the_other_language(fake):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("l")
        await pilot.pause()
        assert "Course map" in stage.line("status")
        assert "A little lesson" in "\n".join(rows(stage.app))
