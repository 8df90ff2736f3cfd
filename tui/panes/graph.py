"""The pane of the computation graph: what feeds what, every value and gradient, and what the last command touched."""

from __future__ import annotations

from engine.spec import Graph as GraphSpec
from tui.graph_shown import shown
from tui.panes.graph_boxes import draw_boxes
from tui.panes.graph_list import draw_list
from tui.panes.graph_plan import plan
from tui.panes.graph_text import Texts
from tui.panes.rows import RowsPane
from tui.view import View


class GraphPane(RowsPane):
    """Boxes where they fit, else a list with rails. `f` opens and closes the operations inside one expression."""

    name_key = "pane.graph"
    folds = True

    folded = True
    _drawn_seq: int | None = None

    def fold(self) -> None:
        """Show the inner operations, or fold them into the node they belong to."""
        self.folded = not self.folded
        self._drawn_seq = None
        self.redraw()

    def watch_view(self, before: View | None, view: View | None) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self._drawn_seq = None
        self.redraw()

    def redraw(self) -> None:
        """Draw the view as it is, and keep what was touched in sight."""
        view, size = self.view, self.content_region.size
        if view is None or view.frame is None or not size.area:
            self.show_rows((), 0)
            return
        fitted = plan(texts_of(view, self.folded), size.width, size.height)
        drawing = (draw_list if fitted.style is None else draw_boxes)(fitted, view.frame)
        self.show_rows(drawing.rows, drawing.width)
        if drawing.touched and self._drawn_seq != view.frame.seq:
            self.keep_in_view(drawing.touched)
        self._drawn_seq = view.frame.seq


def texts_of(view: View, folded: bool) -> Texts:
    """The graph of this view as it is written in boxes."""
    spec = view.experiment
    written = tuple(spec.nodes.items()) if isinstance(spec, GraphSpec) else ()
    return Texts(shown(view.graph, folded, written), all(leaf.shape == () for leaf in view.graph.leaves), view.masks)
