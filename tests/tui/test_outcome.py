"""The exercise about outcomes, by keyboard at 80x24 with a real engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.local_engine import LocalEngine
from tests.tui.conftest import Stage, settle
from tests.tui.test_asking import press, rows, said

LESSON = """\
format: 1
id: fits
languages: [es, en]
experiments:
  good: {kind: graph, inputs: {A: [[1, 2, 3], [4, 5, 6]], v: [1, 2, 3]}, nodes: {S: A + v, s: sum(S)}}
  bad: {kind: graph, inputs: {A: [[1, 2, 3], [4, 5, 6]], B: [[1, 2, 3], [4, 5, 6]]}, nodes: {C: A @ B, t: sum(C)}}
  whole: {kind: graph, inputs: {x: [[1, 2, 3], [4, 5, 6]], k: {value: [1, 2], dtype: int64}}, nodes: {y: sum(x)}}
steps:
  - {id: one, use: good, do: forward, panes: [tensors], ask: [{id: sum, kind: outcome, expect: S}]}
  - {id: two, use: bad, do: forward, panes: [tensors], ask: [{id: product, kind: outcome, expect: C}]}
  - id: three
    use: whole
    do: backward
    panes: [tensors]
    ask:
      - {id: flat, kind: outcome, expect: "view(transpose(x), 6)"}
      - {id: copied, kind: outcome, expect: "reshape(transpose(x), 6)"}
      - {id: slope, kind: outcome, expect: grad(k)}
      - {id: row, kind: outcome, expect: "one_hot(k, 3)"}
"""
PROSE = """\
# ¿Encaja?
## Uno {#one}
### ¿Funciona A + v? {#sum}
> [!hint]
> Mira las formas desde la derecha.

> [!explain]
> El broadcasting repite v.
## Dos {#two}
### ¿Funciona A @ B? {#product}
## Tres {#three}
### ¿Y view? {#flat}
### ¿Y reshape? {#copied}
### ¿Y el gradiente de k? {#slope}
### ¿Y one_hot? {#row}
"""


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Stage]:
    monkeypatch.delenv("DLTUTOR_LESSONS", raising=False)
    (tmp_path / "fits").mkdir()
    (tmp_path / "fits" / "lesson.yaml").write_text(LESSON, "utf-8")
    for language in ("es", "en"):
        (tmp_path / "fits" / f"{language}.md").write_text(PROSE, "utf-8")
    return lambda: Stage(LocalEngine, tmp_path, "fits")


async def test_it_works_and_the_shape_is_asked_in_a_line_of_its_own(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "(2, 3)" in rows(stage)  # of A
        await press(pilot, "enter", "1", "enter")
        assert stage.lesson.focused is not None and type(stage.lesson.focused).__name__ == "AnswerField"
        await press(pilot, "3", ",", "2", "enter")
        assert not stage.lesson.progress["sum"].done and "al revés" in said(stage, "sum")
        await press(pilot, "backspace", "backspace", "backspace", "2", "x", "3", "enter")
        assert stage.lesson.progress["sum"].solved
        assert "El broadcasting repite v." in said(stage, "sum") and "Funciona, forma `2x3`" in said(stage, "sum")


async def test_the_shape_stays_hidden_until_it_is_answered(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "o")
        assert "S" in stage.lesson.masks.shapes and "S ?" in rows(stage)
        await press(pilot, "s", "s")
        assert stage.lesson.masks.shapes == frozenset() and "forma `(2, 3)`" in said(stage, "sum")
        assert "S (2, 3) 2-d" in rows(stage)


async def test_a_target_in_which_an_operation_fails_is_answered_with_the_error(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "o")
        assert "Responde a la pregunta" in rows(stage) and "interiores" not in rows(stage)
        await press(pilot, "enter", "1", "enter", "2", "enter")
        assert "no funciona" in said(stage, "product")
        await press(pilot, "escape", "enter", "2", "enter")
        assert stage.lesson.progress["product"].solved
        await press(pilot, "space")
        assert "los tamaños interiores 3 y 2" in rows(stage).replace("\n", " ")


async def test_expressions_are_tried_by_the_engine(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "n", "enter", "4", "enter")
        assert stage.lesson.progress["flat"].solved
        await press(pilot, "enter", "1", "enter", "6", "enter")
        assert stage.lesson.progress["copied"].solved
        await press(pilot, "s", "s")
        assert "k` es int64" in said(stage, "slope") and "can require gradients" in said(stage, "slope")
        await press(pilot, "enter", "1", "enter", "2", "x", "3", "enter")
        assert stage.lesson.progress["row"].solved
