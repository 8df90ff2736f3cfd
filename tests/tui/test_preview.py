"""A lesson that is being written: every save is shown, at the same step and moment; a broken one says where."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Static

from engine import messages as m
from tests.tui.conftest import GRAPH, PROSE, settle
from tests.tui.test_languages import on_screen
from tui.saves import Saves, stamp
from tui.screens.page import Page
from tui.screens.preview import PreviewScreen
from tui.view import numbers

ASKING = GRAPH.replace("panes: [tensors]}", "panes: [tensors], ask: [{id: how-much, kind: number, expect: grad(b)}]}")
QUESTION = "\n### ¿Cuánto? {#how-much}\n"


def save(path: Path, text: str) -> None:
    """As careful editors do: a new file takes the place of the old one."""
    fresh = path.with_name(f"{path.name}~")
    fresh.write_text(text, "utf-8")
    os.replace(fresh, path)


async def until(pilot, condition: Callable[[], bool]) -> None:
    for _ in range(200):
        await pilot.pause()
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to that")


@asynccontextmanager
async def preview(make, lessons: Path, name: str = "little-graph", size: tuple[int, int] = (100, 30)):
    """The preview of a lesson: (stage, pilot, its folder)."""
    stage = make(name)
    stage.app.choices = replace(stage.app.choices, preview=True)
    async with stage.app.run_test(size=size) as pilot:
        await settle(pilot)
        assert isinstance(stage.app.screen, PreviewScreen)
        yield stage, pilot, lessons / name


def amiss(stage) -> str:
    line = stage.app.screen.query_one("#amiss", Static)
    return str(line.render()) if line.display else ""


async def test_a_save_of_the_prose_is_shown_at_the_same_step_and_moment(local, lessons):
    async with preview(local, lessons) as (stage, pilot, folder):
        await pilot.press("n", "space")
        await settle(pilot)
        moment, opened = stage.lesson.frame.moment, len(stage.engine.said(m.Open))
        assert moment.op is not None
        save(folder / "es.md", PROSE["es"].replace("Vuelve.", "Vuelve despacio."))
        await until(pilot, lambda: "despacio" in on_screen(stage.app))
        assert (stage.lesson.cursor, stage.lesson.frame.moment) == (1, moment)
        assert len(stage.engine.said(m.Open)) == opened and not stage.lesson.offer


async def test_the_step_is_found_again_by_its_id(local, lessons):
    async with preview(local, lessons) as (stage, pilot, folder):
        await pilot.press("n")
        save(folder / "es.md", PROSE["es"] + "\n## Antes {#before}\n")
        save(folder / "en.md", PROSE["en"] + "\n## Before {#before}\n")
        save(folder / "lesson.yaml", GRAPH.replace("steps:\n", "steps:\n  - {id: before}\n"))
        await until(pilot, lambda: len(stage.lesson.steps) == 3)
        assert stage.lesson.cursor == 2 and "Vuelve." in on_screen(stage.app)


async def test_a_step_that_is_gone_leaves_the_one_in_its_place(local, lessons):
    async with preview(local, lessons) as (stage, pilot, folder):
        await pilot.press("n")
        save(folder / "lesson.yaml", GRAPH.replace("  - {id: back, do: backward, panes: [tensors]}\n", ""))
        await until(pilot, lambda: len(stage.lesson.steps) == 1)
        assert stage.lesson.cursor == 0


async def test_an_experiment_that_is_another_one_begins_again(local, lessons):
    async with preview(local, lessons) as (stage, pilot, folder):
        await pilot.press("n", "space", "space")
        save(folder / "lesson.yaml", GRAPH.replace("a: 3", "a: 10"))
        await until(pilot, lambda: len(stage.engine.said(m.Open)) == 2)
        await settle(pilot)
        assert stage.lesson.cursor == 1 and stage.lesson.frame.moment.op is None
        await pilot.press("space")
        await settle(pilot)
        (j,) = (each for each in stage.lesson.frame.tensors if each.name == "J")
        assert numbers(j.value) == (10 + 2 * 1) * -2


async def test_a_broken_save_leaves_what_was_there_and_says_where_until_it_is_mended(local, lessons):
    async with preview(local, lessons) as (stage, pilot, folder):
        await pilot.press("n", "space")
        moment = stage.lesson.frame.moment
        save(folder / "lesson.yaml", GRAPH.replace("nodes:", "nodse:").replace("minutes: 5", "minutes: five"))
        await until(pilot, lambda: amiss(stage) != "")
        assert "lesson.yaml:4" in amiss(stage) and "2" in amiss(stage)
        assert "Vuelve." in on_screen(stage.app) and stage.lesson.frame.moment == moment
        await pilot.press("E")
        await settle(pilot)
        assert isinstance(stage.app.screen, Page)
        assert "minutes" in on_screen(stage.app) and "nodse" in on_screen(stage.app)
        await pilot.press("escape")
        save(folder / "lesson.yaml", GRAPH)
        await until(pilot, lambda: amiss(stage) == "")
        assert stage.lesson.frame.moment == moment


async def test_a_mistake_in_the_prose_is_told_beside_the_new_text(local, lessons):
    async with preview(local, lessons) as (stage, pilot, folder):
        save(folder / "es.md", PROSE["es"].replace("Mira bien.", "Mira mejor. {{value(zz)}}"))
        await until(pilot, lambda: "es.md:5" in amiss(stage))
        assert "Mira mejor." in on_screen(stage.app)


async def test_a_page_that_is_not_there_leaves_the_one_before(local, lessons):
    async with preview(local, lessons) as (stage, pilot, folder):
        (folder / "es.md").write_bytes(b"# T\n\xff")
        await until(pilot, lambda: "es.md" in amiss(stage))
        assert "Mira bien." in on_screen(stage.app)


async def test_a_lesson_that_is_broken_from_the_start_opens_when_it_is_mended(local, lessons):
    async with preview(local, lessons, "broken") as (stage, pilot, folder):
        await until(pilot, lambda: "lesson.yaml:3" in on_screen(stage.app))
        save(folder / "lesson.yaml", GRAPH)
        await until(pilot, lambda: "Mira bien." in on_screen(stage.app))
        assert amiss(stage) == ""


async def test_what_is_wrong_is_told_in_the_other_language_too(local, lessons):
    async with preview(local, lessons) as (stage, pilot, folder):
        save(folder / "lesson.yaml", GRAPH.replace("nodes:", "nodse:"))
        await until(pilot, lambda: "clave" in amiss(stage))
        await pilot.press("l")
        await settle(pilot)
        assert "unknown key" in amiss(stage)


async def test_an_answer_is_kept_while_its_exercise_is_the_same(local, lessons):
    for name, prose in PROSE.items():
        (lessons / "little-graph" / f"{name}.md").write_text(prose + QUESTION, "utf-8")
    (lessons / "little-graph" / "lesson.yaml").write_text(ASKING, "utf-8")
    async with preview(local, lessons) as (stage, pilot, folder):
        await pilot.press("n", "s", "s")
        await settle(pilot)
        assert stage.lesson.progress_of(stage.lesson.exercises[0]).done
        save(folder / "es.md", PROSE["es"].replace("Vuelve.", "Vuelve ya.") + QUESTION)
        await until(pilot, lambda: "Vuelve ya." in on_screen(stage.app))
        assert stage.lesson.progress_of(stage.lesson.exercises[0]).done
        save(folder / "lesson.yaml", ASKING.replace("grad(b)", "grad(a)"))
        await until(pilot, lambda: stage.lesson.exercises[0].expect == "grad(a)")
        await settle(pilot)
        assert not stage.lesson.progress_of(stage.lesson.exercises[0]).done
        assert [box.told.exercise.expect for box in stage.lesson.boxes()] == ["grad(a)"]


async def test_neither_the_place_nor_the_answers_are_kept(local, lessons, own_state):
    for name, prose in PROSE.items():
        (lessons / "little-graph" / f"{name}.md").write_text(prose + QUESTION, "utf-8")
    (lessons / "little-graph" / "lesson.yaml").write_text(ASKING, "utf-8")
    async with preview(local, lessons) as (stage, pilot, _):
        await pilot.press("n", "space", "s", "s")
        await settle(pilot)
        assert stage.lesson.progress_of(stage.lesson.exercises[0]).done
        stage.lesson.keep_place()
        await pilot.press("escape")
        await settle(pilot)
    assert [each for each in own_state.rglob("*") if each.is_file()] == []
    assert stage.app.progress == {}


async def test_edits_of_the_step_are_made_when_they_are_new(local, lessons):
    async with preview(local, lessons) as (stage, pilot, folder):
        save(folder / "lesson.yaml", GRAPH.replace("{id: look,", "{id: look, set: {b: -8},"))
        await until(pilot, lambda: m.Edit((m.Change("b", -8.0),)) in stage.engine.commands)
        save(folder / "es.md", PROSE["es"].replace("Mira bien.", "Mira otra vez."))
        await until(pilot, lambda: "otra vez" in on_screen(stage.app))
        assert len(stage.engine.said(m.Edit)) == 1


# ---------------------------------------------------------------- noticing
@pytest.mark.parametrize("name", ["lesson.yaml", "es.md", "houses.csv"])
def test_each_save_is_noticed_once(tmp_path, name):
    told = threading.Semaphore(0)
    saves = Saves(tmp_path, told.release, 0.01)
    saves.start()
    try:
        for text in ("one", "two"):
            save(tmp_path / name, text)
            assert told.acquire(timeout=5)
        assert not told.acquire(timeout=0.1)
    finally:
        saves.stop()


def test_a_save_between_making_and_starting_is_noticed(tmp_path):
    told = threading.Semaphore(0)
    saves = Saves(tmp_path, told.release, 0.01)
    save(tmp_path / "es.md", "x")
    saves.start()
    assert told.acquire(timeout=5)
    saves.stop()


def test_a_new_file_of_the_same_size_and_time_is_another_one(tmp_path):
    path = tmp_path / "es.md"
    path.write_text("one")
    first, times = stamp(tmp_path), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    fresh = tmp_path / "new"
    fresh.write_text("two")
    os.utime(fresh, ns=times)
    os.replace(fresh, path)
    assert stamp(tmp_path) != first


def test_a_folder_that_is_gone_has_no_files(tmp_path):
    assert stamp(tmp_path / "no") == ()
