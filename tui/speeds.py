"""How fast training may go, in iterations a second; None is as fast as it can, which history calls "free"."""

from engine.messages import Setting

SPEEDS: tuple[float | None, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, None)
FIRST_SPEED = SPEEDS.index(100)
FREE = "free"


def noted(speed: float | None) -> float | str:
    """A speed as history keeps it."""
    return FREE if speed is None else speed


def nearest(note: Setting) -> int:
    """The place in SPEEDS of a speed that history kept."""
    if not isinstance(note, int | float):
        return len(SPEEDS) - 1
    return min(range(len(SPEEDS) - 1), key=lambda place: abs((SPEEDS[place] or 0) - note))
