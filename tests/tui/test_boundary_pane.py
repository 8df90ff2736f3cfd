"""The boundary pane: the field with the points where they are, readable without colour, in axes that fit."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from engine.messages import Field, Opened
from tests import records
from tests.tui.stage import Stage, on_stage, strips, text, with_frame
from tui.half_blocks import edges, finer, paint, resized
from tui.language import say
from tui.panes.boundary import BoundaryPane
from tui.panes.pane import Needs
from tui.themes import LIGHT
from tui.view import View


def opened(points: list[list[float]], labels: list[int]) -> Opened:
    return Opened(0, "cpu", 7, records.array(points), bytes(labels), (0.0, 1.0, 0.0, 1.0))


def field(samples: np.ndarray, kind: str = "probability") -> Field:
    return Field(samples.shape[1], samples.shape[0], kind, samples.astype(np.uint8).tobytes())  # type: ignore[arg-type]


def plane(samples: np.ndarray, points: list[list[float]], labels: list[int], kind: str = "probability") -> View:
    """XOR with this field over the unit square, and these points."""
    return replace(with_frame(records.xor(), field=field(samples, kind)), opened=opened(points, labels))


def inside(pane: BoundaryPane) -> list[str]:
    """The cells of the field: what stands above the lower axis and right of the left one."""
    rows = text(pane)
    bottom, left = next((y, row.index("└")) for y, row in enumerate(rows) if "└" in row)
    return [row[left + 1 :] for row in rows[1:bottom]]


LEFT_TO_RIGHT = np.tile(np.linspace(0, 255, 60), (40, 1))


async def test_the_field_has_two_samples_a_cell_of_what_the_axes_leave() -> None:
    pane = BoundaryPane()
    async with on_stage(pane, records.xor()) as pilot:
        cells = inside(pane)
        assert pane.needs() == Needs(field=(len(cells[0]), 2 * len(cells)))
        assert isinstance(pilot.app, Stage) and pilot.app.asked[-1] == pane.needs()


async def test_over_a_slow_line_the_field_has_fewer_colours_and_the_same_line_between() -> None:
    found = []
    for sparing in (False, True):
        pane = BoundaryPane()
        async with on_stage(pane, replace(plane(LEFT_TO_RIGHT, [[0.0, 0.0]], [0]), sparing=sparing)):
            grounds = {segment.style.bgcolor for strip in strips(pane)[1:-4] for segment in strip if segment.style}
            found.append((len(grounds), [row.replace("▀", " ") for row in inside(pane)]))
    assert found[1][0] < found[0][0] and found[0][1] == found[1][1]


async def test_axes_have_ticks_and_numbers_of_the_plane() -> None:
    pane = BoundaryPane()
    async with on_stage(pane, records.xor()):
        rows = text(pane)
        assert {"0.0", "0.5", "1.0"} <= set(" ".join(rows).replace("┤", " ").split())
        assert "x1" in rows[-1] and "x2" in rows[-1]
        assert any("┤" in row for row in rows) and any("┬" in row for row in rows)


async def test_points_stand_where_they_are_and_show_their_class_by_shape() -> None:
    pane = BoundaryPane()
    async with on_stage(pane, plane(np.zeros((4, 4)), [[0.01, 0.99], [0.99, 0.01]], [0, 1])):
        cells = inside(pane)
        assert cells[0][0] == "○" and cells[-1][-1] == "●"
        assert sum(row.count("○") + row.count("●") for row in cells) == 2


async def test_the_legend_names_the_classes_by_the_same_shapes() -> None:
    pane = BoundaryPane()
    async with on_stage(pane, records.xor()):
        title = text(pane)[0]
        for number, shape in enumerate("○●"):
            assert f"{shape} {say('es', 'boundary.class', number=number)}" in title


async def test_the_line_of_one_half_can_be_seen_without_colour() -> None:
    pane = BoundaryPane()
    async with on_stage(pane, plane(LEFT_TO_RIGHT, [[0.0, 0.0]], [0])):
        cells = inside(pane)
        line = [{x for x, cell in enumerate(row) if 0x2800 < ord(cell) < 0x2900} for row in cells]
        middle = len(cells[0]) / 2
        assert all(each and max(abs(x + 0.5 - middle) for x in each) <= 1.5 for each in line)


async def test_the_two_sides_have_different_grounds() -> None:
    pane = BoundaryPane()
    async with on_stage(pane, plane(LEFT_TO_RIGHT, [[0.5, 0.5]], [0])):
        row = strips(pane)[1]
        grounds = [segment.style.bgcolor for segment in row if segment.style and segment.text.strip("│┤ ") == ""]
        assert grounds[1] != grounds[-1]


async def test_of_many_points_some_are_shown_and_the_field_stays_in_sight() -> None:
    pane = BoundaryPane()
    async with on_stage(pane, records.xor()):
        cells = "".join(inside(pane))
        marks = cells.count("○") + cells.count("●")
        assert 20 <= marks <= len(cells) / 4


async def test_classes_of_a_field_are_divided_by_lines() -> None:
    thirds = np.repeat([[0, 1, 2]], 30, 0).repeat(10, 1)
    pane = BoundaryPane()
    async with on_stage(pane, plane(thirds, [[0.1, 0.1], [0.9, 0.9]], [0, 2], "class")):
        row = inside(pane)[len(inside(pane)) // 2]
        assert sum(0x2800 < ord(cell) < 0x2900 for cell in row) == 2
        assert "△" in text(pane)[0]


async def test_a_frame_without_a_field_keeps_the_last_and_an_equal_one_paints_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pane = BoundaryPane()
    view = records.xor()
    async with on_stage(pane, view) as pilot:
        before, painted = strips(pane), []
        monkeypatch.setattr(pane, "refresh", lambda *regions, **_: painted.extend(regions or ["all"]))
        for frame in (with_frame(view, field=None), with_frame(view, seq=99)):
            pane.view = frame
            await pilot.pause()
        assert strips(pane) == before and painted == []


async def test_only_rows_that_changed_are_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pane = BoundaryPane()
    samples = np.zeros((26, 40))
    async with on_stage(pane, plane(samples, [[0.5, 0.5]], [0])) as pilot:
        painted: list[object] = []
        monkeypatch.setattr(pane, "refresh", lambda *regions, **_: painted.extend(regions or ["all"]))
        columns, rows = pane.needs().field or (0, 0)
        other = np.zeros((rows, columns))
        other[0] = 90
        pane.view = plane(other, [[0.5, 0.5]], [0])
        await pilot.pause()
        assert [region.y for region in painted] == [1]  # type: ignore[attr-defined]


async def test_where_there_is_no_plane_a_sentence_says_why() -> None:
    net = records.xor()
    flat = replace(net, opened=Opened(0, "cpu", 7), frame=net.frame and msgspec.structs.replace(net.frame, field=None))
    for view, key in (
        (records.graph_j(), "boundary.graph"),
        (flat, "boundary.features"),
        (replace(net, opened=None), "boundary.waiting"),
    ):
        pane = BoundaryPane()
        async with on_stage(pane, view):
            assert say("es", key) in " ".join(" ".join(text(pane)).split())
            assert pane.needs() == Needs()


@pytest.mark.parametrize("size", [(10, 4), (1, 1), (18, 6), (30, 9), (120, 40)])
async def test_it_fits_any_size(size: tuple[int, int]) -> None:
    views = [None, records.xor(), with_frame(records.xor(), field=None), replace(records.xor(), frame=None)]
    pane = BoundaryPane()
    async with on_stage(pane, None, size) as pilot:
        for view in views:
            pane.view = view
            await pilot.pause()
            assert [strip.cell_length for strip in strips(pane)] == [size[0]] * size[1]


async def test_the_light_theme_has_other_colours_and_the_same_text() -> None:
    pane = BoundaryPane()
    async with on_stage(pane, records.xor()) as pilot:
        before, words = strips(pane), text(pane)
        pilot.app.theme = LIGHT.name
        await pilot.pause()
        assert strips(pane) != before and text(pane) == words


# ---------------------------------------------------------------- the painting itself
def test_a_cell_shows_its_upper_sample_over_its_lower() -> None:
    colours = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)
    ((segment,),) = paint(np.array([[0], [1]], np.uint8), colours, np.array([[""]]))
    assert segment.text == "▀" and segment.style is not None
    assert segment.style.color is not None and segment.style.color.triplet == (1, 2, 3)
    assert segment.style.bgcolor is not None and segment.style.bgcolor.triplet == (4, 5, 6)


def test_neighbours_of_one_colour_are_one_segment() -> None:
    ((first, second),) = paint(
        np.array([[0, 0, 1], [0, 0, 1]], np.uint8), np.eye(3, dtype=np.uint8), np.full((1, 3), "")
    )
    assert (first.text, second.text) == ("  ", " ")


def test_twice_as_fine_a_field_of_a_plane_is_the_same_plane() -> None:
    v, u = np.mgrid[0:6, 0:8]
    found = finer(2.0 * u + 3.0 * v)
    v2, u2 = (np.mgrid[0:12, 0:16] + 0.5) / 2 - 0.5
    assert np.allclose(found[1:-1, 1:-1], (2 * u2 + 3 * v2)[1:-1, 1:-1])


def test_a_field_without_a_border_has_no_edges() -> None:
    assert (edges(np.ones((8, 6), bool)) == "").all()


def test_a_field_of_another_size_is_sampled_at_the_nearest_place() -> None:
    small = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert np.array_equal(resized(small, 6, 4), small.repeat(2, 0).repeat(2, 1))
