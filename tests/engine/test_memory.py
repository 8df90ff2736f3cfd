"""A session taken up by another one, from the log and the memory that frames carry, stands there with the same bits."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine import messages as m
from engine.memory import log, memory, resume
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


def test_in_the_middle_of_a_run_the_losses_so_far_come_along() -> None:
    old = Session(EXPERIMENTS["adam"])
    old.apply(m.Run(True))
    old.work(5.0, 7)
    new = taken_up("adam", old)
    assert seen(new) == seen(old)
    assert len(new.timeline.losses()) == new.look().iteration + 1
