"""The plot pane: the loss over one weight and over two, by keys, with real frames; and what it hides."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from textual.pilot import Pilot

from engine import messages as m
from engine.graph import from_expressions, from_layers
from engine.looks.records import Element, SeenSurface, SeenSweep, Surface
from engine.spec import EXPERIMENT, Graph
from tests.engine.examples import GRAPH_J, NET
from tests.local_engine import LocalEngine
from tests.tui.stage import on_stage, text
from tui.choice import Choice
from tui.language import say
from tui.link import merged
from tui.masking import masks
from tui.panes import names_for
from tui.panes.plot import PlotPane
from tui.panes.plot_surface import Levels, resampled
from tui.view import View

SIZES = [(78, 12), (46, 18), (60, 30)]
CONSTANT = {"kind": "graph", "inputs": {"n": {"value": 2, "dtype": "int64"}}, "nodes": {"J": "n * 3"}}


class Told:
    """An engine that is told what a pane needs, and the newest frame."""

    def __init__(self, spec: dict[str, Any], language: str = "es") -> None:
        self.frame: m.Frame | None = None
        self.engine = LocalEngine(self._hear, lambda status: None)
        self.engine.start()
        self.engine.send(m.Open(json.dumps(spec).encode()))
        given = EXPERIMENT.validate_python(spec)
        graph = from_expressions(given) if isinstance(given, Graph) else from_layers(given, 2, None)
        self._view = View(given, graph, None, None, language)

    def _hear(self, report: m.AnyReport) -> None:
        if isinstance(report, m.Frame):
            self.frame = merged(self.frame, report)
            self.engine.send(m.Ack(report.seq))

    def view(self, **changes: Any) -> View:
        return replace(self._view, frame=self.frame, **changes)


@dataclass
class Shown:
    """A pane on a screen, with the engine behind it."""

    pane: PlotPane
    told: Told
    pilot: Pilot[None]
    changes: dict[str, Any]

    async def settle(self, *commands: m.AnyCommand, **changes: Any) -> list[str]:
        """Carry commands out, show what the pane needs then, and read it."""
        self.changes |= changes
        for command in commands:
            self.told.engine.send(command)
        for _ in range(2):
            self.pane.view = self.told.view(**self.changes)
            await self.pilot.pause()
            self.told.engine.send(m.Watch(looks=self.pane.needs().looks))
        self.pane.view = self.told.view(**self.changes)
        await self.pilot.pause()
        return text(self.pane)

    async def press(self, *keys: str) -> list[str]:
        self.pane.focus()
        await self.pilot.press(*keys)
        return await self.settle()


@asynccontextmanager
async def shown(
    spec: dict[str, Any], size: tuple[int, int] = (78, 14), *commands: m.AnyCommand, language: str = "es"
) -> AsyncIterator[Shown]:
    pane, told = PlotPane(), Told(spec, language)
    async with on_stage(pane, None, size) as pilot:
        found = Shown(pane, told, pilot, {})
        await found.settle(*commands)
        yield found


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """As in the engine's process."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def look(given: Shown) -> Any:
    (found,) = given.pane.needs().looks
    return found


TRAINED = m.Advance("iteration", 8)


# ---------------------------------------------------------------- one weight
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["es", "en"])
async def test_the_curve_stands_in_axes_under_its_title_with_its_numbers(size: tuple[int, int], language: str) -> None:
    async with shown(NET, size, TRAINED, language=language) as given:
        rows = text(given.pane)
        seen = given.pane.view.seen(SeenSweep)
        weight = "linear1.weight[0, 0]"
        assert say(language, "plot.over", name=say(language, "loss.name"), weight=weight) in rows[0]
        assert f"● {seen.value:.4f}" in rows[1] and f"{seen.loss:.4f}" in rows[1]
        assert any("┤" in row for row in rows) and any("└" in row and "┬" in row for row in rows)
        assert sum(row.count("●") for row in rows[2:]) == 1
        assert all(len(row) == size[0] for row in rows)


async def test_the_slope_is_written_and_the_training_set_told_apart() -> None:
    async with shown(NET, (110, 20), TRAINED) as given:
        line = text(given.pane)[1]
        assert say("es", "plot.batch") in line and say("es", "plot.train") in line
        assert f"{given.pane.view.seen(SeenSweep).slope:.4f}" in line


async def test_the_present_point_stands_where_the_weight_and_the_loss_are() -> None:
    async with shown(GRAPH_J, (78, 16)) as given:
        await given.settle(choice=Choice("", "c"))
        rows = text(given.pane)
        seen = given.pane.view.seen(SeenSweep)
        row, column = next((y, line.index("●")) for y, line in enumerate(rows) if y > 1 and "●" in line)
        left = rows[-3].index("└") + 1
        low, high = (np.frombuffer(seen.at.data, float)[at] for at in (0, -1))
        assert abs(column - left - (seen.value - low) / (high - low) * (78 - left)) <= 1.5
        assert "J" in rows[0] and "-10.0" in rows[1]
        beside = [line[column - 3 : column + 4] for line in rows[row - 1 : row + 2]]
        assert any(0x2800 < ord(cell) < 0x2900 for line in beside for cell in line)  # the curve goes through it


async def test_arrows_choose_the_element_and_the_source_chooses_the_tensor() -> None:
    async with shown(NET, (78, 14), TRAINED) as given:
        assert look(given).element == Element("linear1.weight", (0, 0))
        for key, index in (("right", (0, 1)), ("right", (1, 0)), ("down", (2, 0)), ("up", (1, 0)), ("left", (0, 1))):
            assert f"linear1.weight[{index[0]}, {index[1]}]" in (await given.press(key))[0]
        await given.settle(choice=Choice("", "linear2.bias"))
        assert look(given).element == Element("linear2.bias", (0,))


async def test_more_and_less_widen_and_narrow_the_range() -> None:
    async with shown(NET, (78, 14), TRAINED) as given:
        widths = []
        for by in (0, 1, -1, -1):
            given.pane.turn(by)
            await given.settle()
            at = np.frombuffer(given.pane.view.seen(SeenSweep).at.data, float)
            widths.append(at[-1] - at[0])
        assert widths[1] == 2 * widths[0] and widths[2] == widths[0] and widths[3] == widths[0] / 2


async def test_while_it_trains_the_curve_says_of_when_it_is_and_the_point_goes_on() -> None:
    async with shown(NET, (78, 14), TRAINED) as given:
        before = text(given.pane)
        frame = given.told.frame
        moment = msgspec.structs.replace(frame.moment, iterations_done=30)
        later = msgspec.structs.replace(frame, running=True, moment=moment, loss=0.42)
        given.pane._drawn_at = -1e9
        given.pane.view = replace(given.pane.view, frame=later)
        await given.pilot.pause()
        after = text(given.pane)
        assert say("es", "plot.iteration", iteration=8) in after[0] and "0.4200" in after[1]
        assert say("es", "plot.iteration", iteration=8) not in before[0]


async def test_a_tensor_that_is_no_number_is_refused_in_words() -> None:
    spec = {"kind": "graph", "inputs": {"v": [1, 2]}, "nodes": {"d": "2 * v", "J": "sum(d)"}}
    async with shown(spec) as given:
        shown_text = " ".join(" ".join(await given.settle(choice=Choice("d"))).split())
        assert "`d`" in shown_text and "(2,)" in shown_text


# ---------------------------------------------------------------- two weights
@pytest.mark.parametrize("size", SIZES)
async def test_the_surface_has_levels_by_digit_and_marks_of_the_descent(size: tuple[int, int]) -> None:
    async with shown(NET, size, TRAINED) as given:
        given.pane.other_view()
        rows = await given.settle()
        assert isinstance(look(given), Surface)
        field = "".join(row for row in rows[2:-1])
        assert field.count("●") == 1 and field.count("○") <= 1 and field.count("×") + field.count("●") >= 1
        assert any("└" in row and "┬" in row for row in rows)
        legend = rows[-1].split()
        assert legend[0] == say("es", "plot.levels")
        bounds = [float(each) for each in legend[2::2]]
        assert bounds == sorted(bounds) and len(set(bounds)) == len(bounds) >= 2
        assert {each for each in field if each.isdigit()} >= {legend[1]} or size[1] < 14
        assert all(len(row) == size[0] for row in rows)


async def test_the_way_of_the_descent_is_drawn_and_an_edit_breaks_it() -> None:
    async with shown(NET, (90, 30), m.Advance("iteration", 60)) as given:
        given.pane.other_view()
        rows = await given.settle()
        assert any(0x2800 < ord(cell) < 0x2900 for row in rows for cell in row)
        assert "◇" not in "".join(rows)
        rows = await given.settle(m.Edit((m.Change("linear1.weight", -1.0, (0, 0)),)), m.Advance("iteration", 40))
        assert "◇" in "".join(rows[2:-1]) and say("es", "plot.edit") in rows[1]


async def test_up_and_down_choose_the_second_weight_past_the_end_of_its_tensor() -> None:
    async with shown(NET, (78, 14), TRAINED) as given:
        given.pane.other_view()
        await given.settle()
        assert look(given).second == Element("linear1.weight", (0, 1))
        await given.press("up")
        assert look(given).second == Element("linear2.bias", (0,))  # the first weight is left out
        await given.press("down")
        assert look(given).second == Element("linear1.weight", (0, 1))
        await given.press("right")
        assert look(given).first == Element("linear1.weight", (0, 1)) != look(given).second


async def test_two_inputs_of_a_graph_span_a_surface_and_one_does_not() -> None:
    async with shown(GRAPH_J, (78, 16)) as given:
        given.pane.other_view()
        rows = await given.settle()
        assert "a × b" in rows[0] and given.pane.view.seen(SeenSurface).refused is None
    async with shown({"kind": "graph", "inputs": {"a": 3}, "nodes": {"J": "a * a"}}) as given:
        given.pane.other_view()
        assert say("es", "plot.one_weight") in " ".join(" ".join(await given.settle()).split())


def test_levels_take_up_as_much_of_the_surface_as_each_other() -> None:
    losses = np.random.default_rng(0).exponential(size=(40, 50))
    found = np.bincount(Levels.of(losses)(losses).ravel())
    assert len(found) == 10 and found.min() > 0.9 * found.max()
    assert Levels.of(np.ones((3, 3)))(np.array([[np.nan, 1.0]])).tolist() == [[0, 0]]


def test_a_plane_that_is_resampled_is_the_same_plane() -> None:
    v, u = np.mgrid[0:5, 0:9] * 1.0
    across, down = (np.arange(24) + 0.5) / 24 * 8, (np.arange(16) + 0.5) / 16 * 4
    assert np.allclose(resampled(2 * u - v, 24, 16), 2 * across - down[:, None])


# ---------------------------------------------------------------- what is asked
@pytest.mark.parametrize("two", [False, True])
@pytest.mark.parametrize(
    ("spec", "asked", "moved", "is_hidden"),
    [
        (NET, "loss", False, True),
        (NET, "train_loss", False, True),
        (NET, 'grad("linear1.weight")[0, 0]', False, True),
        (NET, 'value("linear1.weight")[0, 0]', True, True),
        (NET, 'value("linear1.weight")[0, 0]', False, False),
        (NET, 'grad("linear2.bias")', False, False),
        (NET, "test_accuracy", False, False),
        (GRAPH_J, "value(J)", False, True),
        (GRAPH_J, "value(h)", False, True),
        (GRAPH_J, "grad(c)", False, True),
        (GRAPH_J, "local(J, g)", False, True),
    ],
)
async def test_what_an_exercise_asks_is_not_computed_and_not_shown(
    spec: dict[str, Any], asked: str, moved: bool, is_hidden: bool, two: bool
) -> None:
    async with shown(spec, (78, 14), TRAINED) as given:
        if two:
            given.pane.other_view()
        before = await given.settle()
        assert any("●" in row for row in before)
        hiding = masks([asked], given.pane.view.graph, moved)
        rows = await given.settle(masks=hiding)
        assert (say("es", "plot.masked") in " ".join(" ".join(rows).split())) == is_hidden
        assert any("●" in row for row in rows) != is_hidden
        assert bool(given.pane.needs().looks) != is_hidden


# ---------------------------------------------------------------- everywhere
@pytest.mark.parametrize("two", [False, True])
@pytest.mark.parametrize("size", [(10, 4), (1, 1), (18, 6), (24, 7), (120, 40)])
async def test_it_fits_any_size(size: tuple[int, int], two: bool) -> None:
    async with shown(NET, size, TRAINED) as given:
        if two:
            given.pane.other_view()
        rows = await given.settle()
        assert [len(row) for row in rows] == [size[0]] * size[1]


async def test_the_language_changes_live() -> None:
    async with shown(NET, (78, 14), TRAINED) as given:
        assert "pérdida según" in text(given.pane)[0]
        assert "loss over" in (await given.settle(language="en"))[0]


async def test_before_there_is_a_frame_it_waits() -> None:
    async with shown(NET) as given:
        given.pane.view = replace(given.pane.view, frame=None)
        await given.pilot.pause()
        assert given.pane.needs().looks == ()
        assert say("es", "plot.waiting") in " ".join(" ".join(text(given.pane)).split())


def test_it_suits_what_has_something_that_a_gradient_reaches() -> None:
    assert "plot" in names_for(EXPERIMENT.validate_python(NET))
    assert "plot" in names_for(EXPERIMENT.validate_python(GRAPH_J))
    assert "plot" not in names_for(EXPERIMENT.validate_python(CONSTANT))
