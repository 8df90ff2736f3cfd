"""Steps that work on another experiment, whose panes are others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local_engine import LocalEngine
from tests.tui.conftest import Stage, settle
from tests.tui.test_asking import press

LESSON = """\
format: 1
id: two-kinds
languages: [en]
experiments:
  drawing: {kind: graph, inputs: {a: 3, b: 1}, nodes: {J: a * b}}
  net:
    kind: net
    seed: 7
    data: {kind: xor, n: 32, noise: 0.1, seed: 7}
    layers: [{name: linear1, kind: linear, out: 4}, {name: act, kind: tanh}, {name: linear2, kind: linear, out: 1}]
    loss: bce_logits
    optimizer: {kind: sgd, lr: 0.1}
    batch: {size: 16, order: shuffle}
    epochs: 2
steps:
  - {id: one, use: net, panes: [boundary, loss]}
  - {id: two, use: drawing, panes: [graph]}
  - {id: three, use: net, panes: [loss]}
"""


@pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=["one pane", "all panes"])
async def test_a_step_to_an_experiment_without_the_pane_that_is_on_show(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "two-kinds").mkdir()
    (tmp_path / "two-kinds" / "lesson.yaml").write_text(LESSON, "utf-8")
    (tmp_path / "two-kinds" / "en.md").write_text("# T\n## A {#one}\n## B {#two}\n## C {#three}\n", "utf-8")
    stage = Stage(LocalEngine, tmp_path, "two-kinds")
    async with stage.app.run_test(size=size) as pilot:
        await settle(pilot)
        assert stage.lesson.current == "boundary"
        await press(pilot, "n")
        await settle(pilot)
        assert (stage.lesson.current, "boundary" in stage.lesson.panes) == ("graph", False)
        assert set(stage.lesson._area.on_show) <= set(stage.lesson.panes)
        await press(pilot, "n")
        await settle(pilot)
        assert stage.lesson.current == "loss"
        await press(pilot, "p")
        await settle(pilot)
        assert stage.lesson.current == "graph"
