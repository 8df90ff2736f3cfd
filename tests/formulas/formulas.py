"""The formulas of the five decks, and which letters and digits a formula must show."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path

DECKS = Path(__file__).parents[1].joinpath("data", "formulas.txt").read_text("utf-8").splitlines()

_NAMES = {name: name for name in ("log", "max", "lim", "sin", "cos", "tan", "exp", "min")} | {"Re": "R"}
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{\w+\}(?:\{[lcr|]+\})?")
_COMMAND = re.compile(r"\\([A-Za-z]+)")


def signs(text: str) -> Counter[str]:
    """How often each Latin letter and digit occurs, whatever its alphabet, size or accent."""
    plain = unicodedata.normalize("NFKD", text)
    return Counter(letter for letter in plain if letter.isascii() and letter.isalnum())


def written(latex: str) -> Counter[str]:
    """The Latin letters and digits that a person who reads the source expects to see."""
    names = "".join(_NAMES.get(name, "") for name in _COMMAND.findall(latex))
    atoms = _COMMAND.sub(" ", _ENVIRONMENT.sub(" ", latex))
    return signs(atoms + names)


def shown(latex: str, text: str) -> Counter[str]:
    """The letters and digits of a rendering, without those that stand for \\top: ᵀ."""
    found = signs(text)
    found["T"] -= text.count("ᵀ") if "\\top" in latex else 0
    return +found
