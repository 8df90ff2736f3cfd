"""Outcomes as answers: what was chosen, the shape with it, and what is said of a wrong one."""

from __future__ import annotations

import pytest

from lessons.answers import ERRORS, WORKS
from tui.exercises import outcomes


@pytest.mark.parametrize("error", ERRORS)
def test_the_error_it_ends_in_is_right_and_nothing_else(error: str) -> None:
    for given in ERRORS:
        verdict = outcomes.mark(given, error, None)
        assert verdict.right == (given == error)
        assert verdict.right or (verdict.sentence is not None and verdict.sentence.key == "ask.outcome.other_error")
    told = outcomes.mark("works (2, 3)", error, None).sentence
    assert told is not None and told.key == "ask.outcome.it_fails"


def test_where_it_works_the_shape_counts_too() -> None:
    assert outcomes.mark("works 2x3", WORKS, (2, 3)).right
    assert outcomes.mark("works ()", WORKS, ()).right
    transposed = outcomes.mark("works (3, 2)", WORKS, (2, 3))
    assert not transposed.right and transposed.sentence is not None and transposed.sentence.key == "ask.transposed"
    told = outcomes.mark("shape", WORKS, (2, 3)).sentence
    assert told is not None and told.key == "ask.outcome.it_works"


@pytest.mark.parametrize("given", ["", "works", "works hello", "nonsense"])
def test_what_is_no_answer_is_no_attempt(given: str) -> None:
    assert not outcomes.mark(given, WORKS, (2, 3)).readable
