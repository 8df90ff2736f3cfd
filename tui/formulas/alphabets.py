"""Letters in other shapes: bold, blackboard and script alphabets, raised and lowered letters, and accents."""

from __future__ import annotations

import unicodedata
from functools import cache

# \mathrm and its kin are set in the terminal's own letters.
ALPHABETS = {
    "mathbf": "BOLD", "boldsymbol": "BOLD", "bm": "BOLD", "mathbb": "DOUBLE-STRUCK",
    "mathcal": "SCRIPT", "mathscr": "SCRIPT", "mathfrak": "FRAKTUR",
    "mathrm": "", "mathit": "", "mathsf": "", "mathtt": "", "mathnormal": "",
}  # fmt: skip

_HIGH = "0123456789+−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφϕχ⊤′∘*- "
_HIGH_SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᵠᵠᵡᵀ′°*⁻ "
_LOW = "0123456789+−=()aehijklmnoprstuvxβγρφϕχ,- "
_LOW_SIGNS = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵩᵪ,₋ "
HIGH = dict(zip(_HIGH, _HIGH_SIGNS, strict=True))
LOW = dict(zip(_LOW, _LOW_SIGNS, strict=True))

ACCENTS = {
    "hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7",
    "check": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a",
    "overline": "\u0305", "underline": "\u0332",
}  # fmt: skip
ACCENT_COMMANDS = {
    **{name: name for name in ACCENTS},
    "widehat": "hat", "widetilde": "tilde", "overrightarrow": "vec", "widebar": "bar",
}  # fmt: skip
LINES = ("overline", "underline", "bar")  # as long as what they are drawn over
STRIKE = "\u0336"


@cache
def shaped(letter: str, shape: str) -> str:
    """The letter in another shape ("BOLD"...) where Unicode has it, else as it is."""
    names = {f"MATHEMATICAL {shape} {name}" for name in _names(letter)} | {f"{shape} {name}" for name in _names(letter)}
    if shape == "FRAKTUR":
        names |= {f"BLACK-LETTER {name}" for name in _names(letter)}
    for name in sorted(names):
        try:
            return unicodedata.lookup(name)
        except KeyError:
            continue
    return letter


def _names(letter: str) -> tuple[str, ...]:
    """What a letter is called in the names of the mathematical alphabets."""
    name = unicodedata.name(letter, "") if len(letter) == 1 else ""
    return (name.replace("LATIN ", "").replace("GREEK ", "").replace(" LETTER", ""),) if name else ()


def raised(text: str) -> str | None:
    """The text in small letters above the line; None if Unicode lacks one of them."""
    return _translated(text, HIGH)


def lowered(text: str) -> str | None:
    """The text in small letters below the line; None if Unicode lacks one of them."""
    return _translated(text, LOW)


def _translated(text: str, table: dict[str, str]) -> str | None:
    return "".join(table[letter] for letter in text) if all(letter in table for letter in text) else None


def accented(letter: str, mark: str) -> str:
    """One letter under an accent, in one code point where there is one."""
    return unicodedata.normalize("NFC", letter + ACCENTS[mark])


def lined(text: str, mark: str) -> str:
    """Every letter of the text under the same mark."""
    return "".join(letter + ACCENTS.get(mark, mark) for letter in text)


def primes(count: int) -> str:
    """So many primes."""
    return "‴" * (count // 3) + ("", "′", "″")[count % 3]
