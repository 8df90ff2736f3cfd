"""Progress in the tutor: answers come back after any ending, edited exercises say so, and nothing stops a full disk."""

from __future__ import annotations

import errno
import os

import pytest

from engine import messages as m
from tests.tui.conftest import Stage, settle
from tests.tui.test_course_map import rows
from tui.language import say
from tui.progress import store
from tui.screens.asking import QuestionWindow
from tui.screens.lesson import LessonScreen

ASKING = """\
format: 1
id: asking
unit: graphs
minutes: 12
after: [little-graph, elsewhere]
languages: [es, en]
experiment:
  kind: graph
  inputs: {a: 3, b: 1, c: -2}
  nodes: {h: 2 * b, g: a + h, J: g * c}
steps:
  - {id: read, by: op, panes: [graph]}
  - id: values
    do: forward
    by: op
    panes: [graph]
    ask:
      - {id: value-g, kind: number, expect: g}
      - {id: guess, kind: predict, expect: J}
  - {id: end, panes: [graph]}
"""
PROSE = {
    "es": "# Preguntas\n\n## Leer {#read}\nLee.\n\n## Valores {#values}\nMira.\n\n### ¿Cuánto vale g? {#value-g}\n\n"
    "> [!hint]\n> Suma.\n\n> [!explain]\n> Porque g = 5.\n\n### ¿Y J? {#guess}\n\n## Fin {#end}\nYa está.\n",
    "en": "# Questions\n\n## Reading {#read}\nRead.\n\n## Values {#values}\nLook.\n\n### What is g? {#value-g}\n\n"
    "> [!hint]\n> Add.\n\n> [!explain]\n> For g = 5.\n\n### And J? {#guess}\n\n## End {#end}\nThat is all.\n",
}


@pytest.fixture
def asking(lessons, local):
    """Makes an app, at the lesson that asks or (with None) at the map."""
    (lessons / "asking").mkdir()
    (lessons / "asking" / "lesson.yaml").write_text(ASKING, "utf-8")
    for language, text in PROSE.items():
        (lessons / "asking" / f"{language}.md").write_text(text, "utf-8")
    return lambda lesson="asking": local(lesson)


def said(stage: Stage, name: str) -> str:
    box = next(box for box in stage.lesson.boxes() if box.name_of_exercise == name)
    return "\n".join(box.shown.values())


async def answer_g(pilot, *keys: str) -> None:
    await settle(pilot)
    await pilot.press("n")
    await settle(pilot)
    await pilot.press("enter", *keys, "enter")
    await settle(pilot)


async def test_every_answer_and_step_is_on_the_disk_at_once(asking):
    stage = asking()
    async with stage.app.run_test() as pilot:
        await answer_g(pilot, "4")
        record = store.load("asking")  # the tutor is still open: it might be killed now
        assert [each.given for each in record.exercises["value-g"].answers] == ["4"]
        assert not record.exercises["value-g"].done and record.left.step == "values"
        await pilot.press("h")
        await settle(pilot)
        assert store.load("asking").exercises["value-g"].hints == 1
        await pilot.press("backspace", "5", "enter")
        await settle(pilot)
        kept = store.load("asking").exercises["value-g"]
        assert kept.solved and [each.right for each in kept.answers] == [False, True]
        assert set(store.load("asking").steps) == {"read", "values"}


async def test_what_was_answered_is_shown_as_answered_with_its_explanation_in_the_next_session(asking):
    stage = asking()
    async with stage.app.run_test() as pilot:
        await answer_g(pilot, "5")
    again = asking()
    async with again.app.run_test() as pilot:
        await settle(pilot)
        assert again.lesson.steps[again.lesson.cursor].id == "values"
        assert "Porque g = 5." in said(again, "value-g") and again.lesson.asked.id == "guess"
        assert again.lesson.progress["value-g"].given == "5"


async def test_a_prediction_that_waits_for_its_step_waits_in_the_next_session_too(asking):
    stage = asking()
    async with stage.app.run_test() as pilot:
        await answer_g(pilot, "5")
        await pilot.press("enter", "-", "1", "0", "enter")
        await settle(pilot)
        assert stage.lesson.progress["guess"].locked
    again = asking()
    async with again.app.run_test() as pilot:
        await settle(pilot)
        assert again.lesson.progress["guess"].locked
        await pilot.press("o", "o", "o")
        await settle(pilot)
        assert again.lesson.progress["guess"].solved
        assert [each.right for each in store.load("asking").exercises["guess"].answers] == [True]


async def test_an_edited_exercise_says_that_it_has_changed_and_is_asked_again(asking, lessons):
    stage = asking()
    async with stage.app.run_test() as pilot:
        await answer_g(pilot, "5")
    file = lessons / "asking" / "es.md"
    file.write_text(file.read_text("utf-8").replace("¿Cuánto vale g?", "¿Cuánto vale g ahora?"), "utf-8")
    again = asking()
    async with again.app.run_test() as pilot:
        await settle(pilot)
        assert say("es", "ask.changed") in said(again, "value-g")
        assert store.load("asking").exercises["value-g"].solved, "nothing is lost by looking"
        await pilot.press("enter", "5", "enter")
        await settle(pilot)
        assert again.lesson.progress["value-g"].solved and say("es", "ask.changed") not in said(again, "value-g")
        assert len(store.load("asking").exercises["value-g"].answers) == 2


async def test_a_full_disk_is_told_once_and_the_next_answer_is_kept_with_all_before_it(asking, monkeypatch):
    stage = asking()
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        before = store.load("asking")

        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", full)
            await answer_g(pilot, "4")
            await pilot.press("h")
            await settle(pilot)
            assert store.load("asking") == before
            told = [each.message for each in stage.app._notifications if "No space left" in each.message]
            assert len(told) == 1
        await pilot.press("backspace", "5", "enter")
        await settle(pilot)
        kept = store.load("asking").exercises["value-g"]
        assert [each.given for each in kept.answers] == ["4", "5"] and kept.hints == 1


async def test_the_answers_of_two_sessions_at_once_are_all_kept(asking):
    one, other = asking(), asking()
    async with one.app.run_test() as first, other.app.run_test() as second:
        await answer_g(first, "5")
        await answer_g(second, "4")
        await first.press("enter", "-", "1", "0", "enter")
        await settle(first)
    kept = store.load("asking").exercises
    assert [each.given for each in kept["value-g"].answers] == ["5", "4"] and kept["guess"].locked


async def test_a_lesson_can_be_begun_again_after_asking(asking):
    stage = asking()
    async with stage.app.run_test() as pilot:
        await answer_g(pilot, "5")
        await pilot.press("o")
        await settle(pilot)
        await stage.app.run_action("screen.begin_again", stage.app.screen)
        await settle(pilot)
        assert isinstance(stage.app.screen, QuestionWindow)
        await pilot.press("escape")
        await settle(pilot)
        assert stage.lesson.progress["value-g"].solved
        await stage.app.run_action("screen.begin_again", stage.app.screen)
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(stage.app.screen, LessonScreen)
        assert stage.lesson.cursor == 0 and not stage.lesson.progress
        assert stage.lesson.frame.moment.iterations_done == 0 and stage.lesson.frame.moment.op is None
        assert store.load("asking").exercises == {} and list(store.load("asking").steps) == ["read"]
        assert stage.engine.said(m.Open)[-1].log is None


async def test_the_map_tells_what_was_done_as_soon_as_the_lesson_is_left(asking):
    stage = asking()
    async with stage.app.run_test() as pilot:
        await answer_g(pilot, "5")
        await pilot.press("o", "escape", "escape")
        await settle(pilot)
        assert "◐ Preguntas" in "\n".join(rows(stage.app)) and "1/3" in "\n".join(rows(stage.app))
        assert "Preguntas · Valores" in rows(stage.app)[0]
        await pilot.press("c")
        await settle(pilot)
        assert stage.lesson.steps[stage.lesson.cursor].id == "values"
