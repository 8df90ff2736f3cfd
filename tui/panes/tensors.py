"""The pane of all tensors: values and gradients side by side, and the values edited in place."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from textual import events
from textual.geometry import Region
from textual.message import Message

from engine.looks.records import Difference, SeenDifference
from engine.messages import Change, Frame, Tensor
from tui import number
from tui.canvas import Row
from tui.language import say
from tui.panes.pane import Needs
from tui.panes.rows import RowsPane
from tui.panes.tensor_cursor import editable, first, moved
from tui.panes.tensor_difference import draw_difference
from tui.panes.tensor_table import STRIDE, Cell, Page, draw
from tui.view import View, numbers

ARROWS = ("left", "right", "up", "down")
NUDGES = {"shift+up": 0.1, "shift+down": -0.1, "shift+right": 0.01, "shift+left": -0.01}
BEGINS_A_NUMBER = frozenset("0123456789+-.,")
LONGEST = 24  # characters of a number that is typed


class TensorsPane(RowsPane):
    """`start_editing` puts a cursor on the numbers. The pane changes none itself: it asks with `Edited`."""

    name_key = "pane.tensors"
    DEFAULT_CSS = "TensorsPane { overflow-x: hidden; overflow-y: auto; scrollbar-gutter: stable; }"
    pinned = 1

    cursor: Cell | None = None
    typed: str | None = None  # what stands in the open field; None while none is open
    complaint: str | None = None  # key of the sentence about what was typed
    page = Page((), {})
    differing = False  # whether the difference to the baseline is wanted in place of gradients

    class Edited(Message):
        """The learner wants these values changed."""

        def __init__(self, changes: tuple[Change, ...]) -> None:
            self.changes = changes
            super().__init__()

    class EditingChanged(Message):
        """The cursor appeared or went away."""

        def __init__(self, editing: bool) -> None:
            self.editing = editing
            super().__init__()

    @property
    def editing(self) -> bool:
        """Is there a cursor on the numbers?"""
        return self.cursor is not None

    # ------------------------------------------------------------ the baseline
    @property
    def has_views(self) -> bool:  # type: ignore[override]
        """There is something to compare with."""
        return self.view is not None and self.view.baseline is not None

    def other_view(self) -> None:
        """Gradients, or the difference to the baseline."""
        self.differing = not self.differing
        self.post_message(self.NeedsChanged())
        self.redraw()

    def needs(self) -> Needs:
        return Needs(looks=(self._look,)) if self._look else Needs()

    @property
    def _look(self) -> Difference | None:
        baseline = self.view.baseline if self.view else None
        return Difference(baseline.number) if baseline is not None and self.differing else None

    def _drawn(self, view: View, frame: Frame, width: int) -> Page:
        seen = view.seen(SeenDifference) if self._look else None
        if seen is not None and seen.of == self._look:
            return draw_difference(frame, seen, view.language, width, self.cursor, view.masks)
        return draw(frame, view.language, width, self.cursor, view.masks)

    # ------------------------------------------------------------ editing
    def start_editing(self, wanted: Callable[[Change], bool] = lambda _: True) -> bool:
        """Put the cursor on the first element that can be edited, or is `wanted` to be; False where there is none."""
        frame = self.view.frame if self.view else None
        cell = first(frame, wanted) if frame else None
        if cell is None:
            return False
        self.focus()
        self._go(self.cursor or cell)
        return True

    def stop_editing(self) -> None:
        """Take the cursor away; what was typed is forgotten."""
        self._go(None)

    def on_blur(self) -> None:
        """The keys go elsewhere now."""
        self.stop_editing()

    def _go(self, cell: Cell | None) -> None:
        if (cell is None) != (self.cursor is None):
            self.post_message(self.EditingChanged(cell is not None))
        self.cursor, self.typed, self.complaint = cell, None, None
        self.redraw()
        if cell in self.page.cells:
            x, y = self.page.cells[cell]
            self.keep_in_view(Region(x, y, STRIDE, 1))

    def _tensor(self) -> Tensor | None:
        if self.view is None or self.view.frame is None or self.cursor is None:
            return None
        return next((tensor for tensor in editable(self.view.frame) if tensor.name == self.cursor.name), None)

    def _set(self, value: float) -> None:
        """Ask for the element under the cursor to become `value`, or say why it cannot."""
        tensor = self._tensor()
        if tensor is None or self.cursor is None:
            return
        self.complaint = refusal(value, tensor.value.dtype)
        if self.complaint is None:
            index = tuple(int(i) for i in np.unravel_index(self.cursor.flat, tensor.value.shape))
            self.post_message(self.Edited((Change(tensor.name, value, index or None),)))
            self.typed = None

    def _nudge(self, by: float) -> None:
        tensor = self._tensor()
        values = numbers(tensor.value) if tensor else None
        if tensor is None or values is None or self.cursor is None:
            return
        self._set(nudged(values.reshape(-1)[self.cursor.flat].item(), by, tensor.value.dtype))

    # ------------------------------------------------------------ keys and mouse
    def on_key(self, event: events.Key) -> None:
        """While there is a cursor the pane takes the keys that are its own, and all letters while a field is open."""
        take = self._key_on_cell if self.typed is None else self._key_in_field
        if self.cursor is not None and take(event):
            event.stop()
            event.prevent_default()
            self.redraw()

    def _key_on_cell(self, event: events.Key) -> bool:
        if self.view is None or self.view.frame is None or self.cursor is None:
            return False
        if event.key in ARROWS:
            self._go(moved(self.view.frame, self.cursor, event.key))
        elif event.key in NUDGES:
            self._nudge(NUDGES[event.key])
        elif event.key == "escape":
            self.stop_editing()
        elif event.key == "enter" or (event.character or "?") in BEGINS_A_NUMBER:
            self.typed, self.complaint = ("" if event.key == "enter" else event.character), None
        else:
            return False
        return True

    def _key_in_field(self, event: events.Key) -> bool:
        assert self.typed is not None
        if event.key == "escape":
            self.typed, self.complaint = None, None
        elif event.key == "enter":
            self._enter()
        elif event.key in ARROWS and self.view and self.view.frame and self.cursor:
            if self._enter():
                self._go(moved(self.view.frame, self.cursor, event.key))
        elif event.key == "backspace":
            self.typed, self.complaint = self.typed[:-1], None
        elif event.is_printable and event.character:
            self.typed, self.complaint = (self.typed + event.character)[:LONGEST], None
        else:
            return False
        return True

    def _enter(self) -> bool:
        """Take what was typed; False where it is no number."""
        value = number.read(self.typed or "")
        if value is None:
            self.complaint = "tensors.not_a_number"
        else:
            self._set(value)
        return self.complaint is None

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a number that can be edited, a second one opens the field."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < self.pinned:
            return
        x, y = offset.x + self.scroll_offset.x, offset.y + self.scroll_offset.y
        for cell, (left, top) in self.page.cells.items():
            if top == y and left <= x < left + number.WIDTH:
                self.focus()
                self._go(cell)
                self.typed = "" if event.chain > 1 else None
                self.redraw()

    # ------------------------------------------------------------ drawing
    def watch_view(self, before: View | None, view: View | None) -> None:
        if before and view and before.experiment is not view.experiment and self.cursor:
            self.cursor = None
            self.post_message(self.EditingChanged(False))
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Draw the view and the cursor as they are."""
        view, width = self.view, self.scrollable_content_region.width
        if view is None or view.frame is None or width < 1:
            self.page = Page((), {})
            self.show_rows((), 0)
            return
        if self.cursor and self._tensor() is None:
            self.cursor = first(view.frame)
        self.page = self._drawn(view, view.frame, width)
        self.show_rows(self._with_cursor(self.page.rows), width, self._foot(view.language, width))

    def _with_cursor(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        if self.cursor not in self.page.cells:
            return rows
        x, y = self.page.cells[self.cursor]
        shown = "".join(text for text, _ in rows[y])[x : x + number.WIDTH]
        if self.typed is None:
            middle: Row = ((shown, "cursor"),)
        else:
            middle = ((self.typed[1 - number.WIDTH :].ljust(number.WIDTH - 1), "field"), ("▏", "cursor"))
        return (*rows[:y], replaced(rows[y], x, middle), *rows[y + 1 :])

    def _foot(self, language: str, width: int) -> Row:
        if self.cursor is None:
            return ()
        if self.complaint:
            text = "✗ " + say(language, self.complaint, text=self.typed or "")
        else:
            text = say(language, "tensors.hint_field" if self.typed is not None else "tensors.hint_cell")
        return ((text[:width].ljust(width), "error" if self.complaint else "hint"),)


def nudged(value: float, by: float, dtype: str) -> float:
    """`value` and `by`, without the digits that the dtype does not hold; a whole number goes up or down by one."""
    kind = number.kind(dtype)
    if kind == "bool":
        return float(by > 0)
    if kind == "int":
        return value + (1 if by > 0 else -1)
    return float(f"{value + by:.{np.finfo(dtype).precision + 1}g}")


def refusal(value: float, dtype: str) -> str | None:
    """The key of the sentence that says why a tensor of this dtype cannot hold `value`; None where it can."""
    if not math.isfinite(value):
        return "tensors.not_finite"
    kind = number.kind(dtype)
    if kind == "int" and value != int(value):
        return "tensors.not_whole"
    if kind == "bool" and value not in (0, 1):
        return "tensors.not_a_truth"
    if abs(value) > _greatest(dtype):
        return "tensors.too_large"
    return None


def _greatest(dtype: str) -> float:
    kind = number.kind(dtype)
    return 1 if kind == "bool" else float((np.finfo if kind == "float" else np.iinfo)(dtype).max)


def replaced(row: Row, x: int, middle: Row) -> Row:
    """`row` with `middle` over what stood from cell `x` on."""
    cells = [(letter, look) for text, look in row for letter in text]
    new = [(letter, look) for text, look in middle for letter in text]
    return tuple(cells[:x] + new + cells[x + len(new) :])
