"""Telling screens of the course, as they stand when the step's questions are answered: exact numbers, real engine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui.played.scenes import Scene, staged

SCENES = (
    Scene("double", "graph-j", "at-double"),
    Scene("roads", "branches", "sum-of-roads"),
    Scene("tables", "jacobians", "two-tables"),
)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_telling_screen(scene: Scene, size: tuple[int, int], snap_compare: Any) -> None:
    app, lead = staged(scene, "es")
    assert snap_compare(app, terminal_size=size, run_before=lead)
