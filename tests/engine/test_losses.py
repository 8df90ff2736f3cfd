"""What frames tell of losses, put together, is what the session computed, whatever was cut and merged on the way."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import messages as m
from engine.frames import Frames
from engine.losses import Losses
from engine.session import Session
from engine.words import Refused
from tests.engine.test_session import EXPERIMENTS, PATIENT
from tests.local_engine import LocalEngine
from tui.link import Link

ROOM = 100  # to begin with, here
steps = st.lists(
    st.one_of(
        st.tuples(st.just("extend"), st.sampled_from([0, 1, 7, 1000, ROOM])),
        st.tuples(st.just("cut"), st.integers(0, 2 * ROOM)),
        st.just(("tell", 0)),
    )
)


class Listener:
    """Keeps what is told of losses, as the screen does."""

    def __init__(self) -> None:
        self.losses = bytearray()

    def hear(self, news: m.Losses | None) -> None:
        if news is not None:
            del self.losses[4 * news.first :]
            self.losses += news.data


@given(steps)
def test_what_is_told_of_them_is_what_they_are(steps: list[tuple[str, int]]) -> None:
    losses, listener, there = Losses(ROOM), Listener(), np.empty(0, np.float32)
    for number, (step, count) in enumerate(steps):
        if step == "extend":
            more = np.arange(count, dtype=np.float32) + 0.5 * number
            losses.extend(more)
            there = np.concatenate([there, more])
        elif step == "cut":
            losses.cut(count)
            there = there[:count]
        else:
            listener.hear(losses.news())
            assert losses.news() is None, "told once"
            assert bytes(listener.losses) == there.tobytes()
        assert len(losses) == len(there)
        assert losses.part(0, len(losses)).tobytes() == there.tobytes()


class Silent:
    def start(self) -> None: ...
    def send(self, command: m.AnyCommand) -> None: ...
    def stop(self) -> None: ...


commands = st.one_of(
    st.builds(m.Advance, st.sampled_from(["phase", "iteration", "epoch"]), st.integers(1, 5)),
    st.builds(m.Travel, st.sampled_from(["back", "forth", "start"]), st.sampled_from(["command", "phase"])),
    st.builds(m.Goto, st.integers(0, 20)),
    st.just(m.Edit((m.Change("lr", 0.25),))),
)


def carry_out(session: Session, command: m.AnyCommand) -> None:
    with suppress(Refused):
        session.apply(command)
        session.finish()


@PATIENT
@given(st.lists(st.tuples(commands, st.booleans()), max_size=12))
def test_frames_that_the_screen_never_saw_take_no_loss_with_them(history: list[tuple[m.AnyCommand, bool]]) -> None:
    session, listener = Session(EXPERIMENTS["adam"]), Listener()
    frames, puts = Frames(session), []

    def make(put, _end):  # type: ignore[no-untyped-def]
        puts.append(put)
        return Silent()

    link = Link(make)
    link.start()
    for number, (command, taken) in enumerate([*history, (m.Advance("phase"), True)]):
        carry_out(session, command)
        puts[0](frames.frame(number, m.Watch()))
        if taken:
            for frame in link.take():
                assert isinstance(frame, m.Frame)
                listener.hear(frame.losses)
            computed = session.timeline.computed
            assert bytes(listener.losses) == computed.part(0, len(computed)).tobytes()


def test_losses_that_are_too_many_for_one_message_all_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.losses.AT_ONCE", 3)
    listener, told = Listener(), list[m.Losses]()

    def hear(report: m.AnyReport) -> None:
        if isinstance(report, m.Frame):
            engine.pipe.inbox.append(m.Ack(report.seq))
            listener.hear(report.losses)
            told.extend([report.losses] if report.losses else [])

    engine = LocalEngine(hear, lambda status: None)
    engine.start()
    engine.send(m.Open(EXPERIMENTS["adam"].model_dump_json().encode()))
    engine.send(m.Advance("iteration", 20))
    assert engine.engine.session is not None
    computed = engine.engine.session.timeline.computed
    assert len(computed) == 20 and bytes(listener.losses) == computed.part(0, 20).tobytes()
    assert max(len(each.data) for each in told) == 3 * 4


@PATIENT
@given(st.lists(commands, max_size=12))
def test_the_curve_is_the_loss_of_each_iteration_as_it_was_computed_last(history: list[m.AnyCommand]) -> None:
    session, found = Session(EXPERIMENTS["adam"]), dict[int, float]()
    for command in history:
        carry_out(session, command)
    curve = session.timeline.losses().copy()
    while session.timeline.before_phase() is not None:
        number = session.timeline.losses_by(session.timeline.now.time) - 1
        loss = session.experiment.loss(session.look())
        if loss is not None:
            found.setdefault(number, loss)
        carry_out(session, m.Travel("back", "phase"))
    assert [np.float32(found[number]) for number in range(len(curve))] == list(curve), "an edit may undo one more"
