"""The part of the lesson's screen where something is chosen to be looked at, and looked at in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import reactive

from tui.choice import NO_CHOICE, Choice
from tui.screens.keeping import KeepingScreen

if TYPE_CHECKING:
    from tui.panes.pane import Chosen, Pane


class ChoosingScreen(KeepingScreen):
    """`choice` is what panes on operations, Jacobians, paths and derivatives are about."""

    current: reactive[str] = reactive("", layout=False)  # the pane that keys and numbers mean
    choice: reactive[Choice] = reactive(NO_CHOICE, repaint=False)

    _led: Choice = NO_CHOICE  # what the lesson chose last

    def enter(self, offering: bool = True, editing: bool = True) -> None:
        """Look at what the step says. Where it says nothing, what the lesson chose before is let go."""
        look = self.steps[self.cursor].look if self.steps else None
        if look is not None:
            self.choice = self._led = Choice(look.node or "", look.source or "")
        elif self.choice == self._led:
            self.choice = self._led = NO_CHOICE
        super().enter(offering, editing)

    @property
    def current_pane(self) -> Pane | None:
        """The pane that keys mean, once it is there."""
        raise NotImplementedError

    @property
    def looked_at(self) -> str:
        """The operation that panes are about: the one chosen, else the one last done, else the output."""
        if self.choice.node or self.part is None or self.part.graph is None:
            return self.choice.node
        done = self.frame.moment.op if self.frame else None
        return done or self.part.graph.output

    def watch_choice(self) -> None:
        self.redraw()

    def action_choose(self, by: int) -> None:
        if self.part is not None and self.part.graph is not None:
            self.choice = self.choice.other_node(self.part.graph, self.looked_at, by)

    def action_choose_source(self, by: int) -> None:
        if self.part is not None and self.part.graph is not None:
            self.choice = self.choice.other_source(self.part.graph, self.looked_at, by)

    def on_chosen(self, message: Chosen) -> None:
        """Something was chosen on a pane."""
        self.choice = message.choice

    def action_next_pane(self) -> None:
        """Show the pane after the current one; also those that have no number of their own."""
        if self.current in self.panes:
            self.current = self.panes[(self.panes.index(self.current) + 1) % len(self.panes)]

    # ---------------------------------------------------------------- the current pane, in another way
    def action_pane_view(self) -> None:
        if self.current_pane is not None:
            self.current_pane.other_view()

    def action_pane_turn(self, by: int) -> None:
        if self.current_pane is not None:
            self.current_pane.turn(by)

    def action_pane_fold(self) -> None:
        if self.current_pane is not None:
            self.current_pane.fold()
