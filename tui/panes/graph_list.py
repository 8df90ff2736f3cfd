"""A graph drawn as a list: a node a row, rails that show what feeds what, and numbers in columns."""

from __future__ import annotations

from textual.geometry import Region

from engine.messages import Frame
from tui import number
from tui.canvas import Canvas
from tui.graph_layout import Box
from tui.graph_shown import Item
from tui.panes.graph_boxes import LOOKS, Drawing, touched_title
from tui.panes.graph_flow import flow
from tui.panes.graph_lines import draw_lines
from tui.panes.graph_plan import Plan
from tui.panes.graph_text import mean_text

ADDED = " += "  # what stands before contributions
LEAST = 3  # cells of the shortest one
DOTS = {"node": "●", "input": "○", "data": "○", "parameter": "◆"}


def draw_list(plan: Plan, frame: Frame) -> Drawing:
    """The graph of this frame as a list."""
    canvas = Canvas(plan.width, plan.layout.height)
    streams = flow(plan.texts.shown, plan.layout, frame, plan.texts.masks)
    draw_lines(canvas, plan.layout, set(streams.active))
    touched: Region | None = None
    arrived: dict[str, list[str]] = {}
    for route, text in streams.contributions.items():
        arrived.setdefault(route.source, []).append(text)
    for name, box in plan.layout.boxes.items():
        if _row(canvas, plan, frame, plan.texts.shown.items[name], box, arrived.get(name, [])):
            region = Region(0, box.y, plan.width, 1)
            touched = region if touched is None else touched.union(region)
    return Drawing(canvas.rows(), plan.width, touched)


def _row(canvas: Canvas, plan: Plan, frame: Frame, item: Item, box: Box, arrived: list[str]) -> bool:
    texts = plan.texts
    face = texts.face(item, frame, plan.title)
    look, title_look = LOOKS[item.role], touched_title(plan, frame)
    canvas.put(box.x, box.y, DOTS[item.role], "touched-line" if face.touched else look)
    x = plan.layout.width + 1
    canvas.put(x, box.y, "▸" if face.touched else " ", "touched-line")
    canvas.put(x + 1, box.y, face.title[: plan.title], title_look if face.touched else look)
    x += 2 + plan.title
    canvas.put(x, box.y, face.value, "touched-line" if face.touched_value else "")
    x += texts.value_width
    spare = plan.spare
    if not texts.scalar and spare >= (room := len(mean_text(None)) + 1):
        tensor = next((each for each in frame.tensors if each.name == item.name), None)
        canvas.put(x, box.y, mean_text(tensor, texts.masks), "muted")
        x, spare = x + room, spare - room
    gap = int(0 < spare < len(ADDED) + LEAST or spare > len(ADDED) + number.WIDTH)
    x, spare = x + gap, spare - gap
    if face.known:
        canvas.put(x, box.y, "∂", "muted")
        canvas.put(x + 1, box.y, face.gradient, "touched-line" if face.touched_gradient else "gradient")
    if arrived:
        text = ADDED + " + ".join(arrived)
        if len(text) <= spare:
            canvas.put(x + 1 + len(face.gradient.rstrip()), box.y, text, "contribution")
    return face.touched
