"""Writes a file whole or not at all, on any disk: what was there stays until what is new is safe."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

OLD = 3600.0  # seconds after which an unfinished file is one that was left behind


def replace_file(target: Path, body: bytes) -> None:
    """Put `body` in the place of `target`. Raises OSError where that cannot be: a full disk, no permission."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}-", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Have the folder too know the new name, should the power fail; not every system can be asked to."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sweep(folder: Path) -> None:
    """Take away what programs that were killed while they wrote have left behind."""
    with suppress(OSError):
        for each in folder.glob(".*.tmp"):
            if time.time() - each.stat().st_mtime > OLD:
                each.unlink(missing_ok=True)
