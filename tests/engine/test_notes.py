"""Speed and theme are entries of history too: they are undone and done again, and nothing of the training changes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import messages as m
from engine.frames import Frames
from engine.memory import log, memory, resume
from engine.session import Session
from engine.words import LANGUAGES, Refused, say
from tests.engine.test_session import ADVANCES, EXPERIMENTS, PATIENT, do, edits, seen

SPEEDS = st.builds(m.Change, st.just("run.speed"), st.sampled_from([1, 2.5, 100, "free"]))
THEMES = st.builds(m.Change, st.just("screen.theme"), st.sampled_from(["dark", "light"]))
NOTES = st.builds(lambda change: m.Edit((change,)), SPEEDS | THEMES)
History = tuple[str, list[m.AnyCommand]]


@st.composite
def noted(draw: st.DrawFn) -> History:
    """An experiment, and commands with notes between them."""
    name = draw(st.sampled_from(sorted(EXPERIMENTS)))
    return name, draw(st.lists(ADVANCES | edits(name) | NOTES | NOTES, min_size=1, max_size=10))


def is_note(command: m.AnyCommand) -> bool:
    return isinstance(command, m.Edit) and command.changes[0].name in m.NOTES


def everything(session: Session) -> dict[str, Any]:
    """What stands there, and the notes that hold."""
    return {**seen(session), "notes": session.timeline.notes()}


def trail(history: History) -> tuple[Session, list[dict[str, Any]]]:
    """A session after the commands, and what was seen at the beginning and at the end of each of its entries."""
    session = Session(EXPERIMENTS[history[0]])
    found = [everything(session)]
    for command in history[1]:
        do(session, command)
        del found[len(session.timeline.entries) :]  # a note took the place of the one just before it
        found.append(everything(session))
    return session, found


@PATIENT
@given(noted())
def test_the_bits_are_those_of_the_same_history_without_notes(history: History) -> None:
    name, commands = history
    with_notes, without = Session(EXPERIMENTS[name]), Session(EXPERIMENTS[name])
    for command in commands:
        do(with_notes, command)
        if not is_note(command):
            do(without, command)
        assert seen(with_notes) == seen(without)


@PATIENT
@given(noted())
def test_back_and_redo_bring_state_cursor_and_setting(history: History) -> None:
    session, found = trail(history)
    for expected in reversed(found[:-1]):
        do(session, m.Travel("back"))
        assert everything(session) == expected
    for expected in found[1:]:
        do(session, m.Travel("forth"))
        assert everything(session) == expected


@PATIENT
@given(noted())
def test_phase_by_phase_back_and_forth_shows_the_same_moments(history: History) -> None:
    session, found = trail(history)
    shown = {session.timeline.now: everything(session)}
    while session.timeline.now.entry >= 0:
        do(session, m.Travel("back", "phase"))
        assert session.timeline.now < min(shown)
        shown[session.timeline.now] = everything(session)
    assert everything(session) == found[0]
    for moment in sorted(shown)[1:]:
        do(session, m.Travel("forth", "phase"))
        assert session.timeline.now == moment
        assert everything(session) == shown[moment]


@PATIENT
@given(noted(), st.lists(st.sampled_from(["back", "forth"]), max_size=6), st.sampled_from(["command", "phase"]))
def test_another_engine_takes_it_up_where_it_stood(history: History, walk: list[str], by: str) -> None:
    old, _ = trail(history)
    for direction in walk:
        do(old, m.Travel(direction, by))  # type: ignore[arg-type]
    encoded = msgspec.msgpack.encode((log(old, losses=True), memory(old)))
    done, kept = msgspec.msgpack.decode(encoded, type=tuple[m.Log, m.Memory])
    new = Session(EXPERIMENTS[history[0]])
    resume(new, done, kept)
    assert everything(new) == everything(old)
    for command in (m.Travel("back"), m.Travel("forth"), m.Advance("phase"), m.Advance("iteration", 2)):
        do(old, command)
        do(new, command)
        assert everything(new) == everything(old)


def test_a_note_in_the_middle_of_an_iteration_leaves_all_that_was_computed() -> None:
    session = Session(EXPERIMENTS["net"])
    do(session, m.Advance("phase", 3))
    before = session.look()
    do(session, m.Edit((m.Change("run.speed", 5),)))
    assert session.look() is before and before.grads and before.tapes and before.cursor
    assert [(entry.unit, entry.start, entry.end) for entry in session.timeline.entries][1:] == [
        ("edit", before.cursor, before.cursor)
    ]


def test_several_in_a_row_are_one_entry_and_the_log_tells_the_last() -> None:
    session = Session(EXPERIMENTS["net"])
    frames = Frames(session)
    do(session, m.Advance("op"))
    for speed in (200, 500, "free"):
        do(session, m.Edit((m.Change("run.speed", speed),)))
        frame = frames.frame(1, m.Watch())
        assert frame.log is not None and frame.log.entries[-1].changes == (m.Change("run.speed", speed),)
        assert frame.settings["run.speed"] == speed
    assert len(session.timeline.entries) == 2
    do(session, m.Travel("back"))
    assert "run.speed" not in frames.frame(2, m.Watch()).settings


def test_a_run_goes_on_and_its_parts_lie_in_history() -> None:
    session = Session(EXPERIMENTS["net"])
    session.apply(m.Run(True))
    session.work(1.0, 3)
    session.apply(m.Edit((m.Change("screen.theme", "light"),)))
    assert session.running
    session.finish()
    assert [entry.unit for entry in session.timeline.entries] == ["run", "edit", "run"]
    straight = Session(EXPERIMENTS["net"])
    do(straight, m.Run(True))
    assert seen(session) == seen(straight)


def test_a_note_beside_an_edit_is_an_entry_of_its_own() -> None:
    session = Session(EXPERIMENTS["net"])
    do(session, m.Edit((m.Change("lr", 0.25), m.Change("screen.theme", "light"))))
    assert [entry.note for entry in session.timeline.entries] == [True, False]
    assert session.state.lr == 0.25


@pytest.mark.parametrize("name", m.NOTES)
def test_a_frame_says_what_was_done_and_what_back_takes_away(name: str) -> None:
    session = Session(EXPERIMENTS["plain"])
    do(session, m.Advance("op"))
    do(session, m.Edit((m.Change(name, m.NOTES[name][0]),)))
    frame = Frames(session).frame(1, m.Watch())
    assert frame.sentence is not None and frame.undo is not None
    assert all(say(frame.sentence, each) and say(frame.undo, each) for each in LANGUAGES)
    assert not frame.touched_values and frame.moment.op == "h"


@pytest.mark.parametrize(
    ("name", "value"),
    [("run.speed", 0), ("run.speed", -1.0), ("run.speed", "fast"), ("run.speed", [1.0]), ("run.speed", float("inf")),
     ("screen.theme", "pink"), ("screen.theme", 1)],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_changes_nothing(name: str, value: float | str) -> None:
    session = Session(EXPERIMENTS["net"])
    with pytest.raises(Refused):
        session.apply(m.Edit((m.Change(name, value),)))
    assert not session.timeline.entries
