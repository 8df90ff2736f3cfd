"""What each code of a finding means, an example that causes it, and the way out: `dltutor explain`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lessons.codes import CODES, FAMILIES, OTHER

_FOLDER = Path(__file__).with_name("words") / "explanations"  # apart: nobody who opens a lesson waits for them
EXAMPLES = "examples"  # they are YAML and Markdown, the same in every language


@dataclass(frozen=True)
class Explanation:
    """Of one code."""

    code: str
    meaning: str
    example: str
    mending: str


def codes() -> list[str]:
    """Every code that a finding may have, in order."""
    letters = "YSEPL"
    known = {*CODES.values(), *FAMILIES.values(), OTHER}
    return sorted(known, key=lambda code: (letters.index(code[0]), code))


def explain(code: str, language: str) -> Explanation:
    """What `code` means. Raises KeyError for a code that there is not."""
    meaning, mending = _read(language)[code]
    (example,) = _read(EXAMPLES)[code]
    return Explanation(code, meaning, example.strip("\n"), mending)


@cache
def _read(name: str) -> dict[str, list[str]]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))
