"""Exercises about the script, by keyboard at 80x24 with a real engine: the wrong line, and a line with a gap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.mutations import MUTATIONS
from tests.local_engine import LocalEngine
from tests.tui.conftest import Stage, settle
from tests.tui.test_asking import press, rows, said
from tui.exercises.spot_field import SpotField

LESSON = """\
format: 1
id: code
languages: [es, en]
experiment:
  kind: net
  seed: 7
  data: {{kind: table, x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0]}}
  layers:
    - {{name: linear1, kind: linear, out: 2}}
    - {{name: act_fn, kind: tanh}}
    - {{name: linear2, kind: linear, out: 1}}
  loss: bce_logits
  optimizer: {{kind: sgd, lr: 0.1}}
  batch: {{size: 2, order: shuffle}}
  epochs: 100
{mutation}
steps:
  - id: one
    do: iteration
    panes: [code, tensors]
    ask:
{ask}
"""
SPOT = "      - {{id: find, kind: spot, mutation: {name}}}"
PROSE = """\
# Código
## Uno {#one}
### ¿Qué línea está mal? {#find}
> [!hint]
> Mira el bucle.

> [!explain]
> Así era.
"""
FILL = "      - {id: gap, kind: fill, line: backward}\n      - {id: made, kind: fill, line: linear1}"
FILL_PROSE = PROSE.split("###")[0] + """### ¿Qué falta? {#gap}
> [!hint]
> Los gradientes.
### ¿Y aquí? {#made}
"""


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stage]:
    monkeypatch.delenv("DLTUTOR_LESSONS", raising=False)

    def make(ask: str, prose: str, mutation: str = "") -> Stage:
        (tmp_path / "code").mkdir()
        text = LESSON.format(mutation=f"  mutation: {mutation}" if mutation else "", ask=ask)
        (tmp_path / "code" / "lesson.yaml").write_text(text, "utf-8")
        for language in ("es", "en"):
            (tmp_path / "code" / f"{language}.md").write_text(prose, "utf-8")
        return Stage(LocalEngine, tmp_path, "code")

    return make


def spotting(begun: Callable[..., Stage], name: str) -> Stage:
    return begun(SPOT.format(name=name), PROSE, name)


def number_of(stage: Stage, name: str) -> int:
    found = stage.lesson.known.program.number(name)
    assert found is not None
    return found


async def test_the_wrong_line_is_found_with_arrows(begun: Callable[..., Stage]) -> None:
    stage = spotting(begun, "drop_zero_grad")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "optimizer.zero_grad()" not in str([line.text for line in stage.lesson.known.program.lines])
        await press(pilot, "enter")
        field = stage.app.screen.query_one(SpotField)
        assert field.has_focus
        while field.at < number_of(stage, "step"):
            await press(pilot, "down")
        assert "optimizer.step()" in rows(stage)
        await press(pilot, "enter")
        assert "actualiza los parámetros" in said(stage, "find") and not stage.lesson.progress["find"].done
        await press(pilot, "up", "enter")
        assert stage.lesson.progress["find"].solved
        assert "Falta" in said(stage, "find") and "optimizer.zero_grad()" in said(stage, "find")
        assert "Así era" in said(stage, "find")


async def test_the_wrong_line_is_found_by_its_number(begun: Callable[..., Stage]) -> None:
    stage = spotting(begun, "ascent_sign")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", *str(number_of(stage, "linear1")), "enter")
        assert "crea la capa `linear1`" in said(stage, "find")
        await press(pilot, *str(number_of(stage, "optimizer")), "enter")
        assert stage.lesson.progress["find"].solved and "lr=0.1)" in said(stage, "find")


@pytest.mark.parametrize("name", ["missing_transpose", "wrong_order", "double_sigmoid"])
async def test_giving_up_shows_the_line_and_what_is_wrong(begun: Callable[..., Stage], name: str) -> None:
    stage = spotting(begun, name)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "s", "s")
        assert stage.lesson.progress["find"].given_up
        program = stage.lesson.known.program
        assert all(str(number) in said(stage, "find") for number in program.wrong)
        assert MUTATIONS[name].name == program.mistake and len(said(stage, "find")) > 80


async def test_a_line_is_typed_into_its_gap_and_hidden_in_the_script_until_then(begun: Callable[..., Stage]) -> None:
    stage = begun(FILL, FILL_PROSE)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        code = rows(stage)
        assert "optimizer.zero_grad()" in code and "loss.backward()" not in code and "▁▁▁" in code
        await press(pilot, "enter", *"loss.backward", "enter")
        assert "sin paréntesis" in said(stage, "gap") and not stage.lesson.progress["gap"].done
        await press(pilot, "left_parenthesis", "enter")
        assert "paréntesis" in said(stage, "gap") and stage.lesson.progress["gap"].attempts == 1
        await press(pilot, "right_parenthesis", "enter")
        assert stage.lesson.progress["gap"].solved
        assert "loss.backward()" in rows(stage)


async def test_what_means_the_same_passes(begun: Callable[..., Stage]) -> None:
    stage = begun(FILL, FILL_PROSE)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", *"torch.autograd.backward(loss)", "enter")
        await press(pilot, "enter", *"nn.Linear(4, 2)", "enter")
        assert stage.lesson.progress["gap"].solved and "entre los paréntesis" in said(stage, "made")
        await press(pilot, *["backspace"] * 15, *"torch.nn.Linear(2, out_features=2)", "enter")
        assert stage.lesson.progress["made"].solved
