"""The settings window: what is chosen goes to the engine as an edit, comes back in a frame, and can be undone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.screens.settings import RATES, Row, rows

TABLE = {row.name: row for row in rows(("cpu", "cuda:0"), (1.0, 100.0, "free"), ("dark", "light"))}


@given(st.floats(1e-5, 10))
def test_a_rate_that_is_no_choice_goes_to_the_next_one_up_or_down(rate: float) -> None:
    up, down = TABLE["lr"].beside(rate, 1), TABLE["lr"].beside(rate, -1)
    assert isinstance(up, float) and isinstance(down, float)
    assert up in RATES and down in RATES
    assert up > rate or up == RATES[-1]
    assert down < rate or down == RATES[0]


@given(st.sampled_from(sorted(TABLE)), st.data(), st.sampled_from([-1, 1]))
def test_a_choice_goes_to_its_neighbour_and_stays_at_the_ends(name: str, data: st.DataObject, by: int) -> None:
    row: Row = TABLE[name]
    at = data.draw(st.integers(0, len(row.choices) - 1))
    assert row.beside(row.choices[at], by) == row.choices[max(0, min(len(row.choices) - 1, at + by))]
