"""How the C library (glibc) keeps memory that was freed; elsewhere each of these does nothing."""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # mallopt's names for them


def keep_freed() -> None:
    """Have large blocks that were freed used again. Fresh ones cost more than the copy that goes into them."""
    if (libc := _glibc()) is not None:
        libc.mallopt(MMAP_THRESHOLD, 32 << 20)  # as high as it may be
        libc.mallopt(TRIM_THRESHOLD, 2**31 - 1)  # never by itself


def return_freed(large: int) -> None:
    """Have blocks of `large` bytes and more given back when they are freed, however large the largest was so far."""
    if (libc := _glibc()) is not None:
        libc.mallopt(MMAP_THRESHOLD, large)
        libc.mallopt(TRIM_THRESHOLD, 2 * large)


def give_back() -> None:
    """Give the system what nothing uses any more."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    return libc if libc is not None and hasattr(libc, "mallopt") else None
