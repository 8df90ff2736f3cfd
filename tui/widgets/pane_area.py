"""The place where panes stand: makes each when it is first shown, sets them out, and hands them what to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container

from engine.messages import Watch
from tui.language import say
from tui.pacing import Pacing
from tui.panes import pane_class
from tui.rates import USUAL, Rates

if TYPE_CHECKING:
    from tui.panes.pane import Pane
    from tui.view import View


class PaneArea(Container):
    """`names` are all panes of the experiment, in the order of their numbers; some of them are on show."""

    def __init__(self, rates: Rates = USUAL, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pacing = Pacing(rates)
        self.names: tuple[str, ...] = ()
        self.on_show: tuple[str, ...] = ()
        self._panes: dict[str, Pane] = {}

    def pane(self, name: str) -> Pane | None:
        """The pane of that name, if it has been shown."""
        return self._panes.get(name)

    def name_of(self, pane: object) -> str | None:
        """The name of a pane."""
        return next((name for name, each in self._panes.items() if each is pane), None)

    async def put_on_show(self, names: tuple[str, ...], current: str, view: View) -> None:
        """Put these panes on show, one of them the current one."""
        self.on_show = names
        fresh = [name for name in names if name not in self._panes]
        for name in fresh:
            self._panes[name] = pane_class(name)()
        if fresh:
            await self.mount_all(self._panes[name] for name in fresh)
        for name, pane in self._panes.items():
            pane.display = name in names
            pane.set_class(name == current, "-current")
            pane.set_class(name == names[0] and len(names) in (1, 3, 5), "-broad")
        for place, name in enumerate(names):
            if self.children[place] is not self._panes[name]:
                self.move_child(self._panes[name], before=place)
        self.set_class(len(names) <= 2, "-stacked")
        self.pacing.forget()
        self.hand(view)

    def hand(self, view: View) -> None:
        """Hand the moment to every pane that is on show; while training goes on, to each in its turn."""
        for name in self.on_show:
            if name not in self.names:  # of the experiment that was here before; it goes when the new ones are set out
                continue
            pane = self._panes[name]
            title = f"{self.names.index(name) + 1} {say(view.language, f'pane.{name}')}"
            if pane.border_title != title:  # setting it paints the whole pane
                pane.border_title = title
            if self.pacing.due(name, pane.paced, view):
                pane.view = view

    def wanted(self) -> Watch:
        """What the engine should compute for what is on show."""
        needs = [self._panes[name].needs() for name in self.on_show if name in self._panes]
        field = next((need.field for need in needs if need.field), None)
        looks = tuple(dict.fromkeys(look for need in needs for look in need.looks))
        curve, rates = max((need.curve for need in needs), default=0), self.pacing.rates
        return Watch(rates.numbers, field, rates.tables, curve, rates.charts, looks=looks)
