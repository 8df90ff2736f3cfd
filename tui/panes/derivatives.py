"""Four ways to one derivative, side by side: autograd, the chain rule, finite differences and a formula; with costs."""

from __future__ import annotations

import math

from textual import events
from textual.strip import Strip

from engine.looks.records import (
    AnyLook,
    Derivatives,
    DifferenceErrors,
    SeenDerivatives,
    SeenDifferenceErrors,
    SeenSymbolic,
    SymbolicDerivative,
)
from engine.words import say as engine_says
from tui.choice import sources
from tui.masks import Masks
from tui.panes.chart import LEAST, ChartPane
from tui.panes.derivative_chart import ABOVE, Inks, chart
from tui.panes.derivative_table import Table, foot
from tui.panes.pane import Needs
from tui.panes.rows import RowsPane
from tui.view import View

SMALLEST = -12  # of the exponents of h


class DerivativesPane(RowsPane, ChartPane):
    """A table, and in its other view the error of differences over h. Left and right choose the element."""

    name_key = "pane.derivatives"
    has_views = True
    turns = True
    DEFAULT_CSS = "DerivativesPane { overflow-x: hidden; overflow-y: auto; }"

    exponent = -3  # h is a power of ten
    charted = False
    _flat = 0  # the element, in row-major order
    _about: tuple[str, str] = ("", "")  # the output and source that it is an element of

    # ------------------------------------------------------------ what is asked for
    @property
    def h(self) -> float:
        """The step of the differences."""
        return 10.0**self.exponent

    def needs(self) -> Needs:
        if self.view is None:
            return Needs()
        output, source = self._chosen(self.view)
        index = self._index()
        long: AnyLook = SymbolicDerivative(output, source, index)
        if self.charted:
            long = DifferenceErrors(output, source, index)
        return Needs(looks=(Derivatives(output, source, index, self.h), long))

    def _chosen(self, view: View) -> tuple[str, str]:
        """The output and the source; a source that this output does not depend on is not taken."""
        output, source = view.choice.node, view.choice.source
        return output, source if source in sources(view.graph, output or view.graph.output) else ""

    def _index(self) -> tuple[int, ...]:
        """The element in the shape that was seen last; () for the first one."""
        seen = self.view.seen(SeenDerivatives) if self.view else None
        if not self._flat or seen is None:
            return ()
        flat, index = self._flat % max(1, math.prod(seen.shape)), []
        for size in reversed(seen.shape):
            flat, at = divmod(flat, size)
            index.append(at)
        return tuple(reversed(index))

    # ------------------------------------------------------------ keys
    def turn(self, by: int) -> None:
        self.exponent = min(0, max(SMALLEST, self.exponent + by))
        self._ask()

    def other_view(self) -> None:
        self.charted = not self.charted
        self.scroll_to(0, 0, animate=False, force=True, immediate=True)
        self._ask()

    def on_key(self, event: events.Key) -> None:
        """Left and right, where there is more than one element."""
        seen = self.view.seen(SeenDerivatives) if self.view else None
        if event.key in ("left", "right") and seen is not None and math.prod(seen.shape) > 1:
            self._flat = (self._flat + (1 if event.key == "right" else -1)) % math.prod(seen.shape)
            event.stop()
            event.prevent_default()
            self._ask()

    def _ask(self) -> None:
        self.post_message(self.NeedsChanged())
        self.draw()

    # ------------------------------------------------------------ drawing
    def on_resize(self) -> None:
        self.draw()

    def watch_view(self) -> None:
        if self.view is not None and (about := self._chosen(self.view)) != self._about:
            self._about, self._flat = about, 0
        if self.is_mounted and self.size:
            self.draw()

    def draw(self) -> None:
        view, width = self.view, self.scrollable_content_region.width
        if view is None or view.frame is None or width < 1:
            return
        first, long = self.needs().looks
        seen = view.seen(SeenDerivatives)
        if seen is not None and seen.refused is not None and seen.of == first:
            self._say(engine_says(seen.refused, view.language))
        elif seen is None or seen.refused is not None:
            self._say(self.say("derivatives.waiting"))
        elif self.charted:
            self._draw_chart(view, seen, long)
        else:
            self._draw_table(view, seen, long, width)

    def _say(self, text: str) -> None:
        self.show_rows((), 0)
        self._sentence = True
        self.show_sentence(text)

    def _draw_table(self, view: View, seen: SeenDerivatives, long: AnyLook, width: int) -> None:
        self._sentence = False
        symbolic = view.seen(SeenSymbolic)
        if symbolic is not None and (symbolic.of != long or not _same_moment(symbolic, seen)):
            symbolic = None
        table = Table(view.language, width, seen, symbolic, self.h, asked(view.masks))
        self.show_rows(table.rows(), width, foot(view.language, width, seen))

    def _draw_chart(self, view: View, seen: SeenDerivatives, long: AnyLook) -> None:
        errors = view.seen(SeenDifferenceErrors)
        if asked(view.masks):
            self._say(self.say("derivatives.masked"))
        elif errors is None or errors.of != long or (errors.refused is None and not _same_moment(errors, seen)):
            self._say(self.say("derivatives.waiting"))
        elif errors.refused is not None:
            self._say(engine_says(errors.refused, view.language))
        elif self.small or self.size.height < ABOVE + LEAST[1]:
            self._say(self.say("derivatives.small"))
        else:
            self._say("")
            inks = Inks(self.line_colour(), *(self.ink(name) for name in ("primary", "success", "warning", "accent")))
            self.show(chart(errors, self.h, self.size, view.language, inks, self.app.console))

    _sentence = False  # the rows are those of a sentence or a chart

    def render_line(self, y: int) -> Strip:
        if self._sentence:
            return ChartPane.render_line(self, y)
        return super().render_line(y)


def asked(masks: Masks) -> bool:
    """Whether an exercise asks for what derivatives could give away: a formula, a gradient, a value in one."""
    asked_for = (masks.formulas, masks.grads, masks.locals, masks.values, masks.shapes, "loss" in masks.metrics)
    return any(map(bool, asked_for))


def _same_moment(later: SeenSymbolic | SeenDifferenceErrors, seen: SeenDerivatives) -> bool:
    """Whether what took its time is still about the present numbers."""
    now = seen.ways[0].value if seen.ways else math.nan
    return later.refused is not None or later.autograd == now or (math.isnan(later.autograd) and math.isnan(now))
