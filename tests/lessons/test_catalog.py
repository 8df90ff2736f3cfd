"""Finding lessons: where is searched first, what a list shows, and what an unknown name is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lessons import catalog
from lessons.words import Refused
from tests.lessons.writing import GRAPH, NET, write

COURSE = [name for unit in catalog.units() for name in unit.lessons]


@pytest.fixture(autouse=True)
def no_folders_of_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(catalog.VARIABLE, raising=False)


def test_the_built_in_lessons_are_listed_in_the_order_of_the_course() -> None:
    assert [entry.id for entry in catalog.entries()] == COURSE


def test_an_entry_has_what_a_list_shows() -> None:
    entry = next(each for each in catalog.entries() if each.id == "descent")
    assert (entry.unit, entry.languages, entry.error) == ("derivatives", ("es", "en"), None)
    assert set(entry.titles) == {"es", "en"}
    assert entry.title("es") != entry.title("en")
    assert entry.minutes


def test_named_folders_come_before_those_of_the_environment_and_those_before_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("named", "environment", "other"):
        write(tmp_path / place / "try-me", GRAPH)
    write(tmp_path / "environment" / "mine", GRAPH.replace("try-me", "xor"))
    monkeypatch.setenv(
        catalog.VARIABLE, os.pathsep.join(str(tmp_path / each) for each in ("environment", "other", "no"))
    )
    assert catalog.find("try-me", [tmp_path / "named"]) == tmp_path / "named" / "try-me"
    assert catalog.find("try-me") == tmp_path / "environment" / "try-me"
    assert catalog.find("xor") == tmp_path / "environment" / "mine"
    assert catalog.find("graph-j") == catalog.BUILT_IN / "graph-j"


def test_a_named_folder_may_be_a_lesson_itself(tmp_path: Path) -> None:
    write(tmp_path / "lesson", GRAPH)
    assert catalog.find("try-me", [tmp_path / "lesson"]) == tmp_path / "lesson"


def test_a_lesson_is_found_by_its_folder_and_by_its_file(tmp_path: Path) -> None:
    folder = write(tmp_path / "somewhere", GRAPH)
    assert catalog.find(str(folder)) == folder
    assert catalog.find(str(folder / "lesson.yaml")) == folder / "lesson.yaml"


@pytest.mark.parametrize("name", ["nothing-like-it", "no/such/folder", "\0", "x" * 5000, "~nobody-here/x", ""])
def test_an_unknown_lesson_is_refused_in_a_sentence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused):
        catalog.find(name)


def test_a_misspelt_lesson_is_told_the_nearest_one() -> None:
    with pytest.raises(Refused) as refused:
        catalog.find("grap-j")
    assert refused.value.sentence.values["near"] == "graph-j"


def test_a_named_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        catalog.entries([tmp_path / "no"])


def test_a_broken_lesson_is_listed_with_its_error(tmp_path: Path) -> None:
    write(tmp_path / "broken", "id: [\n")
    write(tmp_path / "good", NET)
    (tmp_path / "binary").mkdir()
    (tmp_path / "binary" / "lesson.yaml").write_bytes(b"\xff\xfe\x00")
    listed = {entry.id: entry for entry in catalog.entries([tmp_path])}
    assert set(listed) == {"broken", "binary", "try-net", *COURSE}
    assert [name for name, entry in listed.items() if entry.error] == ["binary", "broken"]


def test_lessons_of_no_known_unit_come_last(tmp_path: Path) -> None:
    write(tmp_path / "net", NET.replace("id: try-net", "id: aaa\nunit: mine"))
    assert [entry.id for entry in catalog.entries([tmp_path])] == [*COURSE, "aaa"]


def test_every_unit_has_a_title_in_both_languages_and_lists_lessons_that_exist() -> None:
    known = {entry.id: entry for entry in catalog.entries()}
    for unit in catalog.units():
        assert set(unit.titles) == {"es", "en"}
        assert [known[name].unit for name in unit.lessons] == [unit.id] * len(unit.lessons)
