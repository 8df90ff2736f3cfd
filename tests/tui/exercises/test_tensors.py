"""Tensors cell by cell: any way of writing the numbers, traps that are whole tensors, and transposed answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lessons import grids
from tui.exercises import cells, tensors

WHOLE = st.integers(-99, 99).map(float)
MATRICES = arrays.arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=WHOLE)
WAYS = [str, lambda number: f"{number:.1f}".replace(".", ","), lambda number: f"{number * 2:.0f}/2", "{:e}".format]


def written(values: np.ndarray, way=str) -> str:
    return cells.joined([way(float(each)) for each in values.reshape(-1)])


@given(MATRICES, st.sampled_from(WAYS))
def test_every_way_of_writing_the_numbers_passes(values, way):
    assert tensors.mark(written(values, way), values).right


@given(MATRICES, st.data())
def test_one_wrong_cell_is_wrong_and_marked_alone(values, data):
    at = data.draw(st.integers(0, values.size - 1))
    given_ = values.reshape(-1).copy()
    given_[at] += 200
    assert not tensors.mark(written(given_), values).right
    assert tensors.marks(written(given_), values, None) == [n != at for n in range(values.size)]


@given(MATRICES)
def test_a_transposed_answer_is_recognised_and_is_right_only_where_it_is_the_same(values):
    verdict = tensors.mark(written(values.T.copy()), values)
    same = np.array_equal(values.T.reshape(-1), values.reshape(-1))
    assert verdict.right == same
    assert same or verdict.sentence.key == "ask.cells_transposed"


@given(arrays.arrays(np.float64, st.integers(1, 6).map(lambda n: (n, n)), elements=WHOLE), st.data())
def test_of_a_square_one_the_cells_that_are_asked_are_enough(values, data):
    places = [list(place) for place in np.ndindex(values.shape)]
    blank = data.draw(st.lists(st.sampled_from(places), min_size=1, unique_by=tuple))
    asked = sorted(map(tuple, blank))
    answer = cells.joined([str(values[place]) for place in asked])
    assert tensors.mark(answer, values, blank).right
    turned = [values.T[place] for place in asked]
    assume(turned != [values[place] for place in asked])
    verdict = tensors.mark(cells.joined(list(map(str, turned))), values, blank)
    assert verdict.sentence.key == "ask.cells_transposed"


def test_a_trap_is_a_whole_tensor_and_what_is_right_is_never_one():
    values, trap = np.array([[1.0, 2], [3, 4]]), np.array([[5.0, 6], [7, 8]])
    assert tensors.mark("5; 6; 7; 8", values, traps={"t": trap}).trap == "t"
    assert tensors.mark("5; 6; 7; 4", values, traps={"t": trap}).trap is None
    assert tensors.mark("1; 2; 3; 4", values, traps={"t": values}).right
    assert tensors.mark("1; 3; 2; 4", values, traps={"t": values.T}).trap == "t"


def test_a_vector_is_a_row_and_a_number_one_cell():
    assert tensors.mark("1; 2", np.array([1.0, 2])).right
    assert tensors.mark("2; 1", np.array([1.0, 2])).sentence.key == "ask.cells_wrong"
    assert tensors.mark("3", np.array(3.0)).right


@pytest.mark.parametrize(("given_", "key"), [("1; ", "ask.cells_empty"), ("", "ask.cells_empty"),
                                             ("1; dos", "ask.cell_not_a_number")])  # fmt: skip
def test_what_cannot_be_read_is_no_attempt(given_, key):
    verdict = tensors.mark(given_, np.array([1.0, 2]))
    assert not verdict.readable and verdict.sentence.key == key


@pytest.mark.parametrize(
    ("shape", "fits"),
    [((), True), ((6,), True), ((6, 6), True), ((7,), False), ((2, 2, 2), False), ((0,), False)],
)
def test_only_what_a_screen_has_room_for_is_asked_so(shape, fits):
    assert grids.fits(shape) == fits


def test_an_index_below_0_counts_from_the_end():
    assert grids.asked((2, 3), [[-1, -1], [0, 0]]) == ((0, 0), (1, 2))
    assert grids.has_cells((2, 3), [[-2, 2]]) and not grids.has_cells((2, 3), [[2, 0]])
