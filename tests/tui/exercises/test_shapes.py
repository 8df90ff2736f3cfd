"""Shapes as answers, however they are written, and the mistakes that have a message of their own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.exercises import shapes

SHAPES = st.lists(st.integers(0, 9999), max_size=5).map(tuple)


@given(SHAPES)
def test_a_shape_reads_as_python_and_torch_write_it(shape: shapes.Shape) -> None:
    assert shapes.read(str(shape)) == shape
    assert shapes.read(str(list(shape))) == shape
    assert shapes.read(f"torch.Size({list(shape)})") == shape


@given(SHAPES.filter(bool), st.sampled_from([",", ", ", "x", " x ", "×", " "]))
def test_sizes_may_be_separated_in_many_ways(shape: shapes.Shape, between: str) -> None:
    assert shapes.read(between.join(map(str, shape))) == shape


@pytest.mark.parametrize("text", ["", "(4, 2", "4, 2)", "(4; 2)", "-4, 2", "4.5", "cuatro", "(4, 2)(1)", "((4, 2)"])
def test_what_is_no_shape_is_not_guessed_at(text: str) -> None:
    assert shapes.read(text) is None
    assert not shapes.mark(text, (4, 2)).readable


@given(SHAPES, SHAPES)
def test_only_the_same_shape_is_right(shape: shapes.Shape, answer: shapes.Shape) -> None:
    assert shapes.mark(str(shape), answer).right == (shape == answer)


@pytest.mark.parametrize(
    ("given_", "answer", "key"),
    [("(2, 4)", (4, 2), "ask.transposed"), ("(4,)", (128, 4), "ask.no_batch"), ("4", (128, 4), "ask.no_batch"),
     ("(4, 2, 1)", (4, 2), "ask.dimensions"), ("()", (3,), "ask.dimensions")],
)  # fmt: skip
def test_known_mistakes_are_told(given_: str, answer: shapes.Shape, key: str) -> None:
    verdict = shapes.mark(given_, answer)
    assert verdict.sentence is not None and verdict.sentence.key == key


def test_a_trap_of_the_lesson_comes_before_what_is_known_of_every_shape() -> None:
    verdict = shapes.mark("(2, 4)", (4, 2), {"rows-first": (2, 4)})
    assert (verdict.trap, verdict.sentence) == ("rows-first", None)


def test_a_trap_is_never_right() -> None:
    assert shapes.mark("(4, 4)", (4, 4), {"square": (4, 4)}).right
