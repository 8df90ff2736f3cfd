"""The course map: marks, minutes, advice, search and going on, in a small window and with a long list."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from lessons.catalog import Entry
from tests.tui.conftest import NET, PROSE, settle
from tests.tui.test_course_map import row_of, rows
from tui.course_list import Course, options
from tui.language import say
from tui.opening import open_lesson
from tui.progress import store
from tui.progress.outline import outline
from tui.progress.records import Left, Record, Visit
from tui.progress.standing import Standing
from tui.screens.lesson import LessonScreen

SIZES = [(80, 24), (120, 40)]
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


def keep(lessons: Path, name: str, *steps: str, left: Left | None = None) -> None:
    opening = open_lesson(lessons / name)
    assert opening.lesson is not None
    now = outline(opening.lesson, opening.prose, lessons / name, 1.0)
    store.keep(Record(name, left=left, outline=now, steps={step: (Visit(1.0),) for step in steps}))


def add(lessons: Path, name: str, title: str, **head: object) -> None:
    (lessons / name).mkdir()
    lines = "".join(f"{key}: {value}\n" for key, value in head.items())
    text = NET.replace("id: little-net", f"id: {name}").replace("unit: nets\n", f"unit: nets\n{lines}")
    (lessons / name / "lesson.yaml").write_text(text, "utf-8")
    for language, prose in PROSE.items():
        told = prose.replace(prose.split("\n")[0], f"# {title} {language}")
        (lessons / name / f"{language}.md").write_text(told, "utf-8")


def row(stage, name: str) -> str:
    number = row_of(stage.app, name)
    assert number is not None
    return rows(stage.app)[number]


def about(stage) -> str:
    return str(stage.app.screen.query_one("#about", Static).render())


async def choose(stage, pilot, name: str) -> None:
    stage.app.screen.query_one(OptionList).highlighted = row_of(stage.app, name)
    await settle(pilot)


@sizes
async def test_marks_and_minutes_tell_new_started_and_done(fake, lessons, size):
    keep(lessons, "little-graph", "look", "back")
    keep(lessons, "little-net", "look", left=Left(5.0, "look", 3))
    stage = fake()
    async with stage.app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "● Una lección" in row(stage, "little-graph") and "min" not in row(stage, "little-graph")
        assert "◐ Una lección" in row(stage, "little-net") and "1/2" in row(stage, "little-net")
        assert "8 min" in row(stage, "little-net")  # half of 15
        assert max(map(len, rows(stage.app))) <= size[0] - 2
        await choose(stage, pilot, "little-net")
        assert say("es", "map.stands.started", done=1, steps=2) in about(stage)


@sizes
async def test_the_first_row_and_c_lead_back_to_where_the_learner_was(fake, lessons, size):
    keep(lessons, "little-net", "look", left=Left(5.0, "back", 3))
    stage = fake()
    async with stage.app.run_test(size=size) as pilot:
        await settle(pilot)
        assert rows(stage.app)[0] == " ▸ Continuar: Una lección pequeña · Volver · iteración 3"
        assert stage.app.screen.query_one(OptionList).highlighted == 0
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(stage.app.screen, LessonScreen) and stage.app.screen.path.name == "little-net"
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("down", "c")
        await settle(pilot)
        assert isinstance(stage.app.screen, LessonScreen)


async def test_with_nothing_to_go_on_with_c_says_so(fake):
    stage = fake()
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert [each.message for each in stage.app._notifications] == [say("es", "reason.nothing_left")]


async def test_prerequisites_are_advice_and_no_lock(fake, lessons):
    add(lessons, "later", "Después", after="[little-net, little-graph, not-here]")
    keep(lessons, "little-graph", "look", "back")
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await choose(stage, pilot, "later")
        assert "Mejor después de: ○ Una lección pequeña, ● Una lección pequeña, ○ not-here" in about(stage)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(stage.app.screen, LessonScreen)


async def test_the_lesson_that_is_recommended_is_marked_and_chosen(fake):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        marked = [line for line in rows(stage.app) if line.startswith("→")]
        options = stage.app.screen.query_one(OptionList)
        assert len(marked) == 1 and str(options.highlighted_option.prompt) == marked[0]


async def test_an_edited_lesson_is_marked_as_changed(fake, lessons):
    from tests.tui.progress.test_in_lessons import ASKING
    from tests.tui.progress.test_in_lessons import PROSE as ASKING_PROSE
    from tui.progress.records import Kept

    (lessons / "asking").mkdir()
    (lessons / "asking" / "lesson.yaml").write_text(ASKING, "utf-8")
    for language, text in ASKING_PROSE.items():
        (lessons / "asking" / f"{language}.md").write_text(text, "utf-8")
    keep(lessons, "asking", "read", "values", "end")
    digests = store.load("asking").outline.digests
    store.keep(Record("asking", exercises={name: Kept(1.0, each, solved=True) for name, each in digests.items()}))
    (lessons / "asking" / "lesson.yaml").write_text(ASKING.replace("expect: g}", "expect: g + 1}"), "utf-8")
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        assert "✎ Preguntas" in row(stage, "asking")
        await choose(stage, pilot, "asking")
        assert say("es", "map.stands.changed", count=1) in about(stage)


@sizes
@pytest.mark.parametrize("typed", ["arbol", "ÁRBOL", "arboles en", "trees"])
async def test_a_search_finds_titles_names_and_units_in_both_languages(fake, lessons, size, typed):
    add(lessons, "trees", "Árboles")
    stage = fake()
    async with stage.app.run_test(size=size) as pilot:
        await settle(pilot)
        every = rows(stage.app)
        await pilot.press("slash")
        stage.app.screen.query_one(Input).value = typed
        await settle(pilot)
        assert [Path(option.id).name for option in stage.app.screen.query_one(OptionList).options if option.id] == [
            "trees"
        ]
        await pilot.press("escape")
        await settle(pilot)
        assert rows(stage.app) == every and not stage.app.screen.query_one(Input).display
        assert stage.app.screen.query_one(OptionList).has_focus


async def test_enter_in_a_search_opens_and_arrows_choose(fake, lessons):
    add(lessons, "trees", "Árboles")
    add(lessons, "trees-two", "Más árboles")
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("slash", *"arboles", "down")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(stage.app.screen, LessonScreen) and stage.app.screen.path.name == "trees-two"


async def test_a_search_in_vain_says_so(fake):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("slash", *"zzz")
        await settle(pilot)
        assert rows(stage.app) == [say("es", "map.nothing")]
        await pilot.press("enter")
        await settle(pilot)
        assert stage.app.screen.query_one(Input).value == "zzz"


async def test_home_end_and_pages_move_in_a_long_list(fake, lessons):
    for number in range(40):
        add(lessons, f"more-{number:02d}", f"Lección {number}")
    stage = fake()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        options = stage.app.screen.query_one(OptionList)
        await pilot.press("end")
        assert options.highlighted == len(options.options) - 1
        await pilot.press("home")
        assert options.highlighted_option.id is not None and not options.options[options.highlighted].disabled
        first = options.highlighted
        await pilot.press("pagedown")
        assert options.highlighted - first > 8
        await pilot.press("pageup")
        assert options.highlighted <= first + 1


def test_two_hundred_lessons_are_filtered_and_drawn_at_once() -> None:
    entries = tuple(
        Entry(f"l{n}", Path(f"/l{n}"), {"es": f"Lección número {n}", "en": f"Lesson {n}"}, f"u{n // 20}", 12, ("es",))
        for n in range(200)
    )
    course = Course(entries, {}, {each.id: Standing(n % 5, 5, n % 3 > 0) for n, each in enumerate(entries)})
    began = time.perf_counter()
    assert len([each for each in options(course, "es", 80, "numero 19") if each.id]) == 12  # 19, 119, 190 to 199
    assert len([each for each in options(course, "es", 80) if each.id]) == 200
    assert time.perf_counter() - began < 0.5


async def test_lessons_whose_units_the_course_does_not_list_stand_under_one_heading(fake, lessons):
    for number, unit in enumerate(("alpha", "omega", "alpha")):
        add(lessons, f"more-{number}", f"Otra {number}")
        file = lessons / f"more-{number}" / "lesson.yaml"
        file.write_text(file.read_text("utf-8").replace("unit: nets", f"unit: {unit}"), "utf-8")
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        headings = [line.split("   ")[0] for line in rows(stage.app) if line and line[0] not in " →"]
        assert len(headings) == len(set(headings)) and "Más lecciones" in headings
