"""Exercises with a field of their own, by keyboard at 80x24 with a real engine: first wrong, then right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import messages as m
from tests.local_engine import FakeEngine, LocalEngine
from tests.tui.conftest import Stage, settle
from tests.tui.test_asking import press, rows, said, shown
from tui.exercises.cell_grid import Cell, CellGrid
from tui.exercises.formula_field import FormulaField
from tui.exercises.match_field import MatchField
from tui.exercises.order_field import OrderField
from tui.exercises.think_field import HandIn, Page
from tui.masks import Masks

LESSON = """\
format: 1
id: asking-kinds
languages: [es, en]
experiments:
  first:
    kind: graph
    inputs: {a: 3, b: 1, x: [[1, 2.5], [3, 4]], e: [0.5, 1, 2]}
    nodes: {h: 2 * b, g: a + h, Y: g * x, T: sum(Y), S: sum(e)}
    output: T
steps:
  - id: tensors
    do: forward
    panes: [graph]
    ask:
      - {id: table, kind: tensor, expect: value(Y), traps: {sums: g + x}}
      - {id: part, kind: tensor, expect: value(Y), blank: [[0, 1], [1, 0]]}
  - id: tables
    do: forward
    panes: [graph]
    ask:
      - {id: column, kind: complete, column: value(e) * a, then: sum(value(e) * a)}
      - {id: rows, kind: complete, column: value(e), blank: [1]}
  - id: formulas
    do: forward
    panes: [graph]
    ask:
      - {id: formula, kind: expression, expect: value(g), traps: {once: a + b}}
  - id: lines
    ask:
      - {id: order, kind: order, lines: [zero, "y = f(x)", "loss(y, t)", step], before: [[0, 3], [1, 2], [2, 3]]}
  - id: pairs
    ask:
      - {id: match, kind: match, pairs: {relu: up, tanh: both, sigmoid: chance}}
  - id: thoughts
    ask:
      - {id: think, kind: think}
"""
HINTS = "> [!hint]\n> Primera pista.\n\n> [!hint]\n> Segunda pista.\n\n> [!explain]\n> Por eso {{a}}.\n"
PROSE = f"""\
# Campos
## Tensores {{#tensors}}
### ¿Y? {{#table}}
{HINTS}
> [!trap sums]
> Aquí se multiplica.
### ¿Y lo que falta? {{#part}}
## Tablas {{#tables}}
### ¿Cuánto? {{#column}}
{HINTS}
### ¿Qué falta? {{#rows}}
## Fórmulas {{#formulas}}
### ¿Qué es g? {{#formula}}
{HINTS}
> [!trap once]
> La b va dos veces.
## Líneas {{#lines}}
### Ordena. {{#order}}
- [zero] Poner los gradientes a cero
- [step] Dar el *paso*
{HINTS}
## Parejas {{#pairs}}
### Empareja. {{#match}}
- [relu] $\\max(0, x)$
- [tanh] tanh
- [sigmoid] sigmoide
- [up] Nunca negativa
- [both] Entre -1 y 1
- [chance] Una probabilidad
{HINTS}
## Ideas {{#thoughts}}
### ¿Por qué? {{#think}}
{HINTS}
"""
ENGLISH = {"Poner los gradientes a cero": "Set gradients to zero", "Nunca negativa": "Never negative",
           "Por eso": "That is why"}  # fmt: skip
STEPS = {"tensors": 0, "tables": 1, "formulas": 2, "lines": 3, "pairs": 4, "thoughts": 5}


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stage]:
    """Makes an app over the lesson above, with an engine that works in this process."""
    monkeypatch.delenv("DLTUTOR_LESSONS", raising=False)
    folder = tmp_path / "asking-kinds"
    folder.mkdir()
    (folder / "lesson.yaml").write_text(LESSON, "utf-8")
    (folder / "es.md").write_text(PROSE, "utf-8")
    prose = PROSE
    for spanish, english in ENGLISH.items():
        prose = prose.replace(spanish, english)
    (folder / "en.md").write_text(prose, "utf-8")
    return lambda engine=LocalEngine: Stage(engine, tmp_path, "asking-kinds")


async def go_to(pilot, stage: Stage, step: str) -> None:
    """To a step of the lesson, whatever it offers on the way."""
    await settle(pilot)
    assert stage.lesson.opening.findings == ()
    for _ in range(STEPS[step]):
        if stage.lesson.offer:
            await press(pilot, "escape")
        await press(pilot, "n")
    if stage.lesson.offer:
        await press(pilot, "escape")
    assert stage.lesson.steps[stage.lesson.cursor].id == step


async def write(pilot, text: str) -> None:
    """Type a text."""
    for character in text:
        await pilot.press(KEYS.get(character, character))
    await settle(pilot)


KEYS = {" ": "space", ",": "comma", ".": "full_stop", "-": "minus", "+": "plus", "*": "asterisk", "/": "slash",
        "(": "left_parenthesis", ")": "right_parenthesis", "^": "circumflex_accent", "{": "left_curly_bracket",
        "}": "right_curly_bracket", "¿": "inverted_question_mark", "?": "question_mark"}  # fmt: skip


def progress(stage: Stage, name: str):
    return stage.lesson.progress[name]


def signs(stage: Stage) -> list[str]:
    """The mark beside each cell that is asked."""
    grid = stage.lesson.query_one("ExerciseBox.-open CellGrid", CellGrid)
    found = []
    for cell in grid.query(Cell):
        row = list(cell.parent.children)
        found.append(str(row[row.index(cell) + 1].render()))
    return found


# ---------------------------------------------------------------- tensor
async def test_a_tensor_is_filled_cell_by_cell_and_mended(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "tensors")
        await press(pilot, "enter")
        await write(pilot, "5")
        await press(pilot, "enter")
        await write(pilot, "12,5")
        await press(pilot, "tab")
        await write(pilot, "30/2")
        await press(pilot, "right")
        await write(pilot, "9")
        await press(pilot, "enter")
        assert signs(stage) == ["✓", "✓", "✓", "✗"]
        assert "1 de 4" in said(stage, "table") and progress(stage, "table").attempts == 1
        assert stage.lesson.focused.value == "9", "the cell to mend"
        await press(pilot, "backspace")
        assert signs(stage)[3] == ""
        await write(pilot, "2e1")
        await press(pilot, "enter")
        assert progress(stage, "table").solved and "Por eso 3." in said(stage, "table")
        assert stage.lesson.focused is None


async def test_arrows_lead_from_cell_to_cell_and_escape_out(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "tensors")
        await press(pilot, "enter")
        places = []
        for key in ("down", "right", "up", "left", "left"):
            await press(pilot, key)
            places.append(stage.lesson.focused.place)
        assert places == [(1, 0), (1, 1), (0, 1), (0, 0), (0, 0)]
        await press(pilot, "escape")
        assert stage.lesson.focused is None


async def test_a_transposed_tensor_is_pointed_out_and_a_trap_has_its_message(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "tensors")
        await press(pilot, "enter")
        for text in ("5", "15", "12.5", "20"):
            await write(pilot, text)
            await press(pilot, "enter")
        assert "traspuestos" in said(stage, "table") and not progress(stage, "table").done
        for cell, text in zip(stage.lesson.query(Cell), ("6", "7.5", "8", "9"), strict=True):
            cell.value = text
        await press(pilot, "enter")
        assert "Aquí se multiplica" in said(stage, "table")


async def test_cells_that_are_empty_are_gone_to_before_anything_is_marked(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "tensors")
        await press(pilot, "enter", "down", "down", "right", "7", "enter")
        assert stage.lesson.focused.place == (0, 0) and "table" not in stage.lesson.progress


async def test_what_is_given_of_a_tensor_is_shown_and_the_rest_is_hidden_everywhere(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "tensors")
        await press(pilot, "space", "space", "space", "space")
        assert "12.5" not in rows(stage) and "15.0" not in rows(stage)
        await press(pilot, "s", "s")
        assert "12{,}5" in said(stage, "table")
        assert shown(stage) == ["table", "part"]
        given = [str(each.render()) for each in stage.lesson.query("ExerciseBox.-open .given")]
        assert given == ["5", "20"]
        await press(pilot, "enter")
        await write(pilot, "12.5")
        await press(pilot, "enter")
        await write(pilot, "15")
        await press(pilot, "enter")
        assert progress(stage, "part").solved and progress(stage, "part").given == "12.5; 15"


# ---------------------------------------------------------------- complete
async def test_a_total_that_fits_ones_own_cells_passes_and_the_cells_are_mended(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "tables")
        await press(pilot, "enter")
        for text in ("1,5", "4", "6", "11,5"):
            await write(pilot, text)
            await press(pilot, "enter")
        assert signs(stage) == ["✓", "✗", "✓", "✓"]
        assert "sale de tus casillas" in said(stage, "column")
        await press(pilot, "backspace")
        await write(pilot, "3")
        await press(pilot, "enter")
        assert signs(stage) == ["✓", "✓", "✓", "✗"]
        await press(pilot, "backspace", "backspace", "backspace", "backspace")
        await write(pilot, "10.5")
        await press(pilot, "enter")
        assert progress(stage, "column").solved


async def test_the_solution_of_a_table_is_the_whole_table(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "tables")
        await press(pilot, "s", "s")
        assert "1: **1,5** · 2: **3** · 3: **6**\n\ntotal: **10,5**" in said(stage, "column")
        assert [str(each.render()) for each in stage.lesson.query("ExerciseBox.-open .given")] == ["0,5", "2"]


# ---------------------------------------------------------------- expression
async def test_a_formula_is_compared_at_other_inputs_too(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "formulas")
        await press(pilot, "enter")
        await write(pilot, "5")
        await press(pilot, "enter")
        assert "con otros no" in said(stage, "formula") and progress(stage, "formula").attempts == 1
        await press(pilot, "backspace")
        await write(pilot, "a + b")
        await press(pilot, "enter")
        assert "La b va dos veces" in said(stage, "formula")
        await write(pilot, "*2")
        assert "a + b · 2" in rows(stage), "the formula as it is written by hand"
        await press(pilot, "enter")
        assert progress(stage, "formula").solved and progress(stage, "formula").attempts == 3


async def test_while_a_formula_is_asked_no_formula_is_shown_and_every_number(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "formulas")
        assert stage.lesson.masks == Masks(formulas=True)
        await press(pilot, "enter")
        await write(pilot, "a + 2 * b")
        await press(pilot, "enter")
        assert progress(stage, "formula").solved and not stage.lesson.masks.formulas


async def test_a_formula_that_cannot_be_read_gets_a_caret_where_it_fails(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "formulas")
        await press(pilot, "enter")
        await write(pilot, "a + foo(b)")
        preview = stage.lesson.query_one(FormulaField).query_one(".preview")
        assert "^" not in str(preview.render()), "not while it is written"
        await press(pilot, "enter")
        assert str(preview.render()).split("\n")[0] == "    ^"
        assert "carácter 5" in said(stage, "formula") and progress(stage, "formula").attempts == 0
        await press(pilot, "backspace")
        assert "^" not in str(preview.render())


async def test_letters_of_a_formula_are_no_keys_and_hints_come_after_escape(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "formulas")
        await press(pilot, "enter")
        await write(pilot, "hs")
        assert stage.lesson.drafts["formula"] == "hs" and "formula" not in stage.lesson.progress
        await press(pilot, "escape", "h")
        assert "Primera pista" in said(stage, "formula") and "Segunda" not in said(stage, "formula")
        await press(pilot, "h")
        assert "Segunda pista" in said(stage, "formula")


async def test_what_is_asked_is_not_a_formula_for_itself(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "formulas")
        asked = len(stage.engine.said(m.Ask))
        await press(pilot, "enter", "g", "enter")
        assert "Eso es lo que se pregunta" in said(stage, "formula")
        assert len(stage.engine.said(m.Ask)) == asked


# ---------------------------------------------------------------- order
async def test_lines_are_put_in_order_with_shift_and_arrows_or_space(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "lines")
        await press(pilot, "enter")
        field = stage.lesson.query_one(OrderField)
        field.restore("3 2 1 0")
        await press(pilot, "enter")
        assert "Antes de Dar el *paso* va Poner los gradientes a cero." in said(stage, "order")
        await press(pilot, "shift+down", "shift+down", "shift+down")
        assert field.order == (2, 1, 0, 3) and field.at == 3
        await press(pilot, "enter")
        assert "Antes de `loss(y, t)` va `y = f(x)`." in said(stage, "order")
        await press(pilot, "up", "up", "space", "up", "space", "enter")
        assert progress(stage, "order").solved and progress(stage, "order").given == "1 2 0 3"
        assert "1. `y = f(x)`" in said(stage, "order")


async def test_the_solution_of_an_order_is_a_right_one(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "lines")
        await press(pilot, "s", "s")
        lines = ("1. Poner los gradientes a cero", "2. `y = f(x)`", "3. `loss(y, t)`", "4. Dar el *paso*")
        assert "\n".join(lines) in said(stage, "order")


# ---------------------------------------------------------------- match
async def test_pairs_are_chosen_by_number_and_right_ones_stay(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "pairs")
        await press(pilot, "enter")
        field = stage.lesson.query_one(MatchField)
        number = {name: str(at) for at, name in enumerate(field.choices, 1)}
        await press(pilot, number["up"], number["chance"], "enter")
        assert "Faltan parejas" in said(stage, "match") and progress(stage, "match").attempts == 0
        await press(pilot, number["both"], "enter")
        assert "2 de 3" in said(stage, "match") and field.at == 1
        given = [str(each.render()) for each in field.query(".pair .given")]
        assert [each[-1] for each in given] == ["✓", "✗", "✗"]
        await press(pilot, "up", number["chance"])
        assert field.chosen["relu"] == "up", "what is right stays"
        await press(pilot, "down", number["both"], number["chance"], "enter")
        assert progress(stage, "match").solved and "- $\\max(0, x)$ → Nunca negativa" in said(stage, "match")


async def test_pairs_are_chosen_with_arrows_too(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "pairs")
        await press(pilot, "enter", "right", "right", "down", "left")
        field = stage.lesson.query_one(MatchField)
        assert field.chosen == {"relu": field.choices[1], "tanh": field.choices[2]}
        await press(pilot, "backspace")
        assert field.chosen == {"relu": field.choices[1]}


# ---------------------------------------------------------------- think
@pytest.mark.parametrize("keys", [("ctrl+enter",), ("ctrl+j",), ("tab", "enter")])
async def test_thoughts_are_kept_and_stand_above_the_authors(lesson, keys) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "thoughts")
        await press(pilot, "enter", *keys)
        assert "Escribe antes algo" in said(stage, "think")
        if keys[0] == "tab":
            assert isinstance(stage.lesson.focused, HandIn)
            await press(pilot, "shift+tab")
        assert isinstance(stage.lesson.focused, Page)
        await write(pilot, "hay {{a}}")
        await press(pilot, "enter")
        await write(pilot, "y *mas*")
        await press(pilot, *keys)
        kept = progress(stage, "think")
        assert kept.solved and kept.given == "hay {{a}}\ny *mas*"
        assert "hay {{a}}" in rows(stage) and "y *mas*" in rows(stage)
        assert "Por eso 3." in said(stage, "think") and "Correcto" not in said(stage, "think")


async def test_who_has_no_thoughts_sees_those_of_the_author(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "thoughts")
        await press(pilot, "s", "s")
        assert said(stage, "think") == "es Por eso 3."


# ---------------------------------------------------------------- half-done answers
HALVES = {
    "tensors": ("table", ("enter", "5", "enter", "7"), "5; 7; ; "),
    "tables": ("column", ("enter", "1", "enter", "4"), "1; 4; ; "),
    "formulas": ("formula", ("enter", "h", "plus"), "h+"),
    "lines": ("order", ("enter", "shift+down"), None),
    "pairs": ("match", ("enter", "2"), None),
    "thoughts": ("think", ("enter", "h", "enter", "s"), "h\ns"),
}


@pytest.mark.parametrize("step", HALVES)
async def test_an_answer_that_was_begun_is_there_after_another_step_language_and_size(lesson, step) -> None:
    name, keys, begun = HALVES[step]
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, step)
        await press(pilot, *keys)
        draft = stage.lesson.drafts[name]
        assert begun is None or draft == begun
        await press(pilot, "ctrl+l")
        await pilot.resize_terminal(120, 40)
        await settle(pilot)
        assert stage.lesson.drafts[name] == draft
        await press(pilot, "escape", "n" if step == "tensors" else "p")
        if stage.lesson.offer:
            await press(pilot, "escape")
        assert name not in shown(stage)
        await press(pilot, "p" if step == "tensors" else "n")
        assert _held(stage, name) == draft


def _held(stage: Stage, name: str) -> str:
    """What the field of an exercise holds."""
    (box,) = [box for box in stage.lesson.query("ExerciseBox") if box.name_of_exercise == name]
    from tui.exercises import cells, orders, pairings

    match box.field:
        case CellGrid() as grid:
            return cells.joined(grid.texts)
        case FormulaField() as formula:
            return formula.query_one("Input").value
        case OrderField() as order:
            return orders.written(order.order)
        case MatchField() as match:
            return pairings.written(match.chosen)
    return box.field.query_one(Page).text


async def test_the_language_changes_in_fields_too(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "tables")
        await press(pilot, "s", "s", "l")
        assert [str(each.render()) for each in stage.lesson.query("ExerciseBox.-open .given")] == ["0.5", "2"]
        while stage.lesson.steps[stage.lesson.cursor].id != "lines":
            await press(pilot, *(["escape"] if stage.lesson.offer else []), "n")
        assert "Set gradients" in rows(stage)


async def test_until_the_engine_has_answered_a_grid_says_so(lesson) -> None:
    stage = lesson(engine=FakeEngine)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await go_to(pilot, stage, "tensors")
        assert "calculando" in rows(stage) and not stage.lesson.query(Cell)
