"""`dltutor new`, `schema` and `lessons` for people who write lessons: what is written, printed and refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.words import LANGUAGES
from lessons.json_schema import json_schema
from lessons.loader import load
from tests.tui.conftest import settle
from tests.tui.test_cli import run  # noqa: F401


@pytest.mark.parametrize("language", LANGUAGES)
def test_new_writes_a_lesson_that_passes_and_says_how_to_go_on(run, tmp_path: Path, language):  # noqa: F811
    folder = tmp_path / "my lesson"
    status, out, err = run("new", str(folder), "--lang", language)
    assert (status, err) == (0, "")
    assert f"dltutor preview '{folder}'" in out and f"dltutor check '{folder}'" in out
    assert [each.name for each in sorted(folder.iterdir())] == ["en.md", "es.md", "lesson.yaml"]
    assert load(folder).findings == ()
    assert run("check", str(folder), "--strict")[0] == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_new_writes_nothing_over(run, lessons, language):  # noqa: F811
    before = (lessons / "little-net" / "lesson.yaml").read_text("utf-8")
    for place in (lessons / "little-net", lessons / "little-net" / "lesson.yaml"):
        status, out, err = run("new", str(place), "--lang", language)
        assert (status, out, len(err.splitlines())) == (2, "", 1) and str(place) in err
    assert (lessons / "little-net" / "lesson.yaml").read_text("utf-8") == before


def test_new_without_a_folder_is_told_what_is_missing(run):  # noqa: F811
    status, _, err = run("new", "--lang", "en")
    assert status == 2 and "dltutor new DIR" in err


def test_the_schema_is_printed_or_written(run, tmp_path: Path):  # noqa: F811
    file = tmp_path / "lesson.schema.json"
    assert json.loads(run("schema")[1]) == json_schema()
    assert run("schema", "-o", str(file))[0] == 0
    assert json.loads(file.read_text("utf-8")) == json_schema()
    status, _, err = run("schema", "-o", str(file), "--lang", "en")
    assert status == 2 and "--force" in err
    assert run("schema", "-o", str(file), "--force")[0] == 0


def test_preview_needs_a_terminal_and_a_lesson(run, tmp_path: Path):  # noqa: F811
    status, _, err = run("preview", "broken", "--lang", "en")
    assert status == 2 and "terminal" in err
    assert run("preview", str(tmp_path / "nothing"))[0] == 2
    assert run("preview")[0] == 2


def test_two_lessons_with_one_id_are_told_beside_the_list(run, lessons, tmp_path: Path):  # noqa: F811
    for language in LANGUAGES:
        status, out, err = run("lessons", "--lesson-dir", str(lessons / "little-net"), "--lang", language)
        assert (status, err) == (0, "")  # the same folder by another way
    other = tmp_path / "other" / "net"
    other.mkdir(parents=True)
    for each in (lessons / "little-net").iterdir():
        (other / each.name).write_bytes(each.read_bytes())
    status, out, err = run("lessons", "--lesson-dir", str(other.parent))
    assert status == 0 and out.count("little-net") == 1
    assert str(other) in err and str(lessons / "little-net") in err


async def test_the_map_says_which_of_two_lessons_is_opened(fake, lessons):
    other = lessons / "pack" / "net"
    other.mkdir(parents=True)
    for each in (lessons / "little-net").iterdir():
        (other / each.name).write_bytes(each.read_bytes())
    stage = fake()
    async with stage.app.run_test(size=(200, 40)) as pilot:
        await settle(pilot)
        said = stage.line("about").replace("\n", "")
        assert str(other) in said and str(lessons / "little-net") in said
