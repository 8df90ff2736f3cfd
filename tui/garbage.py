"""What becomes of memory that is not used: when Python looks for it, and that the system gets it back.

Among everything that is loaded a search would take 40 ms each time, and keys would wait.
"""

from __future__ import annotations

import gc

LARGE = 256 << 10  # bytes of a block that the system gets back at once
ALLOCATIONS = 5_000  # between two looks at what is new


class Garbage:
    """What lasts is taken out of the search: the modules, and a lesson's screen for as long as it is open.

    Does nothing where the search was not switched off before: then the process is not ours alone.
    """

    def __init__(self) -> None:
        self._ours = not gc.isenabled()
        self._lesson = False  # whether a lesson's screen is taken out

    def begin(self) -> None:
        """Search from now on, but not among what start-up has made."""
        if self._ours:
            gc.freeze()
            gc.set_threshold(ALLOCATIONS, *gc.get_threshold()[1:])
            gc.enable()

    def settled(self) -> None:
        """A lesson is open, with all that it shows."""
        if self._ours and not self._lesson:
            from engine import allocator

            allocator.return_freed(LARGE)
            gc.freeze()
            self._lesson = True

    def left(self) -> None:
        """A lesson's screen is gone: let go of what it held, whether or not the next one is open already."""
        if self._ours:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._lesson = False
