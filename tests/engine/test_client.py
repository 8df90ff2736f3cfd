"""The engine's process from outside: it starts, ends with the screen whatever happens, and its own end is noticed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import messages as m
from engine.client import Client
from engine.parent import NICE
from tests.engine.conversation import PATIENT, Conversation
from tests.engine.examples import LONG

ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG and /proc")

SCREEN = """
import json, sys, threading
from engine import messages as m
from engine.client import Client
from tests.engine.examples import LONG

running = threading.Event()
def hear(report):
    if isinstance(report, m.Frame):
        client.send(m.Ack(report.seq))
        if report.running:
            running.set()

client = Client(hear, lambda status: None)
client.start()
client.send(m.Open(json.dumps(LONG).encode()))
client.send(m.Run(True))
assert running.wait(30)
print(client.pid, flush=True)
sys.stdin.readline()
"""
HOLDS_THE_GIL = """
import os
from engine.parent import die_with_parent
die_with_parent()
print(os.getpid(), flush=True)
3 ** (10 ** 9)  # one C call, minutes long, that never lets another thread run
"""
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
child.wait()
"""


def gone(pid: int) -> bool:
    """Whether no such process exists; a zombie of ours does."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z" and not _is_child(pid)
    except OSError:
        return True


def _is_child(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] == str(os.getpid())


def holds(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition comes true within the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def screen(code: str, *arguments: str) -> tuple[subprocess.Popen[str], int]:
    """A process that starts an engine, as the screen does, and the engine's pid, once it says it."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def clear_away(process: subprocess.Popen[str], engine: int) -> None:
    """After a test, however it went."""
    process.kill()
    process.communicate()
    if not gone(engine):
        os.kill(engine, signal.SIGKILL)


def leaves(process: subprocess.Popen[str], engine: int) -> None:
    """Returns normally, without a word to the engine."""
    assert process.stdin is not None
    print(file=process.stdin, flush=True)


def hangs_up(process: subprocess.Popen[str], engine: int) -> None:
    process.send_signal(signal.SIGHUP)


def is_killed(process: subprocess.Popen[str], engine: int) -> None:
    process.kill()


def is_killed_while_the_engine_cannot_run(process: subprocess.Popen[str], engine: int) -> None:
    """A stopped process does nothing on its own any more, as one whose C call holds the GIL."""
    os.kill(engine, signal.SIGSTOP)
    process.kill()


@linux
@pytest.mark.parametrize("end", [leaves, hangs_up, is_killed, is_killed_while_the_engine_cannot_run])
def test_when_the_screen_ends_no_engine_is_left(end: Callable[[subprocess.Popen[str], int], None]) -> None:
    process, engine = screen(SCREEN)
    try:
        assert not gone(engine)
        end(process, engine)
        process.wait(PATIENT)
        assert holds(lambda: gone(engine), 2.0)
    finally:
        clear_away(process, engine)


@linux
def test_a_call_that_holds_the_gil_ends_with_the_parent() -> None:
    process, child = screen(PARENT, HOLDS_THE_GIL)
    try:
        assert not holds(lambda: gone(child), 0.2)
        process.kill()
        process.wait(PATIENT)
        assert holds(lambda: gone(child), 2.0)
    finally:
        clear_away(process, child)


@pytest.fixture
def talk() -> Iterator[Conversation]:
    """An engine of the test's own."""
    conversation = Conversation()
    yield conversation
    conversation.client.stop()


def test_the_end_of_the_engine_is_told_once_and_soon_and_another_can_be_started(talk: Conversation) -> None:
    talk.report(lambda each: isinstance(each, m.Hello))
    assert talk.client.pid is not None and talk.client.alive
    begin = time.monotonic()
    os.kill(talk.client.pid, signal.SIGKILL)
    assert talk.end() == -signal.SIGKILL
    assert time.monotonic() - begin < 1
    assert not talk.client.alive

    begin = time.monotonic()
    for _ in range(20_000):  # more than a pipe holds
        talk.send(m.Advance("op"))
    assert time.monotonic() - begin < 2
    assert not talk.client._outbox  # and nothing piles up

    again = Conversation()
    try:
        hello = again.report(lambda each: isinstance(each, m.Hello))
        assert hello.pid == again.client.pid != talk.client.pid
    finally:
        again.client.stop()
    talk.client.stop()
    assert talk.ends == [-signal.SIGKILL] and again.ends == []


def test_stop_ends_a_busy_engine_at_once_without_a_zombie(talk: Conversation) -> None:
    talk.open(LONG)
    talk.send(m.Run(True))
    talk.frame(lambda frame: frame.running)
    pid = talk.client.pid
    assert pid is not None
    begin = time.monotonic()
    talk.client.stop()
    assert time.monotonic() - begin < 1
    assert gone(pid) and not talk.client.alive
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    assert talk.ends == []


@linux
def test_nothing_stays_open_after_stop() -> None:
    before = sorted(os.listdir("/proc/self/fd"))
    talk = Conversation()
    talk.client.stop()
    assert holds(lambda: sorted(os.listdir("/proc/self/fd")) == before, 2.0)


def test_an_engine_that_cannot_start_ends_with_its_status_and_the_reason_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('torch is broken here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    talk = Conversation()
    assert talk.end() == 1
    assert "torch is broken here" in talk.client.log


def test_the_engine_imports_nothing_from_the_folder_where_the_learner_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("torch.py", "random.py", "engine.py"):
        (tmp_path / name).write_text("raise SystemExit('run by accident')")
    monkeypatch.chdir(tmp_path)
    talk = Conversation()
    try:
        assert talk.report(lambda each: isinstance(each, m.Hello)).pid == talk.client.pid
    finally:
        talk.client.stop()


def test_a_listener_that_fails_does_not_leave_an_engine_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[int | None] = []
    errors: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", errors.append)

    def fail(report: m.AnyReport) -> None:
        raise RuntimeError("the screen is broken")

    client = Client(fail, ends.append)
    client.start()
    assert holds(lambda: bool(errors), PATIENT)
    assert str(errors[0].exc_value) == "the screen is broken"
    assert len(ends) == 1 and not client.alive


@linux
def test_the_engine_lets_the_screen_go_first() -> None:
    talk = Conversation()
    try:
        talk.report(lambda each: isinstance(each, m.Hello))
        assert talk.client.pid is not None
        assert os.getpriority(os.PRIO_PROCESS, talk.client.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + NICE)
        group = Path(f"/proc/{talk.client.pid}/autogroup")
        if group.exists():
            assert group.read_text().split()[-1] == str(NICE)
    finally:
        talk.client.stop()
