"""Merging what two sessions kept: in any order, however often, nothing that counts is lost."""

from __future__ import annotations

from functools import reduce
from itertools import permutations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.words import Sentence
from tui.exercises.progress import Progress, Verdict, wrong
from tui.progress.records import Given, Kept, Left, Outline, Record, Visit, merged
from tui.progress.restoring import kept, progress_of

NAMES = st.sampled_from(["one", "two", "three"])
TIMES = st.integers(1, 12).map(float)
GIVEN = st.builds(Given, TIMES, st.sampled_from(["1", "2"]), st.sampled_from([None, True, False]))
KEPT = st.builds(
    Kept, TIMES, st.sampled_from(["a", "b"]), st.sampled_from(["", "1"]),
    st.sampled_from([None, Verdict(True), wrong("ask.not_these", count=2)]), st.integers(0, 2), st.integers(0, 2),
    st.booleans(), st.booleans(), st.booleans(), st.lists(GIVEN, max_size=3, unique_by=lambda g: g.at).map(tuple),
).map(lambda each: msgspec.structs.replace(each, at=max([each.at, *(given.at for given in each.answers)])))  # fmt: skip
RECORD = st.builds(
    Record, st.just("lesson"), st.sampled_from([0.0, 3.0, 6.0]),
    st.none() | st.builds(Left, TIMES, NAMES, st.integers(0, 3)),
    st.none() | st.builds(Outline, TIMES, st.sampled_from(["x", "y"]), st.just({"one": {"two": "a"}})),
    st.dictionaries(NAMES, st.lists(st.builds(Visit, TIMES, TIMES), max_size=3).map(tuple), max_size=3),
    st.dictionaries(NAMES, KEPT, max_size=3),
)  # fmt: skip


@given(st.lists(RECORD, min_size=3, max_size=3))
@settings(max_examples=200, deadline=None)
def test_the_order_of_merging_does_not_matter(records: list[Record]) -> None:
    ways = [merged(merged(a, b), c) for a, b, c in permutations(records)]
    assert all(way == ways[0] for way in ways)
    assert merged(records[0], merged(records[1], records[2])) == ways[0]


@given(RECORD, RECORD)
@settings(max_examples=100, deadline=None)
def test_merging_again_changes_nothing(one: Record, other: Record) -> None:
    both = merged(one, other)
    assert merged(both, one) == merged(both, other) == merged(both, both) == both


@given(st.lists(RECORD, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_every_answer_after_the_last_reset_is_there_and_the_newest_state_counts(records: list[Record]) -> None:
    whole = reduce(merged, records, Record("lesson"))
    reset = max(each.reset for each in records)
    for record in records:
        for name, exercise in record.exercises.items():
            if exercise.at > reset:
                assert whole.exercises[name].at >= exercise.at
                times = {answer.at for answer in exercise.answers if answer.at > reset}
                assert times <= {answer.at for answer in whole.exercises[name].answers}
    assert all(exercise.at > reset for exercise in whole.exercises.values())
    assert whole.left is None or whole.left.at > reset


def test_of_many_answers_the_newest_are_kept() -> None:
    many = tuple(Given(float(at), str(at), False) for at in range(1, 500))
    both = merged(Record("l", exercises={"e": Kept(1.0, "", answers=many)}), Record("l"))
    assert [each.given for each in both.exercises["e"].answers[-2:]] == ["498", "499"]
    assert len(both.exercises["e"].answers) == 200


# ---------------------------------------------------------------- what is kept of an exercise
def test_answers_hints_and_the_last_verdict_come_back() -> None:
    verdict = Verdict(sentence=Sentence("ask.not_these", {"count": 2}), trap="doubled")
    before = Progress().hinted(2)
    after = before.answered("7", verdict)
    record = kept((), before, after, "digest", 5.0)
    assert record.answers == (Given(5.0, "7", False),)
    assert progress_of(record, "digest") == after
    right = after.answered("5", Verdict(right=True))
    assert kept(record.answers, after, right, "digest", 6.0).answers[1] == Given(6.0, "5", True)


def test_a_prediction_is_right_or_wrong_only_when_the_step_is_done() -> None:
    start = Progress()
    locked = start.predicted("2")
    first = kept((), start, locked, "d", 1.0)
    assert first.answers == (Given(1.0, "2", None),) and progress_of(first, "d").locked
    out = kept(first.answers, locked, locked.came_out(Verdict(right=True)), "d", 2.0)
    assert out.answers == (Given(1.0, "2", True),) and out.solved


def test_an_exercise_that_was_edited_is_asked_again_and_says_so() -> None:
    solved = kept((), Progress(), Progress().answered("5", Verdict(right=True)), "old", 1.0)
    again = progress_of(solved, "new")
    assert again.changed and not again.done and again.given == ""
    wrong_once = kept((), Progress(), Progress().answered("4", Verdict()), "old", 1.0)
    assert progress_of(wrong_once, "new") == Progress()


def test_the_first_answer_to_an_edited_exercise_is_another_answer() -> None:
    had = (Given(1.0, "5", True),)
    again = Progress(changed=True)
    found = kept(had, again, again.answered("6", Verdict(right=True)), "new", 2.0)
    assert found.answers == (*had, Given(2.0, "6", True))
