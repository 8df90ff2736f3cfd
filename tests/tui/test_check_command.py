"""`dltutor check` and `dltutor explain`: what they print, in which format, and the exit status."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.words import LANGUAGES
from lessons.explanations import codes, explain
from tests.lessons.writing import GRAPH, write
from tui import cli

GOOD = GRAPH.replace("    until: g\n", "    until: g\n    panes: [graph]\n")
WARNED = GRAPH  # its second step asks for no pane
WRONG = GOOD.replace("minutes: 5", "minuts: 5")


def told(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    """The exit status, and what was printed."""
    status = cli.main(["--lang", "en", *map(str, argv)])
    out, err = capsys.readouterr()
    return status, out, err


def read_only(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    return told(capsys, "check", "--no-run", *argv)


def test_a_clean_lesson_ends_with_status_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert read_only(capsys, write(tmp_path, GOOD)) == (0, "lessons: 1 · errors: 0 · warnings: 0\n", "")


def test_warnings_count_where_it_is_strict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, WARNED)
    assert read_only(capsys, tmp_path)[0] == 0
    status, out, _ = read_only(capsys, "--strict", tmp_path / "lesson.yaml")
    assert status == 1 and "warning[L120]" in out


def test_errors_end_with_status_1_and_all_lessons_of_a_folder_are_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "a", WRONG)
    write(tmp_path / "b", WRONG.replace("until: g", "until: gg").replace("id: try-me", "id: other"))
    status, out, _ = read_only(capsys, tmp_path)
    assert status == 1
    assert re.findall(r"error\[(\w+)\]", out) == ["S101", "S101"]  # what stands in a file that is none is not looked at
    assert "lessons: 2 · errors: 2" in out


@pytest.mark.parametrize("word", ["no/such/place", "x" * 5000, ""])
def test_what_is_not_there_cannot_be_checked(capsys: pytest.CaptureFixture[str], word: str) -> None:
    assert read_only(capsys, word)[0] == 2


def test_a_folder_without_lessons_cannot_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = read_only(capsys, tmp_path)
    assert (status, out) == (2, "") and "lesson.yaml" in err


def test_a_lesson_can_be_named_by_its_id_and_is_checked_once(capsys: pytest.CaptureFixture[str]) -> None:
    from lessons.catalog import BUILT_IN

    status, out, _ = read_only(capsys, "xor", BUILT_IN / "xor", BUILT_IN / "xor" / "lesson.yaml")
    assert status == 0 and "lessons: 1 " in out


def test_without_words_the_lessons_that_come_along_are_checked_and_those_of_lesson_dir(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "mine", WRONG)
    status, out, _ = read_only(capsys, "--lesson-dir", tmp_path)
    assert status == 1 and str(tmp_path / "mine" / "lesson.yaml") in out


def test_two_lessons_with_one_id_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, GOOD)
    _, out, _ = read_only(capsys, tmp_path)
    assert out.count("warning[S212]") == 1 and f"{tmp_path}/b/lesson.yaml:2:5" in out


# ---------------------------------------------------------------- formats
def test_json_is_one_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = read_only(capsys, "--format", "json", write(tmp_path, WRONG))
    (line,) = out.splitlines()
    found = json.loads(line)
    assert status == 1 and "errors: 1" in err
    assert {name: found[name] for name in ("file", "line", "column", "end", "code", "severity", "lesson")} == {
        "file": str(tmp_path / "lesson.yaml"), "line": 4, "column": 1, "end": 7, "code": "S101", "severity": "error",
        "lesson": str(tmp_path),
    }  # fmt: skip
    assert "minuts" in found["message"] and "minutes" in found["hint"]


def test_github_is_a_workflow_command_with_its_characters_escaped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path / "50%, a:b", WRONG)
    _, out, _ = read_only(capsys, "--format", "github", folder)
    (line,) = out.splitlines()
    name = str(folder / "lesson.yaml").replace("50%, a:b", "50%25%2C a%3Ab")
    assert line.startswith(f"::error file={name},line=4,col=1,endColumn=6,title=S101::")
    assert "%0A" in line


def test_a_check_that_runs_finds_what_reading_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lesson = write(tmp_path, GOOD.replace("swapped: value(h)", "swapped: value(g)"))
    assert read_only(capsys, lesson)[0] == 0
    status, out, _ = told(capsys, "check", lesson)
    assert status == 1 and "error[E520]" in out


def test_checking_imports_no_torch_in_its_own_process(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    program = (
        f"import sys; from tui import cli; status = cli.main(['check', {str(tmp_path)!r}]); "
        "print(status, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 False"


# ---------------------------------------------------------------- explain
@pytest.mark.parametrize("code", codes())
def test_every_code_is_explained_in_every_language(code: str) -> None:
    spanish, english = (explain(code, language) for language in LANGUAGES)
    for found in (spanish, english):
        assert found.example and found.meaning.endswith(".") and found.mending.endswith(".")
        assert 10 < len(found.meaning) < 250 and 4 < len(found.mending) < 250
    assert spanish.meaning != english.meaning and spanish.mending != english.mending


def test_no_explanation_is_left_of_a_code_that_there_is_not() -> None:
    from lessons.explanations import EXAMPLES, _read

    assert {name: set(_read(name)) - set(codes()) for name in (*LANGUAGES, EXAMPLES)} == {
        name: set() for name in (*LANGUAGES, EXAMPLES)
    }


def test_a_code_is_explained_however_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = told(capsys, "explain", "e109")
    assert status == 0 and out.startswith("E109: ") and "    g: a + hh" in out
    assert told(capsys, "explain", "E109")[1] == out


def test_a_code_that_there_is_not_is_refused_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = told(capsys, "explain", "E10")
    assert (status, out) == (2, "") and "`E10" in err
    assert told(capsys, "explain", "E109", "E110")[0] == 2


def test_without_a_code_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "explain")
    assert [line.split()[0] for line in out.splitlines()] == codes()
    assert max(map(len, out.splitlines())) < 130
