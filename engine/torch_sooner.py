"""Imports torch in two parts: the first takes two thirds of the time, and is enough to begin an experiment.

The second part is what torch registers, in Python, for finding the shape of what is not computed: it serves its
compiler, and a few functions like `torch.broadcast_shapes`. It is imported when nothing else is to be done.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from types import ModuleType

SECOND = "torch._meta_registrations"
KNOWN = ("2.13.",)  # in other versions torch may need it for something else: there all of it is imported at once


def import_first() -> bool:
    """Import torch, unless it is there already; whether the second part is still to come."""
    if "torch" in sys.modules:
        return False
    known = _version().startswith(KNOWN)
    if known:
        sys.modules[SECOND] = ModuleType(SECOND)  # to be imported by Second
    torch = import_module("torch")
    if known:  # the second part does this too, and torch.Generator needs it
        torch._C._set_generator_metaclass(import_module("torch._opaque_base").OpaqueBaseMeta)
    return known


class Second:
    """The second part, if it is still to come: imported on a thread of its own."""

    def __init__(self, tell: Callable[[], object]) -> None:
        self._tell = tell  # called, on that thread, when it is there
        self._thread: Thread | None = None
        stands_in = sys.modules.get(SECOND)
        self.there = stands_in is None or stands_in.__spec__ is not None

    def begin(self) -> None:
        """Begin to import it."""
        if self._thread is None and not self.there:
            del sys.modules[SECOND]
            self._thread = Thread(target=self._import, daemon=True)
            self._thread.start()

    def _import(self) -> None:
        gc.disable()  # as at the first part
        try:
            import_module(SECOND)
        finally:  # what is wrong with it is in the log; what does not need it goes on
            gc.freeze()
            gc.enable()
            self.there = True
            self._tell()

    def wait(self) -> None:
        """Until it is there."""
        self.begin()
        if self._thread is not None:
            self._thread.join()


def _version() -> str:
    """Of the torch that would be imported; empty where that cannot be told without importing it."""
    found = find_spec("torch")
    if found is None or not found.origin:
        return ""
    try:
        text = Path(found.origin).with_name("version.py").read_text("utf-8")
    except OSError:
        return ""
    line = next((line for line in text.splitlines() if line.startswith("__version__")), "")
    return line.partition("=")[2].strip(" '\"")
