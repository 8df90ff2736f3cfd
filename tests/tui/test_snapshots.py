"""Pictures of the course map, both lessons, help and palette, in both languages and three sizes, from fixed records."""

from __future__ import annotations

import shutil

import msgspec
import pytest

from engine import messages as m
from engine.words import LANGUAGES
from lessons import catalog
from lessons.catalog import BUILT_IN
from tests import records
from tests.local_engine import FakeEngine
from tests.tui.conftest import settle
from tui.app import Choices, TutorApp
from tui.link import Link

RECORDS = {"graph-j": records.graph_j, "xor": records.xor}
STEPS = {"graph-j": 0, "xor": 3}  # to where the lesson works on what the record is of
COURSE = """\
units:
  - {id: graphs, title: {es: Grafos, en: Graphs}, lessons: [graph-j]}
  - {id: pytorch, title: {es: Redes, en: Networks}, lessons: [xor]}
"""
SIZES = [(80, 24), (120, 40), (200, 60)]
in_each_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
in_each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(autouse=True)
def no_other_lessons(monkeypatch):
    monkeypatch.delenv("DLTUTOR_LESSONS", raising=False)


def app_for(language: str, lesson: str | None = None) -> tuple[TutorApp, FakeEngine]:
    engines: list[FakeEngine] = []
    link = Link(lambda *callbacks: engines.append(FakeEngine(*callbacks)) or engines[-1])
    link.start()
    return TutorApp(link, Choices(language, "cpu"), BUILT_IN / lesson if lesson else None), engines[0]


@in_each_language
@in_each_size
def test_the_course_map(snap_compare, language, size, tmp_path, monkeypatch):
    for name in RECORDS:  # whatever lessons there are besides
        shutil.copytree(BUILT_IN / name, tmp_path / name)
    (tmp_path / "course.yaml").write_text(COURSE)
    monkeypatch.setattr(catalog, "BUILT_IN", tmp_path)
    app, _ = app_for(language)
    assert snap_compare(app, terminal_size=size, run_before=settle)


@in_each_language
@in_each_size
def test_help(snap_compare, language, size):
    app, _ = app_for(language)

    async def show(pilot):
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=show)


@in_each_language
@in_each_size
@pytest.mark.parametrize("lesson", RECORDS)
def test_a_lesson(snap_compare, lesson, language, size):
    app, engine = app_for(language, lesson)
    view = RECORDS[lesson]()

    async def show(pilot):
        await settle(pilot)
        await pilot.press(*("n" for _ in range(STEPS[lesson])))
        await settle(pilot)
        generation = app.open.generation
        engine.report(m.Hello(1, "2.0", ("cpu",)))
        engine.report(msgspec.structs.replace(view.opened, generation=generation))
        engine.report(msgspec.structs.replace(view.frame, generation=generation))
        await settle(pilot)
        app.set_focus(None)

    assert snap_compare(app, terminal_size=size, run_before=show)


@in_each_language
def test_the_palette(snap_compare, language):
    app, engine = app_for(language, "graph-j")
    view = records.graph_j()

    async def show(pilot):
        await settle(pilot)
        engine.report(msgspec.structs.replace(view.frame, generation=app.open.generation))
        await settle(pilot)
        await pilot.press("ctrl+p")
        await settle(pilot)

    assert snap_compare(app, run_before=show)
