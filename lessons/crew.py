"""Lessons examined in processes of their own, several at a time: none of them can take the others along."""

from __future__ import annotations

import os
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import msgspec

from lessons.checking import about
from lessons.findings import Finding
from lessons.rehearsal import SECONDS

START = 60.0  # seconds in which torch is imported, above those that a lesson has
_LENGTH = struct.Struct("<I")
_FINDINGS: msgspec.msgpack.Decoder[list[Finding]] = msgspec.msgpack.Decoder(list[Finding])


def write(stream: IO[bytes], body: bytes) -> None:
    """One message: its length, and itself."""
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def read(stream: IO[bytes]) -> bytes | None:
    """The next message; None where the other side has ended."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


class Worker:
    """One process, begun when it is first needed, and anew when a lesson has ended it. `lessons.worker` is its side."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def examine(self, lesson: Path) -> list[Finding]:
        """What the process finds about a lesson; one that it does not survive, or not in time, is a finding."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        late = threading.Timer(self._seconds + START, process.kill)
        late.start()
        try:
            with suppress(OSError):
                write(process.stdin, os.fsencode(lesson))
            body = read(process.stdout)
        finally:
            late.cancel()
        if body is not None:
            return _FINDINGS.decode(body)
        self.stop()
        return [about(lesson, "run.ended")]

    def stop(self) -> None:
        """End the process, whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    stream.close()  # type: ignore[union-attr]

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "lessons.worker", str(self._seconds)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
                start_new_session=True,  # Ctrl+C is for the one who waits, and ends all
            )  # fmt: skip
        return self._process


def examined(
    lessons: Sequence[Path], workers: int | None = None, seconds: float = SECONDS
) -> Generator[tuple[int, list[Finding]], None, None]:
    """The number of each lesson and its findings, as they are done, by as many processes as there are cores.

    Whoever closes the iterator, or interrupts it, ends the processes too.
    """
    waiting: queue.SimpleQueue[tuple[int, Path]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, list[Finding]]] = queue.SimpleQueue()
    for item in enumerate(lessons):
        waiting.put(item)
    crew = [Worker(seconds) for _ in range(min(len(lessons), workers or os.cpu_count() or 1))]
    over = threading.Event()
    threads = [threading.Thread(target=_work, args=(each, waiting, done, over), daemon=True) for each in crew]
    for thread in threads:
        thread.start()
    try:
        for _ in lessons:
            yield done.get()
    finally:
        over.set()
        for each in crew:
            each.stop()


def _work(
    worker: Worker, waiting: queue.SimpleQueue[tuple[int, Path]],
    done: queue.SimpleQueue[tuple[int, list[Finding]]], over: threading.Event,
) -> None:  # fmt: skip
    while not over.is_set():
        try:
            number, lesson = waiting.get_nowait()
        except queue.Empty:
            return
        with suppress(OSError, ValueError):  # the process was ended under our hands: nobody waits any more
            done.put((number, worker.examine(lesson)))
