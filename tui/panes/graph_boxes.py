"""A graph drawn in boxes: each with formula, value and gradient, and arrows that say which way numbers flow."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from textual.geometry import Region

from engine.messages import Frame, Tensor
from tui.canvas import Canvas, Row
from tui.graph_layout import Box, Route
from tui.graph_routing import Point
from tui.graph_shown import Item
from tui.panes.graph_flow import flow
from tui.panes.graph_lines import draw_lines, steps
from tui.panes.graph_plan import FLAT, Plan
from tui.panes.graph_text import Face, mean_text

BORDERS = {"node": "┌─┐│└┘", "input": "╭─╮│╰╯", "data": "╭─╮│╰╯", "parameter": "╔═╗║╚╝"}
LOOKS = {"node": "title", "input": "leaf", "data": "leaf", "parameter": "parameter"}
ARROWS = {(0, -1): "▲", (0, 1): "▼", (-1, 0): "◄", (1, 0): "►"}
# where a line leaves or meets a border, by the border's letter and the side on which the line lies
JOINTS = {
    ("─", (0, 1)): "┬", ("─", (0, -1)): "┴", ("│", (1, 0)): "├", ("│", (-1, 0)): "┤",
    ("═", (0, 1)): "╤", ("═", (0, -1)): "╧", ("║", (1, 0)): "╟", ("║", (-1, 0)): "╢",
}  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """Rows to show, their width, and the part that the last command touched."""

    rows: tuple[Row, ...]
    width: int
    touched: Region | None


def draw_boxes(plan: Plan, frame: Frame) -> Drawing:
    """The graph of this frame, as `plan` lays it out."""
    return _Boxes(plan, frame).drawing()


class _Boxes:
    def __init__(self, plan: Plan, frame: Frame) -> None:
        self.plan, self.frame, self.layout = plan, frame, plan.layout
        self.tensors = {tensor.name: tensor for tensor in frame.tensors}
        # in the middle of the pane
        self.left = max(0, (plan.width - self.layout.width) // 2)
        self.canvas = Canvas(self.layout.width, self.layout.height)
        self.flow = flow(plan.texts.shown, self.layout, frame, plan.texts.masks)
        self.top = max(0, (plan.room - self.layout.height) // 2)
        self.touched_title = touched_title(plan, frame)

    def drawing(self) -> Drawing:
        draw_lines(self.canvas, self.layout, set(self.flow.active))
        touched: Region | None = None
        for name, box in self.layout.boxes.items():
            if self._box(self.plan.texts.shown.items[name], box):
                region = Region(box.x + self.left, box.y + self.top, box.width, box.height)
                touched = region if touched is None else touched.union(region)
        for route in self.layout.routes:
            self._ends(route)
        for route, text in self.flow.contributions.items():
            self._contribution(route, text)
        margin = ((" " * self.left, ""),) if self.left else ()
        rows = tuple((*margin, *row) for row in self.canvas.rows())
        return Drawing(((),) * self.top + rows, self.layout.width + self.left, touched)

    # ------------------------------------------------------------ boxes
    def _box(self, item: Item, box: Box) -> bool:
        """Draw a box; was it touched?"""
        flat = box.height == FLAT
        room = box.width - 4 if flat else box.width - 4 - self.plan.texts.value_width
        face = self.plan.texts.face(item, self.frame, room)
        edge = "touched-line" if face.touched else LOOKS[item.role] if item.role != "node" else "line"
        self._border(box, BORDERS[item.role], edge)
        # the lines stand in the middle of a box that is taller than they are
        y = box.y + (box.height - 2) // 2 if not flat else box.y + 1
        title = self.touched_title if face.touched else LOOKS[item.role]
        if flat:
            self.canvas.put(box.x + 1, box.y, "▸" if face.touched else " ", edge)
            self.canvas.put(box.x + 2, box.y, face.title, title)
            self.canvas.put(box.x + 2 + len(face.title), box.y, " ", edge)
            self._value(box.x + 2, y, face)
            self._gradient(box.x + 2 + self.plan.texts.value_width, y, face, "∂")
            return face.touched
        self.canvas.put(box.x + 1, y, "▸" if face.touched else " ", edge)
        self.canvas.put(box.x + 2, y, face.title, title)
        self._value(box.x + box.width - 1 - self.plan.texts.value_width, y, face)
        self._below(box, y + 1, face, self.tensors.get(item.name))
        return face.touched

    def _border(self, box: Box, letters: str, look: str) -> None:
        top_left, level, top_right, upright, bottom_left, bottom_right = tuple(letters)
        right, bottom = box.x + box.width - 1, box.y + box.height - 1
        self.canvas.put(box.x, box.y, top_left + level * (box.width - 2) + top_right, look)
        for y in range(box.y + 1, bottom):
            self.canvas.put(box.x, y, upright + " " * (box.width - 2), look)
            self.canvas.put(right, y, upright, look)
        self.canvas.put(box.x, bottom, bottom_left + level * (box.width - 2) + bottom_right, look)

    def _value(self, x: int, y: int, face: Face) -> None:
        self.canvas.put(x, y, face.value, "touched-line" if face.touched_value else "")

    def _gradient(self, x: int, y: int, face: Face, label: str) -> None:
        if face.known:
            self.canvas.put(x, y, label, "muted")
            look = "touched-line" if face.touched_gradient else "gradient"
            self.canvas.put(x + len(label), y, face.gradient, look)

    def _below(self, box: Box, y: int, face: Face, tensor: Tensor | None) -> None:
        """The second line: the mean where there is one, and the gradient under the value."""
        if self.plan.texts.scalar:
            x = box.x + box.width - 1 - self.plan.texts.value_width
            if face.known:
                self.canvas.put(box.x + 2, y, face.label, "muted")
            self._gradient(x, y, face, "")
            return
        self.canvas.put(box.x + 2, y, mean_text(tensor, self.plan.texts.masks), "muted")
        self._gradient(box.x + box.width - 1 - len(face.gradient) - 1, y, face, "∂")

    # ------------------------------------------------------------ lines
    def _ends(self, route: Route) -> None:
        """The joint with the one box, and the arrow head at the other: in backward they change places."""
        path = list(steps(route))
        (start, second), (last, end) = path[0], path[-1]
        out, into = _side(start, second), _side(last, end)
        look = "flow" if route in self.flow.active else "line"
        if route in self.flow.backward:
            self.canvas.put(*start, ARROWS[-out[0], -out[1]], "flow")
            self._joint(end, (-into[0], -into[1]))
        else:
            self._joint(start, out)
            self.canvas.put(*end, ARROWS[into], look)

    def _joint(self, at: Point, side: Point) -> None:
        x, y = at
        letter = self.canvas.text[y][x]
        self.canvas.put(x, y, JOINTS.get((letter, side), letter), self.canvas.looks[y][x])

    def _contribution(self, route: Route, text: str) -> None:
        """A number on the line, where the line is long enough, else beside it."""
        place = (
            self._on_the_line(route, f" {text} ") or self._on_the_line(route, text) or self._beside(route, f" {text}")
        )
        if place:
            x, y, label = place
            self.canvas.put(x, y, label, "contribution")

    def _on_the_line(self, route: Route, label: str) -> tuple[int, int, str] | None:
        for (x, y), (to_x, to_y) in reversed(list(pairwise(route.points))):
            low, high = min(x, to_x) + 1, max(x, to_x) - 1
            if y == to_y and high - low + 1 >= len(label):
                at = (low + high - len(label)) // 2 + 1
                if all(letter in "─━" for letter in self.canvas.text[y][at : at + len(label)]):
                    return at, y, label
        return None

    def _beside(self, route: Route, label: str) -> tuple[int, int, str] | None:
        for (x, y), (to_x, to_y) in reversed(list(pairwise(route.points))):
            if x == to_x:
                for row in range(min(y, to_y) + 1, max(y, to_y)):
                    cells = self.canvas.text[row][x + 1 : x + 1 + len(label)]
                    if len(cells) == len(label) and not "".join(cells).strip():
                        return x + 1, row, label
        return None


def touched_title(plan: Plan, frame: Frame) -> str:
    """The look of the titles that were touched: where almost all are, reversed letters would shout."""
    items = plan.texts.shown.items.values()
    count = sum(plan.texts.face(item, frame, 0).touched for item in items)
    return "touched" if 2 * count <= len(items) else "touched-line"


def _side(here: Point, there: Point) -> Point:
    return there[0] - here[0], there[1] - here[1]
