"""What is not as it should be: folders that vanish, texts that are missing, homes and disks that cannot be used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.terminal.terminal import Terminal
from tests.tui.conftest import settle
from tests.tui.test_course_map import row_of, rows
from tui.language import say
from tui.screens.course_map import CourseMap
from tui.screens.page import Page

ROOT = Path(__file__).parents[2]


def told(app) -> list[str]:
    """The notices that are on the screen."""
    return [each.message for each in app._notifications]


# ---------------------------------------------------------------- lessons that change underneath
async def test_a_lesson_that_has_gone_since_the_map_was_drawn_says_so_and_the_map_goes_on(fake, lessons):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        stage.app.screen.query_one(OptionList).highlighted = row_of(stage.app, "little-net")
        shutil.rmtree(lessons / "little-net")
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(stage.app.screen, Page)
        assert "lesson.yaml" in str(stage.app.screen.query_one("#text").render())
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(stage.app.screen, CourseMap)
        assert row_of(stage.app, "little-net") is None


async def test_a_folder_of_lessons_that_has_gone_leaves_those_that_come_along(fake, lessons):
    stage = fake("little-graph")
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        shutil.rmtree(lessons)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(stage.app.screen, CourseMap)
        assert any("XOR" in row for row in rows(stage.app))
        assert str(lessons) in told(stage.app)[0]


async def test_an_open_lesson_goes_on_when_its_folder_vanishes(local, lessons):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        shutil.rmtree(lessons)
        await pilot.press("i", "n", "l", "i")
        await settle(pilot)
        assert stage.lesson.frame.moment.iterations_done == 2
        assert stage.lesson.cursor == 1 and stage.line("status").startswith("A little lesson")


async def test_a_lesson_spoiled_underneath_is_a_page_with_what_is_wrong(fake, lessons):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        row = row_of(stage.app, "little-net")
        (lessons / "little-net" / "lesson.yaml").write_bytes(b"format: 1\nid: \xff\xfe\n")
        stage.app.screen.query_one(OptionList).highlighted = row
        await pilot.press("enter")
        await settle(pilot)
        assert "lesson.yaml:2:" in str(stage.app.screen.query_one("#text").render())


# ---------------------------------------------------------------- texts that are missing or wrong
async def test_a_lesson_that_is_not_there_in_the_language_is_shown_in_another_and_says_so(fake, lessons):
    folder = lessons / "little-net"
    (folder / "lesson.yaml").write_text((folder / "lesson.yaml").read_text().replace("[es, en]", "[es]"))
    (folder / "en.md").unlink()
    stage = fake("little-net")
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        assert told(stage.app) == []
        await pilot.press("l")
        await settle(pilot)
        assert told(stage.app) == [say("en", "notice.absent_language")]
        assert "Una lección pequeña" in stage.line("status")
        await pilot.press("l")
        await settle(pilot)
        assert told(stage.app) == []


async def test_a_lesson_whose_texts_have_mistakes_opens_and_says_so(fake, lessons):
    with (lessons / "little-net" / "es.md").open("a") as file:
        file.write("\n## Nada {#no-such-step}\nTexto.\n")
    stage = fake("little-net")
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        assert "Una lección pequeña" in stage.line("status")
        (notice,) = told(stage.app)
        assert "es.md:" in notice and "no-such-step" in notice


async def test_a_lesson_without_mistakes_has_no_notice(fake):
    stage = fake("little-net")
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        assert told(stage.app) == []


# ---------------------------------------------------------------- homes and disks
NOWHERE = {"HOME": "/proc/nowhere", "XDG_STATE_HOME": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere",
           "XDG_CONFIG_HOME": "/proc/nowhere", "TMPDIR": "/proc/nowhere"}  # fmt: skip

HOMELESS = {"HOME": None, "XDG_STATE_HOME": "/proc/nowhere"}


@pytest.mark.terminal
@pytest.mark.parametrize("environment", [NOWHERE, HOMELESS], ids=["nothing can be written", "no home"])
def test_the_tutor_needs_no_place_to_write(environment):
    with Terminal([sys.executable, "-m", "tui", "--lang", "en", "graph-j"], env=environment, cwd=ROOT) as t:
        t.wait_for("This is the beginning")
        t.press("space")
        t.wait_for("h multiplies 2 by b")
        t.press("q")
        assert t.wait_exit() == 0
        assert "Traceback" not in t.text()


@pytest.mark.terminal
def test_the_tutor_opens_in_a_folder_that_is_gone(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    script = 'cd "$1" && rmdir "$1" && exec env PYTHONPATH="$2" "$3" -P -m tui --lang en graph-j'
    with Terminal(["sh", "-c", script, "sh", str(gone), str(ROOT), sys.executable]) as t:
        t.wait_for("This is the beginning")
        t.press("q")
        assert t.wait_exit() == 0


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("command", [["lessons"], ["trace", "graph-j", "--json"], ["--help"], ["doctor"]])
def test_a_full_disk_is_one_sentence(command, language):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tui", *command, "--lang", language],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == f"dltutor: {say(language, 'cli.system', reason='No space left on device')}\n"


def test_closed_streams_are_no_traceback():
    script = f'exec {sys.executable} -m tui lessons <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", script], cwd=ROOT, env=dict(os.environ), capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"", b"")
