"""What stands on a terminal, letters only: paints go where they belong, and which rows were painted is remembered."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder

from rich.cells import cell_len

PIECES = re.compile(
    r"\x1b\[(?P<control>[0-9;:?<=>]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[ -/]*[0-~])"
    r"|(?P<sign>[\x00-\x1f])|(?P<text>[^\x00-\x1f]+)",
    re.S,
)
UNFINISHED = re.compile(r"\x1b(?:\[[0-9;:?<=>]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?|[ -/]*)?$")


class Glass:
    """Knows no colours, no scrolling regions and no tabs: what the tutor writes needs none of them."""

    def __init__(self, columns: int, rows: int) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._half = ""
        self.painted: set[int] = set()  # rows, since they were last forgotten
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """Another size; whoever writes paints everything again."""
        self._columns = columns
        self._rows = [[" "] * columns for _ in range(rows)]
        self._x = self._y = 0
        self.painted.clear()

    @property
    def text(self) -> bytes:
        """The rows that were painted, as they stand now."""
        return "\n".join("".join(self._rows[y]).rstrip() for y in sorted(self.painted)).encode()

    def feed(self, data: bytes) -> None:
        """Take what was written."""
        text = self._half + self._decode(data)
        unfinished = UNFINISHED.search(text)
        cut = unfinished.start() if unfinished and unfinished[0] else len(text)
        text, self._half = text[:cut], text[cut:]
        for piece in PIECES.finditer(text):
            if piece["text"]:
                self._write(piece["text"])
            elif piece["sign"]:
                self._obey(piece["sign"])
            elif piece["final"] in ("H", "f"):
                y, _, x = (piece["control"] or "").partition(";")
                self._y, self._x = int(y or 1) - 1, int(x or 1) - 1
            elif piece["final"] == "J":
                self.resize(self._columns, len(self._rows))

    def _write(self, text: str) -> None:
        y = min(self._y, len(self._rows) - 1)
        cells = [cell for letter in text for cell in _cells(letter)]
        self._rows[y][self._x : self._x + len(cells)] = cells
        del self._rows[y][self._columns :]
        self._x += len(cells)
        self.painted.add(y)

    def _obey(self, sign: str) -> None:
        if sign == "\r":
            self._x = 0
        elif sign == "\n":
            self._y += 1
            if self._y >= len(self._rows):
                self._y = len(self._rows) - 1
                self._rows = [*self._rows[1:], [" "] * self._columns]
                self.painted = {y - 1 for y in self.painted if y}


def _cells(letter: str) -> tuple[str, ...]:
    return (letter,) if letter.isascii() or cell_len(letter) == 1 else (letter, "")[: cell_len(letter)]
