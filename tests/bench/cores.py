"""On how many cores something is measured; Linux alone can tell a process to keep to some."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def can_have(count: int) -> bool:
    """Whether there are so many, and a process can be told to keep to them."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) >= count


@contextmanager
def on_cores(count: int) -> Iterator[None]:
    """This process, and what it starts, on so many cores."""
    assert sys.platform == "linux"
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:count]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
