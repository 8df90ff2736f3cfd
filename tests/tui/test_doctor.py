"""`dltutor doctor`: each line is right about this machine or about one that is made up, and says what to do."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from engine import examine
from engine.words import LANGUAGES
from tests.terminal.terminal import Terminal
from tui import doctor
from tui.doctor import Finding, Surroundings
from tui.language import CATALOGUE, say

ROOT = Path(__file__).parents[2]
GOOD = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "es_ES.UTF-8"}
TORCH = {"version": "2.6.0", "seconds": 1.25, "threads": 4, "devices": []}
CARD = {"device": "cuda:0", "name": "NVIDIA H200", "free": 100 << 30, "total": 140 << 30}


class Tty:
    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return -1  # of no terminal


class Pipe(Tty):
    def isatty(self) -> bool:
        return False


def surroundings(environ: dict[str, str] = GOOD, torch: dict[str, Any] = TORCH, **changes: Any) -> Surroundings:
    given = {"stdin": Tty(), "stdout": Tty(), "language": "en", "examine": lambda: torch} | changes
    return Surroundings(environ, **given)


@pytest.fixture(autouse=True)
def size(monkeypatch):
    """The terminal that is made up has 100 columns and 30 rows."""
    monkeypatch.setattr(os, "get_terminal_size", lambda fd: os.terminal_size((100, 30)))


def found(name: str, here: Surroundings) -> list[Finding]:
    return [each for each in doctor.findings(here) if each.name == name]


def test_where_all_is_well_every_line_is_ok(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(doctor, "NVIDIA", tmp_path / "no-card")
    monkeypatch.setattr(doctor, "_memory_bytes", lambda: (8 << 30, 16 << 30))
    states = [each.state for each in doctor.findings(surroundings())]
    assert set(states) == {"ok"} and doctor.verdict(states, "en") == say("en", "doctor.fine")


CASES = {
    "dumb": ("terminal", "problem", {"environ": GOOD | {"TERM": "dumb"}}),
    "no TERM": ("terminal", "problem", {"environ": {"LANG": "C.UTF-8"}}),
    "piped": ("terminal", "warn", {"stdout": Pipe()}),
    "16 colours": ("colours", "warn", {"environ": {"TERM": "xterm", "LANG": "C.UTF-8"}}),
    "C locale": ("unicode", "problem", {"environ": GOOD | {"LANG": "C"}}),
    "no locale": ("unicode", "warn", {"environ": {"TERM": "xterm-256color"}}),
    "no torch": ("torch", "problem", {"torch": {"missing": True}}),
    "broken torch": ("torch", "problem", {"torch": {"error": "ImportError: libcudart.so.13"}}),
    "ended torch": ("torch", "problem", {"torch": {"ended": -4}}),
    "slow torch": ("torch", "problem", {"torch": {"slow": 120.0}}),
    "no folder": ("lessons", "problem", {"folders": (Path("/no/such/folder"),)}),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_amiss_is_told_with_what_to_do(case, language):
    name, state, changes = CASES[case]
    (finding,) = found(name, surroundings(**changes, language=language))
    assert finding.state == state
    assert finding.sentence(language) and finding.what_to_do(language)
    assert finding.what_to_do(language) in doctor.text(finding, language)


def test_what_is_well_has_nothing_to_do():
    assert [each.advice for each in doctor.findings(surroundings()) if each.state == "ok" and each.advice] == []


def test_a_small_window_is_a_warning(monkeypatch):
    monkeypatch.setattr(os, "get_terminal_size", lambda fd: os.terminal_size((60, 18)))
    (finding,) = found("size", surroundings())
    assert finding.state == "warn" and "61 × 19" in finding.what_to_do("en")


def test_cards_are_listed_with_their_memory():
    cpu, card = found("device", surroundings(torch=TORCH | {"devices": [CARD]}))
    assert cpu.values["threads"] == 4
    assert card.sentence("en") == "cuda:0, NVIDIA H200, 100.0 GB of 140.0 GB free"


def test_a_card_that_torch_does_not_use_is_a_warning(monkeypatch, tmp_path):
    (tmp_path / "version").touch()
    monkeypatch.setattr(doctor, "NVIDIA", tmp_path / "version")
    assert [each.state for each in found("device", surroundings())] == ["ok", "warn"]


def test_little_memory_is_a_warning(monkeypatch):
    monkeypatch.setattr(doctor, "_memory_bytes", lambda: (100 << 20, 1 << 30))
    (finding,) = found("memory", surroundings())
    assert finding.state == "warn" and finding.values == {"free": "0.1 GB", "total": "1.0 GB"}


def test_memory_is_no_more_than_the_system_has():
    free, total = doctor._memory_bytes()
    assert 0 < free <= total <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_a_folder_for_progress_is_tried_and_left_as_it_was(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (finding,) = found("state", surroundings())
    assert finding.state == "ok" and finding.values["folder"].startswith(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_warning_with_the_reason(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file" / "state"))
    (tmp_path / "file").write_text("")
    (finding,) = found("state", surroundings())
    assert finding.state == "warn" and "Not a directory" in finding.sentence("en")


def test_a_full_disk_is_a_warning(monkeypatch):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", lambda dir: io.FileIO("/dev/full", "w"))
    (finding,) = found("state", surroundings())
    assert finding.state == "warn" and "No space left" in finding.sentence("en")


def test_lessons_that_cannot_be_read_are_named(lessons):
    (finding,) = found("lessons", surroundings(folders=(lessons,)))
    assert finding.state == "warn" and finding.values["names"] == "broken"


def test_every_sentence_of_the_doctor_is_used_and_every_check_has_a_name():
    source = Path(doctor.__file__).read_text("utf-8")
    for key in CATALOGUE.languages["en"]:
        if key.startswith(("doctor.says.", "doctor.advice.", "doctor.name.")):
            word = key.rpartition(".")[2]
            assert f'"{word}"' in source or word in ("no_term", "dumb_term"), key


# ---------------------------------------------------------------- torch, asked in its own process
def test_torch_is_asked_in_a_process_of_its_own():
    told = examine.examine()
    assert told["version"].partition("+")[0] == version("torch").partition("+")[0]
    assert told["seconds"] > 0 and told["threads"] >= 1
    code = "import sys, tui.doctor; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "False\n"


def module(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.py").write_text(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("raise ModuleNotFoundError('No module', name='torch')", {"missing": True}),
        ("raise ImportError('libc is too old')", {"error": "ImportError: libc is too old"}),
        ("import numpi", {"error": "No module named 'numpi'"}),
        ("import os, sys; sys.stderr.write('Illegal instruction'); os._exit(132)", {"error": "Illegal instruction"}),
        ("import os; os._exit(3)", {"ended": 3}),
    ],
)
def test_a_torch_that_is_missing_or_broken_is_told(monkeypatch, tmp_path, text, told):
    module(tmp_path, "torch", text)
    module(tmp_path, "sitecustomize", f"import sys; sys.path.insert(0, {str(tmp_path)!r})")
    run = subprocess.run
    monkeypatch.setattr(
        examine.subprocess, "run",
        lambda command, env, **rest: run(command, env=env | {"PYTHONPATH": f"{tmp_path}:{env['PYTHONPATH']}"}, **rest),
    )  # fmt: skip
    assert examine.examine() == told


def test_a_torch_that_never_comes_is_given_up(monkeypatch):
    def hang(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("python", timeout)

    monkeypatch.setattr(examine.subprocess, "run", hang)
    assert examine.examine(7.0) == {"slow": 7.0}


# ---------------------------------------------------------------- the command
def run(*argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **GOOD, **environ}
    return subprocess.run(
        [sys.executable, "-m", "tui", "doctor", *argv],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_prints_a_line_for_every_check_and_a_verdict(language):
    done = run("--lang", language)
    assert (done.returncode, done.stderr) == (0, "")
    for check in ("terminal", "colours", "torch", "device", "memory", "state", "lessons"):
        assert say(language, f"doctor.name.{check}") in done.stdout
    assert done.stdout.splitlines()[-1] == say(language, "doctor.usable")


def test_a_problem_is_exit_status_1_and_works_on_a_dumb_terminal():
    done = run("--lang", "en", TERM="dumb")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1] == say("en", "doctor.unusable")


def test_as_json_each_line_is_an_object():
    records = [json.loads(line) for line in run("--json", "--lang", "en").stdout.splitlines()]
    assert {record["state"] for record in records} <= {"ok", "warn", "problem"}
    by_name = {record["check"]: record for record in records}
    assert by_name["python"]["values"]["version"] == sys.version.split()[0]
    assert all(set(record) == {"check", "state", "message", "advice", "values"} for record in records)


@pytest.mark.terminal
def test_in_a_terminal_its_size_is_told():
    with Terminal([sys.executable, "-m", "tui", "doctor", "--lang", "en"], cols=97, rows=40, cwd=ROOT) as t:
        assert t.wait_exit() in (0, 1)
        assert "97 × 40" in t.text()


@pytest.mark.terminal
def test_where_there_is_no_unicode_it_is_told_in_plain_letters():
    with Terminal([sys.executable, "-m", "tui", "doctor"], cols=120, rows=40, cwd=ROOT, env={"LC_ALL": "C"}) as t:
        assert t.wait_exit() == 1
        assert "C is not UTF-8" in t.text() and "-> try `LC_ALL=C.UTF-8 dltutor`" in t.text()
        assert t.text().isascii()
