"""A lesson that is left is found again where it was; what is kept is one moment, whatever happens meanwhile."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from engine import messages as m
from tests.tui.conftest import Stage, settle
from tui import places
from tui.screens.asking import QuestionWindow


@pytest.fixture
def net(local):
    """Makes an app at the net's lesson, with an engine that works."""
    return lambda: local("little-net")


def iterations_kept(stage: Stage) -> int:
    """How far training had come in the place that is on the disk."""
    place = places.load("little-net")
    assert place is not None and stage.lesson.part is not None and stage.lesson.part.graph is not None
    (left,) = place.experiments.values()
    assert left.log is not None and left.memory is not None
    assert len(left.log.losses) == 4 * (left.log.time // len(stage.lesson.part.graph.atoms)), "of one moment"
    return left.memory.iteration + 1  # the present one began there


async def begun(stage: Stage, pilot: Pilot[str]) -> None:
    """Three iterations."""
    await settle(pilot)
    stage.lesson.send(m.Advance("iteration", 3))
    await settle(pilot)


async def test_what_is_written_is_what_was_taken_and_never_over_a_newer_one(net):
    stage = net()
    async with stage.app.run_test() as pilot:
        await begun(stage, pilot)
        first = stage.lesson.take_place()
        stage.lesson.send(m.Advance("iteration", 2))
        await settle(pilot)
        stage.lesson.write_place(first)
        assert iterations_kept(stage) == 3
        second = stage.lesson.take_place()
        stage.lesson.write_place(second)
        stage.lesson.write_place(first)
        assert iterations_kept(stage) == 5
        assert stage.lesson.take_place() is None, "nothing new"


async def test_after_beginning_again_no_earlier_place_is_written(net):
    stage = net()
    async with stage.app.run_test() as pilot:
        await begun(stage, pilot)
        lesson = stage.lesson
        taken = lesson.take_place()
        await stage.app.run_action("screen.begin_again", stage.app.screen)
        await settle(pilot)
        assert isinstance(stage.app.screen, QuestionWindow)
        await pilot.press("enter")
        lesson.write_place(taken)
        place = places.load("little-net")
        assert place is None or all(not left.log or not left.log.time for left in place.experiments.values())


async def test_a_speed_that_takes_the_place_of_another_is_kept_too(net):
    stage, again = net(), net()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("minus")
        await settle(pilot)
        stage.lesson.keep_place()
        had = len(stage.lesson.kept_log.entries)
        await pilot.press("minus")
        await settle(pilot)
        assert len(stage.lesson.kept_log.entries) == had, "one note"
        speed = stage.lesson.speed
    async with again.app.run_test() as pilot:
        await settle(pilot)
        assert again.lesson.speed == speed


async def test_while_the_disk_takes_its_time_places_do_not_pile_up(net, monkeypatch):
    stage = net()
    async with stage.app.run_test() as pilot:
        await begun(stage, pilot)
        taken = []
        monkeypatch.setattr(stage.lesson, "take_place", lambda: taken.append(1))
        with stage.lesson._saving:
            stage.lesson._keep_in_background()
        assert not taken
        stage.lesson._keep_in_background()
        assert taken
