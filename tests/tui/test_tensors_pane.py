"""The tensor pane shows every number with its gradient, and asks for edits without making any itself."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from engine.messages import Array, Change, Tensor
from tests import records
from tests.tui.pane_app import PaneApp
from tui import number
from tui.panes.tensors import TensorsPane
from tui.view import View, numbers


def app_of(view: View) -> PaneApp[TensorsPane]:
    return PaneApp(TensorsPane(), view)


def with_tensors(*tensors: Tensor) -> View:
    view = records.graph_j()
    assert view.frame is not None
    frame = msgspec.structs.replace(view.frame, tensors=tensors, edges=(), touched_values=(), touched_grads=())
    return replace(view, frame=frame)


def changes(app: PaneApp[TensorsPane]) -> list[Change]:
    """Every change that the pane asked for."""
    return [change for message in app.posted if isinstance(message, TensorsPane.Edited) for change in message.changes]


@pytest.mark.parametrize("size", [(44, 18), (70, 30)])
async def test_all_parameters_of_the_xor_net_are_read_with_their_gradients(size: tuple[int, int]) -> None:
    view = records.xor()
    assert view.frame is not None
    async with (app := app_of(view)).run_test(size=size) as pilot:
        await pilot.pause()
        text = app.text()
        for tensor in view.frame.tensors:
            if tensor.role == "parameter":
                shape, dimensions = tensor.value.shape, len(tensor.value.shape)
                assert f"{tensor.name} {shape} {dimensions}-d float32 cpu".replace(",)", ")") in text
                for array in (tensor.value, tensor.grad):
                    values = None if array is None else numbers(array)
                    assert values is not None
                    assert all(number.fixed(each.item()) in text for each in values.reshape(-1))


async def test_a_value_and_its_gradient_stand_on_one_row() -> None:
    view = with_tensors(records.tensor("W", "input", [[1.5, -2.5], [3.5, 4.5]], [[0.1, 0.2], [-0.3, 0.4]], True))
    async with (app := app_of(view)).run_test(size=(44, 18)) as pilot:
        await pilot.pause()
        assert app.lines()[2].split() == ["1.5000", "-2.5000", "0.1000", "0.2000"]
        assert app.lines()[3].split() == ["3.5000", "4.5000", "-0.3000", "0.4000"]


async def test_columns_stay_where_they_are_when_signs_change() -> None:
    rows = []
    for sign in (1, -1):
        view = with_tensors(records.tensor("W", "input", [[1.5 * sign, 2.0], [3.0, 40.0]], None, True))
        async with (app := app_of(view)).run_test(size=(44, 18)) as pilot:
            await pilot.pause()
            rows.append(app.lines()[2])
    assert rows[0].replace(" 1.5", "-1.5") == rows[1]


async def test_what_was_touched_has_a_mark() -> None:
    async with (app := app_of(records.graph_j())).run_test(size=(44, 18)) as pilot:
        await pilot.pause()
        marked = [line for line in app.lines() if "▸" in line]
        assert [line.split()[0] for line in marked] == ["▸a", "▸h"]


async def test_a_large_tensor_is_cut_and_summed_up() -> None:
    values = [[float(i), 0.0] for i in range(128)]
    view = with_tensors(records.tensor("x", "data", values))
    async with (app := app_of(view)).run_test(size=(70, 30)) as pilot:
        await pilot.pause()
        cut = next(line for line in app.lines() if "…" in line)
        assert number.short(float(np.mean(values))).strip() in cut
        assert number.short(float(np.linalg.norm(values))).strip() in cut
        assert number.fixed(127.0) not in app.text()


async def test_whole_numbers_and_truths_are_shown_as_such() -> None:
    ints, truths = records.array([[1, -2]], "int64"), records.array([[True, False]], "bool")
    view = with_tensors(Tensor("i", "input", "cpu", ints, None, True), Tensor("t", "input", "cpu", truths, None, True))
    async with (app := app_of(view)).run_test(size=(44, 18)) as pilot:
        await pilot.pause()
        assert app.lines()[2].split()[:2] == ["1", "-2"]
        assert app.lines()[4].split()[:2] == ["True", "False"]


async def test_a_typed_number_is_asked_for_and_not_shown_until_a_frame_has_it() -> None:
    view = records.xor()
    async with (app := app_of(view)).run_test(size=(44, 18)) as pilot:
        assert app.pane.start_editing()
        await pilot.press("down", "right", *"-0,5", "enter")
        assert changes(app) == [Change("linear1.weight", -0.5, (1, 1))]
        assert "-0.5000" not in app.text()
        assert app.pane.editing


async def test_inputs_of_a_graph_are_edited_as_numbers_alone() -> None:
    async with (app := app_of(records.graph_j())).run_test(size=(44, 18)) as pilot:
        app.pane.start_editing()
        await pilot.press("down", "7", "enter")
        assert changes(app) == [Change("b", 7.0, None)]


@pytest.mark.parametrize(
    ("key", "by"), [("shift+up", 0.1), ("shift+down", -0.1), ("shift+right", 0.01), ("shift+left", -0.01)]
)
async def test_shift_and_an_arrow_nudge_the_number(key: str, by: float) -> None:
    async with (app := app_of(records.graph_j())).run_test(size=(44, 18)) as pilot:
        app.pane.start_editing()
        await pilot.press(key)
        (change,) = changes(app)
        assert change.name == "a" and change.value == pytest.approx(3 + by)


async def test_arrows_go_from_tensor_to_tensor_and_stop_at_the_ends() -> None:
    async with (app := app_of(records.xor())).run_test(size=(44, 18)) as pilot:
        app.pane.start_editing()
        visited = [app.pane.cursor]
        for _ in range(30):
            await pilot.press("right")
            visited.append(app.pane.cursor)
        places = dict.fromkeys((cell.name, cell.flat) for cell in visited if cell)
        counts = {"linear1.weight": 8, "linear1.bias": 4, "linear2.weight": 4, "linear2.bias": 1}
        assert list(places) == [(name, i) for name, count in counts.items() for i in range(count)]
        await pilot.press("up")
        assert app.pane.cursor and app.pane.cursor.name == "linear2.weight"


@pytest.mark.parametrize("typed", ["1e", "1.2.3", "-", "2x", "9e999"])
async def test_a_bad_number_is_a_sentence_and_nothing_is_sent(typed: str) -> None:
    async with (app := app_of(records.graph_j())).run_test(size=(60, 18)) as pilot:
        app.pane.start_editing()
        await pilot.press(*(each if each != "." else "full_stop" for each in typed), "enter")
        assert changes(app) == []
        assert f"«{typed}» no es un número finito." in app.text()


async def test_a_number_too_large_for_its_dtype_is_refused() -> None:
    async with (app := app_of(records.graph_j())).run_test(size=(60, 18)) as pilot:
        app.pane.start_editing()
        await pilot.press(*"1e39", "enter")
        assert changes(app) == []
        assert "no cabe" in app.text()


async def test_whole_numbers_refuse_fractions() -> None:
    view = with_tensors(Tensor("i", "input", "cpu", records.array([1], "int64"), None, True))
    async with (app := app_of(view)).run_test(size=(60, 18)) as pilot:
        app.pane.start_editing()
        await pilot.press(*"1,5", "enter")
        assert changes(app) == []
        assert "enteros" in app.text()
        await pilot.press("escape", "shift+up")
        assert changes(app) == [Change("i", 2, (0,))]


async def test_escape_leaves_the_field_first_and_editing_second() -> None:
    async with (app := app_of(records.graph_j())).run_test(size=(44, 18)) as pilot:
        app.pane.start_editing()
        await pilot.press("4", "escape")
        assert app.pane.editing and app.pane.typed is None
        await pilot.press("escape")
        assert not app.pane.editing
        assert changes(app) == []


async def test_a_click_puts_the_cursor_on_a_number_and_a_second_opens_the_field() -> None:
    async with (app := app_of(records.graph_j())).run_test(size=(44, 18)) as pilot:
        await pilot.pause()
        row = next(y for y, line in enumerate(app.lines()) if line.startswith(" c"))
        x = app.lines()[row].index("-2.0000")
        await pilot.click(app.pane, offset=(x + 2, row + 1))
        assert app.pane.cursor and app.pane.cursor.name == "c" and app.pane.typed is None
        await pilot.click(app.pane, offset=(x + 2, row + 1), times=2)
        await pilot.press("9", "enter")
        assert changes(app) == [Change("c", 9.0, None)]


async def test_keys_that_are_not_its_own_pass_through_while_it_edits() -> None:
    class WithKey(PaneApp[TensorsPane]):
        BINDINGS = [("space", "note", "")]
        noted = 0

        def action_note(self) -> None:
            self.noted += 1

    async with (app := WithKey(TensorsPane(), records.graph_j())).run_test(size=(44, 18)) as pilot:
        app.pane.start_editing()
        await pilot.press("space")
        assert app.noted == 1
        await pilot.press("4", "space")
        assert app.noted == 1, "a field takes every letter"


async def test_nothing_is_edited_where_nothing_can_be() -> None:
    view = with_tensors(records.tensor("x", "data", [1.0, 2.0]))
    async with (app := app_of(view)).run_test(size=(44, 18)) as pilot:
        await pilot.pause()
        assert not app.pane.start_editing()
        assert not app.pane.editing


async def test_the_cursor_reaches_what_is_cut_off() -> None:
    wide = records.tensor("W", "parameter", [[float(100 * i + j) for j in range(20)] for i in range(20)], None, True)
    async with (app := app_of(with_tensors(wide))).run_test(size=(44, 18)) as pilot:
        app.pane.start_editing()
        await pilot.press(*["down"] * 19, *["right"] * 19)
        assert number.fixed(1919) in app.text()
        await pilot.press("1", "enter")
        assert changes(app) == [Change("W", 1.0, (19, 19))]


async def test_of_a_large_tensor_a_corner_is_shown_and_its_statistics_as_estimates() -> None:
    values = np.arange(64, dtype="float32").reshape(8, 8) / 8
    large = Array((4096, 4096), "float32", None, (-1.0, 1.0, 0.25, 30.0), True, values.tobytes())
    view = with_tensors(Tensor("wide", "parameter", "cpu", large, None, True, contiguous=False))
    async with (app := app_of(view)).run_test(size=(70, 30)) as pilot:
        await pilot.pause()
        text = app.text()
        assert "wide (4096, 4096) 2-d float32 no contiguo cpu" in text
        assert "0.1250" in text and "7.8750" in text  # its first row and its last
        assert "≈" in text and not app.pane.page.cells
