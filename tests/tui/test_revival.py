"""An engine that ends is started again by itself, but not for ever."""

from __future__ import annotations

from tui.revival import DEATHS, WITHIN, Deaths


class Clock:
    """Time that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_engines_that_die_one_after_another_are_not_started_for_ever() -> None:
    deaths = Deaths(Clock())
    assert [deaths.again() for _ in range(DEATHS + 1)] == [True] * (DEATHS - 1) + [False, False]


def test_one_that_dies_now_and_then_is_started_again() -> None:
    clock = Clock()
    deaths = Deaths(clock)
    for _ in range(10):
        assert deaths.again()
        clock.now += WITHIN


def test_after_the_learner_has_asked_for_one_counting_begins_anew() -> None:
    deaths = Deaths(Clock())
    for _ in range(DEATHS):
        deaths.again()
    deaths.forgive()
    assert deaths.again()
