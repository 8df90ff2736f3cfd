"""What panes look at is carried out once for each state, long work in slices, and only while it is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine import messages as m
from engine.begin import begin
from engine.frames import Frames
from engine.looks import see
from engine.looks.records import Operation, SeenOperation
from tests.engine.examples import GRAPH_J, LONG, graph, net

LAST = Operation()


@pytest.fixture
def session():
    return begin(graph(GRAPH_J["inputs"], GRAPH_J["nodes"]), None, "cpu")


def did(session: Any, *commands: m.AnyCommand) -> None:
    for command in commands:
        session.apply(command)
        session.finish()


def test_a_look_is_in_the_frame_once_for_each_state(session):
    frames, watch = Frames(session), m.Watch(looks=(LAST,))
    did(session, m.Advance("op"))
    assert [seen.node for seen in frames.frame(1, watch).seen] == ["h"]
    assert frames.frame(2, watch).seen == ()
    did(session, m.Advance("op"))
    assert [seen.node for seen in frames.frame(3, watch).seen] == ["g"]


def test_a_look_that_was_not_wanted_for_a_while_is_carried_out_again(session):
    looks = see.Looks(session)
    assert len(looks.quick((LAST,))) == 1
    assert looks.quick(()) == ()
    assert len(looks.quick((LAST,))) == 1


@pytest.fixture
def slow(monkeypatch):
    """Operations looked at as if that took long: in three slices. How many slices were worked."""
    worked = []

    def long(session: Any, look: Operation) -> Iterator[None]:
        for piece in range(3):
            worked.append(piece)
            yield
        return SeenOperation(of=look, node="found")

    monkeypatch.setattr(see, "QUICK", {})
    monkeypatch.setattr(see, "LONG", {Operation: long})
    return worked


def test_a_long_look_goes_on_in_slices_and_comes_with_a_later_frame(session, slow):
    looks = see.Looks(session)
    assert looks.quick((LAST,)) == () and slow == []
    turns = 0
    while looks.pending((LAST,)):
        looks.work((LAST,), 0.0)
        turns += 1
        assert turns < 10
    assert slow == [0, 1, 2] and turns > 1
    assert [seen.node for seen in looks.quick((LAST,))] == ["found"]
    assert not looks.pending((LAST,)) and looks.quick((LAST,)) == ()


def test_a_long_look_at_a_state_that_is_gone_is_given_up(session, slow):
    looks = see.Looks(session)
    looks.work((LAST,), 0.0)
    assert slow == [0]
    did(session, m.Advance("op"))
    while looks.pending((LAST,)):
        looks.work((LAST,), 1.0)
    assert slow == [0, 0, 1, 2]


def test_nothing_long_is_looked_at_while_training(slow):
    session = begin(net(LONG), None, "cpu")
    session.apply(m.Run(True))
    assert not see.Looks(session).pending((LAST,))
    session.apply(m.Run(False))
    assert see.Looks(session).pending((LAST,))
