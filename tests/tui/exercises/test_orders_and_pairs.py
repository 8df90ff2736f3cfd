"""Orders and pairs as answers: every valid order passes, and of a wrong one the first pair that is broken is told."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.exercises import orders, pairings


@st.composite
def tasks(draw):
    """So many lines, and pairs that some hidden order respects."""
    count = draw(st.integers(2, 5))
    hidden = draw(st.permutations(range(count)))
    pairs = [(hidden[i], hidden[j]) for i in range(count) for j in range(i + 1, count)]
    return count, draw(st.lists(st.sampled_from(pairs), unique=True))


@given(tasks())
def test_exactly_the_orders_that_respect_every_pair_are_right(task):
    count, before = task
    for order in permutations(range(count)):
        valid = all(order.index(one) < order.index(other) for one, other in before)
        assert orders.mark(orders.written(order), count, before).right == valid


@given(tasks())
def test_the_first_broken_pair_is_named(task):
    count, before = task
    for order in permutations(range(count)):
        broken = [pair for pair in before if order.index(pair[0]) > order.index(pair[1])]
        assert orders.violated(order, before) == (broken[0] if broken else None)


@given(tasks())
def test_the_solution_is_right(task):
    count, before = task
    found = orders.some_right(count, before)
    assert orders.mark(orders.written(found), count, before).right


@given(tasks(), st.text("abc", min_size=1, max_size=5))
def test_it_begins_wrong_where_some_order_is_wrong_and_always_alike(task, name):
    count, before = task
    first = orders.shuffled(name, count, before)
    assert first == orders.shuffled(name, count, before)
    assert (orders.violated(first, before) is not None) == bool(before)


def test_pairs_in_a_circle_have_no_order():
    assert orders.some_right(3, [(0, 1), (1, 2), (2, 0)]) is None


def test_lines_that_read_alike_may_change_places():
    lines = ["}", "a", "}"]
    before = [(0, 1), (1, 2)]
    assert orders.mark("2 1 0", 3, before, lines).right
    assert not orders.mark("1 0 2", 3, before, lines).right


@pytest.mark.parametrize("text", ["", "0", "0 0", "0 1 2", "0 x", "-1 0", "0 ²"])
def test_what_is_no_order_is_no_attempt(text):
    assert not orders.mark(text, 2, [(0, 1)]).readable


IDS = st.sampled_from(["a", "b", "c-1", "d_2", "e"])
PAIRS = st.dictionaries(IDS, st.sampled_from(["one", "two", "three"]), min_size=2)


@given(PAIRS, st.data())
def test_pairs_are_right_if_all_are_the_same(pairs, data):
    chosen = {left: data.draw(st.sampled_from(sorted(set(pairs.values())))) for left in data.draw(
        st.permutations(sorted(pairs)))}  # fmt: skip
    verdict = pairings.mark(pairings.written(chosen), pairs)
    assert verdict.right == (chosen == pairs)
    wrong = sum(chosen[left] != pairs[left] for left in pairs)
    assert verdict.right or verdict.sentence.values["wrong"] == wrong


@given(PAIRS)
def test_while_one_has_no_pair_it_is_no_attempt(pairs):
    left = dict(list(pairs.items())[1:])
    assert not pairings.mark(pairings.written(left), pairs).readable


@given(PAIRS)
def test_every_right_one_can_be_chosen_once(pairs):
    assert sorted(pairings.choices("x", pairs)) == sorted(set(pairs.values()))
