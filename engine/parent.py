"""What the engine's process owes the screen's: it ends with it, whatever becomes of that, and lets it go first."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

NICE = 5  # a third of the weight of other programs, where they want the same core


def die_with_parent() -> None:
    """Have the kernel kill this process when the screen's ends, even while a C call holds the GIL (Linux).

    Elsewhere a watchdog does. Where the screen ended before this call, the end of the pipe is noticed instead.
    """
    linux = sys.platform == "linux"
    if not linux or ctypes.CDLL(None).prctl(1, signal.SIGKILL) != 0:  # PR_SET_PDEATHSIG
        threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def give_way() -> None:
    """Have the screen go first where both want the same core: half as long a wait for its keys.

    Linux shares out the time between sessions first (autogroups), and the engine is in one of its own.
    """
    with suppress(OSError):
        os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICE))
