"""No lesson, however made, raises, hangs, runs something, leaves its folder or writes an escape sequence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lessons.checking import examine
from lessons.prose import Prose
from tests.lessons.fuzzing import Broken, Watch, fuzz, survives
from tests.lessons.writing import GRAPH, NET, PROSE, write

CSV = "{kind: table, x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0]}"
ESCAPE = "\x1b[2J"
BOMB = "a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: &d [*c, *c, *c, *c]\ne: [*d, *d, *d, *d]\n"


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


def test_lessons_changed_at_random_load_or_say_what_is_wrong(tmp_path: Path, watch: Watch) -> None:
    loaded = fuzz(300, 1, tmp_path, watch)
    assert 10 < loaded < 290  # both happen


def test_what_a_lesson_may_not_do_is_noticed(tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the test above could not fail."""
    from tests.lessons import fuzzing

    (tmp_path / "secret").write_text("x")
    write(tmp_path / "lesson")
    deeds = {
        "subprocess": lambda: subprocess.run(["true"], check=True),
        "open": lambda: (tmp_path / "secret").read_text(),
        "os.system": lambda: os.system("true"),
    }
    for word, deed in deeds.items():
        monkeypatch.setattr(fuzzing, "examine", lambda folder, run, deed=deed: [deed()])
        with pytest.raises(Broken, match=word):
            survives(tmp_path / "lesson", watch)


@pytest.mark.parametrize(
    "body",
    [
        BOMB, "[" * 200_000, "{a: " * 50_000, "- " * 100_000, "a: " + "9" * 200_000, "a: " + "-" * 200_000,
        "? " * 50_000, "a: |\n" + " x\n" * 60_000, "'" * 200_000, "x: " + "[1, 2]," * 30_000, GRAPH + "\n" * 200_000,
        GRAPH.replace("2 * b", "'" + "-" * 390 + "b'"), GRAPH.replace("2 * b", "'" + "(" * 199 + "b" + ")" * 199 + "'"),
        GRAPH.replace("2 * b", "b" + " ** 9" * 90), GRAPH.replace("c: -2", "c: 1.7976931348623157e+308"),
        GRAPH.replace("a: 3", "a: " + "[" * 11 + "1" + "]" * 11), NET.replace("out: 3", "out: 4096"),
        NET.replace(CSV, "{kind: blobs, n: 1000000, seed: 9007199254740991}"),
    ],
    ids=lambda body: body[:12].strip(),
)  # fmt: skip
def test_bombs_are_refused_or_read_in_two_seconds(tmp_path: Path, watch: Watch, body: str) -> None:
    write(tmp_path, body)
    survives(tmp_path, watch)


@pytest.mark.parametrize("name", ["lesson.yaml", "es.md", "houses.csv"])
@pytest.mark.parametrize("kind", ["pipe", "device", "link", "folder"])
def test_what_is_no_plain_file_in_the_folder_is_refused_without_waiting(
    tmp_path: Path, watch: Watch, name: str, kind: str
) -> None:
    folder = write(tmp_path / "lesson", NET.replace(CSV, "{kind: csv, file: houses.csv, target: price}"))
    (folder / name).unlink(missing_ok=True)
    (tmp_path / "secret").write_text("price,b\n1,2\n")
    make = {
        "pipe": os.mkfifo,
        "device": lambda path: path.symlink_to("/dev/zero"),
        "link": lambda path: path.symlink_to(tmp_path / "secret"),
        "folder": Path.mkdir,
    }
    make[kind](folder / name)
    assert not survives(folder, watch)
    assert {each.code for each in examine(folder, run=False)} & {"Y003", "Y004"}


# ---------------------------------------------------------------- what a terminal would obey
@pytest.mark.parametrize("escape", [ESCAPE, "\x9b2J", "\u202e", "\x07", "\x85"])
@pytest.mark.parametrize(
    "good", ["Un título", "Una entrada", "Primero", "El uno", "Una suma.", "Ese es h.", "¿Cuánto vale g?", "Vale"]
)
def test_an_escape_sequence_in_any_text_of_the_prose_is_refused(tmp_path: Path, good: str, escape: str) -> None:
    assert good in PROSE
    write(tmp_path, es=PROSE.replace(good, good + escape, 1))
    found = examine(tmp_path, run=False)
    assert "Y012" in {each.code for each in found if each.file.endswith("es.md")}


@pytest.mark.parametrize("escape", ["\\e[2J", "\\x9b2J", "\\u202e", "\\a", "\\N"])
@pytest.mark.parametrize("good", ["id: try-me", "unit: graphs", "license: CC-BY-4.0", "- id: first", "{id: ask-g"])
def test_an_escape_sequence_that_yaml_makes_is_refused(tmp_path: Path, watch: Watch, good: str, escape: str) -> None:
    key, _, value = good.partition(": ")
    write(tmp_path, GRAPH.replace(good, f'{key}: "{value}{escape}"', 1))
    assert not survives(tmp_path, watch)


def test_a_folder_whose_name_is_an_escape_sequence_is_shown_without_it(tmp_path: Path, watch: Watch) -> None:
    folder = write(tmp_path / f"a{ESCAPE}b", GRAPH.replace("minutes: 5", "minutes: five"))
    assert not survives(folder, watch)


def test_the_text_of_a_lesson_with_errors_is_not_kept(tmp_path: Path) -> None:
    from lessons.loader import load

    loaded = load(write(tmp_path, es=PROSE + ESCAPE))
    assert isinstance(loaded.prose.get("en"), Prose) and "es" not in loaded.prose
