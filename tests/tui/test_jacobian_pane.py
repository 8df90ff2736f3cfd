"""The Jacobian pane: both layouts, the product with the upstream gradient, samples, windows, and what is asked."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine import messages as m
from tests.engine.examples import GRAPH_J, NET
from tests.engine.test_jacobian_look import BIG
from tests.tui.looked import LookedAt
from tui.masking import masks
from tui.panes.jacobian import JacobianPane

VECTORS: dict[str, Any] = {
    "kind": "graph",
    "inputs": {"W": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "v": [4.0, 3.0], "x": [1.0, 1.0, -1.0]},
    "nodes": {"g": "W @ x", "J": "v @ g"},
}
DONE, THREE = m.Advance("iteration"), m.Advance("phase", 3)
SIZES = [(78, 12), (60, 18), (44, 12)]


def app_of(spec: dict[str, Any], *commands: m.AnyCommand, language: str = "es") -> LookedAt:
    return LookedAt(JacobianPane(), spec, *commands, language=language)


def table(app: LookedAt) -> list[list[str]]:
    """The rows that begin with the index of an element, in words."""
    return [line.split() for line in app.lines() if re.match(r"\s*\[[\d,]+\] ", line) and "." in line]


async def test_both_layouts_are_each_others_transpose_with_their_shapes() -> None:
    async with (app := app_of(VECTORS, DONE)).run_test(size=(80, 14)) as pilot:
        app.choose("g", "x")
        await pilot.pause()
        assert "∂g/∂x  (salidas 2 × entradas 3)  disposición de numerador (torch)" in app.text()
        numerator = [row[1:] for row in table(app)]
        assert numerator == [["1.0000", "2.0000", "3.0000"], ["4.0000", "5.0000", "6.0000"]]
        app.pane.other_view()
        assert "∂g/∂x  (entradas 3 × salidas 2)  disposición de denominador" in app.text()
        assert [list(row) for row in zip(*numerator, strict=True)] == [row[1:] for row in table(app)]


@pytest.mark.parametrize("presses", [2, 3])
async def test_upstream_times_jacobian_is_what_is_passed_on(presses: int) -> None:
    async with (app := app_of(VECTORS, DONE)).run_test(size=(100, 14)) as pilot:
        app.choose("g", "x")
        for _ in range(presses):
            app.pane.other_view()
        await pilot.pause()
        text = app.text()
        titles = [f"∂J/∂g  {'1 × 2' if presses == 2 else '2 × 1'}", f"∂J/∂x  {'1 × 3' if presses == 2 else '3 × 1'}"]
        assert all(title in text for title in titles)
        for value in ("4.0000", "3.0000", "16.000", "23.000", "30.000"):
            assert value in text


async def test_before_the_gradient_has_arrived_the_product_says_so() -> None:
    async with (app := app_of(VECTORS, m.Advance("phase"), language="en")).run_test(size=(80, 14)) as pilot:
        app.choose("g", "x")
        app.pane.other_view(), app.pane.other_view()
        await pilot.pause()
        assert "has arrived yet" in app.text() and "5.0000" in app.text()
        app.do(DONE)
        assert "has arrived yet" not in app.text() and "23.000" in app.text()


async def test_before_forward_a_sentence_says_what_is_missing() -> None:
    async with (app := app_of(VECTORS)).run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        assert "`J` todavía no tiene valor" in app.text()
        app.do(m.Advance("op"))
        assert "∂g/∂W" in app.text()


async def test_where_nothing_depends_it_says_so() -> None:
    async with (app := app_of(GRAPH_J, DONE)).run_test(size=(60, 14)) as pilot:
        app.choose("h", "a")
        await pilot.pause()
        assert "ningún gradiente llega de `h` a `a`" in " ".join(app.text().split())


async def test_zeros_are_pale_and_numbers_are_coloured_by_sign_and_size() -> None:
    spec = {"kind": "graph", "inputs": {"z": [2.0, 1.0, -1.0]}, "nodes": {"p": "softmax(z)", "J": "sum(p)"}}
    async with (app := app_of(spec, DONE)).run_test(size=(60, 14)) as pilot:
        app.choose("p", "z")
        await pilot.pause()
        looks = {text.strip(): look for row in app.pane.rows for text, look in row}  # type: ignore[attr-defined]
        assert looks["0.2078"] == "large-positive" and looks["0.0339"] == "positive"
        assert looks["-0.1830"] == "large-negative" and looks["-0.0091"] == "negative"
        app.pane.view = None
        await pilot.pause()
        assert app.text().split() == []


async def test_samples_of_a_batch_are_turned_round_and_round() -> None:
    async with (app := app_of(NET, THREE)).run_test(size=(60, 14)) as pilot:
        app.choose("act_fn", "linear1")
        await pilot.pause()
        values = app.session.look().values["act_fn"]
        for sample in (0, 1, 2, 3, 0):
            assert f"Muestra {sample} de las 4" in app.text()
            assert f"{1 - float(values[sample, 0]) ** 2:.4f}" in app.text()
            app.pane.turn(1)
            await pilot.pause()


async def test_of_a_weight_it_says_how_it_is_made_of_the_input() -> None:
    async with (app := app_of(NET, THREE)).run_test(size=(78, 20)) as pilot:
        app.choose("linear1", "linear1.weight")
        await pilot.pause()
        assert "I ⊗ x" in app.text() and "salidas 4 × entradas 8" in app.text()
        app.pane.other_view(), app.pane.other_view()
        await pilot.pause()
        assert "su parte de lo que recibe `linear1.weight`" in " ".join(app.text().split())
        upstream = app.session.look().grads["linear1"][0]
        given = app.session.look().batch["x"][0]
        assert all(f"{float(each):.4f}" in app.text() for each in given)
        assert f"{float(upstream[0] * given[0]):.4f}" in app.text()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("way", range(4))
async def test_a_large_one_is_a_window_that_fits_and_moves(size: tuple[int, int], way: int) -> None:
    async with (app := app_of(BIG, THREE)).run_test(size=size) as pilot:
        app.choose("act2", "act1")
        for _ in range(way):
            app.pane.other_view()
        await pilot.pause()
        assert "de 512" in app.text()
        assert app.pane.virtual_size.height <= app.pane.content_region.height
        assert all(sum(len(text) for text, _ in row) <= app.pane.content_region.width for row in app.pane.rows)  # type: ignore[attr-defined]
        before = table(app)
        await pilot.press("down", "down", "right")
        after = table(app)
        assert after != before
        await pilot.press("end")
        assert "–511 de 512" in app.text() or "–510 de 512" in app.text() or "511–511" in app.text()
        await pilot.press("home")
        assert table(app) == before


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("node", "source"),
    [("linear1", "linear1.weight"), ("linear1", "linear1.bias"), ("act_fn", "linear1"), ("loss", "linear2"),
     ("linear2", "act_fn")],
)  # fmt: skip
async def test_no_view_of_a_net_is_garbled(size: tuple[int, int], node: str, source: str) -> None:
    async with (app := app_of(NET, THREE)).run_test(size=size) as pilot:
        app.choose(node, source)
        for _ in range(4):
            await pilot.pause()
            width = app.pane.content_region.width
            assert app.lines()[0].startswith(f"∂{node}/∂{source}"[: width - 1])
            assert all(sum(len(text) for text, _ in row) <= width for row in app.pane.rows)  # type: ignore[attr-defined]
            app.pane.other_view()


# ---------------------------------------------------------------- what an exercise asks
def numbers_in(app: LookedAt) -> list[str]:
    return re.findall(r"-?\d+\.\d+", app.text())


@pytest.mark.parametrize("presses", range(4))
@pytest.mark.parametrize(
    ("asked", "node", "source"),
    [("grad(a)", "J", "a"), ("local(J, g)", "J", "g"), ("grad(c)", "J", "c"), ("value(g)", "J", "c")],
)
async def test_what_is_asked_is_a_question_mark(asked: str, node: str, source: str, presses: int) -> None:
    async with (app := app_of(GRAPH_J, DONE)).run_test(size=(70, 14)) as pilot:
        app.choose(node, source)
        for _ in range(presses):
            app.pane.other_view()
        await pilot.pause()
        assert "?" not in app.text()
        hidden = masks([asked], app.session.experiment.graph, False)
        app.show(masks=hidden)
        await pilot.pause()
        assert "?" in app.text()
        assert set(numbers_in(app)) <= ({"1.0000"} if presses > 1 else set())


async def test_what_is_passed_on_is_hidden_and_the_local_jacobian_is_not() -> None:
    async with (app := app_of(GRAPH_J, DONE)).run_test(size=(70, 14)) as pilot:
        app.choose("g", "a")
        app.pane.other_view(), app.pane.other_view()
        app.show(masks=masks(["grad(a)"], app.session.experiment.graph, False))
        await pilot.pause()
        assert sorted(numbers_in(app)) == ["-2.0000", "1.0000"] and app.text().count("?") == 1


async def test_a_shape_that_is_asked_is_not_shown() -> None:
    async with (app := app_of(VECTORS, DONE)).run_test(size=(70, 14)) as pilot:
        app.choose("g", "x")
        app.show(masks=masks(["shape(g)"], app.session.experiment.graph, False))
        await pilot.pause()
        assert "cuando respondas" in app.text() and not numbers_in(app) and "×" not in app.text()


async def test_the_form_of_a_jacobian_that_is_asked_is_not_told() -> None:
    spec = {"kind": "graph", "inputs": {"x": [1.0, 2.0, 3.0]}, "nodes": {"g": "x ** 2", "J": "sum(g)"}}
    async with (app := app_of(spec, DONE)).run_test(size=(70, 24)) as pilot:
        app.choose("g", "x")
        await pilot.pause()
        assert "fuera de la diagonal" in " ".join(app.text().split())
        app.show(masks=masks(["local(g, x)"], app.session.experiment.graph, False))
        await pilot.pause()
        assert "diagonal" not in app.text() and "?" in app.text()
