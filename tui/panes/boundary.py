"""What the net answers over the plane of its inputs: a painted field with the training points, in plotext's axes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from engine.messages import Field, Frame, Opened
from engine.spec import Net
from tui.charts import Axis, Colour, Rows, axis, figure, rows
from tui.half_blocks import CLASSES, RAMPS, Marks, Samples, edges, finer, paint, readable, resized, sparing, style
from tui.panes import boundary_baseline
from tui.panes.chart import ChartPane
from tui.panes.pane import Needs
from tui.view import numbers

MARKS = "○●△▲□■◇◆"  # one per class: told apart without colour
HALF = 127.5  # of a probability's 0..255
MIDDLE = "⠒"
BELOW = 2  # rows under the field: the line and its numbers; the names of the axes take one more
TALL = 12  # rows from which on the axes bear their names


@dataclass(frozen=True, eq=False)
class Plane:
    """The training points, and the part of the plane that is shown."""

    points: npt.NDArray[np.float32]  # (n, 2)
    labels: npt.NDArray[np.uint8]  # (n)
    extent: tuple[float, float, float, float]  # x0, x1, y0, y1

    @classmethod
    def of(cls, opened: Opened | None) -> Plane | None:
        """The plane of an experiment; None where it has none."""
        points = numbers(opened.points) if opened and opened.points else None
        if opened is None or points is None or opened.extent is None:
            return None
        return cls(points.astype(np.float32), np.frombuffer(opened.labels, np.uint8), opened.extent)

    @property
    def classes(self) -> int:
        """How many classes the points have, at least two."""
        return max(2, int(self.labels.max(initial=0)) + 1)

    def marks(self, columns: int, height: int) -> Marks:
        """Some of the points, evenly chosen so that the field can be seen between them, as marks in cells."""
        marks = np.full((height, columns), "", "<U1")
        most = min(max(columns * height // 5, 12), 250)
        chosen = np.linspace(0, len(self.points) - 1, min(most, len(self.points))).astype(int)
        x0, x1, y0, y1 = self.extent
        at = (self.points[chosen] - (x0, y0)) / (x1 - x0, y1 - y0)
        across, down = (at[:, 0] * columns).astype(int), ((1 - at[:, 1]) * height).astype(int)
        inside = ((at >= 0) & (at < 1)).all(1)
        letters = np.array(list(MARKS))[self.labels[chosen] % len(MARKS)]
        marks[down[inside].clip(0, height - 1), across[inside].clip(0, columns - 1)] = letters[inside]
        return marks


@dataclass(eq=False)
class DrawnAxes:
    """The axes as plotext drew them last, for one size and look: drawing them costs more than the field."""

    key: object = None
    rows: Rows = field(default_factory=list)


class BoundaryPane(ChartPane):
    """The field comes from the engine at two samples a cell; row by row, only what changed is painted."""

    name_key = "pane.boundary"
    paced = "numbers"  # the field comes at the rate of tables

    def __init__(self) -> None:
        super().__init__()
        self._plane: Plane | None = None
        self._opened: Opened | None = None
        self._field: Field | None = None
        self._old: Field | None = None  # the baseline's
        self._generation: int | None = None
        self._axes_drawn = DrawnAxes()
        self._asked: tuple[int, int] | None = None

    def needs(self) -> Needs:
        self._asked = self._inner() if self._plane and not self.small else None
        return Needs(field=(self._asked[0], 2 * self._asked[1])) if self._asked else Needs()

    def draw(self) -> None:
        self._remember()
        absent = self._absent()
        if absent:
            self.show_sentence(self.say(absent))
        elif self._plane is not None:
            self.show(self._chart(self._plane))
        if (self._inner() if self._plane and not self.small else None) != self._asked:
            self.post_message(self.NeedsChanged())

    def _remember(self) -> None:
        frame: Frame | None = self.view.frame if self.view else None
        opened = self.view.opened if self.view else None
        if opened is not self._opened:
            self._opened, self._plane = opened, Plane.of(opened)
        if frame is not None and frame.generation != self._generation:
            self._generation, self._field, self._old = frame.generation, None, None
        if frame is not None and frame.field is not None:
            self._field = frame.field
        if frame is not None and frame.baseline_field is not None:
            self._old = frame.baseline_field

    def _absent(self) -> str | None:
        """The key of the sentence that says why there is nothing to draw."""
        if self.view is not None and not isinstance(self.view.experiment, Net):
            return "boundary.graph"
        if self._opened is None:
            return "boundary.waiting"
        if self._plane is None:
            return "boundary.features"
        return "boundary.small" if self.small else None

    # ---------------------------------------------------------------- places
    def _axes(self) -> tuple[Axis, Axis]:
        x0, x1, y0, y1 = self._plane.extent if self._plane else (0.0, 1.0, 0.0, 1.0)
        width, height = self.size
        names = ("x1", "x2") if height >= TALL else ("", "")
        x = axis(x0, x1, max(2, min(9, width // 6)), name=names[0])
        return x, axis(y0, y1, max(2, min(9, height // 2)), name=names[1])

    def _inner(self) -> tuple[int, int]:
        """Columns and rows of cells that the field has: what title, numbers and lines leave."""
        width, height = self.size
        return max(1, width - self._axes()[1].margin), max(1, height - 1 - BELOW - (height >= TALL))

    # ---------------------------------------------------------------- pictures
    def _chart(self, plane: Plane) -> Rows:
        columns, height = self._inner()
        x, y = self._axes()
        around = self._frame_rows(x, y, columns, height)
        margin = y.margin
        painted = self._painted(plane, columns, height)
        beside = [[*_cut(left, margin), *inside] for left, inside in zip(around, painted, strict=False)]
        return [self._title(plane, margin), *beside, *around[height:]]

    def _frame_rows(self, x: Axis, y: Axis, columns: int, height: int) -> Rows:
        ink = self.line_colour()
        key = (self.size, x, y, ink)
        if self._axes_drawn.key != key:
            plot = figure(self.size.width, self.size.height - 1, x.inset(columns), y.inset(height), ink)
            plot.scatter([(x.low + x.high) / 2], [(y.low + y.high) / 2], marker=" ")  # no axes without data
            self._axes_drawn = DrawnAxes(key, rows(plot, self.app.console))
        return self._axes_drawn.rows

    def _painted(self, plane: Plane, columns: int, height: int) -> Rows:
        points = plane.marks(columns, height)
        if self._field is None or not self._field.data:
            ground = np.array([self.ink("background").rgb], np.uint8)
            return paint(np.zeros((2 * height, columns), np.uint8), ground, points)
        given = np.frombuffer(self._field.data, np.uint8).reshape(self._field.rows, self._field.columns)
        samples = resized(given, columns, 2 * height)
        shown, line = self._stepped(samples)
        if (old := self._baseline_field) is not None:
            line = np.where(line == "", boundary_baseline.dashes(old, columns, height), line)
        return paint(shown, self._colours(), np.where(points == "", line, points))

    def _stepped(self, samples: Samples) -> tuple[Samples, Marks]:
        """Which of `_colours` each sample has, and the line between."""
        if self._field is not None and self._field.kind == "class":
            return _of_classes(samples)
        return _of_probability(samples, len(self._colours()))

    @property
    def _baseline_field(self) -> Field | None:
        marked = self.view is not None and self.view.baseline is not None
        return self._old if marked and self._old is not None and self._old.data else None

    def _colours(self) -> npt.NDArray[np.uint8]:
        tables = CLASSES if self._field is not None and self._field.kind == "class" else RAMPS
        colours = tables[self.app.current_theme.dark]
        return sparing(colours) if self._sparing and tables is RAMPS else colours

    @property
    def _sparing(self) -> bool:
        return self.view is not None and self.view.sparing

    def _title(self, plane: Plane, margin: int) -> list[Segment]:
        """The legend: each class's mark on its side's colour, and the line between."""
        colours = self._colours()
        of_class = [colours[k % len(colours)] for k in range(plane.classes)]
        if self._field is None or self._field.kind == "probability":
            of_class = [colours[0], colours[-1]]
        ink = Style(color=self.ink("foreground", 0.85).rich_color)
        room = self.size.width - margin
        long, tail = "boundary.class", f"  {MIDDLE}{MIDDLE} {self.say('boundary.line')}"
        words = [self.say(long, number=k) for k in range(len(of_class))]
        if sum(map(len, words)) + 5 * len(words) + len(tail) > room:
            words = [str(k) for k in range(len(of_class))]
        chips = [
            Segment(f" {MARKS[k % len(MARKS)]} {word} ", _on((int(c[0]), int(c[1]), int(c[2]))))
            for k, (word, c) in enumerate(zip(words, of_class, strict=True))
        ]
        spaced = [each for chip in chips for each in (chip, Segment(" "))][:-1]
        room -= sum(len(each.text) for each in spaced)
        shown = ""
        for each in (tail, f"  {2 * boundary_baseline.FLAT} {self.say('boundary.baseline')}"):
            if each is tail or self._baseline_field is not None:
                shown += each if len(shown) + len(each) <= room else ""
        return [Segment(" " * margin), *spaced, *([Segment(shown, ink)] if shown else [])]


def _on(ground: Colour) -> Style:
    return style(readable(ground), ground)


def _cut(row: list[Segment], width: int) -> list[Segment]:
    return list(Strip(row).crop_extend(0, width, None))


def _of_probability(samples: Samples, count: int) -> tuple[Samples, Marks]:
    """Steps of a ramp of `count` colours, and the line where the probability is one half."""
    steps = (samples / 255 * (count - 1)).round().astype(np.uint8)
    return steps, edges(finer(samples.astype(float)) > HALF)


def _of_classes(samples: Samples) -> tuple[Samples, Marks]:
    """Classes as they are, and the lines between them."""
    fine = samples.repeat(2, 0).repeat(2, 1)
    line = np.full((len(samples) // 2, samples.shape[1]), "", "<U1")
    for each in np.unique(samples)[:-1]:
        line = np.where(line == "", edges(fine == each), line)
    return (samples % len(CLASSES[True])).astype(np.uint8), line
