"""A field painted in half blocks, two samples a cell, with marks over it: numpy arrays in, rows of segments out."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style

from tui.charts import Colour, Rows

Samples = npt.NDArray[np.uint8]  # (rows, columns), the top row first
Marks = npt.NDArray[np.str_]  # (rows, columns) of cells, "" where there is none

# Colours that the 256-colour palette has exactly: a smooth ramp brought down to it shows false bands. Few steps make
# long runs of one style. The middle of a ramp is nearly the pane's own ground: there the net does not know.
RAMPS = {  # for dark and for light themes
    True: np.array([
        (0, 135, 215), (0, 95, 215), (0, 95, 175), (0, 0, 135), (0, 0, 95), (28, 28, 28),
        (95, 0, 0), (135, 0, 0), (175, 95, 0), (215, 95, 0), (215, 135, 0),
    ], np.uint8),
    False: np.array([
        (95, 175, 255), (135, 175, 255), (135, 215, 255), (175, 215, 255), (215, 215, 255), (238, 238, 238),
        (255, 215, 215), (255, 215, 175), (255, 215, 135), (255, 175, 135), (255, 175, 95),
    ], np.uint8),
}  # fmt: skip
CLASSES = {
    True: np.array([
        (0, 95, 175), (175, 95, 0), (0, 95, 0), (95, 0, 135), (135, 0, 0), (0, 95, 95), (95, 95, 0), (88, 88, 88),
    ], np.uint8),
    False: np.array([
        (135, 215, 255), (255, 215, 135), (175, 255, 175), (255, 175, 255),
        (255, 175, 175), (175, 255, 255), (255, 255, 175), (208, 208, 208),
    ], np.uint8),
}  # fmt: skip
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # (row, column) in a cell -> its braille bit
LIGHT, DARK = (255, 255, 255), (0, 0, 0)


def sparing(ramp: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Every second colour of a ramp, its middle among them: fewer cells change theirs."""
    found: npt.NDArray[np.uint8] = ramp[len(ramp) // 2 % 2 :: 2]
    return found


def resized(samples: Samples, columns: int, rows: int) -> Samples:
    """The nearest sample for each of columns x rows places."""
    if samples.shape == (rows, columns):
        return samples
    down = (np.arange(rows) + 0.5) * samples.shape[0] // rows
    across = (np.arange(columns) + 0.5) * samples.shape[1] // columns
    found: Samples = samples[down.astype(int)][:, across.astype(int)]
    return found


def edges(above: npt.NDArray[np.bool_]) -> Marks:
    """Braille along the line between True and False, which come four by two to a cell; "" in all other cells."""
    differs = np.zeros(above.shape, bool)
    differs[:, :-1] |= above[:, :-1] != above[:, 1:]
    differs[:-1] |= above[:-1] != above[1:]
    return braille(differs)


def braille(dots: npt.NDArray[np.bool_]) -> Marks:
    """Dots, which come four by two to a cell, as braille; "" in cells without any."""
    rows, columns = dots.shape[0] // 4, dots.shape[1] // 2
    bits = (dots.reshape(rows, 4, columns, 2).transpose(0, 2, 1, 3) * DOTS).sum((2, 3))
    letters = np.array(["", *(chr(0x2800 + bit) for bit in range(1, 256))])
    found: Marks = letters[bits]
    return found


def finer(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Twice as many values in both directions, bilinear between the middles of the old places."""
    for _ in range(2):
        padded = np.pad(values, ((1, 1), (0, 0)), mode="edge")
        between = np.stack([0.75 * values + 0.25 * padded[:-2], 0.75 * values + 0.25 * padded[2:]], 1)
        values = between.reshape(2 * len(values), -1).T
    return values


def paint(samples: Samples, colours: npt.NDArray[np.uint8], marks: Marks) -> Rows:
    """Rows of segments. `samples` (2 x rows, columns) index `colours` (n, 3); a mark takes its cell."""
    table: list[Colour] = [(int(red), int(green), int(blue)) for red, green, blue in colours]
    inks = [readable(colour) for colour in table]
    top, bottom, letters = samples[0::2].tolist(), samples[1::2].tolist(), marks.tolist()
    return [_row(list(zip(*cells, strict=True)), table, inks) for cells in zip(top, bottom, letters, strict=True)]


def _row(cells: list[tuple[int, int, str]], table: list[Colour], inks: list[Colour]) -> list[Segment]:
    segments: list[Segment] = []
    text, last = "", None
    for above, below, mark in cells:
        if mark:
            letter, look = mark, (inks[above], table[above])
        elif above == below:
            letter, look = " ", (inks[above], table[above])
        else:
            letter, look = "▀", (table[above], table[below])
        if look != last and last is not None:
            segments.append(Segment(text, style(*last)))
            text = ""
        text, last = text + letter, look
    return [*segments, Segment(text, style(*last))] if last else segments


def readable(ground: Colour) -> Colour:
    """White or black, whichever stands out more."""
    red, green, blue = ground
    return DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 120 else LIGHT


@lru_cache(maxsize=1024)
def style(ink: Colour, ground: Colour) -> Style:
    """A style of two plain colours."""
    return Style.from_color(Color.from_triplet(ColorTriplet(*ink)), Color.from_triplet(ColorTriplet(*ground)))
