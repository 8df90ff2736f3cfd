"""The lesson screen: keys become commands, and frames become what is drawn."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from engine import messages as m
from engine.words import Sentence
from tests import records
from tests.tui.conftest import settle
from tui.language import say
from tui.revival import DEATHS

KEYS = {
    "o": m.Advance("op"),
    "i": m.Advance("iteration"),
    "e": m.Advance("epoch"),
    "backspace": m.Travel("back", "command"),
    "u": m.Travel("forth", "command"),
    "left_square_bracket": m.Travel("back", "phase"),
    "right_square_bracket": m.Travel("forth", "phase"),
    "0": m.Travel("start", "command"),
    "r": m.Run(True),
    "plus": m.Speed(200),
    "minus": m.Speed(50),
}


@pytest.mark.parametrize("key", KEYS)
async def test_a_key_sends_its_command(fake, key):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press(key)
        assert KEYS[key] in stage.engine.commands[-2:]


async def test_space_does_what_the_step_says(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("space", "n", "space")
        assert [command.unit for command in stage.engine.said(m.Advance)] == ["phase", "epoch"]


async def test_the_experiment_is_opened_with_the_learners_choices(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        (opened,) = stage.engine.said(m.Open)
        assert (opened.device, opened.seed) == ("cpu", None)
        assert stage.engine.commands[stage.engine.commands.index(opened) + 1] == m.Speed(100)


async def test_g_asks_for_an_iteration_and_goes_there(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("g", "1", "2", "enter")
        assert stage.engine.said(m.Goto) == [m.Goto(12)]


async def test_escape_leaves_the_window_and_goes_nowhere(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("g", "1", "escape")
        assert stage.engine.said(m.Goto) == []
        assert not stage.app.screen.query(Input)


async def test_run_says_so_at_once(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("r")
        assert stage.line("happened") == "corriendo…"
        await pilot.press("r")
        assert stage.engine.said(m.Run) == [m.Run(True), m.Run(False)]


async def test_a_graph_is_readable_before_the_engine_has_answered(fake):
    stage = fake("little-graph")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert stage.line("happened") == "PyTorch se está cargando…"
        assert stage.lesson.view.graph.output == "J"
        assert "Antes de empezar." in stage.lesson.query_one("LessonText").passage


async def test_operations_are_done_by_the_engine_and_shown(local):
    stage = local("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("space", "space", "space")
        await pilot.pause()
        assert stage.lesson.frame.loss == (3 + 2 * 1) * -2
        assert stage.line("phases").startswith("◉ forward  ○ backward")
        assert stage.line("phases").endswith("J = -10.0000")
        assert stage.line("happened").startswith("J = g·c")


async def test_back_and_redo_come_to_the_same_frame(local):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("i", "i")
        await pilot.pause()
        before = stage.lesson.frame
        await pilot.press("backspace", "u")
        await pilot.pause()
        after = stage.lesson.frame
        assert after.seq > before.seq
        assert (after.moment, after.tensors) == (before.moment, before.tensors)


async def test_every_frame_is_acknowledged(local):
    stage = local("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        for _ in range(5):
            await pilot.press("space")
            await pilot.pause()
        assert max(ack.seq for ack in stage.engine.commands if isinstance(ack, m.Ack)) == stage.lesson.frame.seq


async def test_a_frame_of_another_experiment_is_not_shown(fake):
    stage = fake("little-graph")
    frame = records.graph_j().frame
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        assert stage.lesson.generation != frame.generation
        stage.engine.report(frame)
        await pilot.pause()
        assert stage.lesson.frame is None
        assert m.Ack(frame.seq) in stage.engine.commands


async def test_a_refusal_is_told_and_stays_until_the_next_key(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        generation = stage.lesson.generation
        stage.engine.report(m.Opened(generation, "cpu", 7))
        stage.engine.report(m.Failed(generation, Sentence("goto.negative")))
        await pilot.pause()
        told = stage.line("happened")
        assert told.startswith("⚠") and len(told) > 5
        await pilot.press("space")
        await pilot.pause()
        assert stage.line("happened") != told


async def test_when_the_engine_ends_another_is_started_with_the_same_experiment(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        first = stage.engine.said(m.Open)[0]
        stage.engine.end(-9)
        await pilot.pause()
        assert len(stage.engines) == 2
        again = stage.engine.said(m.Open)[0]
        assert again.spec == first.spec and again.generation > first.generation


async def test_engines_that_end_one_after_another_are_started_by_enter_only(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        for _ in range(DEATHS):
            stage.engine.end(-9)
            await pilot.pause()
        assert len(stage.engines) == DEATHS
        assert "código -9" in stage.line("happened") and "Enter" in stage.line("happened")
        await pilot.press("enter")
        await pilot.pause()
        assert len(stage.engines) == DEATHS + 1


async def test_a_new_engine_stands_where_the_last_frame_stood_with_the_same_bits(local):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("e", "i", "o", "o", "backspace")
        stage.lesson.send(m.Edit((m.Change("linear1.bias", 0.5, (1,)),)))
        await pilot.press("space", "space")
        await settle(pilot)
        before = stage.lesson.frame
        stage.engine.die()
        await settle(pilot)
        after = stage.lesson.frame
        assert len(stage.engines) == 2 and after.generation > before.generation
        assert (after.tensors, after.moment, after.log) == (before.tensors, before.moment, before.log)
        await pilot.press("backspace", "u")
        await settle(pilot)
        assert stage.lesson.frame.tensors == before.tensors


async def wait_for(pilot, holds):
    """Wait until something holds, five seconds at most."""
    for _ in range(100):
        if holds():
            return
        await pilot.pause(0.05)
    raise AssertionError("it never came to hold")


async def test_a_step_that_does_not_end_is_cancelled_with_escape(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        stage.engine.report(m.Opened(stage.lesson.generation, "cpu", 7))
        await pilot.pause()
        await pilot.press("space")
        await pilot.pause(0.5)
        await pilot.press("escape")
        await wait_for(pilot, lambda: len(stage.engines) == 2)
        assert stage.lesson.is_current


async def test_the_settings_window_sends_what_is_chosen_and_shows_what_the_engine_says(local):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        lesson = stage.lesson
        await pilot.press("comma", "right", "down", "right", "down", "down", "left")
        await settle(pilot)
        found = lesson.frame.settings
        assert (found["lr"], found["optimizer.kind"], found["batch.size"]) == (0.3, "adam", 8)
        await pilot.press("enter", *"12", "enter", "escape")
        await settle(pilot)
        assert lesson.is_current and lesson.frame.settings["batch.size"] == 12
        await pilot.press("backspace")
        await settle(pilot)
        assert lesson.frame.settings["batch.size"] == 8


async def test_a_lesson_is_found_again_where_it_was_left(local):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("n", "i", "i", "space")
        await settle(pilot)
        left = stage.lesson.frame
        await pilot.press("escape", "escape")
        await settle(pilot)
    again = local("little-net")
    async with again.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        assert again.lesson.cursor == 1
        found = again.lesson.frame
        assert (found.tensors, found.moment) == (left.tensors, left.moment)
        assert (found.curve, found.undo) == (left.curve, left.undo)
        told = [each.message for each in again.app._notifications]
        assert say("es", "place.back", iteration=left.moment.iterations_done) in told


async def test_what_an_engine_that_was_replaced_still_says_is_not_heard(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        old = stage.engine
        old.end(1)
        await pilot.pause()
        old.end(1)
        await pilot.pause()
        assert stage.lesson.ended is None


async def test_a_number_chooses_the_pane_at_80_columns(fake):
    stage = fake("little-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert [pane.__class__.__name__ for pane in stage.lesson.query("#panes > *") if pane.display] == ["TensorsPane"]
        await pilot.press("3")
        await pilot.pause()
        assert [pane.__class__.__name__ for pane in stage.lesson.query("#panes > *") if pane.display] == ["LossPane"]
        assert "▸3 Pérdida" in stage.line("tabs")


async def test_several_panes_are_shown_where_there_is_room_and_one_after_shrinking(fake):
    stage = fake("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert stage.lesson._area.on_show == ("tensors", "loss", "boundary")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert stage.lesson._area.on_show == ("tensors",)


async def test_too_small_a_window_is_told_and_the_lesson_comes_back(fake):
    stage = fake("little-net")
    async with stage.app.run_test(size=(50, 15)) as pilot:
        await settle(pilot)
        assert "61 × 19" in stage.line("too-small")
        assert stage.lesson.query_one("#too-small").display
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert stage.lesson.query_one("#body").display


async def test_the_engine_is_asked_for_what_the_shown_panes_need(local):
    stage = local("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        watch = stage.engine.said(m.Watch)[-1]
        assert watch.curve > 0 and watch.field is not None
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        watch = stage.engine.said(m.Watch)[-1]
        assert watch.curve == 0 and watch.field is None


async def test_m_gives_the_pane_the_whole_screen_and_escape_puts_it_back(fake):
    stage = fake("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("m")
        await pilot.pause()
        assert not stage.lesson.query_one("#lesson").display
        await pilot.press("escape")
        await pilot.pause()
        assert stage.lesson.query_one("#lesson").display


async def test_l_switches_the_language_of_everything_at_once(local):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("l")
        await pilot.pause()
        assert stage.line("status").startswith("A little lesson · step 1 of 2")
        assert "Look closely." in stage.lesson.query_one("LessonText").passage
        assert "2 Tensors" in stage.line("tabs")
        assert stage.lesson.view.language == "en"


async def test_w_opens_the_tensors_and_an_edit_reaches_the_engine(local):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("3", "w")
        await pilot.pause()
        assert stage.lesson.current == "tensors"
        await pilot.press("5", "enter")
        await pilot.pause()
        (edit,) = [command for command in stage.engine.commands if isinstance(command, m.Edit)]
        assert edit.changes == (m.Change("linear1.weight", 5.0, (0, 0)),)


async def test_a_click_on_a_phase_goes_there(local):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        at = stage.line("phases").index("backward") + 1
        await pilot.click("#phases", offset=(at + 1, 0))
        await pilot.pause()
        assert stage.lesson.frame.moment.completed == ("forward", "loss", "backward")
        await pilot.click("#phases", offset=(3, 0))
        await pilot.pause()
        assert stage.lesson.frame.moment.completed == ("forward",)


async def test_a_click_on_the_footer_is_the_key(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        bar = str(stage.lesson.query_one("KeyBar").render())
        await pilot.click("KeyBar", offset=(bar.index("operación") + 2, 0))
        assert stage.engine.said(m.Advance) == [m.Advance("op")]


CODE = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)"


async def test_code_in_the_text_is_broken_and_not_cut_in_a_narrow_screen(fake):
    stage = fake("little-graph")
    prose = stage.app.choices.folders[0] / "little-graph" / "es.md"
    prose.write_text(prose.read_text().replace("Mira bien.", f"```python\n{CODE}\n```"))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        fence = stage.lesson.query_one("MarkdownFence Label")
        rows = ["".join(segment.text for segment in fence.render_line(y)) for y in range(fence.size.height)]
        assert len(rows) > 1
        assert "".join("".join(rows).split()) == "".join(CODE.split())
