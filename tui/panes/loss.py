"""The loss of every iteration as a curve; where iterations are many, the band between the lowest and the highest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich.segment import Segment
from rich.style import Style

from engine.messages import Baseline, Curve, Frame
from engine.spec import Net
from tui import comparing
from tui.canvas import fit
from tui.charts import Axis, Floats, Rows, axis, figure, polyline, round_up, rows
from tui.number import fixed
from tui.panes import loss_baseline
from tui.panes.chart import ChartPane, wrapped
from tui.panes.pane import Needs

if TYPE_CHECKING:
    from textual_plotext.plot import Plot

NOW = "●"
BELOW = 2  # rows under the curve: the line and its numbers
PALE = 0.55  # of the baseline, against the ground
MOST = 2  # rows of the sentence
TALL = 9  # rows from which on a sentence tells what differs from the baseline
X_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)  # the right end moves from one to the next, so that the curve does not creep


@dataclass(frozen=True, eq=False)
class Band:
    """At each iteration the lowest and highest loss from there to the next; finite numbers only."""

    iterations: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, curve: Curve | None) -> Band:
        """The band that a record carries; an empty one where there is none."""
        if curve is None:
            return cls(np.empty(0), np.empty(0), np.empty(0))
        low, high = (np.frombuffer(each, np.float32).astype(float) for each in (curve.low, curve.high))
        kept = np.isfinite(low) & np.isfinite(high)
        return cls(np.frombuffer(curve.iterations, np.int32).astype(float)[kept], low[kept], high[kept])

    def outline(self, dots: int) -> tuple[Floats, Floats]:
        """x and y of one line that goes up and down between low and high, so that it fills the band `dots` wide."""
        x = np.union1d(self.iterations, np.linspace(self.iterations[0], self.iterations[-1], dots))
        if len(self.iterations) >= dots or np.array_equal(self.low, self.high):
            x = self.iterations
        low, high = (np.interp(x, self.iterations, each) for each in (self.low, self.high))
        turn = np.arange(len(x)) % 2 == 0
        pairs = np.stack([np.where(turn, low, high), np.where(turn, high, low)], 1)
        return np.repeat(x, 2), pairs.ravel()


class LossPane(ChartPane):
    """The chart follows the curve that the engine sends, thinned to about two points a column."""

    name_key = "pane.loss"
    paced = "numbers"  # it waits for the curve, which comes at the rate of charts

    def __init__(self) -> None:
        super().__init__()
        self._curve: Curve | None = None
        self._generation: int | None = None
        self._drawn: object = None

    def needs(self) -> Needs:
        return Needs(curve=2 * max(1, self.size.width))

    def draw(self) -> None:
        frame = self.view.frame if self.view else None
        fresh = self._remember(frame)
        if frame and frame.running and not fresh and self._drawn == self._look():
            return  # the number and the point go on with the curve: a chart at each frame would cost more than it says
        self._drawn = self._look()
        self._show_number(frame)
        if self.view is not None and "loss" in self.view.masks.metrics:
            self.show_sentence(self.say("loss.masked"))
        elif frame is None or not (self._has_curve or self._baseline):
            self.show_sentence(self.say("loss.empty"))
        elif self.small:
            self.show_sentence(self._number(frame) or self.say("loss.small"))
        else:
            self._show_chart(frame)

    def _show_chart(self, frame: Frame) -> None:
        band, old = Band.of(self._curve), Band.of(self._baseline.curve if self._baseline else None)
        self.show(self._chart(band, old, frame) if len(band.iterations) or len(old.iterations) else [])
        if not len(band.iterations) and (self._has_curve or not len(old.iterations)):
            self.show_sentence(self.say("loss.not_finite"))

    @property
    def _has_curve(self) -> bool:
        return self._curve is not None and bool(self._curve.iterations)

    @property
    def _baseline(self) -> Baseline | None:
        return self.view.baseline if self.view else None

    def _remember(self, frame: Frame | None) -> bool:
        """Keep the curve of this generation; a frame without one means that it is as before."""
        generation = frame.generation if frame else None
        if generation != self._generation:
            self._generation, self._curve = generation, None
        if frame is None or frame.curve is None or frame.curve == self._curve:
            return False
        self._curve = frame.curve
        return True

    def _look(self) -> object:
        return (
            self.size,
            self.app.theme,
            self.view.language if self.view else "",
            self._generation,
            self.view and self.view.masks,
            self._baseline and self._baseline.number,
        )

    def _loss_name(self) -> str:
        is_net = self.view is None or isinstance(self.view.experiment, Net)
        return self.say("loss.name") if is_net else self.view.graph.output  # type: ignore[union-attr]

    def _number(self, frame: Frame) -> str:
        """The present loss; nothing before it is known, as after an edit."""
        if frame.loss is None:
            return ""
        if self.view is not None and "loss" in self.view.masks.metrics:
            return ""
        value = fixed(frame.loss).strip()
        return self.say("loss.now", name=self._loss_name(), value=value, iteration=frame.moment.iteration)

    def _show_number(self, frame: Frame | None) -> None:
        text = self._number(frame) if frame else ""
        if (self.border_subtitle or "") != text:
            self.border_subtitle = text

    # ---------------------------------------------------------------- pictures
    def _chart(self, band: Band, old: Band, frame: Frame) -> Rows:
        width, told = self.size.width, self._told(frame)
        height = self.size.height - 1 - len(told)
        x, y = self._axes(band, old, frame, height)
        plot = figure(width, height, x, y, self.line_colour())
        if len(old.iterations):  # under the present curve, and where that is the very same, beyond it
            dashes = loss_baseline.dashes(old, x, y, width - y.margin, height - BELOW)
            same = frame.comparison is not None and frame.comparison.losses and len(band.iterations)
            covered = float(band.iterations[-1]) if same else -1.0
            loss_baseline.draw(plot, [each for each in dashes if each.x > covered], self.ink("foreground", PALE).rgb)
        if len(band.iterations):
            cells = width - y.margin, height - BELOW
            polyline(plot, band.outline(2 * width), x, y, cells, self.ink("primary").rgb)
            self._mark(plot, band, frame)
        return [self._title(y.margin, frame), *told, *rows(plot, self.app.console)]

    def _axes(self, band: Band, old: Band, frame: Frame, height: int) -> tuple[Axis, Axis]:
        ends = [each for of in (band, old) if len(of.iterations) for each in (of.low.min(), of.high.max())]
        low, high = float(min(ends)), float(max(ends))
        if frame.loss is not None and math.isfinite(frame.loss):
            low, high = min(low, frame.loss), max(high, frame.loss)
        low = 0.0 if 0 <= low < high / 2 else low
        y = axis(low, high, min(6, max(2, height // 3)), widen=True)
        last = max([frame.moment.iteration, 1, *(of.iterations[-1] for of in (band, old) if len(of.iterations))])
        x = axis(0, round_up(float(last), X_STEPS), max(2, self.size.width // 9), whole=True)
        return x, y

    def _mark(self, plot: Plot, band: Band, frame: Frame) -> None:
        """The present iteration."""
        here, loss = float(frame.moment.iteration), frame.loss
        if loss is None or not math.isfinite(loss):
            here, loss = float(band.iterations[-1]), float(band.high[-1])
        plot.scatter([here], [loss], marker=NOW, color=self.ink("accent").rgb)

    def _title(self, margin: int, frame: Frame) -> list[Segment]:
        """What is drawn, and the signs that are used, as many as there is room for."""
        ink, accent, pale = (
            Style(color=each.rich_color)
            for each in (self.ink("foreground", 0.85), self.ink("accent"), self.ink("foreground", PALE))
        )
        signs = [(NOW, accent, self.say("loss.here"))]
        if self._baseline is not None and self.view is not None:
            told = comparing.legend(self._baseline, frame, self.view.language, self.view.masks)
            signs.insert(0, (2 * loss_baseline.FLAT, pale, told))
        title, room = self.say("loss.title", name=self._loss_name()), self.size.width - margin
        if len(signs) > 1 and len(title) + sum(len(sign) + len(text) + 4 for sign, _, text in signs) > room:
            title = ""  # which curve is which says more
        tail, room = [], room - len(title)
        for sign, look, text in signs:
            if (room := room - len(sign) - len(text) - 4) >= 0:
                tail += [Segment(f"   {sign}", look), Segment(f" {text}", ink)]
        return [Segment(" " * margin), Segment(title, ink), *tail]

    def _told(self, frame: Frame) -> Rows:
        """What differs from the baseline, in two rows at most."""
        view = self.view
        if view is None or view.baseline is None or self.size.height < TALL:
            return []
        text = comparing.sentence(view.baseline, frame, len(view.graph.atoms), view.language, view.masks)
        ink, lines = Style(color=self.ink("foreground", 0.85).rich_color), wrapped(text, self.size.width)
        shown = lines if len(lines) <= MOST else [*lines[: MOST - 1], fit(" ".join(lines[MOST - 1 :]), self.size.width)]
        return [[Segment(row, ink)] for row in shown]
