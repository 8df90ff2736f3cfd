"""The lesson that `dltutor new` writes: three files that load and can be gone through, and nothing written over."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.words import LANGUAGES
from lessons import starter
from lessons.loader import load
from lessons.rehearsal import rehearse
from lessons.words import Refused


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_passes_without_a_finding(tmp_path: Path, language: str) -> None:
    folder = tmp_path / "deep" / "my-first"
    files = starter.write(folder, language)
    assert sorted(files) == sorted(folder.iterdir()) and len(files) == 3
    loaded = load(folder)
    assert loaded.findings == () and loaded.lesson is not None and loaded.lesson.id == "my-first"
    assert rehearse(loaded) == []


def test_its_comments_are_in_the_language_and_its_data_are_not(tmp_path: Path) -> None:
    texts = [starter.write(tmp_path / language / "same", language)[0].read_text("utf-8") for language in LANGUAGES]
    first, second = ({**yaml.safe_load(text), "authors": []} for text in texts)
    assert first == second and texts[0] != texts[1]


def test_its_first_line_names_a_schema_beside_the_folder(tmp_path: Path) -> None:
    text = starter.write(tmp_path / "x", "en")[0].read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=../lesson.schema.json\n")


def test_every_key_of_it_that_is_not_plain_has_a_comment(tmp_path: Path) -> None:
    lesson = starter.write(tmp_path / "x", "en")[0].read_text("utf-8")
    seen: set[str] = set()
    for line in lesson.splitlines():
        key = line.strip().removeprefix("- ").partition(":")[0]
        if ":" in line and key.isidentifier() and key not in seen and key not in ("license", "authors"):
            seen.add(key)
            explained = "#" in line or key in ("id", "experiment", "ask", "kind", "p", "e")
            assert explained, line


@pytest.mark.parametrize(
    ("name", "id"),
    [("chain-rule", "chain-rule"), ("Mi lección 2", "mi-leccion-2"), ("3-xor", "xor"), ("ÑU_x", "nu-x"),
     ("日本", "my-lesson"), ("x" * 90, "x" * 60), ("a--", "a")],
)  # fmt: skip
def test_the_id_comes_from_the_name_of_the_folder(tmp_path: Path, name: str, id: str) -> None:
    assert starter.id_of(tmp_path / name) == id
    assert load(starter.write(tmp_path / name, "es")[0].parent).lesson.id == id  # type: ignore[union-attr]


def test_an_empty_folder_may_be_there_already(tmp_path: Path) -> None:
    starter.write(tmp_path, "es")
    assert load(tmp_path).errors == ()


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Refused):
        starter.write(tmp_path, "es")
    assert [each.name for each in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(Refused):
        starter.write(tmp_path / "notes.txt", "es")
