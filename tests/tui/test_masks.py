"""What an exercise asks is hidden on every pane, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.messages import Array, Edge
from tests import records
from tests.tui.stage import on_stage, text
from tui import readout
from tui.masking import gives_away, masks
from tui.masks import NOTHING, Masks
from tui.panes.graph import GraphPane
from tui.panes.loss import LossPane
from tui.panes.tensors import TensorsPane

J, XOR = records.graph_j().graph, records.xor().graph
ALL = ((),)


def of(*places: object) -> frozenset[object]:
    return frozenset(places)


@pytest.mark.parametrize(
    ("expression", "hidden"),
    [
        ("value(h)", Masks(values=of(("h", ())))),
        ("h", Masks(values=of(("h", ())))),
        ("2 * h + 1", Masks(values=of(("h", ())))),
        ("grad(g)", Masks(grads=of(("g", ())))),
        ("grad(g) + grad(c)", Masks(grads=of(("g", ()), ("c", ())))),
        ("local(J, g)", Masks(locals=of(("J", "g")))),
        ("dtype(h)", Masks(dtypes=of("h"))),
        ("shape(h)", Masks(shapes=of("h"))),
        ("ndim(h)", Masks(shapes=of("h"))),
        ("iteration", Masks(metrics=of("iteration"))),
        ("J", Masks(values=of(("J", ())), metrics=of("loss"))),
        ("loss", Masks(values=of(("J", ())), metrics=of("loss"))),
        ("2 * 3", NOTHING),
        ("a + b", NOTHING),
        ("not an expression (", NOTHING),
    ],
)
def test_what_an_expression_asks_is_hidden(expression: str, hidden: Masks) -> None:
    assert masks([expression], J, False) == hidden


def test_an_element_is_hidden_and_the_others_are_not() -> None:
    found = masks(['grad("linear1.weight")[0, 1]'], XOR, False)
    weight = next(each for each in records.xor().frame.tensors if each.name == "linear1.weight")
    assert found.grad(weight, (0, 1))
    assert not found.grad(weight, (1, 1)) and not found.value(weight, (0, 1))


def test_an_index_from_the_end_is_the_same_element() -> None:
    found = masks(['grad("linear1.weight")[-4, -1]'], XOR, False)
    weight = next(each for each in records.xor().frame.tensors if each.name == "linear1.weight")
    assert found.grad(weight, (0, 1)) and not found.grad(weight, (0, 0))


def test_a_weight_is_hidden_only_once_the_step_has_changed_it() -> None:
    asked = ['value("linear1.bias")[0]', 'delta("linear1.weight")']
    assert masks(asked, XOR, False) == NOTHING
    assert masks(asked, XOR, True).values == of(("linear1.bias", (0,)), ("linear1.weight", ()))


def test_what_would_give_it_away_in_the_text_is_hidden_too() -> None:
    found = masks(["grad(g)"], J, False)
    assert gives_away("grad(g)", found) and gives_away("2 * grad(g)", found)
    assert not gives_away("value(g)", found) and not gives_away("grad(c)", found)
    assert not gives_away("grad(g)", NOTHING)


def test_a_contribution_to_what_is_hidden_is_hidden() -> None:
    number = Array((), "float32", None)
    edges = [Edge("g", target, 0, number, number, number) for target in ("a", "h")]
    found = masks(["grad(a)"], J, False)
    assert [found.edge(edge) for edge in edges] == [True, False]


VALUES = {"h": " 2.0", "g": " 5.0"}


@pytest.mark.parametrize("size", [(80, 30), (40, 9)], ids=["boxes", "list"])
async def test_the_graph_shows_a_question_mark(size: tuple[int, int]) -> None:
    view = records.graph_j()
    async with on_stage(GraphPane(), view, size) as pilot:
        pane = pilot.app.query_one(GraphPane)
        before = "\n".join(text(pane))
        pane.view = replace(view, masks=masks(["grad(a)", "value(h)"], J, False))
        await pilot.pause()
        after = "\n".join(text(pane))
    assert before.count("?") == 0 and after.count("?") >= 2
    assert before.count("-2.0") - after.count("-2.0") >= 1
    assert "5.0" in after


async def test_the_tensors_show_a_question_mark_for_value_and_gradient() -> None:
    view = records.graph_j()
    async with on_stage(TensorsPane(), view, (60, 20)) as pilot:
        pane = pilot.app.query_one(TensorsPane)
        pane.view = replace(view, masks=masks(["grad(a)", "value(h)"], J, False))
        await pilot.pause()
        rows = {row.split()[0].strip("▸"): row for row in text(pane) if row.strip()}
    assert "?" in rows["a"] and "3.0" in rows["a"]
    assert "?" in rows["h"] and "-2.0" in rows["h"]
    assert "?" not in rows["g"] and "?" not in rows["c"]


async def test_where_a_shape_is_asked_no_numbers_give_it_away() -> None:
    view = records.xor()
    async with on_stage(TensorsPane(), view, (70, 60)) as pilot:
        pane = pilot.app.query_one(TensorsPane)
        before = len([row for row in text(pane) if row.strip()])
        pane.view = replace(view, masks=masks(["shape(act_fn)"], XOR, False))
        await pilot.pause()
        rows = [row for row in text(pane) if row.strip()]
    (header,) = [row for row in rows if "act_fn" in row]
    assert "?" in header and "128" not in header
    assert len(rows) < before


async def test_the_loss_pane_says_why_it_is_empty() -> None:
    view = replace(records.xor(), masks=masks(["loss"], XOR, False))
    async with on_stage(LossPane(), view, (60, 20)) as pilot:
        pane = pilot.app.query_one(LossPane)
        shown = " ".join(" ".join(text(pane)).split())
    assert "La pérdida se muestra cuando respondas" in shown
    assert not pane.border_subtitle


def test_the_lines_hide_what_is_asked_in_a_place_of_the_same_width() -> None:
    frame = records.xor().frame
    asked = masks(["loss", "test_accuracy"], XOR, False)
    shown, hidden = (
        readout.metrics(frame, readout.ALL, "es", each)[0].plain for each in (NOTHING, asked)
    )  # fmt: skip
    assert len(shown) == len(hidden)
    assert hidden.count("?") == 2 and "50.2" in shown and "50.2" not in hidden
    assert readout.output(frame, "J", asked)[0].plain == "J = ?"
