"""A session taken up by another one, from the log and the memory that frames carry, stands there with the same bits."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import messages as m
from engine.memory import Remembered, log, memory, resume
from engine.session import Session
from tests.engine.test_session import EXPERIMENTS, PATIENT, do, histories, seen, trail


def taken_up(name: str, old: Session) -> Session:
    """A fresh session that got what the old one left, over the wire."""
    encoded = msgspec.msgpack.encode((log(old, losses=True), memory(old)))
    done, kept = msgspec.msgpack.decode(encoded, type=tuple[m.Log, m.Memory])
    session = Session(EXPERIMENTS[name])
    resume(session, done, kept)
    return session


@PATIENT
@given(histories(), st.lists(st.sampled_from(["back", "forth"]), max_size=6), st.sampled_from(["command", "phase"]))
def test_the_same_bits_stand_there_and_history_goes_on(
    history: tuple[str, list[m.AnyCommand]], walk: list[str], by: str
) -> None:
    name, commands = history
    old, _ = trail(name, commands)
    for direction in walk:
        old.apply(m.Travel(direction, by))  # type: ignore[arg-type]
        old.finish()
    new = taken_up(name, old)
    assert seen(new) == seen(old)
    back, forth = m.Travel("back"), m.Travel("forth")
    for command in (back, forth, m.Advance("phase"), m.Advance("iteration", 2), back):
        do(old, command)
        do(new, command)
        assert seen(new) == seen(old)


def test_the_log_of_very_many_edited_numbers_is_sent_seldom_while_a_run_goes_on_and_at_last_not_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.memory.MANY", 10)
    session, told = Session(EXPERIMENTS["adam"]), Remembered()
    do(session, m.Edit((m.Change("linear1.weight", [[1.0, 2.0]] * 3),)))
    session.apply(m.Run(True))
    session.work(5.0, 2)
    assert told.news(session)[0] is not None
    session.work(5.0, 2)
    assert told.news(session)[0] is not None, "few"
    session.apply(m.Run(False))
    do(session, m.Edit((m.Change("linear1.weight", [[3.0, 4.0]] * 3),)))
    session.apply(m.Run(True))
    session.work(5.0, 2)
    assert told.news(session) == (None, None, None), "many, and just told"
    session.apply(m.Run(False))
    log, losses, _ = told.news(session)
    assert log is not None and losses is not None, "at rest"
    monkeypatch.setattr("engine.memory.TOO_MANY", 11)
    do(session, m.Advance("phase"))
    assert told.news(session) == (None, None, None)


def test_in_the_middle_of_a_run_the_losses_so_far_come_along() -> None:
    old = Session(EXPERIMENTS["adam"])
    old.apply(m.Run(True))
    old.work(5.0, 7)
    new = taken_up("adam", old)
    assert seen(new) == seen(old)
    assert len(new.timeline.losses()) == new.look().iteration + 1
