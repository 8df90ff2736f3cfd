"""The derivatives pane over real sessions: the table, h and elements by keys, the chart, and what is hidden."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from engine import messages as m
from engine.begin import begin
from engine.frames import Frames
from engine.looks.derivatives import see
from engine.looks.records import Derivatives, DifferenceErrors, SymbolicDerivative, Way
from engine.spec import Graph, Net
from tests.engine.examples import GRAPH_J, NET, graph, net
from tests.tui.pane_app import PaneApp
from tui.choice import Choice
from tui.language import say
from tui.link import merged
from tui.masking import masks
from tui.masks import Masks
from tui.panes import PANES, pane_class
from tui.panes.derivative_table import Table
from tui.panes.derivatives import DerivativesPane, asked
from tui.view import View

J = graph(GRAPH_J["inputs"], GRAPH_J["nodes"])
BENT = graph({"x": 0.7}, {"f": "sin(x) * exp(x)"})


class Looking(PaneApp[DerivativesPane]):
    """The pane over a session, looked at as in the engine's process: quick looks at once, the long ones by `rest`."""

    def __init__(self, given: Graph | Net, language: str = "en") -> None:
        self.session = begin(given, None, "cpu")
        self.frames = Frames(self.session)
        super().__init__(DerivativesPane(), View(given, self.session.experiment.graph, None, None, language))

    def on_pane_needs_changed(self) -> None:
        self.show()

    def show(self, **changes: Any) -> None:
        """Hand on the view, changed in these ways, with a frame of this moment."""
        assert self.pane.view is not None
        self.pane.view = view = replace(self.pane.view, **changes)
        frame = self.frames.frame(1, m.Watch(looks=self.pane.needs().looks))
        self.pane.view = replace(view, frame=merged(view.frame, frame))

    def rest(self) -> None:
        """Carry out what takes long, and hand it on."""
        wanted = self.pane.needs().looks
        while self.frames.looks.pending(wanted):
            self.frames.looks.work(wanted, 1.0)
        self.show()

    def do(self, command: m.AnyCommand) -> None:
        """Go on in the session."""
        self.session.apply(command)
        self.session.finish()
        self.show()

    def row(self, name: str) -> str:
        """The row of the table that begins so."""
        return next(line.strip("│ ") for line in self.lines() if line.strip("│ ").startswith(name))


@asynccontextmanager
async def looking(
    given: Graph | Net, size: tuple[int, int] = (80, 24), language: str = "en"
) -> AsyncIterator[tuple[Looking, Pilot[None]]]:
    """The pane with everything seen."""
    app = Looking(given, language)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.show()
        app.rest()
        await pilot.pause()
        yield app, pilot


def test_it_is_registered_for_every_experiment() -> None:
    assert pane_class("derivatives") is DerivativesPane
    assert PANES["derivatives"].suits(J) and PANES["derivatives"].suits(net())


async def test_the_four_ways_stand_side_by_side() -> None:
    async with looking(J) as (app, _):
        assert "∂J/∂a = -2.0" in app.lines()[0] and "h = 1e-3" in app.lines()[0]
        for name in ("autograd", "chain rule", "formula (sympy)"):
            assert "-2.0000" in app.row(name)
        assert "-1.9999" in app.row("central float32") and "ulp" in app.row("central float32")
        assert app.row("central float64").split()[2] == "-2.0000"
        assert app.row("autograd").split()[2:4] == ["6", "6"] and app.row("forward float32").split()[-3] == "12"
        text = app.text()
        assert "∂J/∂a as a formula\n  c" in "\n".join(line.rstrip() for line in text.split("\n"))
        assert "J → g  grad(J) * c" in text


async def test_a_formula_stands_in_two_dimensions_where_there_is_room() -> None:
    given = graph({"w": [-3.0, 2.0, -3.0], "x": [1.0, 2.0, 1.0]}, {"f": "sigmoid(dot(w, x))"})
    async with looking(given, (100, 40)) as (app, _):
        assert any(set(line.strip()) == {"─"} and len(line.strip()) > 10 for line in app.lines())


async def test_less_and_greater_turn_h_by_ten_and_stop_at_the_ends() -> None:
    async with looking(BENT) as (app, pilot):
        before = app.row("central float64")
        app.pane.turn(1)
        await pilot.pause()
        assert "h = 1e-2" in app.lines()[0] and app.row("central float64") != before
        assert "…" not in app.row("formula")  # which h does not matter to
        for _ in range(20):
            app.pane.turn(-1)
        await pilot.pause()
        assert "h = 1e-12" in app.lines()[0] and "0.0000" in app.row("central float32")
        for _ in range(20):
            app.pane.turn(1)
        assert app.pane.h == 1.0


async def test_arrows_choose_the_element_round_and_round() -> None:
    async with looking(net(), (100, 40)) as (app, pilot):
        assert "∂loss/∂linear1.weight[0, 0]" in app.lines()[0]
        await pilot.press("right")
        app.rest()
        await pilot.pause()
        assert "linear1.weight[0, 1]" in app.lines()[0]
        expected = see(app.session, Derivatives("", "linear1.weight", (0, 1))).ways[0].value
        assert f"{expected:.4f}" in app.row("formula")
        await pilot.press("left", "left")
        await pilot.pause()
        assert "linear1.weight[3, 1]" in app.lines()[0]


async def test_what_is_chosen_elsewhere_is_differentiated() -> None:
    async with looking(J) as (app, pilot):
        app.show(choice=Choice("g", "b"))
        await pilot.pause()
        assert "∂g/∂b = 2.0" in app.lines()[0]
        app.show(choice=Choice("h", "a"))  # on which h does not depend
        await pilot.pause()
        assert "∂h/∂b = 2.0" in app.lines()[0]


async def test_another_source_begins_with_its_first_element() -> None:
    async with looking(net(), (100, 40)) as (app, pilot):
        await pilot.press("right", "right", "right")
        app.show(choice=Choice("", "linear2.weight"))
        await pilot.pause()
        assert "linear2.weight[0, 0]" in app.lines()[0]


async def test_an_output_of_many_numbers_says_what_to_do() -> None:
    async with looking(net()) as (app, pilot):
        app.show(choice=Choice("act_fn", ""))
        await pilot.pause()
        words = " ".join(app.text().split())
        assert "`act_fn` has the shape (4, 4)" in words and "choose with j and k" in words


async def test_a_formula_of_the_moment_before_is_not_shown() -> None:
    async with looking(net(), (100, 40)) as (app, pilot):
        app.do(m.Advance("iteration"))
        assert "…" not in app.row("formula (sympy)")  # still about the weights that this iteration began with
        app.do(m.Advance("op"))
        await pilot.pause()
        assert "…" in app.row("formula (sympy)")
        app.rest()
        await pilot.pause()
        assert "…" not in app.row("formula (sympy)")


async def test_a_net_that_is_too_large_says_so_and_shows_the_rest() -> None:
    large = net(
        NET, layers=[{"name": "wide", "kind": "linear", "out": 99}, {"name": "last", "kind": "linear", "out": 1}]
    )
    async with looking(large) as (app, _):
        assert "too large to write down" in app.text() and "autograd" in app.text()
        assert app.row("formula (sympy)").endswith("-")


# ---------------------------------------------------------------- the chart
async def test_the_other_view_is_the_error_over_h() -> None:
    async with looking(BENT) as (app, pilot):
        assert isinstance(app.pane.needs().looks[1], SymbolicDerivative)
        app.pane.other_view()
        assert isinstance(app.pane.needs().looks[1], DifferenceErrors)
        app.rest()
        await pilot.pause()
        text = app.text()
        assert "h too small: rounding" in text and "h too large: truncation" in text and "best h ≈" in text
        for mark in ("• central f32", "∘ central f64", "+ forward f32", "1e-12┬", "1e-6"):
            assert mark.rstrip("┬") in text
        assert "● h = 1e-3" in text and text.count("●") == 2  # in the title, and on the curve
        app.pane.other_view()
        app.rest()
        await pilot.pause()
        assert "autograd" in app.text()


async def test_the_mark_moves_with_h() -> None:
    async with looking(BENT) as (app, pilot):
        app.pane.other_view()
        app.rest()
        await pilot.pause()
        columns = []
        for _ in range(3):
            columns.append(max(line.find("●") for line in app.lines()[5:]))
            app.pane.turn(-1)
            await pilot.pause()
        assert columns[0] > columns[1] > columns[2] > 0


# ---------------------------------------------------------------- masks
@pytest.mark.parametrize("expression", ["grad(a)", "grad(g)", "local(J, g)", "value(g)", "loss", "a formula"])
async def test_what_is_asked_is_hidden_in_all_four_ways_the_formula_and_the_chart(expression: str) -> None:
    async with looking(J) as (app, pilot):
        asks = Masks(formulas=True) if expression == "a formula" else None
        app.show(masks=asks or masks([expression], app.session.experiment.graph, False))
        await pilot.pause()
        text = app.text()
        assert "-2" not in text and "-1.9" not in text and "grad(J)" not in text and "ulp" not in text
        assert "\n  c" not in text
        for name in ("autograd", "chain rule", "formula (sympy)", "central float32", "forward float32"):
            assert app.row(name).removeprefix(name).split()[0] == "?"
        app.pane.other_view()
        app.rest()
        await pilot.pause()
        assert "answered the question" in app.text() and "•" not in app.text()


def test_what_derivatives_do_not_give_away_hides_nothing() -> None:
    for expression in ("dtype(h)", "iteration", "2 * 3"):
        assert not asked(masks([expression], begin(J, None, "cpu").experiment.graph, False))


# ---------------------------------------------------------------- sizes and languages
@pytest.mark.parametrize("size", [(3, 3), (20, 6), (36, 12), (50, 14), (80, 14), (120, 40)])
@pytest.mark.parametrize("given", [J, net()], ids=["graph", "net"])
async def test_it_fits_any_size_in_both_views(size: tuple[int, int], given: Graph | Net) -> None:
    async with looking(given, size, "es") as (app, pilot):
        for _ in range(2):
            assert len(app.lines()) == app.pane.size.height
            assert all(len(line) == app.pane.size.width for line in app.lines())
            app.pane.other_view()
            app.rest()
            await pilot.pause()


async def test_in_spanish() -> None:
    async with looking(J, language="es") as (app, _):
        assert "regla de la cadena" in app.text() and "∂J/∂a como fórmula" in app.text()


@pytest.mark.parametrize("width", range(30, 80))
@pytest.mark.parametrize("language", ["es", "en"])
def test_what_an_operation_costs_is_there_whole_or_not_at_all(width: int, language: str) -> None:
    seen = see(begin(J, None, "cpu"), Derivatives("J", "a", (), 1e-3))
    table = Table(language, width, seen, None, 1e-3, masked=False)
    ways = [way for way in seen.ways if way.every is not None]
    rows = {"".join(text for text, _ in row).strip() for row in table.rows()}
    for way in ways:
        row = next(each for each in rows if f"{way.value:.4f}" in each and each.startswith(_name(way, language)))
        assert len(row) <= width
        assert (f" {way.every}" in row.replace(f"{way.value:.4f}", "")) == (f" {way.one} " in f"{row} ") == table.costed


def _name(way: Way, language: str) -> str:
    return say(language, f"derivatives.{way.name}", dtype=way.dtype)[:7]
