"""One writer at a time, in whatever session: by the system's lock or, where a network home has none, by a file."""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

PATIENCE = 5.0  # seconds that the lock is waited for
STALE = 30.0  # seconds after which a lock that is a file belongs to nobody any more
PAUSE = 0.01
BUSY = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK)
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock `path`. Raises TimeoutError, and other OSErrors where no file can be written beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if _by_system(descriptor, patience):
            yield
        else:
            with _by_file(path.with_name(f"{path.name}.held"), patience):
                yield
    finally:
        os.close(descriptor)  # which lets go of the lock


def _by_system(descriptor: int, patience: float) -> bool:
    """Take the system's lock; whether there are any here. Ended programs, killed ones too, hold none."""
    if fcntl is None:
        return False
    for _ in _attempts(patience):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError as error:
            if error.errno in NO_LOCKS:
                return False
            if error.errno not in BUSY:
                raise
    raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))


@contextmanager
def _by_file(path: Path, patience: float) -> Iterator[None]:
    """Hold a file that only one can make."""
    for _ in _attempts(patience):
        if _made(path):
            break
        _give_up_stale(path)
    else:
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _made(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        return True
    except FileExistsError:
        return False


def _give_up_stale(path: Path) -> None:
    """Take away the file of a program that was killed; by renaming it, which only one can.

    Ages are told by the disk's own clock: that of another machine may be wrong.
    """
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with suppress(FileNotFoundError):
        held = path.stat()
        os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        now = aside.stat().st_mtime
        aside.unlink()
        if now - held.st_mtime <= STALE:
            return
        os.rename(path, aside)
        if aside.stat().st_ino != held.st_ino:  # another one was quicker, and this is its own
            with suppress(OSError):
                os.link(aside, path)
        aside.unlink()


def _attempts(patience: float) -> Iterator[int]:
    """Once, and then again until patience ends."""
    end, number = time.monotonic() + patience, 0
    yield number
    while time.monotonic() < end:
        time.sleep(PAUSE)
        number += 1
        yield number
