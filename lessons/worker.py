"""The process that examines lessons for the check: paths come in, findings go out, one message each."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from lessons import crew
from lessons.checking import about, examine
from lessons.findings import Finding

MEMORY = 16 << 30  # bytes that it may have: far above what the limits of the format allow a small lesson to need


def main() -> None:
    """Examine what comes until nothing comes any more."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what something prints is no reply
    _limit_memory()
    while (path := crew.read(sys.stdin.buffer)) is not None:
        crew.write(replies, msgspec.msgpack.encode(_examined(Path(os.fsdecode(path)))))


def _examined(lesson: Path) -> list[Finding]:
    """What is found; a mistake of ours in examining it is a finding too, and the others go on."""
    try:
        return examine(lesson, run=True)
    except MemoryError:
        return [about(lesson, "run.memory")]
    except Exception as error:
        reason = (str(error) or type(error).__name__).strip().split("\n")[0]
        return [about(lesson, "run.broke", reason=f"{type(error).__name__}: {reason}")]


def _limit_memory() -> None:
    """So that one lesson cannot take the machine along. Not everywhere can that be said."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        limits: Any = resource.getrlimit(resource.RLIMIT_DATA)
        least = MEMORY if limits[1] == resource.RLIM_INFINITY else min(MEMORY, limits[1])
        resource.setrlimit(resource.RLIMIT_DATA, (least, limits[1]))


if __name__ == "__main__":
    main()
