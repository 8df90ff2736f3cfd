"""Moments of the built-in lessons that show well what the tutor does: for pictures, and for snapshots."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual.pilot import Pilot

from engine import messages as m
from lessons import catalog
from tests.local_engine import LocalEngine
from tests.tui.conftest import Stage, settle
from tests.tui.played.robot import Robot
from tui.app import TutorApp


@dataclass(frozen=True)
class Scene:
    """The step of a lesson, its questions answered and its work done; then commands to the engine, and keys."""

    name: str
    lesson: str
    step: str
    commands: tuple[m.AnyCommand, ...] = ()
    keys: tuple[str, ...] = ()


def staged(scene: Scene, language: str) -> tuple[TutorApp, Callable[[Pilot[str]], Awaitable[None]]]:
    """The tutor with the lesson open, and what leads it to the scene once it runs."""
    stage = Stage(LocalEngine, catalog.BUILT_IN, scene.lesson, language)

    async def lead(pilot: Pilot[str]) -> None:
        await Robot(pilot, stage, errs=False).play(scene.step)
        for command in scene.commands:
            stage.lesson.send(command)
            await settle(pilot)
        for key in scene.keys:
            await pilot.press(key)
            await settle(pilot)

    return stage.app, lead
