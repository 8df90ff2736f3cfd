"""Numbers as text keep their width and can be read back."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui import number

floats = st.floats(allow_nan=False, allow_infinity=False, width=32)
widths = st.integers(7, 12)


def half_a_unit(text: str) -> Decimal:
    """Half of what one step of the last shown digit is worth."""
    exponent = Decimal(text.strip().replace(".e", "e").rstrip(".")).as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(1).scaleb(exponent) / 2


@given(st.floats(), widths)
def test_a_number_fills_its_column_exactly(value: float, width: int) -> None:
    assert len(number.fixed(value, width)) == width
    assert len(number.short(value, width)) == width


@given(floats, widths)
def test_what_is_shown_is_within_half_a_unit_of_its_last_digit(value: float, width: int) -> None:
    text = number.fixed(value, width)
    assert abs(Decimal(text.strip()) - Decimal(value)) <= half_a_unit(text)


@given(floats, widths)
def test_the_short_form_shows_the_same_number(value: float, width: int) -> None:
    assert Decimal(number.short(value, width).strip()) == Decimal(number.fixed(value, width).strip())


@given(floats, widths)
def test_a_number_and_its_opposite_differ_by_the_sign_alone(value: float, width: int) -> None:
    positive, negative = number.fixed(abs(value), width), number.fixed(-abs(value), width)
    assert positive.strip() == negative.strip().removeprefix("-")
    assert len(positive) - len(positive.lstrip()) == len(negative) - len(negative.lstrip()) + 1


@given(floats)
def test_a_finite_number_has_a_decimal_point(value: float) -> None:
    assert "." in number.fixed(value)
    assert "." in number.short(value)


@given(st.floats(min_value=1e-3, max_value=99999))
def test_at_least_two_significant_digits_are_shown_without_an_exponent(value: float) -> None:
    text = number.fixed(value).strip()
    assert "e" not in text
    assert len(text.replace(".", "").lstrip("0")) >= 2


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.nan, "    nan"), (math.inf, "    inf"), (-math.inf, "   -inf"), (-0.0, "-0.0000"), (0.0, " 0.0000")],
)
def test_what_is_no_ordinary_number_is_named(value: float, text: str) -> None:
    assert number.fixed(value) == text


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_whole_number_has_no_point_where_it_fits(value: int) -> None:
    text = number.whole(value)
    assert len(text) == number.WIDTH
    assert int(text) == value if len(str(abs(value))) < number.WIDTH else "e" in text


@pytest.mark.parametrize(
    ("dtype", "text"), [("float32", " 1.0000"), ("int64", "      1"), ("uint8", "      1"), ("bool", "   True")]
)
def test_an_element_is_shown_as_its_dtype_is(dtype: str, text: str) -> None:
    assert number.element(1, dtype) == text


@given(floats)
def test_a_typed_number_is_read_with_a_point_or_a_comma(value: float) -> None:
    assert number.read(f" {value!r} ") == value
    assert number.read(repr(value).replace(".", ",")) == value


@pytest.mark.parametrize("text", ["", "-", "1.2.3", "1e", "abc", "nan", "inf", "-Infinity", "1e999", "1_0", "0x1"])
def test_what_is_no_finite_number_is_not_read(text: str) -> None:
    assert number.read(text) is None
