"""What tests of screens share: the app over a fake or a local engine, with a small lesson of each kind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from tests.local_engine import FakeEngine, LocalEngine
from tui.app import Choices, TutorApp
from tui.link import Link
from tui.screens.lesson import LessonScreen

GRAPH = """\
format: 1
id: little-graph
unit: graphs
minutes: 5
languages: [es, en]
experiment:
  kind: graph
  inputs: {a: 3, b: 1, c: -2}
  nodes: {h: 2 * b, g: a + h, J: g * c}
steps:
  - {id: look, by: op, panes: [graph, code]}
  - {id: back, do: backward, panes: [tensors]}
"""
NET = """\
format: 1
id: little-net
unit: nets
minutes: 15
languages: [es, en]
experiment:
  kind: net
  seed: 7
  data: {kind: xor, n: 64, noise: 0.1, seed: 7, test: 16}
  layers: [{name: linear1, kind: linear, out: 4}, {name: act_fn, kind: tanh}, {name: linear2, kind: linear, out: 1}]
  loss: bce_logits
  optimizer: {kind: sgd, lr: 0.1}
  batch: {size: 16, order: shuffle}
  epochs: 5
steps:
  - {id: look, panes: [tensors, loss, boundary]}
  - {id: back, do: train, by: epoch, panes: [boundary]}
"""
PROSE = {
    "es": "# Una lección pequeña\nAntes de empezar.\n\n## Mirar {#look}\nMira bien.\n\n## Volver {#back}\nVuelve.\n",
    "en": "# A little lesson\nBefore it begins.\n\n## Looking {#look}\nLook closely.\n\n## Back {#back}\nGo back.\n",
}


@pytest.fixture
def lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a graph lesson, a net lesson, and one that cannot be read."""
    monkeypatch.delenv("DLTUTOR_LESSONS", raising=False)
    for name, text in {"little-graph": GRAPH, "little-net": NET, "broken": "format: 1\nid: broken\n id: x\n"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "lesson.yaml").write_text(text, "utf-8")
        for language, prose in PROSE.items():
            (tmp_path / name / f"{language}.md").write_text(prose, "utf-8")
    return tmp_path


class Stage:
    """An app that is about to run, and the engine it talks to."""

    def __init__(
        self, make: Callable[..., FakeEngine | LocalEngine], folder: Path, lesson: str | None, language: str = "es"
    ) -> None:
        self.engines: list[FakeEngine | LocalEngine] = []

        def keep(*callbacks: Callable[..., None]) -> FakeEngine | LocalEngine:
            self.engines.append(make(*callbacks))
            return self.engines[-1]

        link = Link(keep)
        link.start()
        self.app = TutorApp(link, Choices(language, "cpu", None, (folder,)), folder / lesson if lesson else None)

    @property
    def engine(self) -> FakeEngine | LocalEngine:
        """The engine that was started last."""
        return self.engines[-1]

    @property
    def lesson(self) -> LessonScreen:
        """The lesson that is on the screen."""
        assert isinstance(self.app.screen, LessonScreen)
        return self.app.screen

    def line(self, name: str) -> str:
        """What one line of the screen says."""
        widget = self.app.screen.query_one(f"#{name}")
        return str(widget.render()).rstrip()


@pytest.fixture
def fake(lessons: Path) -> Callable[[str | None], Stage]:
    """Makes an app whose engine only remembers what it was told."""
    return lambda lesson=None: Stage(FakeEngine, lessons, lesson)


@pytest.fixture
def local(lessons: Path) -> Callable[[str | None], Stage]:
    """Makes an app whose engine works, in this process."""
    return lambda lesson=None: Stage(LocalEngine, lessons, lesson)


async def settle(pilot: Pilot[str]) -> None:
    """Wait until lessons are read and everything is drawn."""
    for _ in range(3):
        with suppress(WorkerCancelled):  # the tutor closed meanwhile
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()
