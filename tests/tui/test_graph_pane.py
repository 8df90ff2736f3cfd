"""The graph pane draws what the frame says: formulas, values, gradients, and what the last command touched."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import pytest
from textual.geometry import Region

from engine.graph import from_expressions
from engine.messages import Edge
from engine.spec import EXPERIMENT, Graph
from tests import records
from tests.tui.pane_app import PaneApp
from tui import number
from tui.graph_shown import equation, shown
from tui.panes.graph import GraphPane
from tui.view import View, numbers

SIZES = [(44, 18), (70, 30), (120, 30)]


def app_of(view: View) -> PaneApp[GraphPane]:
    return PaneApp(GraphPane(), view)


def nested() -> View:
    """A graph with operations inside an expression."""
    nodes = {"s": "a*b + a", "t": "s * s"}
    spec = EXPERIMENT.validate_python({"kind": "graph", "inputs": {"a": 2, "b": 3}, "nodes": nodes})
    assert isinstance(spec, Graph)
    graph = from_expressions(spec)
    tensors = tuple(records.tensor(name, "node", 7.0) for name in ("s.1", "s", "t"))
    frame = records.graph_j().frame
    assert frame is not None
    frame = msgspec.structs.replace(frame, tensors=tensors, edges=(), touched_values=("s.1",), touched_grads=())
    return View(spec, graph, frame, None, "es")


@pytest.mark.parametrize("size", SIZES)
async def test_every_node_shows_its_formula_its_value_and_its_gradient(size: tuple[int, int]) -> None:
    view = records.graph_j()
    assert view.frame is not None
    async with (app := app_of(view)).run_test(size=size) as pilot:
        await pilot.pause()
        text = app.text()
        for node in view.graph.nodes:
            assert equation(node) in text
        for tensor in view.frame.tensors:
            title = equation(view.graph.node(tensor.name)) if tensor.role == "node" else tensor.name
            value = numbers(tensor.value)
            assert value is not None
            assert re.search(rf"[ ▸]{re.escape(title)} +{number.short(value.item()).strip()}", text)
        assert re.search("∂J/∂a +-2.0", text) and re.search("∂J/∂c +5.0", text)
        assert "∂J/∂b" not in text, "what is not known yet is not shown"


@pytest.mark.parametrize("size", SIZES)
async def test_what_was_touched_has_a_mark(size: tuple[int, int]) -> None:
    async with (app := app_of(records.graph_j())).run_test(size=size) as pilot:
        await pilot.pause()
        assert "▸a" in app.text() and "▸h = 2·b" in app.text()
        assert app.text().count("▸") == 2


async def test_nothing_is_marked_while_training_runs() -> None:
    view = records.xor()
    assert view.frame is not None
    view = replace(view, frame=msgspec.structs.replace(view.frame, running=True))
    async with (app := app_of(view)).run_test(size=(70, 30)) as pilot:
        await pilot.pause()
        assert "▸" not in app.text()


async def test_a_contribution_stands_on_its_line() -> None:
    view = records.graph_j()
    assert view.frame is not None
    edges = (Edge("g", "a", 0, records.array(1.0), records.array(1.0), records.array(0.125)),)
    view = replace(view, frame=msgspec.structs.replace(view.frame, edges=edges))
    async with (app := app_of(view)).run_test(size=(70, 30)) as pilot:
        await pilot.pause()
        line = next(line for line in app.lines() if "0.125" in line)
        assert line.index("◄") < line.index("0.125") < line.index("g = a + h")


@pytest.mark.parametrize("size", [(44, 18), (70, 30)])
async def test_a_net_fits_without_scrolling(size: tuple[int, int]) -> None:
    view = records.xor()
    async with (app := app_of(view)).run_test(size=size) as pilot:
        await pilot.pause()
        assert app.pane.max_scroll_y == app.pane.max_scroll_x == 0
        for leaf in view.graph.leaves:
            assert leaf.name in app.text()
        for name in ("linear1", "linear2"):
            assert any(f"{name} = {written}" in app.text() for written in ("x Wᵀ + b", "act_fn Wᵀ + b", "linear"))
        for part in ("act_fn = tanh", "loss = bce_", "(128, 4)", "0.7115"):
            assert part in app.text()


async def test_inner_operations_are_folded_until_f_is_pressed() -> None:
    async with (app := app_of(nested())).run_test(size=(70, 40)) as pilot:
        await pilot.pause()
        assert "▸s = a·b + a" in app.text() and "s.1" not in app.text()
        app.pane.fold()
        await pilot.pause()
        assert "▸s.1 = a·b" in app.text() and "s = s.1 + a" in app.text()
        app.pane.fold()
        await pilot.pause()
        assert "s.1" not in app.text()


def test_a_folded_node_is_fed_by_all_that_feeds_its_parts() -> None:
    view = nested()
    assert shown(view.graph, True).edges == (("a", "s"), ("b", "s"), ("a", "s"), ("s", "t"), ("s", "t"))
    assert ("s.1", "s") in shown(view.graph, False).edges


async def test_a_node_that_is_out_of_sight_is_scrolled_to_when_it_is_touched() -> None:
    names = [f"n{i}" for i in range(40)]
    nodes = {name: f"{before} + a" for before, name in zip(["a", *names], names, strict=False)}
    spec = EXPERIMENT.validate_python({"kind": "graph", "inputs": {"a": 2}, "nodes": nodes})
    assert isinstance(spec, Graph)
    frame = records.graph_j().frame
    assert frame is not None
    frame = msgspec.structs.replace(frame, tensors=(), edges=(), touched_grads=(), touched_values=("n39",))
    view = View(spec, from_expressions(spec), frame, None, "es")
    async with (app := app_of(view)).run_test(size=(44, 18)) as pilot:
        await pilot.pause()
        assert "▸n39" in app.text()
        app.pane.view = replace(view, frame=msgspec.structs.replace(frame, seq=6, touched_values=("n0",)))
        await pilot.pause()
        assert "▸n0" in app.text() and "n39" not in app.text()
        await pilot.press("end")
        await pilot.pause()
        assert "n39" in app.text()


async def test_a_frame_that_changes_one_number_repaints_its_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    view = records.graph_j()
    assert view.frame is not None
    async with (app := app_of(view)).run_test(size=(44, 18)) as pilot:
        await pilot.pause()
        painted: list[Region] = []
        monkeypatch.setattr(app.pane, "refresh", lambda *regions, **_: painted.extend(regions))
        app.pane.view = replace(view)
        assert painted == []
        tensors = (records.tensor("a", "input", 4.0, -2.0, True), *view.frame.tensors[1:])
        app.pane.view = replace(view, frame=msgspec.structs.replace(view.frame, tensors=tensors))
        assert [region.height for region in painted] == [1]
        assert "4.0" in app.pane.render_line(painted[0].y).text


async def test_before_the_first_frame_the_pane_is_empty() -> None:
    async with (app := app_of(replace(records.graph_j(), frame=None))).run_test(size=(44, 18)) as pilot:
        await pilot.pause()
        assert not app.text().strip()
