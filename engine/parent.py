"""The engine ends with the screen, whatever becomes of that."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time


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
