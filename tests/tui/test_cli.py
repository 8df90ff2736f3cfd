"""The command line: what it prints, and that every mistake is one clear sentence with exit status 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from engine.words import LANGUAGES
from tui import arguments
from tui.arguments import Setting, UsageError
from tui.cli import main

MISTAKES = {
    "unknown lesson": ["no-such"],
    "a command of later": ["publish"],
    "unknown lesson to trace": ["trace", "no-such"],
    "broken lesson": ["trace", "broken"],
    "unknown option": ["--colour"],
    "option without value": ["--seed"],
    "value where none belongs": ["lessons", "--json=yes"],
    "not a number": ["--seed", "seven"],
    "negative seed": ["--seed", "-1"],
    "unknown language": ["--lang", "fr"],
    "unknown device": ["--device", "tpu"],
    "no such folder": ["lessons", "--lesson-dir", "/no/such/folder"],
    "two lessons": ["little-graph", "little-net"],
    "lesson missing": ["trace"],
    "word after lessons": ["lessons", "little-net"],
    "word after doctor": ["doctor", "little-net"],
    "option of another command": ["little-net", "--count", "3"],
    "count of nothing": ["trace", "little-graph", "--count", "0"],
    "unknown unit": ["trace", "little-graph", "--by", "day"],
    "not a setting": ["trace", "little-graph", "--set", "b"],
    "no number": ["trace", "little-graph", "--set", "b=two"],
    "not finite": ["trace", "little-graph", "--set", "b=nan"],
    "edit of what is not there": ["trace", "little-graph", "--set", "zz=1"],
    "edit of another shape": ["trace", "little-graph", "--set", "b=[1,2]"],
    "no terminal": ["little-graph"],
    "no terminal for the map": [],
}


@pytest.fixture
def run(lessons, monkeypatch, capsys):
    """Runs `dltutor` with the test's lessons; (status, stdout, stderr)."""
    monkeypatch.setenv("DLTUTOR_LESSONS", str(lessons))

    def run(*argv: str) -> tuple[int, str, str]:
        status = main(argv)
        return (status, *capsys.readouterr())

    return run


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_and_exit_status_2(run, mistake, language):
    status, out, err = run("--lang", language, *MISTAKES[mistake])
    assert (status, out) == (2, "")
    assert err.startswith("dltutor: ") and "Traceback" not in err
    assert len(err.splitlines()) == 1 or mistake == "broken lesson"


def test_mistakes_are_told_in_the_chosen_language(run):
    assert "no hay ninguna lección `publish`" in run("--lang", "es", "publish")[2]
    assert "there is no lesson `publish`" in run("publish", "--lang=en")[2]


def test_what_is_wrong_in_a_lesson_is_shown_with_its_place(run):
    assert "lesson.yaml:3:" in run("trace", "broken")[2]


def test_a_near_name_is_suggested(run):
    assert "little-net?" in run("little-nett")[2]
    assert "`--every`" in run("--evry")[2]


def test_lessons_are_listed_one_to_a_line(run):
    status, out, _ = run("lessons", "--lang", "en")
    ids = [line.split()[0] for line in out.splitlines()]
    assert status == 0 and {"little-graph", "little-net", "graph-j", "xor"} <= set(ids)


def test_lessons_as_json_have_the_fields_of_the_contract(run):
    _, out, _ = run("lessons", "--json", "--lang", "en")
    found = {each["id"]: each for each in map(json.loads, out.splitlines())}
    lesson = found["little-net"]
    assert (lesson["title"], lesson["unit"], lesson["languages"]) == ("A little lesson", "nets", ["es", "en"])
    assert lesson["progress"] == "new"


def test_trace_prints_what_the_graph_comes_to(run):
    _, out, _ = run("trace", "little-graph", "--by", "op", "--json")
    records = [json.loads(line) for line in out.splitlines()]
    a, b, c = 3.0, 1.0, -2.0
    last = records[-1]["tensors"]
    assert last["J"]["value"] == (a + 2 * b) * c
    assert [last[name]["grad"] for name in "abc"] == [c, 2 * c, a + 2 * b]


def test_settings_edit_before_the_first_advance_and_options_may_stand_anywhere(run):
    _, out, _ = run(
        "--seed", "3", "trace", "--set", "b=-8", "little-graph", "--json", "--set", "a=0", "--by", "iteration"
    )
    (record,) = map(json.loads, out.splitlines())
    assert record["tensors"]["J"]["value"] == (0 + 2 * -8) * -2


def test_every_prints_each_kth_advance_and_the_last(run):
    _, out, _ = run("trace", "little-net", "--by", "iteration", "--count", "5", "--every", "2", "--json")
    assert [json.loads(line)["iteration"] for line in out.splitlines()] == [1, 3, 4]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", ["", *arguments.COMMANDS])
def test_help_names_every_option_of_the_command(run, command, language):
    status, out, _ = run(*([command] if command else []), "--help", "--lang", language)
    assert status == 0
    for option in arguments.OPTIONS:
        if not option.commands or command in option.commands or not command:
            assert option.flag in out


def test_the_version_is_printed(run):
    status, out, _ = run("--version")
    assert status == 0 and out.startswith("dltutor 0.")


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("b=-8", Setting("b", -8.0)),
        ("lr=.05", Setting("lr", 0.05)),
        ("lr=1e-3", Setting("lr", 0.001)),
        ("b=[1, 2]", Setting("b", [1.0, 2.0])),
        ("W=[[1],[2]]", Setting("W", [[1.0], [2.0]])),
        ("linear1.weight[0,1]=0.5", Setting("linear1.weight", 0.5, (0, 1))),
        ("b[-1]=2", Setting("b", 2.0, (-1,))),
    ],
)
def test_a_setting_names_a_tensor_or_one_of_its_elements(text, setting):
    assert arguments.setting(text) == setting


@pytest.mark.parametrize(
    "text", ["", "=1", "b=", "b[0=1", "b[x]=1", "b=[1,", "b=[]", "b=[true]", "b={}", "b=inf", "b=[NaN]"]
)
def test_what_is_not_a_setting_is_refused(text):
    with pytest.raises(UsageError):
        arguments.read(["trace", "x", "--set", text])


def tutor(*argv: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tui", *argv],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip


def test_a_pipe_that_closes_is_quiet(lessons):
    process = tutor(
        "trace", "little-net", "--by", "iteration", "--count", "100000", "--json", DLTUTOR_LESSONS=str(lessons)
    )
    assert json.loads(process.stdout.readline())["iteration"] == 0
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(20) != 0


def test_ctrl_c_is_quiet_and_130(lessons):
    import signal

    process = tutor("trace", "little-net", "--by", "iteration", "--count", "10000000", DLTUTOR_LESSONS=str(lessons))
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.stdout.read()
    assert (process.stderr.read(), process.wait(20)) == ("", 130)


def test_reading_the_command_line_imports_nothing_heavy():
    code = (
        "import sys, tui.cli; print([n for n in ('textual', 'torch', 'pydantic', 'numpy', 'yaml') if n in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
