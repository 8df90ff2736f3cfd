"""The pane of paths: a line for each path, what makes it vanish, their sum, and nothing that is asked."""

from __future__ import annotations

from typing import Any

import pytest

from engine import messages as m
from tests.engine.examples import GRAPH_J, NET
from tests.tui.looked import LookedAt
from tests.tui.test_jacobian_pane import VECTORS
from tui.masking import masks
from tui.panes.paths import PathsPane

BRANCHES = {"kind": "graph", "inputs": {"a": 2, "b": 1}, "nodes": {"g": "a + b", "h": "b + 1", "J": "g * h"}}
FORWARD = m.Advance("phase")


def app_of(spec: dict[str, Any], *commands: m.AnyCommand, language: str = "es") -> LookedAt:
    return LookedAt(PathsPane(), spec, *commands, language=language)


def lines(app: LookedAt) -> list[str]:
    return [" ".join(line.split()) for line in app.lines() if line.strip()]


async def test_each_path_has_its_product_and_the_sum_comes_last() -> None:
    async with (app := app_of(BRANCHES, FORWARD)).run_test(size=(78, 12)) as pilot:
        app.choose("", "b")
        await pilot.pause()
        assert lines(app) == [
            "2 caminos de b a J", "b → g → J 1 · 2 = 2", "b → h → J 1 · 3 = 3", "b ⇢ a → g → J 0 · 1 · 2 = 0",
            "∂J/∂b = 2 + 3 + 0 = 5",
        ]  # fmt: skip
        app.pane.other_view()
        assert lines(app)[1] == "b → g → J ∂g/∂b · ∂J/∂g"
        assert lines(app)[-1] == "∂J/∂b = ∂g/∂b · ∂J/∂g + ∂h/∂b · ∂J/∂h + 0 = 5"


@pytest.mark.parametrize(
    ("source", "sum_"),
    [("a", "−2 + 0 + 0 = −2"), ("b", "−4 + 0 + 0 = −4"), ("c", "5 + 0 + 0 = 5")],
)
async def test_of_three_paths_one_survives(source: str, sum_: str) -> None:
    async with (app := app_of(GRAPH_J, FORWARD)).run_test(size=(78, 12)) as pilot:
        app.choose("", source)
        await pilot.pause()
        assert lines(app)[-1] == f"∂J/∂{source} = {sum_}"
        assert sum("⇢" in line for line in lines(app)) == 2


async def test_it_begins_with_the_first_leaf_and_in_english_too() -> None:
    async with (app := app_of(GRAPH_J, FORWARD, language="en")).run_test(size=(78, 12)) as pilot:
        await pilot.pause()
        assert lines(app)[:2] == ["1 path from a to J", "a → g → J 1 · (−2) = −2"]


async def test_a_path_that_vanishes_is_pale_and_its_factor_is_marked() -> None:
    spec = {"kind": "graph", "inputs": {"x": 2.0}, "nodes": {"z": "x - 5", "r": "relu(z)", "J": "r + x"}}
    async with (app := app_of(spec, FORWARD)).run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        (row,) = [row for row in app.pane.rows if "z" in row[0][0] and "→" in row[0][0]]  # type: ignore[attr-defined]
        assert row[0] == (" x → z → r → J", "muted")
        assert [text for text, look in row if look == "error"] == ["0"]
        assert lines(app)[-1] == "∂J/∂x = 0 + 1 = 1"


async def test_of_tensors_the_shapes_multiply() -> None:
    async with (app := app_of(VECTORS, FORWARD)).run_test(size=(60, 14)) as pilot:
        app.choose("", "W")
        await pilot.pause()
        assert "W → g → J (6×2) · (2×1) = (4, 4, −4, 3, 3, −3)" in lines(app)


async def test_one_sample_of_a_net_at_a_time() -> None:
    async with (app := app_of(NET, m.Advance("phase", 2))).run_test(size=(60, 18)) as pilot:
        app.choose("", "linear1")
        await pilot.pause()
        before = lines(app)
        assert "Muestra 0 de las 4 del lote (< >)" in before
        assert "(4×4) · (4×1) · " in app.text()
        app.pane.turn(-1)
        await pilot.pause()
        assert "Muestra 3 de las 4" in app.text() and lines(app)[-1] != before[-1]


@pytest.mark.parametrize("size", [(78, 10), (60, 16), (40, 10)])
@pytest.mark.parametrize("symbols", [False, True])
async def test_no_product_runs_over_the_edge(size: tuple[int, int], symbols: bool) -> None:
    async with (app := app_of(NET, m.Advance("phase", 2))).run_test(size=size) as pilot:
        if symbols:
            app.pane.other_view()
        await pilot.pause()
        rows = app.pane.rows  # type: ignore[attr-defined]
        assert all(sum(len(text) for text, _ in row) <= max(size[0] - 2, len(row[0][0])) for row in rows)
        assert "linear1.weight → linear1 → act" in app.text()


async def test_before_forward_and_where_no_path_leads_there_is_a_sentence() -> None:
    async with (app := app_of(GRAPH_J)).run_test(size=(70, 12)) as pilot:
        await pilot.pause()
        assert "`J` todavía no tiene valor" in app.text()
        app.do(FORWARD)
        app.choose("h", "a")
        await pilot.pause()
        assert lines(app) == ["Ningún camino lleva de `a` a `h`: la derivada es 0."]


@pytest.mark.parametrize("symbols", [False, True])
@pytest.mark.parametrize(
    ("asked", "source", "gone"),
    [("grad(a)", "a", "−2"), ("grad(b)", "b", "−4"), ("local(g, a)", "a", "= −2"), ("grad(c)", "c", "5"),
     ("value(g)", "c", "5")],
)  # fmt: skip
async def test_what_is_asked_is_a_question_mark(asked: str, source: str, gone: str, symbols: bool) -> None:
    async with (app := app_of(GRAPH_J, m.Advance("iteration"))).run_test(size=(78, 12)) as pilot:
        app.choose("", source)
        if symbols:
            app.pane.other_view()
        await pilot.pause()
        assert gone.strip("= ") in lines(app)[-1] and "?" not in app.text()
        app.show(masks=masks([asked], app.session.experiment.graph, False))
        await pilot.pause()
        assert lines(app)[-1].endswith("= ?") and gone not in lines(app)[-1]
        (own,) = [line for line in lines(app)[1:-1] if line.startswith(f"{source} →")]
        assert symbols or own.endswith("= ?")
