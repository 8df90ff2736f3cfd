"""Notices that the files of a lesson were saved: looks at their times a few times a second, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

EVERY = 0.15  # seconds between two looks; what was saved is told when it has not changed for one of them
_KINDS = (".yaml", ".md", ".csv")
Stamp = tuple[tuple[str, int, int, int], ...]


def stamp(folder: Path) -> Stamp:
    """What tells that a file is another one: name, time, size, and inode (many editors write a new file)."""
    found = []
    for path in _listed(folder):
        try:
            about = path.stat()
        except OSError:  # it was there a moment ago
            continue
        found.append((path.name, about.st_mtime_ns, about.st_size, about.st_ino))
    return tuple(sorted(found))


def _listed(folder: Path) -> list[Path]:
    try:
        return [each for each in folder.iterdir() if each.suffix in _KINDS]
    except OSError:
        return []


class Saves:
    """Calls `tell`, on its own thread, after each save since it was made."""

    def __init__(self, folder: Path, tell: Callable[[], object], every: float = EVERY) -> None:
        self._folder, self._tell, self._every = folder, tell, every
        self._told = stamp(folder)
        self._end = threading.Event()

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._look, name="saves", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._end.set()

    def _look(self) -> None:
        before = self._told
        while not self._end.wait(self._every):
            now = stamp(self._folder)
            if now == before and now != self._told:  # whoever saves is done
                self._told = now
                self._tell()
            before = now
