"""Packs of lessons: where they are looked for, their units, links that lead out, and two lessons with one id."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons import catalog, course
from lessons.findings import brief
from tests.lessons.writing import GRAPH, write


@pytest.fixture(autouse=True)
def no_folders_of_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(catalog.VARIABLE, raising=False)


def lesson(folder: Path, unit: str = "graphs") -> Path:
    """A lesson whose id is the folder's name."""
    return write(folder, GRAPH.replace("try-me", folder.name).replace("unit: graphs", f"unit: {unit}"))


def ids(*folders: Path) -> list[str]:
    return [entry.id for entry in catalog.entries(folders) if catalog.BUILT_IN not in entry.path.parents]


def test_a_folder_holds_lessons_and_packs_of_lessons(tmp_path: Path) -> None:
    for name in ("one", "pack/two", "pack/three", "pack/deeper/four", ".git/five"):
        lesson(tmp_path / name)
    assert ids(tmp_path) == ["one", "three", "two"]
    assert [each.name for each in catalog.lessons_in(tmp_path)] == ["one", "three", "two"]


def test_a_lesson_is_no_pack(tmp_path: Path) -> None:
    lesson(tmp_path / "one")
    lesson(tmp_path / "one" / "inside")
    assert ids(tmp_path) == ["one"]
    assert ids(tmp_path / "one") == ["one"]


def test_packs_of_the_person_lie_in_the_folder_for_data(own_state: Path) -> None:
    lesson(catalog.own_lessons() / "pack" / "mine")
    assert own_state in catalog.own_lessons().parents
    assert ids() == ["mine"]


def test_what_was_named_comes_before_what_the_person_has(tmp_path: Path) -> None:
    lesson(catalog.own_lessons() / "mine")
    named = lesson(tmp_path / "mine")
    assert catalog.find("mine", [tmp_path]) == named


# ---------------------------------------------------------------- units
UNITS = "units:\n  - {id: spring, title: {en: Spring}, lessons: [second, first]}\n"


def test_a_pack_has_units_of_its_own_after_those_of_the_course(tmp_path: Path) -> None:
    for name in ("first", "second", "third"):
        lesson(tmp_path / "pack" / name, "spring")
    (tmp_path / "pack" / "course.yaml").write_text(UNITS)
    assert ids(tmp_path) == ["second", "first", "third"]
    units = catalog.units([tmp_path])
    assert [unit.id for unit in units][-2:] == ["spring", catalog.OTHER]
    assert units[-2].titles == {"es": "Spring", "en": "Spring"}


def test_a_unit_that_is_there_gets_the_lessons_of_the_pack(tmp_path: Path) -> None:
    for name in ("aaa", "zzz"):
        lesson(tmp_path / name)
    (tmp_path / "course.yaml").write_text("units: [{id: graphs, title: {en: Mine}, lessons: [zzz, aaa]}]\n")
    graphs = next(unit for unit in catalog.units([tmp_path]) if unit.id == "graphs")
    assert graphs.titles["en"] != "Mine" and graphs.lessons[-2:] == ("zzz", "aaa")
    assert ids(tmp_path) == ["zzz", "aaa"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("units: [\n", "Y023"),
        ("lessons: []\n", "S210"),
        ("units: 3\n", "S210"),
        ("units: []\nmore: 1\n", "S210"),
        ("units: [{id: a}]\n", "S211"),
        ("units: [{id: a, title: Text}]\n", "S211"),
        ("units: [{id: a, title: {fr: Texte}}]\n", "S211"),
        ("units: [{id: a, title: {en: 3}}]\n", "S211"),
        ("units: [{id: a, title: {en: A}, lessons: [1]}]\n", "S211"),
        ("units: [{id: [], title: {en: A}}]\n", "S211"),
    ],
)
def test_a_course_that_cannot_be_understood_is_told_and_its_lessons_are_there(
    tmp_path: Path, text: str, code: str
) -> None:
    lesson(tmp_path / "one")
    (tmp_path / "course.yaml").write_text(text)
    assert [each.code for each in catalog.survey([tmp_path]).remarks] == [code]
    assert ids(tmp_path) == ["one"]


def test_a_course_file_that_leads_out_of_the_pack_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(UNITS)
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "course.yaml").symlink_to(tmp_path / "secret.yaml")
    units, findings = course.read(tmp_path / "pack")
    assert (units, [each.code for each in findings]) == ([], ["Y004"])


def test_the_courses_that_come_along_are_understood() -> None:
    assert course.read(catalog.BUILT_IN)[1] == []


# ---------------------------------------------------------------- links
@pytest.mark.parametrize("place", ["link", "pack/link"])
def test_a_link_that_leads_out_is_left_out_and_told(tmp_path: Path, place: str) -> None:
    lesson(tmp_path / "lessons" / "pack" / "one")
    secret = lesson(tmp_path / "elsewhere" / "secret")
    (tmp_path / "lessons" / place).symlink_to(secret)
    survey = catalog.survey([tmp_path / "lessons"])
    assert ids(tmp_path / "lessons") == ["one"]
    assert [each.code for each in survey.remarks] == ["Y006"]
    for language in ("es", "en"):
        assert str(tmp_path / "lessons" / place) in brief(survey.remarks[0], language)


def test_a_pack_that_is_a_link_is_left_out_and_may_be_named(tmp_path: Path) -> None:
    lesson(tmp_path / "elsewhere" / "pack" / "one")
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "link").symlink_to(tmp_path / "elsewhere" / "pack")
    assert ids(tmp_path / "lessons") == []
    assert ids(tmp_path / "lessons" / "link") == ["one"]


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    lesson(tmp_path / "pack" / "one")
    (tmp_path / "here").symlink_to(tmp_path / "pack" / "one")
    survey = catalog.survey([tmp_path])
    assert ids(tmp_path) == ["one"] and survey.remarks == ()


def test_links_in_a_circle_are_survived(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to(tmp_path / "round")
    (tmp_path / "itself").symlink_to(tmp_path)
    lesson(tmp_path / "one")
    assert ids(tmp_path) == ["one"]


# ---------------------------------------------------------------- one id for two lessons
@pytest.mark.parametrize("language", ["es", "en"])
def test_two_lessons_with_one_id_are_both_named_and_the_first_is_opened(tmp_path: Path, language: str) -> None:
    first, second = lesson(tmp_path / "a" / "same"), lesson(tmp_path / "b" / "same")
    survey = catalog.survey([tmp_path])
    (remark,) = survey.remarks
    assert (remark.code, remark.line, remark.severity) == ("S212", 2, "warning")
    said = brief(remark, language)
    assert said.startswith(f"{second / 'lesson.yaml'}:2:") and f"{first}" in said
    assert catalog.find("same", [tmp_path]) == first


def test_the_same_folder_twice_on_the_path_is_one_lesson(tmp_path: Path) -> None:
    lesson(tmp_path / "one")
    assert catalog.survey([tmp_path, tmp_path, tmp_path / "one"]).remarks == ()
