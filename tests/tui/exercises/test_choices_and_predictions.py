"""Choices and predictions as answers."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tui.exercises import choices, predictions
from tui.exercises.progress import Progress, Verdict

OPTIONS = st.sets(st.sampled_from(["a", "b", "c", "d"]), min_size=1)
NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)


@given(OPTIONS, OPTIONS)
def test_exactly_the_right_options_are_right(given_: set[str], answers: set[str]) -> None:
    assert choices.mark(" ".join(given_), answers).right == (given_ == answers)


def test_nothing_chosen_is_no_attempt() -> None:
    verdict = choices.mark("", ["a"])
    assert Progress().answered("", verdict).attempts == 0


def test_of_several_it_is_said_whether_some_are_missing_or_too_many() -> None:
    keys = [choices.mark(text, ["a", "b"]).sentence for text in ("a", "a b c", "a c")]
    assert [key.key if key else None for key in keys] == ["ask.some_missing", "ask.too_many", "ask.not_these"]


@given(NUMBERS)
def test_a_sign_is_that_of_the_number(value: float) -> None:
    assert predictions.sign(value) == ("positive" if value > 0 else "negative" if value < 0 else "zero")


@given(NUMBERS, NUMBERS)
def test_up_and_down_are_opposite_ways(before: float, after: float) -> None:
    there, back = predictions.direction(before, after), predictions.direction(after, before)
    assert {there, back} in ({"up", "down"}, {"same"})
    if there == "up":
        assert after > before


def test_nan_goes_nowhere() -> None:
    assert predictions.sign(math.nan) is None
    assert predictions.direction(1.0, math.nan) is None


def test_giving_up_is_asked_about_once() -> None:
    once = Progress().gave_up()
    assert not once.done and once.wants_solution
    assert once.gave_up().done
    assert not once.answered("1", Verdict()).wants_solution
