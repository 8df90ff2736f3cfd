"""What a step says that panes look at: taken over on coming to it, left to the learner otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lessons.writing import GRAPH as LESSON
from tests.lessons.writing import NET, found, load_text, marked
from tests.tui.conftest import GRAPH, settle
from tui.choice import NO_CHOICE, Choice

LOOKING = GRAPH.replace("{id: look, by: op,", "{id: look, by: op, look: {node: g, source: b},")


@pytest.fixture
def looking(lessons: Path) -> Path:
    (lessons / "little-graph" / "lesson.yaml").write_text(LOOKING, "utf-8")
    return lessons


async def test_the_panes_look_at_what_the_step_says(looking, local):
    stage = local("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        assert stage.lesson.choice == Choice("g", "b")


async def test_a_step_that_says_nothing_lets_go_of_what_the_lesson_chose(looking, local):
    stage = local("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("n")
        await settle(pilot)
        assert stage.lesson.choice == NO_CHOICE
        await pilot.press("p")
        await settle(pilot)
        assert stage.lesson.choice == Choice("g", "b")


async def test_a_step_that_says_nothing_leaves_what_the_learner_chose(looking, local):
    stage = local("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("j")
        chosen = stage.lesson.choice
        assert chosen != Choice("g", "b")
        await pilot.press("n")
        await settle(pilot)
        assert stage.lesson.choice == chosen


async def test_an_empty_look_follows_the_last_operation_again(lessons, local):
    text = GRAPH.replace("{id: back, do: backward,", "{id: back, do: backward, look: {},")
    (lessons / "little-graph" / "lesson.yaml").write_text(text, "utf-8")
    stage = local("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("j", "n")
        await settle(pilot)
        assert stage.lesson.choice == NO_CHOICE


# ---------------------------------------------------------------- what may be looked at
@pytest.mark.parametrize(
    ("look", "code"),
    [
        ("{node: «gg}", "E416"),
        ("{node: «a}", "E416"),
        ("{source: «zz}", "E417"),
        ("{node: h, source: «a}", "E417"),
        ("{nodes: g}", "S101"),
    ],
)
def test_what_cannot_be_looked_at_is_found_at_its_place(tmp_path: Path, look: str, code: str) -> None:
    at, line, column = marked(LESSON.replace("    do: forward\n", f"    do: forward\n    look: {look}\n"))
    findings = found(load_text(tmp_path, at))
    assert findings == [(code, line, column)] if "«" in look else [each[0] for each in findings] == [code]


@pytest.mark.parametrize("look", ["{node: g}", "{source: b}", "{node: h, source: b}", "{node: J, source: h}", "{}"])
def test_operations_and_what_they_depend_on_may_be_looked_at(tmp_path: Path, look: str) -> None:
    text = LESSON.replace("    do: forward\n", f"    do: forward\n    look: {look}\n")
    assert load_text(tmp_path, text).findings == ()


def test_layers_and_their_parameters_may_be_looked_at(tmp_path: Path) -> None:
    text = NET.replace("    do: train\n", "    do: train\n    look: {node: loss, source: linear1.weight}\n")
    assert load_text(tmp_path, text).findings == ()
    assert found(load_text(tmp_path, text.replace("1.weight", "2.wait")))[0][0] == "E417"
