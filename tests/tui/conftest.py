"""What tests of screens share: the app over a fake or a local engine, with a small lesson of each kind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from unicodedata import lookup

import pytest
from textual import events
from textual.app import App
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
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


def send_key(app: App[str], key: str) -> None:
    """Press a key, as `pilot.press` does, but without its pauses: whoever calls this waits in another way."""
    key = _character_to_key(key) if len(key) == 1 else key
    try:
        char = lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(key, key)))
    except KeyError:
        char = key if len(key) == 1 else None
    assert app._driver is not None
    app._driver.send_message(events.Key(key, char))


async def settle(pilot: Pilot[str]) -> None:
    """Wait until lessons are read and everything is drawn.

    A pause of Textual's ends when this process does little, as it does too where others leave it no time.
    """
    for round_ in range(30):
        with suppress(WorkerCancelled):  # the tutor closed meanwhile
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        if round_ >= 2 and _at_rest(pilot.app):
            return


def _at_rest(app: App[str]) -> bool:
    """Whether no message is still to be heard, and nothing to be laid out or painted."""
    if not app.is_running:
        return True
    screen = app.screen
    if screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks:
        return False
    return not any(each.message_queue_size or each._next_callbacks for each in (app, screen, *screen.walk_children()))
