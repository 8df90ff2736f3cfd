"""The loss of every iteration as a curve; where iterations are many, the band between the lowest and the highest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style

from engine.messages import Curve, Frame
from engine.spec import Net
from tui.charts import Axis, Rows, axis, figure, round_up, rows
from tui.number import fixed
from tui.panes.chart import ChartPane
from tui.panes.pane import Needs

if TYPE_CHECKING:
    from textual_plotext.plot import Plot

Floats = npt.NDArray[np.float64]
NOW = "●"
X_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)  # the right end moves from one to the next, so that the curve does not creep


@dataclass(frozen=True, eq=False)
class Band:
    """At each iteration the lowest and highest loss from there to the next; finite numbers only."""

    iterations: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, curve: Curve) -> Band:
        """The band that a record carries."""
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
        elif frame is None or self._curve is None or not self._curve.iterations:
            self.show_sentence(self.say("loss.empty"))
        elif self.small:
            self.show_sentence(self._number(frame) or self.say("loss.small"))
        else:
            band = Band.of(self._curve)
            self.show(self._chart(band, frame) if len(band.iterations) else [])
            if not len(band.iterations):
                self.show_sentence(self.say("loss.not_finite"))

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

    def _chart(self, band: Band, frame: Frame) -> Rows:
        width, height = self.size
        x, y = self._axes(band, frame, height - 1)
        plot = figure(width, height - 1, x, y, self.line_colour())
        across, up = band.outline(2 * width)
        plot.plot(across.tolist(), up.tolist(), marker="braille", color=self.ink("primary").rgb)
        self._mark(plot, band, frame)
        return [self._title(y.margin), *rows(plot, self.app.console)]

    def _axes(self, band: Band, frame: Frame, height: int) -> tuple[Axis, Axis]:
        low, high = float(band.low.min()), float(band.high.max())
        if frame.loss is not None and math.isfinite(frame.loss):
            low, high = min(low, frame.loss), max(high, frame.loss)
        low = 0.0 if 0 <= low < high / 2 else low
        y = axis(low, high, min(6, max(2, height // 3)), widen=True)
        last = max(band.iterations[-1], frame.moment.iteration, 1)
        x = axis(0, round_up(float(last), X_STEPS), max(2, self.size.width // 9), whole=True)
        return x, y

    def _mark(self, plot: Plot, band: Band, frame: Frame) -> None:
        """The present iteration."""
        here, loss = float(frame.moment.iteration), frame.loss
        if loss is None or not math.isfinite(loss):
            here, loss = float(band.iterations[-1]), float(band.high[-1])
        plot.scatter([here], [loss], marker=NOW, color=self.ink("accent").rgb)

    def _title(self, margin: int) -> list[Segment]:
        ink, accent = (Style(color=each.rich_color) for each in (self.ink("foreground", 0.85), self.ink("accent")))
        title, here = self.say("loss.title", name=self._loss_name()), self.say("loss.here")
        fits = len(title) + len(here) + 5 <= self.size.width - margin
        tail = [Segment(f"   {NOW}", accent), Segment(f" {here}", ink)] if fits else []
        return [Segment(" " * margin), Segment(title, ink), *tail]
