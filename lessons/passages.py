"""The passages of a lesson's Markdown: under each heading with an id its text, options, hints, traps, explanation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from engine.words import Sentence, Value
from lessons.findings import Finding, Place
from lessons.source import Source

_MARKS = re.compile(r"(#{1,6})[ \t]+")
_ID = re.compile(r"[a-z][a-z0-9_-]*")
_CALLOUT = re.compile(r"> ?\[!(?P<kind>[^\]\s]*)(?:\s+(?P<name>[^\]\s]+))?\]\s*(?P<rest>.*)")
_OPTION = re.compile(r"[-*+] \[(?P<id>[a-z][a-z0-9_-]*)\] (?P<text>.*)")
_FENCE = re.compile(r"(?P<quote>(?:> ?)?) {0,3}(?P<mark>`{3,}|~{3,})(?P<rest>.*)")


@dataclass(frozen=True)
class Passage:
    """The prose of one step or exercise."""

    id: str
    heading: str  # the heading's text, without its marks and id
    level: int
    line: int
    markdown: str = ""  # what follows the heading, without options and callouts
    options: dict[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    traps: dict[str, str] = field(default_factory=dict)
    explain: str | None = None
    places: dict[str, Place] = field(default_factory=dict)  # of `option NAME` and `trap NAME`


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the form `## Text {#id}`."""

    level: int
    text: str
    id: str | None
    start: int  # of the id in the line, or of the text
    end: int


def heading(line: str) -> Heading | None:
    """The heading that this line is, if it is one."""
    marks = _MARKS.match(line)
    if not marks:
        return None
    text = line.rstrip()
    start = text.rfind("{#") if text.endswith("}") else -1
    if start < marks.end():
        return Heading(len(marks[1]), text[marks.end() :].strip(), None, marks.end(), len(text))
    return Heading(len(marks[1]), text[marks.end() : start].strip(), text[start + 2 : -1], start + 2, len(text) - 1)


def joined(lines: list[str]) -> str:
    """The lines as one text, without empty ones around it."""
    return "\n".join(lines).strip("\n")


class PassageReader:
    """Goes through the lines once; `current` is the passage that they belong to."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self.title: str | None = None
        self.early = 0  # the first line of text before the title
        self.intro: list[str] = []
        self.passages: dict[str, Passage] = {}
        self.current: Passage | None = None
        self.starts: list[tuple[int, str]] = []  # line at which each passage begins
        self.fenced: set[int] = set()  # lines of code blocks
        self.body: list[str] = []

    def report(self, number: int, start: int, end: int, key: str, **values: Value) -> None:
        """Line `number` from 1; `start` and `end` from 0 in that line."""
        place = Place(number, start + 1, max(end, start + 1) + 1)
        self.findings.append(self.source.told(place, Sentence(key, values)))

    def read(self) -> None:
        lines = self.source.lines
        self.find_fences()
        index = 0
        while index < len(lines):
            if index + 1 in self.fenced:
                self.text(lines[index], index + 1)
                index += 1
            else:
                index = self.line(lines, index)
        self.close()
        if self.title is None:
            self.report(1, 0, 1, "prose.no_title")
        elif self.early:
            self.report(self.early, 0, len(lines[self.early - 1]), "prose.before_title")

    def find_fences(self) -> None:
        """Marks the lines of code blocks: what stands there is code."""
        mark, began = "", 0
        for number, line in enumerate(self.source.lines, 1):
            match = _FENCE.fullmatch(line)
            if mark:
                self.fenced.add(number)
                if match and match["mark"].startswith(mark) and not match["rest"].strip():
                    mark = ""
            elif match and not (match["mark"][0] == "`" and "`" in match["rest"]):
                mark, began = match["mark"], number
                self.fenced.add(number)
        if mark:
            self.report(began, 0, len(self.source.lines[began - 1]), "prose.fence_open")

    def line(self, lines: list[str], index: int) -> int:
        """Reads what begins at `index`; the index of the first line after it."""
        line = lines[index]
        if found := heading(line):
            self.take_heading(found, line, index + 1)
        elif match := _CALLOUT.fullmatch(line):
            return self.callout(match, lines, index)
        elif match := _OPTION.fullmatch(line):
            return self.option(match, lines, index)
        else:
            self.text(line, index + 1)
        return index + 1

    def text(self, line: str, number: int) -> None:
        if self.title is None and line.strip():
            self.early = self.early or number
        (self.intro if self.current is None else self.body).append(line)

    # ------------------------------------------------------------ headings
    def take_heading(self, found: Heading, line: str, number: int) -> None:
        if found.id is not None:
            self.passage(found, found.id, number)
        elif found.level > 1:
            self.text(line, number)
        elif self.title:
            self.report(number, found.start, found.end, "prose.two_titles")
        else:
            self.title = found.text

    def passage(self, found: Heading, name: str, number: int) -> None:
        self.close()
        if not _ID.fullmatch(name):
            self.report(number, found.start, found.end, "prose.bad_id", name=name)
        elif name in self.passages:
            self.report(number, found.start, found.end, "prose.id_twice", name=name, line=self.passages[name].line)
        places = {"id": Place(number, found.start + 1, found.end + 1)}
        self.current = Passage(name, found.text, found.level, number, places=places)
        self.starts.append((number, name))

    def close(self) -> None:
        if self.current is not None and self.current.id not in self.passages:
            self.passages[self.current.id] = replace(self.current, markdown=joined(self.body))
        self.body = []

    # ------------------------------------------------------------ callouts
    def callout(self, match: re.Match[str], lines: list[str], index: int) -> int:
        end = index + 1
        while end < len(lines) and lines[end].startswith(">") and not _CALLOUT.fullmatch(lines[end]):
            end += 1
        quoted = [line[1:].removeprefix(" ") for line in lines[index + 1 : end]]
        text = joined([match["rest"], *quoted])
        start, stop = match.start("kind"), match.end("name") if match["name"] else match.end("kind")
        if problem := self.misplaced(match):
            self.report(index + 1, start, stop, problem, name=match["name"] or match["kind"])
        else:
            assert self.current is not None
            self.take(match["kind"], match["name"] or "", text, Place(index + 1, start + 1, stop + 1))
        return end

    def misplaced(self, match: re.Match[str]) -> str | None:
        """Why this callout cannot be kept: the key of the sentence."""
        kind, name = match["kind"], match["name"]
        if kind not in ("hint", "trap", "explain") or (kind == "trap") != bool(name):
            return "prose.callout_unknown"
        if self.current is None:
            return "prose.callout_outside"
        again = self.current.explain is not None if kind == "explain" else name in self.current.traps
        return "prose.callout_twice" if again else None

    def take(self, kind: str, name: str, text: str, place: Place) -> None:
        assert self.current is not None
        places = {**self.current.places, f"{kind} {name}".strip(): place}
        if kind == "hint":
            self.current = replace(self.current, hints=(*self.current.hints, text), places=places)
        elif kind == "trap":
            self.current = replace(self.current, traps={**self.current.traps, name: text}, places=places)
        else:
            self.current = replace(self.current, explain=text, places=places)

    # ------------------------------------------------------------ options
    def option(self, match: re.Match[str], lines: list[str], index: int) -> int:
        end = index + 1
        while end < len(lines) and lines[end].startswith("  ") and lines[end].strip():
            end += 1
        name = match["id"]
        if self.current is None or name in self.current.options:
            key = "prose.option_twice" if self.current else "prose.callout_outside"
            self.report(index + 1, *match.span("id"), key, name=name)
            return end
        text = " ".join([match["text"], *(line.strip() for line in lines[index + 1 : end])])
        place = Place(index + 1, match.start("id") + 1, match.end("id") + 1)
        self.current = replace(
            self.current,
            options={**self.current.options, name: text},
            places={**self.current.places, f"option {name}": place},
        )
        return end
