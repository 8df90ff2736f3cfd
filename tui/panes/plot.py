"""The loss over one weight as a curve, over two as a surface with the descent on it: all else as it stands."""

from __future__ import annotations

import math
import time

from textual import events

from engine.looks.records import SeenSurface, SeenSweep, Surface, Sweep
from engine.messages import Frame
from engine.words import say as engine_says
from tui.charts import Rows
from tui.panes import plot_curve, plot_surface
from tui.panes.chart import ChartPane
from tui.panes.pane import Needs
from tui.panes.plot_curve import Point, floats
from tui.panes.plot_subject import Cursor, Subject, hidden, subject, value
from tui.view import View

FEWEST = 7  # rows of the pane for a surface
MOST = (60, 48)  # columns and rows of a surface
WIDEST, NARROWEST = 8, -12  # doublings of the range
PAUSE = 0.25  # seconds between two charts while training
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class PlotPane(ChartPane, can_focus=True):
    """While training the engine has no time for it: the last curve stays, faint, and the present point goes on."""

    name_key = "pane.plot"
    has_views = True
    turns = True

    def __init__(self) -> None:
        super().__init__()
        self._two = False
        self._wider = 0
        self._cursor = Cursor()
        self._experiment: object = None
        self._drawn_at = -math.inf

    # ---------------------------------------------------------------- what is looked at
    @property
    def _about(self) -> Subject | None:
        return subject(self.view, self._cursor, self._two) if self.view else None

    def needs(self) -> Needs:
        about = self._about
        if about is None or self.view is None or self.small or hidden(self.view, about):
            return Needs()
        return Needs(looks=(look,)) if (look := self._look(about)) else Needs()

    def _look(self, about: Subject) -> Sweep | Surface | None:
        width, height = self.size
        if not self._two:
            return Sweep(about.first, 2 * max(20, min(width, 200)), wider=self._wider, output=about.output)
        if about.second is None:
            return None
        columns, rows = min(MOST[0], width), min(MOST[1], 2 * height)
        return Surface(about.first, about.second, columns, rows, wider=self._wider, output=about.output)

    @property
    def small(self) -> bool:
        """There is no room for axes; a surface has its levels under them too."""
        return super().small or (self._two and self.size.height < FEWEST)

    # ---------------------------------------------------------------- keys
    def other_view(self) -> None:
        """The curve over one weight, or the surface over two."""
        self._two = not self._two
        self._changed()

    def turn(self, by: int) -> None:
        """Widen the range, or narrow it."""
        self._wider = max(NARROWEST, min(WIDEST, self._wider + by))
        self._changed()

    def on_key(self, event: events.Key) -> None:
        """Arrows choose the element; over two weights those up and down choose the second."""
        about = self._about
        if event.key not in ARROWS or about is None or self.view is None:
            return
        sideways, down = ARROWS[event.key]
        name = about.first.name
        if sideways:
            self._cursor = self._cursor.along(self.view, name, sideways)
        elif self._two:
            self._cursor = self._cursor.other_second(self.view, about, down)
        else:
            self._cursor = self._cursor.row(self.view, name, down)
        event.stop()
        event.prevent_default()
        self._changed()

    def _changed(self) -> None:
        self.draw()
        self.post_message(self.NeedsChanged())

    # ---------------------------------------------------------------- drawing
    def draw(self) -> None:
        view = self.view
        if view is None or not self.size:
            return
        if view.experiment is not self._experiment:
            self._experiment, self._cursor, self._wider = view.experiment, Cursor(), 0
        if view.frame is not None and view.frame.running and time.monotonic() - self._drawn_at < PAUSE:
            return  # a chart at each frame would cost more than it says
        self._drawn_at = time.monotonic()
        picture = self._picture(view)
        if isinstance(picture, str):
            self.show_sentence(picture)
        else:
            self.show(picture)

    def _picture(self, view: View) -> Rows | str:
        """The chart, or the sentence that stands in its place."""
        about = self._about
        if about is None or view.frame is None:
            return self.say("plot.waiting" if view.frame is None else "plot.nothing")
        if hidden(view, about):
            return self.say("plot.masked")
        if self._two and about.second is None:
            return self.say("plot.one_weight")
        if self.small:
            return self.say("plot.small")
        seen = view.seen(SeenSurface) if self._two else view.seen(SeenSweep)
        if seen is None or not _of(seen, about):
            return self.say("plot.waiting")
        if seen.refused is not None:
            return engine_says(seen.refused, view.language)
        return self._drawn(view.frame, seen, about) or self.say("plot.not_finite")

    def _drawn(self, frame: Frame, seen: SeenSweep | SeenSurface, about: Subject) -> Rows | None:
        old = frame.running or seen.iterations != frame.moment.iterations_done
        if isinstance(seen, SeenSurface):
            here = _present(frame, about) if old else _last(seen)
            return plot_surface.chart(self, seen, here, old)
        now = _moving(frame, about) if old else (seen.value, seen.loss)
        now = now if now is not None and all(map(math.isfinite, now)) else None
        return plot_curve.chart(self, seen, now, old)


def _of(seen: SeenSweep | SeenSurface, about: Subject) -> bool:
    """Whether what was seen is of the same weights; the range and the size may be those of before."""
    elements = (seen.of.element,) if isinstance(seen, SeenSweep) else (seen.of.first, seen.of.second)
    return elements == about.elements and seen.of.output == about.output


def _last(seen: SeenSurface) -> Point | None:
    path = floats(seen.path)
    return (float(path[-1, 0]), float(path[-1, 1])) if len(path) else None


def _present(frame: Frame, about: Subject) -> Point | None:
    assert about.second is not None
    x, y = value(frame, about.first), value(frame, about.second)
    return None if x is None or y is None else (x, y)


def _moving(frame: Frame, about: Subject) -> Point | None:
    """The weight and the loss of the last batch, one step apart: what frames carry of them while training."""
    x = value(frame, about.first)
    return None if x is None or frame.loss is None else (x, frame.loss)
