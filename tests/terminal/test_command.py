"""The installed command without a screen: trace, lessons, and what it says to every kind of bad input."""

from __future__ import annotations

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.words import LANGUAGES
from lessons.catalog import entries
from tests.terminal.terminal import environment
from tests.terminal.tutor import PATIENCE, command, tutor

pytestmark = pytest.mark.terminal

NO_GPU = {"CUDA_VISIBLE_DEVICES": ""}
BAD_LESSONS = {  # what is wrong -> lesson, what is replaced in its lesson.yaml, by what
    "broken YAML": ("graph-j", "steps:", "steps: ["),
    "unknown key": ("graph-j", "format: 1", "format: 1\ncolour: red"),
    "wrong shape": ("xor", "  epochs: 100", "  epochs: 100\n  params: {linear1.bias: [0, 0, 0]}"),
    "expression that is not allowed": ("graph-j", "h: 2 * b", "h: b.__class__"),
}
BAD_WORDS = {
    "unknown lesson": ["no-such-lesson"],
    "no terminal": ["graph-j"],
    "no terminal for the map": [],
    "absent CUDA": ["trace", "graph-j", "--device", "cuda"],
}


def spoil(wrong: str, folder: Path) -> Path:
    """A copy of a lesson with one thing wrong in it."""
    name, before, after = BAD_LESSONS[wrong]
    source = next(entry.path for entry in entries() if entry.id == name)
    shutil.copytree(source, folder / name)
    text = (folder / name / "lesson.yaml").read_text(encoding="utf-8")
    assert before in text
    (folder / name / "lesson.yaml").write_text(text.replace(before, after, 1), encoding="utf-8")
    return folder / name


def in_every_language(home: Path, *arguments: str) -> list[str]:
    """What the command says on stderr in each language; it must refuse, in words, and print nothing else."""

    def refused(language: str) -> str:
        done = command("--lang", language, *arguments, home=home, **NO_GPU)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert done.stderr.startswith("dltutor: ") and "Traceback" not in done.stderr
        return done.stderr

    with ThreadPoolExecutor() as pool:
        said = list(pool.map(refused, LANGUAGES))
    assert len(set(said)) == len(LANGUAGES), "each language has words of its own"
    return said


# ---------------------------------------------------------------- bad input
@pytest.mark.parametrize("wrong", BAD_WORDS)
def test_what_cannot_be_done_is_one_sentence_in_both_languages(wrong: str, tmp_path: Path) -> None:
    for said in in_every_language(tmp_path, *BAD_WORDS[wrong]):
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize("wrong", BAD_LESSONS)
def test_what_is_wrong_in_a_lesson_is_said_with_its_place_in_both_languages(wrong: str, tmp_path: Path) -> None:
    path = spoil(wrong, tmp_path)
    for said in in_every_language(tmp_path, str(path)):
        assert f"{path / 'lesson.yaml'}:" in said


def test_a_screen_on_a_device_that_is_absent_closes_and_says_so() -> None:
    with tutor("graph-j", "--device", "cuda", env=NO_GPU) as t:
        assert t.wait_exit() == 2
        assert t.screen.main is None and t.text().strip().startswith("dltutor: ") and "`cuda`" in t.text()


# ---------------------------------------------------------------- trace and lessons
def test_trace_prints_what_real_torch_computes_there_and_back(tmp_path: Path) -> None:
    done = command("trace", "graph-j", "--by", "op", "--json", home=tmp_path)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    a, b, c = 3.0, 1.0, -2.0
    g = a + 2 * b
    assert (done.returncode, done.stderr) == (0, "")
    assert [(record["phase"], record["op"]) for record in records] == [
        *(("forward", op) for op in "hgJ"),
        *(("backward", op) for op in "Jgh"),
    ]
    values = {name: tensor["value"] for name, tensor in records[-1]["tensors"].items()}
    grads = {name: tensor["grad"] for name, tensor in records[-1]["tensors"].items()}
    assert values == {"a": a, "b": b, "c": c, "h": 2 * b, "g": g, "J": g * c}
    assert grads == {"a": c, "b": 2 * c, "c": g, "h": c, "g": c, "J": 1.0}


def test_a_pipe_that_closes_early_is_no_error(tmp_path: Path) -> None:
    line = "dltutor trace xor --by iteration --count 100000 --json | head -1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=environment(str(tmp_path), {}),
                          timeout=PATIENCE)  # fmt: skip
    assert (done.stderr, len(done.stdout.splitlines())) == ("", 1)
    assert json.loads(done.stdout)["iteration"] == 0


def test_lessons_are_listed_for_people_and_for_programs(tmp_path: Path) -> None:
    text, lines = (command("lessons", *json_or_not, home=tmp_path) for json_or_not in ([], ["--json"]))
    listed = [json.loads(line) for line in lines.stdout.splitlines()]
    assert (text.returncode, lines.returncode) == (0, 0)
    assert [each["id"] for each in listed] == [line.split()[0] for line in text.stdout.splitlines()]
    assert [each["id"] for each in listed] == [entry.id for entry in entries()]
    assert {"id", "title", "unit", "languages", "progress"} <= listed[0].keys()
