"""The code pane: the script of the experiment, the lines of the present phase marked and in view."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import code
from engine.frames import Frames
from engine.messages import Advance, Opened, Watch
from engine.session import Session
from engine.spec import Graph as GraphSpec
from engine.spec import Net, Optimizer
from tests import records
from tests.engine.examples import GRAPH_J, graph, net
from tests.tui.stage import at, on_stage, strips, text
from tui.panes.code import BACK, DONE, NEXT, CodePane, place
from tui.themes import LIGHT

WHOLE = (90, 60)  # no need to scroll


def marked(pane: CodePane, mark: str) -> list[str]:
    """The lines that bear this mark."""
    return [row[1:].strip() for row in text(pane) if row.startswith(mark)]


async def test_the_whole_script_is_shown_as_the_engine_writes_it() -> None:
    view = records.xor()
    pane = CodePane()
    async with on_stage(pane, view, WHOLE):
        shown = [row[2:].rstrip() for row in text(pane)]
        lines = [line.text for line in code.lines(view.experiment, view.graph)]
        assert shown[: len(lines)] == lines


@pytest.mark.parametrize("phase", ["forward", "loss", "backward", "step"])
async def test_a_finished_phase_has_all_its_lines_marked(phase: str) -> None:
    view = records.xor()
    pane = CodePane()
    async with on_stage(pane, at(view, phase, None, (phase,)), WHOLE):
        lines = code.lines(view.experiment, view.graph)
        assert marked(pane, DONE) == [line.text.strip() for line in lines if line.phase == phase]


async def test_before_anything_is_done_the_first_phase_is_announced() -> None:
    pane = CodePane()
    async with on_stage(pane, at(records.graph_j(), None, None), WHOLE):
        assert marked(pane, NEXT) == ["h = 2 * b", "g = a + h", "J = g * c"]
        assert marked(pane, DONE) == []


async def test_an_operation_of_forward_has_its_own_line_marked() -> None:
    pane = CodePane()
    async with on_stage(pane, at(records.graph_j(), "forward", "g"), WHOLE):
        assert marked(pane, DONE) == ["g = a + h"]


async def test_the_last_operation_of_a_phase_is_marked_alone_when_it_was_done_alone() -> None:
    pane = CodePane()
    async with on_stage(pane, at(records.graph_j(), "forward", "J", ("forward",), touched_values=("J",)), WHOLE):
        assert marked(pane, DONE) == ["J = g * c"]


async def test_a_layer_is_marked_in_the_class_and_where_the_class_is_called() -> None:
    pane = CodePane()
    async with on_stage(pane, at(records.xor(), "forward", "act_fn"), WHOLE):
        assert marked(pane, DONE) == ["x = self.act_fn(x)", "preds = model(x[batch]).squeeze(1)"]


async def test_backward_marks_the_line_that_the_gradient_came_through() -> None:
    pane = CodePane()
    async with on_stage(pane, records.graph_j(), WHOLE):
        assert marked(pane, BACK) == ["g = a + h"] and marked(pane, DONE) == ["J.backward()"]


LEARNS = graph({"a": 5.0, "b": [1.0, 2.0]}, {"h": "a * b", "J": "sum(h * h + a) / 2"}, parameters=["a"],
               optimizer={"kind": "sgd", "lr": 0.1})  # fmt: skip


@pytest.mark.parametrize("unit", ["op", "phase"])
@pytest.mark.parametrize("experiment", [graph(GRAPH_J["inputs"], GRAPH_J["nodes"]), LEARNS, net()],
                         ids=["graph", "graph that learns", "net"])  # fmt: skip
def test_at_every_operation_and_phase_of_a_session_its_lines_are_marked(experiment: GraphSpec | Net, unit: str) -> None:
    session = Session(experiment)
    made, lowered = Frames(session, 0), session.experiment.graph
    lines = code.lines(experiment, lowered)
    for _ in range(2 * len(lowered.atoms if unit == "op" else lowered.phases)):
        session.apply(Advance(unit))  # type: ignore[arg-type]
        session.finish()
        moment = made.frame(1, Watch()).moment
        here = place(made.frame(1, Watch()), lowered)
        marked_lines = [line for line in lines if here.marks(line)]
        assert {line.phase for line in marked_lines if here.marks(line) == DONE} == {moment.phase}
        if unit == "op" and moment.op is not None:
            written = next(node.part_of or node.name for node in lowered.nodes if node.name == moment.op)
            assert {line.op for line in marked_lines} <= {None, written}
            assert written in {line.op for line in marked_lines}
        else:
            assert marked_lines == [line for line in lines if line.phase == moment.phase]


async def test_marked_lines_have_a_ground_of_their_own() -> None:
    pane = CodePane()
    async with on_stage(pane, records.graph_j(), WHOLE):
        grounds = {strip.text[:1]: {each.style and each.style.bgcolor for each in strip} for strip in strips(pane)}
        assert grounds[DONE] != grounds[" "]


@pytest.mark.parametrize("phase", ["forward", "loss", "backward", "step"])
async def test_the_marked_lines_of_the_loop_are_scrolled_into_view(phase: str) -> None:
    view = records.xor()
    pane = CodePane()
    async with on_stage(pane, at(view, phase, None, (phase,)), (44, 10)) as pilot:
        await pilot.pause()
        inner = [row[2:].rstrip() for row in text(pane)]
        lines = [line.text for line in code.lines(view.experiment, view.graph) if line.phase == phase]
        assert any(lines[-1].startswith(row) for row in inner if row.strip())


async def test_the_learners_scrolling_is_left_alone_while_the_marks_stay() -> None:
    view = records.xor()
    pane = CodePane()
    async with on_stage(pane, view, (44, 10)) as pilot:
        pane.scroll_to(0, 0, animate=False, immediate=True)
        pane.view = replace(view)
        await pilot.pause()
        assert pane.scroll_offset.y == 0


async def test_the_seed_in_the_script_is_the_one_that_the_engine_took() -> None:
    pane = CodePane()
    async with on_stage(pane, replace(records.xor(), opened=Opened(0, "cpu", 4321)), WHOLE):
        assert "torch.manual_seed(4321)" in "\n".join(text(pane))


async def test_what_cannot_be_written_is_said() -> None:
    view = records.xor()
    assert isinstance(view.experiment, Net)
    odd = view.experiment.model_copy(update={"optimizer": Optimizer(kind="rmsprop")})
    pane = CodePane()
    async with on_stage(pane, replace(view, experiment=odd), WHOLE):
        assert "rmsprop" in text(pane)[1]


@pytest.mark.parametrize("size", [(10, 4), (1, 1), (44, 18), (120, 40)])
async def test_it_fits_any_size(size: tuple[int, int]) -> None:
    views = [None, records.xor(), records.graph_j(), replace(records.xor(), frame=None, opened=None)]
    pane = CodePane()
    async with on_stage(pane, None, size) as pilot:
        for view in views:
            pane.view = view
            await pilot.pause()
            assert all(strip.cell_length == pane.size.width for strip in strips(pane))


async def test_the_light_theme_has_other_colours_and_the_same_text() -> None:
    pane = CodePane()
    async with on_stage(pane, records.xor()) as pilot:
        before, words = strips(pane), text(pane)
        pilot.app.theme = LIGHT.name
        await pilot.pause()
        assert strips(pane) != before and text(pane) == words
