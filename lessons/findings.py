"""Findings: what is wrong in a lesson's files, where, and what to do about it, as records and as text."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, NamedTuple

from engine.words import Sentence
from lessons.codes import code_of
from lessons.words import CATALOGUE, say

Severity = Literal["error", "warning"]
SHOWN = 120  # columns of a source line that are shown around a place


class Place(NamedTuple):
    """Where in a file, counted in characters from 1. `end`: the column after the last one, on the same line."""

    line: int
    column: int
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `text` is the source line, without its line break."""

    file: str
    line: int
    column: int
    end: int | None
    sentence: Sentence
    severity: Severity = "error"
    hint: Sentence | None = None
    text: str = ""

    @property
    def code(self) -> str:
        """The stable code, `E201`."""
        return code_of(self.sentence.key)

    @property
    def order(self) -> tuple[str, int, int, str]:
        """Sorts findings as a person reads the files."""
        return (self.file, self.line, self.column, self.code)


def render(finding: Finding, language: str) -> str:
    """The finding as people read it in a terminal: the message, the line with its place underlined, and the hint."""
    severity = CATALOGUE.say(language, f"severity.{finding.severity}")
    message = printable(say(finding.sentence, language))
    lines = [f"{printable(finding.file)}:{finding.line}:{finding.column}: {severity}[{finding.code}]: {message}"]
    if finding.text.strip():
        lines += _excerpt(finding)
    if finding.hint:
        lines.append(f"       = {printable(say(finding.hint, language))}")
    return "\n".join(lines)


def brief(finding: Finding, language: str) -> str:
    """The finding in one line: `es.md:3:1: message`."""
    place = f"{finding.file}:{finding.line}" if finding.text else finding.file
    return f"{place}: {printable(say(finding.sentence, language))}"


def _excerpt(finding: Finding) -> list[str]:
    start = max(0, finding.column - 1 - SHOWN // 2) if len(finding.text) > SHOWN else 0
    shown = finding.text[start : start + SHOWN]
    first = finding.column - 1 - start
    last = max(first + 1, (finding.end or 0) - 1 - start)
    under = _cells(shown[:first]) * " " + max(1, _cells(shown[first:last])) * "^"
    return [f"  {finding.line:>4} | {printable(shown)}", f"       | {under}"]


def _cells(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def printable(text: str) -> str:
    """`text` without characters that a terminal would obey instead of showing."""
    return "".join(each if each.isprintable() else " " if each == "\t" else "\ufffd" for each in text)


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str | None:
    """The known word that was probably meant."""
    close = get_close_matches(word.lower(), known, 1, 0.6)
    return close[0] if close else None


def suggest(word: str, known: list[str] | tuple[str, ...]) -> Sentence | None:
    """A hint with the known words, the nearest one first."""
    if not known:
        return None
    listed = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    near = nearest(word, known)
    return Sentence("hint.near", {"word": near, "known": listed}) if near else Sentence("hint.known", {"known": listed})
