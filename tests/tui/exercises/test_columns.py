"""A column and its total: the total passes for the right cells and for the learner's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui.exercises import columns

COLUMNS = st.lists(st.floats(0.125, 64, width=16), min_size=1, max_size=12)
NUMBERS = {"n": 4.0, "lr": 0.5, "grad(w)[0, 1]": -3.0, 'value("h.1")': 2.0}
TOTALS = {  # as a lesson writes it -> as NumPy computes it
    "sum(e)": lambda own: own.sum(),
    "sum(value(e))": lambda own: own.sum(),
    "mean(e) / 2": lambda own: own.mean() / 2,
    "lr * sum(e) - n": lambda own: 0.5 * own.sum() - 4,
    "sqrt(mean(value(e) ** 2))": lambda own: np.sqrt((own**2).mean()),
    "max(e) - min(e)": lambda own: own.max() - own.min(),
    "-sum(log(e)) * grad(w)[0, 1]": lambda own: 3 * np.log(own).sum(),
    'norm(e) / value("h.1")': lambda own: np.linalg.norm(own) / 2,
}


@given(COLUMNS, st.sampled_from(sorted(TOTALS)))
def test_a_total_is_computed_from_the_learners_own_cells(own, then):
    found = columns.of_own(then, "value(e)", own, NUMBERS.get)
    assert found == pytest.approx(TOTALS[then](np.array(own)), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("then", sorted(TOTALS))
def test_all_that_a_total_needs_besides_is_asked_of_the_engine(then):
    asked: list[str] = []
    columns.of_own(then, "e", [1.0, 2.0], lambda text: asked.append(text) or NUMBERS[text])  # type: ignore[func-returns-value]
    assert set(asked) == set(columns.besides(then, "e"))


@pytest.mark.parametrize("then", ["loss", "value(total)", "sum(f)", "sum(e, dim=1)", "softmax(e)", "e"])
def test_what_is_not_computed_from_the_column_has_no_total_of_its_own(then):
    assert columns.of_own(then, "e", [1.0, 2.0], NUMBERS.get) is None


@given(COLUMNS, st.data())
def test_a_total_of_ones_own_wrong_cells_passes_and_the_cells_do_not(right, data):
    own = [*right]
    own[data.draw(st.integers(0, len(own) - 1))] += 100
    total = (sum(right), "float64", sum(own))
    marks = columns.marks([*own, sum(own)], right, "float64", None, total)
    assert marks[-1] and marks.count(False) == 1
    verdict = columns.mark([*own, sum(own)], right, "float64", None, total)
    assert not verdict.right and verdict.sentence.key == "ask.total_of_own"


@given(COLUMNS)
def test_the_right_cells_and_the_right_total_pass(right):
    assert columns.mark([*right, sum(right)], right, "float64", None, (sum(right), "float64", sum(right))).right
    assert columns.mark(right, right, "float64", None, None).right


@given(COLUMNS, st.floats(200, 1000))
def test_a_total_that_fits_neither_is_wrong(right, more):
    assume(sum(right) + more > 1.5 * sum(right))
    verdict = columns.mark([*right, sum(right) + more], right, "float64", None, (sum(right), "float64", sum(right)))
    assert not verdict.right and verdict.sentence.key == "ask.total_wrong"
