"""Several numbers as one answer: how they are written together, read apart, and marked one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.words import Sentence
from lessons.exercises import Tolerance
from lessons.marking import near
from tui.exercises import numbers
from tui.exercises.progress import Verdict, unreadable, wrong

BETWEEN = "; "  # never part of a number, in any language


@dataclass(frozen=True)
class Grid:
    """What a field of cells shows: rows of numbers that are given, None where one is asked; a label before each row."""

    rows: tuple[tuple[str | None, ...], ...]
    labels: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[tuple[int, int], ...]:
        """Row and column of each cell that is asked, in the order of reading."""
        return tuple((y, x) for y, row in enumerate(self.rows) for x, cell in enumerate(row) if cell is None)


def joined(texts: Sequence[str]) -> str:
    """The cells as one answer."""
    return BETWEEN.join(text.strip() for text in texts)


def apart(given: str, count: int) -> list[str]:
    """The texts of `count` cells; empty ones where the answer has none."""
    texts = [text.strip() for text in given.split(BETWEEN.strip())]
    return (texts + [""] * count)[:count]


def read(given: str, count: int) -> list[float] | Verdict:
    """The numbers of `count` cells, or what is said where one cannot be read."""
    texts = apart(given, count)
    if not all(texts):
        return unreadable("ask.cells_empty")
    found = [numbers.read(text) for text in texts]
    if None in found:
        sentence = Sentence("ask.cell_not_a_number", {"number": found.index(None) + 1})
        return Verdict(sentence=sentence, readable=False)
    return [value for value in found if value is not None]


def all_near(given: Sequence[float], answers: Sequence[float], dtype: str, tolerance: Tolerance | None) -> list[bool]:
    """Of each cell whether it is right."""
    return [near(one, other, dtype, tolerance) for one, other in zip(given, answers, strict=True)]


def some_wrong(marks: Sequence[bool]) -> Verdict:
    """What is said when some cells are not right."""
    return wrong("ask.cells_wrong", wrong=marks.count(False), count=len(marks))
