"""How fast training may go, in iterations a second; None is as fast as it can."""

SPEEDS: tuple[float | None, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, None)
FIRST_SPEED = SPEEDS.index(100)
