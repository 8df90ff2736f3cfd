"""A lesson's Markdown in one language: its title, its passages by id, and the places where values belong."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from lessons.findings import Finding
from lessons.inline import Piece, line_tag, pieces
from lessons.passages import Passage, PassageReader, heading, joined
from lessons.source import Source

_LINKS = ("http://", "https://", "#")


@dataclass(frozen=True)
class Slot:
    """Where a value of the experiment belongs: {{expression}}, or \\val{expression} in a formula."""

    expression: str
    line: int
    column: int
    formula: bool
    passage: str | None  # the passage it stands in; None before the first one


@dataclass(frozen=True)
class Prose:
    """One language of a lesson."""

    title: str
    intro: str
    passages: dict[str, Passage]
    slots: tuple[Slot, ...] = ()
    source: Source = field(default=Source("", ""), repr=False)


def read(source: Source) -> tuple[Prose, list[Finding]]:
    """The prose that `source` holds, as far as it can be understood, and what is wrong with it."""
    reader = PassageReader(source)
    reader.read()
    slots = _scan(reader)
    prose = Prose(reader.title or "", joined(reader.intro), reader.passages, slots, source)
    return prose, sorted(reader.findings, key=lambda each: each.order)


def title_of(text: str) -> str | None:
    """The level-1 heading, without reading anything else."""
    first = next((found for line in text.split("\n") if (found := heading(line))), None)
    return first.text if first and first.level == 1 else None


def _scan(reader: PassageReader) -> tuple[Slot, ...]:
    """Places for values in every block of text; reports raw HTML and links that lead elsewhere than the web."""
    slots: list[Slot] = []
    for start, block in _blocks(reader):
        for piece in pieces(block):
            line, column, _ = reader.source.place(start + piece.start)
            if piece.kind == "value":
                slots.append(Slot(piece.text, line, column, piece.formula, _passage_at(reader, line)))
            elif problem := _problem(piece):
                shown = piece.text.split("\n")[0]
                reader.report(line, column - 1, column - 1 + len(shown), problem, text=shown)
    _report_line_tags(reader)
    return tuple(slots)


def _report_line_tags(reader: PassageReader) -> None:
    """A tag that is opened in one line and closed in another is HTML as well."""
    known = {each.line for each in reader.findings if each.sentence.key == "prose.html"}
    for number, line in enumerate(reader.source.lines, 1):
        match = line_tag(line)
        if match and number not in known and number not in reader.fenced:
            reader.report(number, *match.span("html"), "prose.html", text=match["html"])


def _problem(piece: Piece) -> str | None:
    """Why this piece may not stand in a lesson: the key of the sentence."""
    if piece.kind == "link":
        return None if piece.text.startswith(_LINKS) else "prose.link"
    return {"open": "prose.value_open", "html": "prose.html"}.get(piece.kind)


def _blocks(reader: PassageReader) -> list[tuple[int, str]]:
    """The runs of lines without an empty line or a code block in them, headings apart: (where it starts, text)."""
    found: list[tuple[int, str]] = []
    run: list[str] = []
    starts = reader.source.starts
    for number, line in enumerate([*reader.source.lines, ""], 1):
        text = bool(line.strip(" >")) and number not in reader.fenced
        if run and (not text or heading(line) or heading(run[0])):
            found.append((starts[number - 1 - len(run)], "\n".join(run)))
            run = []
        if text:
            run.append(line)
    return found


def _passage_at(reader: PassageReader, line: int) -> str | None:
    index = bisect_right(reader.starts, (line, "\uffff"))
    return reader.starts[index - 1][1] if index else None
