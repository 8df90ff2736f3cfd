"""Views of real sessions, with what a pane asks to look at computed by the engine, for tests of what draws them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine import messages as m
from engine.begin import begin
from engine.frames import Frames
from engine.spec import EXPERIMENT
from tests.tui.pane_app import PaneApp
from tui.choice import Choice
from tui.panes.pane import Pane
from tui.view import View


class LookedAt(PaneApp[Pane]):
    """A pane over a session; what it needs is computed anew whenever it says that this is another."""

    def __init__(self, pane: Pane, spec: dict[str, Any], *commands: m.AnyCommand, language: str = "es") -> None:
        experiment = EXPERIMENT.validate_python(spec)
        self.session = begin(experiment, None, "cpu")
        for command in commands:
            self._do(command)
        view = View(experiment, self.session.experiment.graph, None, None, language)
        super().__init__(pane, view)
        self.frames = Frames(self.session)

    def _do(self, command: m.AnyCommand) -> None:
        self.session.apply(command)
        self.session.finish()

    def on_mount(self) -> None:
        super().on_mount()
        self.show()

    def on_pane_needs_changed(self) -> None:
        self.show()

    def show(self, **changes: Any) -> None:
        """Hand the pane the view, changed in these ways, with a frame of this moment."""
        assert self.pane.view is not None
        view = replace(self.pane.view, **changes)
        self.pane.view = view
        wanted = self.pane.needs().looks
        self.frames.looks.quick(())
        self.pane.view = replace(view, frame=self.frames.frame(1, m.Watch(looks=wanted)))

    def choose(self, node: str = "", source: str = "") -> None:
        """Look at another operation, or with respect to something else."""
        self.show(choice=Choice(node, source))

    def do(self, command: m.AnyCommand) -> None:
        """Go on in the session."""
        self._do(command)
        self.show()
