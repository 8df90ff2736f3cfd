"""One operation: formula, live numbers, the gradient from above, and what goes on to each input."""

from __future__ import annotations

from rich.cells import cell_len
from textual.reactive import reactive

from engine.graph import Graph, Node
from engine.looks.places import extent
from engine.looks.records import Operation, SeenOperation, Taken
from engine.looks.smaller import nodes
from engine.words import say as engine_says
from tui.canvas import Row
from tui.graph_shown import larger_tensors
from tui.language import say
from tui.panes.broadcasting import shape_rows
from tui.panes.operation_formulas import Formulas
from tui.panes.operation_masks import Veil
from tui.panes.operation_tables import table_rows
from tui.panes.operation_text import Part
from tui.panes.pane import Needs
from tui.panes.paragraph import paragraph
from tui.panes.rows import RowsPane
from tui.view import View

LARGEST_STEP = 8  # columns: of wider results `<` and `>` go from row to row, which are samples


class OperationPane(RowsPane):
    """`f` opens what consists of smaller operations, `v` shows shapes, `<` and `>` spell another element out."""

    name_key = "pane.operation"
    has_views = turns = folds = True

    view: reactive[View | None] = reactive(None, layout=False, repaint=False)

    opened = False
    shapes = False
    element = 0
    _node = ""

    def look_for(self) -> Operation:
        """What it asks the engine to look at."""
        node = self.view.choice.node if self.view is not None else ""
        return Operation(node, self.element, self.opened)

    def needs(self) -> Needs:
        return Needs(looks=(self.look_for(),))

    # ---------------------------------------------------------------- keys
    def other_view(self) -> None:
        self.shapes = not self.shapes
        self.scroll_home(animate=False)
        self.watch_view()

    def fold(self) -> None:
        self.opened = not self.opened
        self.post_message(self.NeedsChanged())

    def turn(self, by: int) -> None:
        seen = self.seen
        taken = seen.parts[-1] if seen is not None and seen.parts else None
        if taken is None:
            return
        columns = extent(taken.value.shape)[1] if taken.value is not None and taken.elements > 1 else 1
        step = columns if columns > LARGEST_STEP and len(taken.index or ()) > 1 else 1
        self.element = (self.element + by * step) % max(taken.elements, 1)
        self.post_message(self.NeedsChanged())

    # ---------------------------------------------------------------- drawing
    @property
    def seen(self) -> SeenOperation | None:
        """What was seen, also where it is still the element or the folding of before, of the same operation."""
        seen = self.view.seen(SeenOperation) if self.view is not None else None
        return seen if seen is not None and seen.of.node == self.look_for().node else None

    def on_resize(self) -> None:
        super().on_resize()
        self.watch_view()

    def watch_view(self) -> None:
        if self.view is None or not self.size or (seen := self.seen) is None:
            return
        if seen.refused is not None:
            rows: tuple[Row, ...] = ((), *paragraph(engine_says(seen.refused, self.view.language), self.size.width))
        else:
            rows = self._rows(self.view, seen)
        width = max((sum(cell_len(text) for text, _ in row) for row in rows), default=0)
        self.show_rows(rows, width)
        if seen.node != self._node:
            self._node = seen.node
            self.scroll_home(animate=False)

    def _rows(self, view: View, seen: SeenOperation) -> tuple[Row, ...]:
        width, found = max(20, self.size.width - 1), list[Row]()
        for taken in seen.parts:
            part = self._part(view, seen, taken, width)
            if found:
                found.append((("─" * width, "rule"),))
            if self.shapes:
                found += shape_rows(part)
            else:
                found += [*part.rows(), *table_rows(part)]
        if seen.opens and len(seen.parts) == 1:
            found.append(((f" {say(view.language, 'operation.opens')}", "muted"),))
        return tuple(found)

    def _part(self, view: View, seen: SeenOperation, taken: Taken, width: int) -> Part:
        node, owner = _node(view.graph, seen, taken)
        veil = Veil(view.masks, owner, taken)
        larger = larger_tensors(view.graph) | ({node.name} if owner in larger_tensors(view.graph) else set())
        formulas = Formulas(taken, node, veil, larger)
        return Part(taken, node, veil, formulas, view.graph.output, view.language, width)


def _node(graph: Graph, seen: SeenOperation, taken: Taken) -> tuple[Node, str]:
    """The part as a node, and the graph's own node that it belongs to."""
    whole = graph.node(seen.node)
    if len(seen.parts) == 1 or any(node.name == taken.node != whole.name for node in graph.nodes):
        return graph.node(taken.node), taken.node
    if taken.op == whole.op and taken.node == whole.name:
        return whole, whole.name
    return nodes(whole)[taken.node == whole.name], whole.name
