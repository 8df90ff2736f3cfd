"""Every built-in lesson is played to its end on the real screen: by one who knows, and by one who errs first."""

from __future__ import annotations

import pytest

from lessons import catalog
from tests.local_engine import LocalEngine
from tests.tui.conftest import Stage
from tests.tui.played.robot import Robot
from tui.progress.standing import standings

ENTRIES = {entry.id: entry for entry in catalog.entries([])}
each_lesson = pytest.mark.parametrize("name", ENTRIES)


async def play(name: str, language: str, errs: bool) -> dict[str, bool]:
    """By exercise, whether it was solved."""
    stage = Stage(LocalEngine, catalog.BUILT_IN, name, language)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await Robot(pilot, stage, errs).play()
        found = {name: each.solved for name, each in stage.lesson.progress.items()}
    assert standings([ENTRIES[name]])[name].state == "done"
    return found


@each_lesson
async def test_who_knows_all_solves_all_at_once(name: str) -> None:
    solved = await play(name, "es", errs=False)
    assert all(solved.values()), [each for each, right in solved.items() if not right]


@each_lesson
async def test_who_errs_first_comes_to_the_end_as_well(name: str) -> None:
    assert await play(name, "en", errs=True)
