"""States that are kept to go back to: what is said, and when, where there is no room for all of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import messages as m
from engine.checkpoints import RECENT, REPLAY_MOST, REPLAY_SECONDS, Checkpoints, room, size
from engine.session import Session
from engine.words import LANGUAGES, say
from tests.engine.test_session import EXPERIMENTS, PATIENT, do, seen
from tests.local_engine import LocalEngine

NAMES = ("net", "adam", "descent")


def kept_each(name: str, history: int, iterations: int, interval: int = 1) -> Session:
    """A session after so many iterations, that has kept one state every `interval`."""
    session = Session(EXPERIMENTS[name], history=history)
    session.checkpoints.timed = lambda seconds, iterations: None  # type: ignore[method-assign]  # a fixed interval
    session.checkpoints.interval = interval
    do(session, m.Advance("iteration", iterations))
    return session


@PATIENT
@given(st.sampled_from(NAMES), st.integers(2, 6), st.integers(8, 40))
def test_where_states_are_let_go_it_is_said_once_and_the_numbers_stay_the_same(
    name: str, states: int, iterations: int
) -> None:
    one = size(replace(kept_each(name, room(), 2).look(), grads={}))  # with all that the optimizer keeps
    session, roomy = kept_each(name, states * one, iterations), kept_each(name, room(), iterations)
    assert session.checkpoints.bytes <= states * one
    told = session.checkpoints.news()
    assert told is not None and told.values["count"] == max(1, states // 2)
    assert told.key == ("history.last" if states > 3 else "history.last_one")
    assert all(say(told, language) for language in LANGUAGES)
    do(session, m.Advance("iteration", iterations))
    assert session.checkpoints.news() is None
    assert roomy.checkpoints.news() is None
    for each in (session, roomy):
        do(each, m.Goto(iterations // 2))
    assert seen(session) == seen(roomy)


@PATIENT
@given(st.sampled_from(NAMES), st.integers(0, 60), st.sampled_from([1, 4]))
def test_where_there_is_room_nothing_is_said(name: str, iterations: int, interval: int) -> None:
    assert kept_each(name, room(), iterations, interval).checkpoints.news() is None


@pytest.mark.parametrize(("interval", "key"), [(1, "history.large_one"), (6, "history.large")])
def test_a_model_that_has_no_room_twice_is_told_with_the_steps_that_are_given_back_quickly(
    interval: int, key: str
) -> None:
    session = kept_each("adam", 10, 30, interval)
    told = session.checkpoints.news()
    assert told is not None and told.key == key
    assert told.values.get("count", 1) == interval
    assert all(say(told, language) for language in LANGUAGES)


def test_the_screen_hears_it_as_a_notice_beside_the_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.session.room", lambda device: 600)
    heard: list[m.AnyReport] = []
    engine = LocalEngine(heard.append, lambda code: None)
    engine.start()
    engine.send(m.Open(EXPERIMENTS["net"].model_dump_json().encode()))
    for number in range(20):
        engine.send(m.Edit((m.Change("lr", number / 100),)))  # what follows an edit is always kept
        engine.send(m.Advance("iteration"))
        engine.send(m.Ack(10**6))
    notices = [report for report in heard if isinstance(report, m.Notice)]
    assert [notice.message.key for notice in notices] == ["history.last"]
    frames = [report for report in heard if isinstance(report, m.Frame)]
    assert all(frame.message is None and frame.outcome == "ok" for frame in frames)


@PATIENT
@given(st.integers(3, 40), st.lists(st.integers(1, 60), min_size=1, max_size=300))
def test_the_last_thousand_iterations_stay_as_dense_as_there_is_room_and_what_is_older_thins_out(
    states: int, steps: list[int]
) -> None:
    one = Session(EXPERIMENTS["net"]).state
    checkpoints, now = Checkpoints(one, states * size(one)), 0
    checkpoints.interval = 60
    for step in steps:
        now += step
        checkpoints.keep(0, replace(one, iteration=now), 0)
    kept = [each.state.iteration for each in checkpoints._kept]
    assert kept == sorted(set(kept)) and (kept[0], kept[-1]) == (0, now)
    assert checkpoints.bytes == (len(kept) - 1) * size(one) <= states * size(one)
    assert len(kept) > min(states, len(steps)) * 0.8 - 1  # no more is let go than is needed
    gaps = [(now - begin, end - begin) for begin, end in pairwise(kept)]
    recent = [gap for age, gap in gaps if age < min(RECENT, 60 * states // 2)] or [0]
    assert max(recent) <= 4 * 60


def test_a_state_that_takes_long_to_keep_is_kept_less_often_within_limits() -> None:
    checkpoints = Checkpoints(Session(EXPERIMENTS["net"]).state, room())
    found = []
    for seconds in (0.0, 5e-4, 1.0):
        for _ in range(20):
            checkpoints.took(seconds)
        checkpoints.timed(0.1, 100)
        found.append((checkpoints.interval, checkpoints.within(0.01)))
    (usual, _), (more, _), (most, _) = found
    assert (usual, most) == (1000 * REPLAY_SECONDS, 1000 * REPLAY_MOST) and usual < more < most
    assert [within for _, within in found] == pytest.approx([10, 10, 10], abs=1)


@given(st.integers(2, 5), st.integers(6, 60))
def test_where_only_few_find_room_they_are_the_last_ones(states: int, iterations: int) -> None:
    one = Session(EXPERIMENTS["net"]).state
    checkpoints = Checkpoints(one, states * size(one))
    for iteration in range(1, iterations):
        checkpoints.keep(0, replace(one, iteration=iteration), 0)
    kept = [each.state.iteration for each in checkpoints._kept]
    assert kept[0] == 0 and kept[-2:] == [iterations - 2, iterations - 1]


def test_with_room_for_the_last_thousand_it_is_said_that_only_what_is_older_thins_out() -> None:
    one = Session(EXPERIMENTS["net"]).state
    checkpoints = Checkpoints(one, 30 * size(one))
    checkpoints.interval = 100
    for iteration in range(100, 4000, 100):
        checkpoints.keep(0, replace(one, iteration=iteration), 0)
    assert (told := checkpoints.news()) is not None and told.key == "history.thinned"
    assert all(say(told, language) for language in LANGUAGES)


def test_on_a_gpu_history_is_kept_within_a_part_of_its_own_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for gigabytes, megabytes in ((2, 128), (16, 1024), (140, 1024)):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device, total=gigabytes << 30: (total // 3, total))
        assert room(torch.device("cuda:0")) == megabytes << 20
