"""The files: whole at any moment, with two sessions at once, on a full disk, in a home that may not be written."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from tui import places
from tui.progress import files, locks, store
from tui.progress.records import Given, Kept, Left, Record, Visit

ROOT = Path(__file__).parents[3]


def record(name: str = "e", at: float = 1.0) -> Record:
    answered = Kept(at, "digest", "5", attempts=1, solved=True, answers=(Given(at, "5", True),))
    return Record("xor", left=Left(at, "s"), steps={"s": (Visit(at, 2.0),)}, exercises={name: answered})


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    store.keep(record(), tmp_path)
    assert store.load("xor", tmp_path) == record()
    assert store.lessons(tmp_path) == ["xor"]
    assert json.loads((tmp_path / "progress" / "xor.json").read_text())["exercises"]["e"]["solved"] is True


def test_nothing_is_kept_of_a_lesson_that_was_never_opened(tmp_path: Path) -> None:
    assert store.load("xor", tmp_path) == Record("xor")
    assert store.lessons(tmp_path) == []


def test_what_another_session_kept_stays(tmp_path: Path) -> None:
    store.keep(record("mine", 1.0), tmp_path)
    whole = store.keep(record("yours", 2.0), tmp_path)
    assert set(whole.exercises) == {"mine", "yours"} and store.load("xor", tmp_path) == whole


def test_a_lesson_that_was_begun_again_stays_so_in_every_session(tmp_path: Path) -> None:
    store.keep(record("e", 1.0), tmp_path)
    places.save("xor", places.Place("s", {}), tmp_path)
    store.reset("xor", 5.0, tmp_path)
    assert places.load("xor", tmp_path) is None
    assert store.keep(record("e", 1.0), tmp_path).exercises == {}  # another session still had it
    assert set(store.keep(record("e", 6.0), tmp_path).exercises) == {"e"}


@pytest.mark.parametrize("body", [b"", b"{", b'{"lesson": "xor", "format": 2}', b'{"lesson": "other"}', b"\0" * 200])
def test_a_file_that_cannot_be_read_is_not_lost(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "progress" / "xor.json"
    file.parent.mkdir()
    file.write_bytes(body)
    assert store.load("xor", tmp_path) == Record("xor")
    store.keep(record(), tmp_path)
    assert store.load("xor", tmp_path) == record()
    assert file.with_name("xor.json.unread").read_bytes() == body


# ---------------------------------------------------------------- a full disk, a home that may not be written
@pytest.mark.parametrize("what", ["fsync", "replace"])
def test_a_full_disk_loses_nothing_that_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    store.keep(record("first"), tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, what, full)
        with pytest.raises(OSError, match="No space"):
            store.keep(record("second"), tmp_path)
        assert store.load("xor", tmp_path) == record("first")
    assert not list((tmp_path / "progress").glob(".*.tmp"))
    assert set(store.keep(record("second"), tmp_path).exercises) == {"first", "second"}


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "progress").write_text("no folder")
    with pytest.raises(OSError):
        store.keep(record(), tmp_path)
    assert store.load("xor", tmp_path) == Record("xor") and store.lessons(tmp_path) == []


def test_what_a_killed_program_left_unfinished_is_swept_away(tmp_path: Path) -> None:
    store.keep(record(), tmp_path)
    old, fresh = (tmp_path / "progress" / f".xor.json-{name}.tmp" for name in ("old", "fresh"))
    for each in (old, fresh):
        each.write_text("half")
    os.utime(old, (time.time() - 2 * files.OLD,) * 2)
    store.lessons(tmp_path)
    assert not old.exists() and fresh.exists()


# ---------------------------------------------------------------- two sessions, and one that is killed
WRITER = """
import sys, time
from pathlib import Path
from tui.progress import locks, store
from tui.progress.records import Given, Kept, Record
name, where, count, by_file = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "file"
if by_file:
    locks.fcntl = None
answers = ()
for n in range(count):
    answers = (*answers, Given(n + 1.0, str(n), n % 2 == 0))
    store.keep(Record("xor", exercises={f"{name}-{n}": Kept(n + 1.0, "d", solved=True), name: Kept(n + 1.0, "d", answers=answers)}), where)
    print(n, flush=True)
"""  # noqa: E501


def writer(name: str, where: Path, count: int, by: str = "system") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, name, str(where), str(count), by]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("by", ["system", "file"])
def test_two_programs_that_write_at_once_lose_nothing(tmp_path: Path, by: str) -> None:
    programs = [writer(name, tmp_path, 40, by) for name in ("a", "b")]
    assert [program.wait(120) for program in programs] == [0, 0]
    kept = store.load("xor", tmp_path).exercises
    assert {f"{name}-{n}" for name in "ab" for n in range(40)} <= set(kept)
    assert len(kept["a"].answers) == len(kept["b"].answers) == 40


def test_a_program_that_is_killed_at_any_moment_leaves_all_that_it_had_said_was_kept(tmp_path: Path) -> None:
    file = tmp_path / "progress" / "xor.json"
    for turn in range(8):
        program = writer(f"t{turn}", tmp_path, 10_000)
        assert program.stdout is not None
        program.stdout.readline()
        time.sleep(0.013 * turn)
        program.send_signal(signal.SIGKILL)
        said = program.stdout.read().split()
        program.wait()
        found = msgspec.json.decode(file.read_bytes(), type=Record).exercises
        assert f"t{turn}-{said[-1] if said else 0}" in found
        assert all(f"t{before}-0" in found for before in range(turn + 1))


# ---------------------------------------------------------------- the lock
def test_where_the_system_has_no_locks_a_file_is_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    assert locks.fcntl is not None
    monkeypatch.setattr(locks.fcntl, "flock", none)
    held = tmp_path / "lock.held"
    with locks.locked(tmp_path / "lock"):
        assert held.exists()
        with pytest.raises(TimeoutError), locks.locked(tmp_path / "lock", patience=0.05):
            pass
    assert not held.exists()


def test_a_lock_that_a_killed_program_left_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    held = tmp_path / "lock.held"
    held.touch()
    os.utime(held, (time.time() - 2 * locks.STALE,) * 2)
    with locks.locked(tmp_path / "lock", patience=2.0):
        assert time.time() - held.stat().st_mtime < locks.STALE
    assert [each.name for each in tmp_path.iterdir()] == ["lock"]


def test_the_system_s_lock_is_waited_for(tmp_path: Path) -> None:
    with (
        locks.locked(tmp_path / "lock"),
        pytest.raises(TimeoutError),
        locks.locked(tmp_path / "lock", patience=0.05),
    ):
        pass
    with locks.locked(tmp_path / "lock", patience=0.05):
        pass
