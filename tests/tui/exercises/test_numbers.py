"""Numbers as answers: every way of writing one passes, near enough is near enough, and a trap is never right."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lessons import marking
from lessons.exercises import Tolerance
from tui import number
from tui.exercises import numbers

FINITE = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: float(f"{value:.6g}"))
WHOLE = st.integers(-999, 999)


@given(FINITE)
def test_a_decimal_point_and_a_decimal_comma_are_the_same_number(value: float) -> None:
    text = f"{value:f}"
    assert numbers.read(text) == numbers.read(text.replace(".", ",")) == float(text)


@given(WHOLE, WHOLE.filter(bool))
def test_a_fraction_is_what_it_comes_to(top: int, bottom: int) -> None:
    assert numbers.read(f"{top}/{bottom}") == pytest.approx(float(Fraction(top, bottom)))
    assert numbers.read(f" {top} / {bottom} ") == numbers.read(f"{top}/{bottom}")


@given(FINITE)
def test_an_exponent_says_the_same_as_the_digits(value: float) -> None:
    assert numbers.read(f"{value:e}") == float(f"{value:e}")


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.45", 0.45), ("0,45", 0.45), ("9/20", 0.45), ("-2", -2), ("−2", -2), ("+3", 3), (".5", 0.5), (",5", 0.5),
     ("1e-3", 1e-3), ("1E-3", 1e-3), ("1,5e2", 150), ("2.", 2), (" 7 ", 7), ("inf", math.inf), ("-inf", -math.inf),
     ("∞", math.inf), ("-∞", -math.inf)],
)  # fmt: skip
def test_numbers_can_be_written_like_this(text: str, value: float) -> None:
    assert numbers.read(text) == value


@pytest.mark.parametrize("text", ["nan", "NaN"])
def test_nan_can_be_written(text: str) -> None:
    assert math.isnan(numbers.read(text))


@pytest.mark.parametrize(
    "text", ["", " ", "dos", "1/0", "1/", "/2", "1.2.3", "1.234,5", "1_000", "0x10", "2*3", "--2", "1e", "1e99999",
             "inf/2", "1/inf", "9" * 50, "١", "1 2"],
)  # fmt: skip
def test_what_is_no_number_is_not_guessed_at(text: str) -> None:
    assert numbers.read(text) is None
    verdict = numbers.mark(text, 1.0, "float32")
    assert not verdict.right and not verdict.readable


@given(FINITE.filter(lambda value: abs(value) > 1e-3))
def test_one_percent_is_near_enough_and_twice_that_is_not(answer: float) -> None:
    half_a_digit = marking.allowed(answer, "float64", None) > marking.RELATIVE * abs(answer)
    assume(not half_a_digit)
    assert marking.near(answer * 1.0099, answer, "float64", None)
    assert not marking.near(answer * 1.0201, answer, "float64", None)


@given(st.floats(-9e4, 9e4, allow_nan=False))
def test_what_a_pane_shows_is_always_right(answer: float) -> None:
    shown = number.element(answer, "float64").strip()
    assert numbers.mark(shown, answer, "float64").right


@given(st.floats(1e-3, 4e-3))
def test_half_a_unit_of_the_last_digit_is_near_enough_where_that_is_more(answer: float) -> None:
    assert marking.near(answer + 0.49e-4, answer, "float64", None)
    assert not marking.near(answer + 0.51e-4 + 0.01 * answer, answer, "float64", None)


@given(FINITE, st.floats(0, 10), st.floats(0, 0.5))
def test_a_tolerance_of_the_lesson_is_the_larger_of_its_two(answer: float, absolute: float, relative: float) -> None:
    tolerance = Tolerance(abs=absolute, rel=relative)
    edge = max(absolute, relative * abs(answer))
    assert marking.near(answer + 0.999 * edge, answer, "float64", tolerance)
    assert not marking.near(answer + 1.001 * edge + 1e-6, answer, "float64", tolerance)


def test_a_tolerance_of_nothing_still_knows_how_a_tensor_rounds() -> None:
    held = 0.10000000149011612  # 0.1 in a float32
    assert numbers.mark("0.1", held, "float32", Tolerance()).right
    assert not numbers.mark("0.1001", held, "float32", Tolerance()).right


@pytest.mark.parametrize("answer", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_must_be_the_same(answer: float) -> None:
    assert numbers.mark(str(answer), answer, "float32").right
    assert not numbers.mark("1e30", answer, "float32").right
    assert not numbers.mark(str(answer), 5.0, "float32").right


def test_nan_is_a_wrong_answer_and_no_mistyped_one() -> None:
    assert numbers.mark("nan", 5.0, "float32").readable


@given(FINITE, FINITE)
def test_what_is_right_is_never_a_trap_and_a_trap_never_right(answer: float, trap: float) -> None:
    for text in (repr(answer), repr(trap)):
        verdict = numbers.mark(text, answer, "float64", None, {"swapped": trap})
        assert not (verdict.right and verdict.trap)
        assert verdict.right == marking.near(float(text), answer, "float64", None)
        if not verdict.right and text == repr(trap):
            assert verdict.trap == "swapped"


def test_the_first_trap_that_fits_is_the_one() -> None:
    traps = {"first": 5.0, "second": 5.0}
    assert numbers.mark("5", -2.0, "float32", None, traps).trap == "first"
    assert numbers.mark("7", -2.0, "float32", None, traps).trap is None
