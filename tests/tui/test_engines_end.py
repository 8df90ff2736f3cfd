"""What an engine did not live to answer is asked of the next one; where they all die, the lesson says so."""

from __future__ import annotations

import pytest

from engine import messages as m
from tests.local_engine import FakeEngine
from tests.tui.conftest import Stage, settle
from tui.revival import DEATHS
from tui.screens.course_map import CourseMap


def asked(engine: FakeEngine) -> list[m.Ask]:
    """Where the learner stands: questions without expressions."""
    return [each for each in engine.said(m.Ask) if not each.expressions]


def opened(stage: Stage) -> None:
    stage.engine.report(m.Opened(stage.lesson.generation, "cpu", 0))


@pytest.mark.parametrize("answered", [True, False])
async def test_what_was_asked_on_entering_a_step_is_asked_again_unless_it_was_answered(fake, answered):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        opened(stage)
        await settle(pilot)
        (question,) = asked(stage.engine)
        if answered:
            stage.engine.report(m.Answers(stage.lesson.generation, question.number, (), False))
            await settle(pilot)
            assert stage.lesson.offer
        stage.engine.end(-9)
        await settle(pilot)
        opened(stage)
        await settle(pilot)
        again = asked(stage.engine)
        assert [each.stages for each in again] == ([] if answered else [question.stages])
        if not answered:
            stage.engine.report(m.Answers(stage.lesson.generation, again[0].number, (), False))
            await settle(pilot)
            assert stage.lesson.offer


async def test_a_lesson_that_is_opened_after_all_engines_have_died_starts_one_and_tells_what_becomes_of_it(fake):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        for _ in range(DEATHS):
            stage.engine.end(1)
            await settle(pilot)
        assert isinstance(stage.app.screen, CourseMap) and len(stage.engines) == DEATHS
        await pilot.press("enter")
        await settle(pilot)
        assert len(stage.engines) == DEATHS + 1 and stage.engine.said(m.Open)
        stage.engine.end(1)
        await settle(pilot)
        assert stage.lesson.ended is not None
        await pilot.press("enter")
        await settle(pilot)
        assert stage.lesson.ended is None and len(stage.engines) == DEATHS + 2
