"""The rows of the course that lessons say they cover: ids in ledger.txt, one a line, beside the lessons of a pack."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from lessons import source
from lessons.catalog import BUILT_IN

FILE = "ledger.txt"
_ROW = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def rows(lesson: Path) -> frozenset[str]:
    """What the lesson in the folder `lesson` may cover: rows of the course, and those of its own pack."""
    return _listed(BUILT_IN) | _listed(lesson.absolute().parent)


@cache
def _listed(folder: Path) -> frozenset[str]:
    text, _ = source.read(folder, FILE)
    lines = (line.partition("#")[0].strip() for line in text.lines) if text else ()
    return frozenset(line for line in lines if _ROW.fullmatch(line))
