"""An exercise asked once more with other numbers, and a goal that cannot be reached, by keyboard with a real engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import messages as m
from lessons.stages import drawn
from tests.local_engine import LocalEngine
from tests.tui.conftest import Stage, settle
from tests.tui.test_asking import press, rows, said
from tui.exercises.box import ExerciseBox
from tui.exercises.known import Known
from tui.exercises.variations import good
from tui.keys import KEYS
from tui.view import numbers

VARY = """\
format: 1
id: more
languages: [es, en]
experiment:
  kind: graph
  inputs: {a: 3, b: 1, c: -2}
  nodes: {h: 2 * b, g: a + h, J: g * c}
steps:
  - id: forward
    do: forward
    panes: [graph]
    ask:
      - {id: sum, kind: number, expect: value(g), traps: {only-a: value(a)}, vary: {a: [1, 9], b: [-3, 3]}}
      - {id: product, kind: number, expect: value(J)}
  - id: back
    set: {c: 4}
    do: backward
    panes: [graph]
    ask:
      - {id: slope, kind: number, expect: grad(b), vary: {c: [0.5, 2.5]}}
"""
VARY_ES = """\
# Otra vez
## Hacia delante {#forward}
Con $a = \\val{a}$ y $b = {{b}}$; aquí g es {{value(g)}}.
### ¿Cuánto vale g? {#sum}
> [!trap only-a]
> Eso es a.

> [!explain]
> Es {{value(g)}}.
### ¿Y J? {#product}
## Hacia atrás {#back}
### ¿Y la pendiente? {#slope}
"""
XOR = """\
format: 1
id: line
languages: [es, en]
experiment:
  kind: net
  data: {kind: table, x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0]}
  layers: [{name: linear1, kind: linear, out: 1}]
  loss: bce_logits
  optimizer: {kind: sgd, lr: 0.1}
steps:
  - id: corners
    panes: [tensors]
    ask:
      - id: one-line
        kind: goal
        edit: [linear1.weight, linear1.bias]
        reach: train_accuracy >= 1.0
        impossible: true
        answer: crossed
"""
XOR_ES = """\
# Una recta
## Las esquinas {#corners}
### Separa las cuatro esquinas. {#one-line}
- [rate] La tasa de aprendizaje es demasiado pequeña.
- [crossed] Las dos clases están en diagonales que se cruzan.
- [epochs] Faltan épocas.

> [!explain]
> Hace falta una capa más.
"""


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Stage]:
    monkeypatch.delenv("DLTUTOR_LESSONS", raising=False)

    def make(text: str, prose: str) -> Stage:
        (tmp_path / "lesson").mkdir()
        (tmp_path / "lesson" / "lesson.yaml").write_text(text, "utf-8")
        for language in ("es", "en"):
            (tmp_path / "lesson" / f"{language}.md").write_text(prose, "utf-8")
        return Stage(LocalEngine, tmp_path, "lesson")

    return make


def value(stage: Stage, name: str) -> float:
    frame = stage.lesson.frame
    assert frame is not None
    array = numbers(next(each.value for each in frame.tensors if each.name == name))
    assert array is not None
    return float(array)


def foot(stage: Stage, exercise: str) -> str:
    (box,) = [box for box in stage.lesson.query(ExerciseBox) if box.name_of_exercise == exercise]
    return str(box.query_one(".foot").render())


# ---------------------------------------------------------------- once more
def test_the_key_is_the_only_one_of_its_letter() -> None:
    assert [key.name for key in KEYS if "y" in key.keys.split(",")] == ["vary"]


async def test_an_exercise_is_asked_once_more_with_other_inputs(lesson: Callable[[str, str], Stage]) -> None:
    stage = lesson(VARY, VARY_ES)
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "y: otra vez" not in foot(stage, "sum")
        await press(pilot, "space", "enter", "5", "enter")
        assert stage.lesson.progress["sum"].solved and "y: otra vez" in foot(stage, "sum")
        await press(pilot, "y")
        a, b = value(stage, "a"), value(stage, "b")
        assert (a, b) != (3, 1) and a in range(1, 10) and b in range(-3, 4) and value(stage, "c") == -2
        (edits,) = (each.stages[0].edits for each in stage.engine.said(m.Stand))
        assert {change.name: change.value for change in edits} == {"a": a, "b": b}
        assert stage.lesson.asked.id == "sum" and "Es" not in said(stage, "sum")
        await press(pilot, "space")
        assert value(stage, "g") == a + 2 * b and stage.lesson.reached
        tensor = next(each for each in stage.lesson.frame.tensors if each.name == "g")
        assert stage.lesson.masks.value(tensor) and f"g es {a + 2 * b:g}" not in rows(stage)
        await press(pilot, "enter", *f"{a:g}", "enter")
        assert "Eso es a" in said(stage, "sum")
        await press(pilot, *["backspace"] * 3, *f"{a + 2 * b:g}", "enter")
        assert f"Es {a + 2 * b:g}" in rows(stage).replace("−", "-")
        assert stage.lesson.progress["sum"].given == "5", "what was answered first is what is kept"


async def test_the_lesson_has_its_own_inputs_again_at_the_next_step(lesson: Callable[[str, str], Stage]) -> None:
    stage = lesson(VARY, VARY_ES)
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "space", "enter", "5", "enter", "y", "n")
        assert stage.lesson.variation == () and stage.lesson.offer
        await press(pilot, "enter")
        assert (value(stage, "a"), value(stage, "b"), value(stage, "c")) == (3, 1, 4)
        await press(pilot, "enter", "8", "enter", "y")
        drawn_c = value(stage, "c")
        assert 0.5 <= drawn_c <= 2.5 and (value(stage, "a"), value(stage, "b")) == (3, 1)
        await press(pilot, "enter", *f"{2 * drawn_c:.4g}", "enter")
        assert stage.lesson.progress_of(stage.lesson.exercises[0]).solved
        await press(pilot, "space")
        assert stage.lesson.reached


async def test_backspace_takes_the_new_inputs_back_as_one_thing(lesson: Callable[[str, str], Stage]) -> None:
    stage = lesson(VARY, VARY_ES)
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "space", "enter", "5", "enter", "y")
        assert value(stage, "a") != 3 or value(stage, "b") != 1
        await press(pilot, "backspace")
        assert (value(stage, "a"), value(stage, "b")) == (3, 1)


@pytest.mark.parametrize("turn", range(50))
def test_whole_ends_give_whole_numbers_and_others_two_decimals(turn: int) -> None:
    whole, decimals = drawn({"a": [1, 9], "b": [-0.5, 0.5]}, {"b": (2,)}, "it", turn)
    assert whole.value in range(1, 10)
    assert all(-0.5 <= each <= 0.5 and round(each, 2) == each for each in decimals.value)  # type: ignore[union-attr]


def test_inputs_at_which_a_mistake_comes_to_the_answer_are_no_good() -> None:
    from lessons.exercises import AskNumber

    exercise = AskNumber(id="it", kind="number", expect="g", traps={"slip": "a"})

    def told(g: float, a: float) -> Known:
        import numpy as np

        arrays = {"g": g, "a": a}
        return Known({
            name: m.Answer(array=m.Array((), "float32", np.float32(each).tobytes())) for name, each in arrays.items()
        })  # fmt: skip

    assert good(exercise, told(5, 3)) and not good(exercise, told(3, 3))
    assert not good(exercise, Known({"g": m.Answer(refused=m.Sentence("query.no_grad", {"name": "g"}))}))


# ---------------------------------------------------------------- what cannot be done
async def test_giving_up_with_the_right_reason_passes(lesson: Callable[[str, str], Stage]) -> None:
    stage = lesson(XOR, XOR_ES)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "no se puede, porque" in foot(stage, "one-line") and "elige por qué" in rows(stage)
        stage.lesson.send(m.Edit((m.Change("linear1.bias", [0.5]),)))
        await settle(pilot)
        assert stage.lesson.progress_of(stage.lesson.asked).attempts == 0
        await press(pilot, "enter", "1", "enter")
        assert "✗" in said(stage, "one-line") and not stage.lesson.progress["one-line"].done
        await press(pilot, "2", "enter")
        assert stage.lesson.progress["one-line"].solved
        assert "diagonales" in said(stage, "one-line") and "capa más" in said(stage, "one-line")


async def test_the_solution_of_what_cannot_be_done_is_the_reason(lesson: Callable[[str, str], Stage]) -> None:
    stage = lesson(XOR, XOR_ES)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "s", "s")
        assert stage.lesson.progress["one-line"].given_up and "diagonales" in said(stage, "one-line")
