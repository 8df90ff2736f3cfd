"""The pane of the Jacobian: of an operation, or of any tensor in any other, in both layouts and as a product."""

from __future__ import annotations

import numpy as np

from engine.looks.records import Jacobian, SeenJacobian
from engine.messages import Array
from engine.words import say as engine_says
from tui.canvas import Canvas, Row, fit
from tui.language import say
from tui.panes.matrices import CELL, Matrix, Numbers, extent, labels, product, put
from tui.panes.pane import Needs
from tui.panes.paragraph import paragraph
from tui.panes.rows import RowsPane
from tui.view import View, numbers

VIEWS = ("numerator", "denominator", "numerator_product", "denominator_product")
SIDE = 64  # rows and columns of the engine's windows
ABREAST = 56  # columns from which on three narrow matrices fit beside each other
ROOMY = 13  # rows from which on there is room for sentences
STRIDE = 32  # they begin at multiples of this, so that most moves ask for nothing new


class JacobianPane(RowsPane):
    """`v`: numerator layout, denominator layout, and upstream times Jacobian in each. Arrows move a large one.

    `<` and `>` go through the samples of a batch.
    """

    name_key = "pane.jacobian"
    has_views = True
    turns = True

    sample = 0
    top = 0  # the first output in sight
    left = 0  # the first element of the source in sight
    _way = 0
    _of: tuple[str, str] = ("", "")
    _page = (1, 1)  # outputs and source elements in sight
    _extent = (1, 1)
    _samples = 0
    _kept: object = None

    @property
    def way(self) -> str:
        """Which of the views it is."""
        return VIEWS[self._way]

    def needs(self) -> Needs:
        return Needs(looks=(self.wanted,))

    @property
    def wanted(self) -> Jacobian:
        """What the engine is asked for."""
        choice = self.view.choice if self.view else None
        node, source = (choice.node, choice.source) if choice else ("", "")
        return Jacobian(node, source, self.sample, self.top // STRIDE * STRIDE, self.left // STRIDE * STRIDE)

    # ---------------------------------------------------------------- keys
    def other_view(self) -> None:
        self._way = (self._way + 1) % len(VIEWS)
        self.redraw()

    def turn(self, by: int) -> None:
        if self._samples:
            self.sample = (self.sample + by) % self._samples
            self._ask()
        else:
            self._move(0, by * self._page[1])

    def action_scroll_up(self) -> None:
        self._scroll(-1, 0)

    def action_scroll_down(self) -> None:
        self._scroll(1, 0)

    def action_scroll_left(self) -> None:
        self._scroll(0, -1)

    def action_scroll_right(self) -> None:
        self._scroll(0, 1)

    def action_scroll_home(self) -> None:
        self._move(-self.top, -self.left)

    def action_scroll_end(self) -> None:
        self._move(*self._extent)

    def _scroll(self, down: int, right: int) -> None:
        """As it stands on the screen: in denominator layout the rows are the elements of the source."""
        self._move(*((right, down) if self.way.startswith("denominator") else (down, right)))

    def _move(self, outputs: int, elements: int) -> None:
        before = self.wanted
        self.top = max(0, min(self.top + outputs, self._extent[0] - self._page[0]))
        self.left = max(0, min(self.left + elements, self._extent[1] - self._page[1]))
        self.redraw()
        if self.wanted != before:
            self._ask()

    def _ask(self) -> None:
        self.post_message(self.NeedsChanged())

    # ---------------------------------------------------------------- drawing
    def watch_view(self, before: View | None, view: View | None) -> None:
        chosen = (view.choice.node, view.choice.source) if view else ("", "")
        if chosen != self._of:
            self._of, self.top, self.left = chosen, 0, 0
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()
        super().on_resize()

    def redraw(self) -> None:
        """Draw what was seen; while something else is awaited, what stands there stays, unless it may not be seen."""
        view, size = self.view, self.content_region.size
        seen = view.seen(SeenJacobian) if view else None
        if view is None or not size.area:
            self.show_rows((), 0)
            return
        circumstances = (view.masks, view.language, view.frame.generation if view.frame else None)
        if seen is None or seen.of != self.wanted:
            if self._kept != circumstances:
                self.show_rows((), 0)
            return
        self._kept = circumstances
        self.show_rows(self._rows(view, seen, size.width, size.height), size.width)

    def _rows(self, view: View, seen: SeenJacobian, width: int, height: int) -> tuple[Row, ...]:
        if seen.refused is not None:
            return paragraph(engine_says(seen.refused, view.language), width)
        if not view.masks.shapes.isdisjoint({seen.output, seen.source}):
            return paragraph(say(view.language, "jacobian.masked"), width)
        self._samples = seen.samples
        page = _Page(view, seen, self.way, width, height)
        self._extent = page.extent
        self._page = page.fitting()
        self.top, self.left = (
            max(0, min(at, most - shown))
            for at, most, shown in zip((self.top, self.left), self._extent, self._page, strict=True)
        )
        return page.rows(self.top, self.left)


class _Page:
    """One Jacobian in one of the views, on an area of this size."""

    def __init__(self, view: View, seen: SeenJacobian, way: str, width: int, height: int) -> None:
        self.view, self.seen, self.width, self.height = view, seen, width, height
        layout, _, times = way.partition("_")
        self.as_product = bool(times)
        self.turned = layout == "denominator"
        self.layout = layout
        self.kronecker = seen.kind == "kronecker"
        masks, whole = view.masks, view.graph.output
        asked = (seen.output, seen.source) in masks.locals
        self.hides_matrix = (
            asked
            or any(masks.any_value(name) for name in seen.factors)
            or (seen.output == whole and masks.any_grad(seen.source))
        )
        self.hides_upstream = masks.any_grad(seen.output)
        self.hides_passed = self.hides_matrix or self.hides_upstream or masks.any_grad(seen.source)

    def say(self, key: str, **values: object) -> str:
        return say(self.view.language, f"jacobian.{key}", **values)

    @property
    def extent(self) -> tuple[int, int]:
        """The outputs and the source elements; of a layer's weight its own rows and columns."""
        seen = self.seen
        if self.kronecker:
            return seen.source_shape[0], seen.source_shape[1]
        return int(np.prod(seen.output_shape)), int(np.prod(seen.source_shape))

    # ---------------------------------------------------------------- the lines above
    def head(self) -> list[Row]:
        """What it is, its shape in this layout, and what is to be known of it."""
        seen = self.seen
        outputs, inputs = int(np.prod(seen.output_shape)), int(np.prod(seen.source_shape))
        shape = self.say(f"{self.layout}_shape", outputs=outputs, inputs=inputs)
        title = f"∂{seen.output}/∂{seen.source}"
        first: Row = ((fit(f"{title}  ({shape})", self.width), "title"),)
        layout = self.say(self.layout)
        if len(title) + len(shape) + len(layout) + 7 <= self.width:
            first = ((f"{title}  ({shape})", "title"), (f"  {layout}", "muted"))
        notes = [*self._of_sample(), *self._form()]
        return [first, *(row for note in notes for row in paragraph(note, self.width))]

    def _of_sample(self) -> list[str]:
        seen = self.seen
        if seen.sample is None:
            return []
        key = "part" if seen.part and self.as_product and self.height >= ROOMY else "sample"
        return [self.say(key, sample=seen.sample, samples=seen.samples, source=seen.source)]

    def _form(self) -> list[str]:
        seen, notes = self.seen, list[str]()
        if seen.kind == "none":
            return [self.say("none", output=seen.output, source=seen.source)]
        known = seen.kind != "dense" and not self.hides_matrix  # the form would tell what is asked
        if known and not self.as_product and (self.height >= ROOMY or seen.kind != "diagonal"):
            notes.append(self.say(seen.kind, output=seen.output, source=seen.source, weight=self._weight()))
        if self.as_product and seen.upstream is None:
            notes.append(self.say("no_upstream", output=seen.output))
        elif self.as_product and self.height >= ROOMY:
            notes.append(self.say("product"))
        return notes

    def _weight(self) -> str:
        node = self.view.graph.node(self.seen.output)
        return node.sources[1] if len(node.sources) > 1 else ""

    # ---------------------------------------------------------------- the matrices
    @property
    def shows_product(self) -> bool:
        """Whether the product stands there: once the upstream gradient has arrived."""
        return self.as_product and self.seen.upstream is not None

    def fitting(self) -> tuple[int, int]:
        """How many outputs and source elements are in sight."""
        outputs, elements = (min(size, STRIDE) for size in self.extent)
        room = self.height - len(self.head()) - 1
        while True:
            width, height = self._takes((outputs, elements))
            if width <= self.width and height <= room:
                return outputs, elements
            across = self.turned and not self.kronecker  # outputs stand beside each other
            cut_outputs = (width > self.width) == across
            if outputs > 1 and (cut_outputs or elements == 1):
                outputs -= 1
            elif elements > 1:
                elements -= 1
            else:
                return outputs, elements

    def _takes(self, shown: tuple[int, int]) -> tuple[int, int]:
        """The columns and rows on the screen that so many outputs and source elements take."""
        top, left = self.seen.row, self.seen.column
        if self.shows_product:
            across = self.turned and not self.kronecker and self.width >= ABREAST
            return extent(self.factors(top, left, shown), self.width, across)
        matrix = self._as_laid_out(top, left, shown)
        return matrix.margin + CELL * len(matrix.columns), matrix.height - (not self.kronecker)

    def rows(self, top: int, left: int) -> tuple[Row, ...]:
        """All rows, with the window's place at the end where there is more."""
        seen, head = self.seen, self.head()
        if seen.kind == "none":
            return tuple(head)
        shown = self.fitting()
        if self.shows_product:
            rows = product(self.factors(top, left, shown), self.width).rows()
        else:
            rows = self._alone(top, left, shown)
        foot: list[Row] = []
        if shown != self.extent:
            foot.append(((fit(self._place(top, left, shown), self.width), "muted"),))
        return (*head, *rows, *foot)

    def _place(self, top: int, left: int, shown: tuple[int, int]) -> str:
        return self.say(
            "window", first=top, last=top + shown[0] - 1, outputs=self.extent[0],
            start=left, end=left + shown[1] - 1, inputs=self.extent[1],
        )  # fmt: skip

    def _as_laid_out(self, top: int, left: int, shown: tuple[int, int]) -> Matrix:
        matrix = self.matrix(top, left, shown)
        return matrix.transposed if self.turned and not self.kronecker else matrix

    def _alone(self, top: int, left: int, shown: tuple[int, int]) -> tuple[Row, ...]:
        matrix = self._as_laid_out(top, left, shown)
        canvas = Canvas(self.width, 1 + self.kronecker + len(matrix.rows))
        put(canvas, 0, 0, matrix, heading=self.kronecker)
        return canvas.rows()

    def factors(self, top: int, left: int, shown: tuple[int, int]) -> tuple[Matrix, Matrix, Matrix]:
        """upstream · Jacobian = what is passed on; transposed, Jacobian · upstream."""
        matrix, seen, whole = self.matrix(top, left, shown), self.seen, self.view.graph.output
        above, below = f"∂{whole}/∂{seen.output}", f"∂{whole}/∂{seen.source}"
        down, right = top - seen.row, left - seen.column
        if self.kronecker:
            upstream = cut(seen.upstream, (0, down), (SIDE, shown[0]), self.hides_upstream)
            passed = cut(seen.passed, (down, right), shown, self.hides_passed)
            rows, turned = _counted(top, shown[0]), None if upstream is None else upstream.T
            first = Matrix(f"({above})ᵀ", (self.extent[0], matrix.shape[0]), rows, matrix.rows, turned)
            return first, matrix, Matrix(below, self.extent, rows, matrix.columns, passed)
        upstream = cut(seen.upstream, (0, down), (1, shown[0]), self.hides_upstream)
        passed = cut(seen.passed, (0, right), (1, shown[1]), self.hides_passed)
        first = Matrix(above, (1, self.extent[0]), (" ",), matrix.rows, upstream)
        last = Matrix(below, (1, self.extent[1]), (" ",), matrix.columns, passed)
        if self.turned:
            return matrix.transposed, first.transposed, last.transposed
        return first, matrix, last

    def matrix(self, top: int, left: int, shown: tuple[int, int]) -> Matrix:
        """The Jacobian in numerator layout, or the input that it is made of."""
        seen, right = self.seen, left - self.seen.column
        if not self.kronecker:
            return Matrix(
                f"∂{seen.output}/∂{seen.source}", self.extent,
                labels(seen.output, seen.output_shape, top, shown[0]),
                labels(seen.source, seen.source_shape, left, shown[1]),
                cut(seen.matrix, (top - seen.row, right), shown, self.hides_matrix),
            )  # fmt: skip
        count = seen.matrix.shape[0] if seen.matrix else 1
        rows = _counted(0, count) if seen.sample is None else (f"[{seen.sample}]",)
        values = cut(seen.matrix, (0, right), (SIDE, shown[1]), self.hides_matrix)
        name = self.view.graph.node(seen.output).sources[0]
        return Matrix(name, (count, self.extent[1]), rows, _counted(left, shown[1]), values)


def cut(array: Array | None, first: tuple[int, int], count: tuple[int, int], hidden: bool) -> Numbers | None:
    """A part of the rows and columns that a record carries; a vector is one row. None where it is hidden."""
    values = None if array is None or hidden else numbers(array)
    if values is None:
        return None
    rows = values.reshape(1, -1) if values.ndim < 2 else values
    return rows[first[0] : first[0] + count[0], first[1] : first[1] + count[1]]


def _counted(first: int, count: int) -> tuple[str, ...]:
    return tuple(f"[{at}]" for at in range(first, first + count))
