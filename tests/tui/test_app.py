"""The app as a whole: it closes by q and Ctrl+C, changes its theme, and keeps what the engine says in order."""

from __future__ import annotations

import pytest

from engine import messages as m
from tests import records
from tests.local_engine import FakeEngine
from tests.tui.conftest import settle
from tui.app import Choices, TutorApp
from tui.arrangement import room, shown
from tui.link import Ended, Link


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
@pytest.mark.parametrize("lesson", [None, "little-graph"])
async def test_q_and_ctrl_c_close_the_tutor(fake, key, lesson):
    stage = fake(lesson)
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(key)
        await pilot.pause()
        assert not stage.app.is_running or stage.app._exit


async def test_ctrl_c_closes_the_tutor_from_inside_a_text_field(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("g", "1", "ctrl+c")
        await pilot.pause()
        assert stage.app._exit


async def test_the_theme_changes_and_changes_back(fake):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        dark = stage.app.theme
        await stage.app.run_action("app.theme")
        assert stage.app.current_theme.dark is False
        await stage.app.run_action("app.theme")
        assert stage.app.theme == dark


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("lesson", [None, "little-graph"])
async def test_there_is_one_engine_whether_or_not_it_was_started_before_the_screen(lessons, lesson, before):
    engines = []
    link = Link(lambda *callbacks: engines.append(FakeEngine(*callbacks)) or engines[-1])
    if before:
        link.start()
    app = TutorApp(link, Choices("es", "cpu", None, (lessons,)), lessons / lesson if lesson else None)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert link.started and [each.alive for each in engines] == [True]


def linked() -> tuple[Link, FakeEngine, list[int]]:
    engines, calls = [], []
    link = Link(lambda *callbacks: engines.append(FakeEngine(*callbacks)) or engines[-1])
    link.start()
    link.listen(lambda: calls.append(1))
    return link, engines[0], calls


def test_of_several_frames_that_wait_the_newest_is_kept_with_the_last_curve_and_field():
    link, engine, calls = linked()
    old = records.xor().frame
    new = m.Frame(old.seq + 1, old.generation, old.moment, old.tensors)
    engine.report(old)
    engine.report(new)
    (taken,) = link.take()
    assert taken.seq == new.seq
    assert (taken.curve, taken.field) == (old.curve, old.field)
    assert len(calls) == 1


def test_a_curve_of_another_experiment_is_not_kept():
    link, engine, _ = linked()
    old = records.xor().frame
    engine.report(old)
    engine.report(m.Frame(1, old.generation + 1, old.moment, ()))
    (taken,) = link.take()
    assert taken.curve is None


def test_reports_come_in_order_and_the_frame_last_before_the_end():
    link, engine, _ = linked()
    frame = records.graph_j().frame
    engine.report(m.Hello(1, "2", ("cpu",)))
    engine.report(frame)
    engine.end(3)
    assert link.take() == (m.Hello(1, "2", ("cpu",)), frame, Ended(3))
    assert link.take() == ()


def test_after_stopping_nothing_is_heard():
    link, engine, calls = linked()
    link.stop()
    engine.report(m.Hello(1, "2", ()))
    assert link.take() == () and calls == []


def test_what_an_engine_said_before_it_was_replaced_is_not_heard_either():
    link, engine, _ = linked()
    engine.report(records.graph_j().frame)
    engine.end(3)
    link.start()
    assert link.take() == ()


@pytest.mark.parametrize(
    ("size", "panes"), [((200, 60), 5), ((120, 40), 3), ((80, 24), 1), ((61, 19), 1), ((60, 40), 0), ((80, 18), 0)]
)
def test_a_larger_window_has_room_for_more_panes(size, panes):
    assert room(*size) == panes


def test_the_current_pane_is_always_among_those_shown():
    panes = ("graph", "tensors", "loss", "boundary", "code")
    for current in panes:
        for capacity in range(1, 6):
            names = shown(("tensors", "loss"), panes, current, capacity)
            assert current in names and len(names) == capacity == len(set(names))
