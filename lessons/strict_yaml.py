"""YAML read strictly: PyYAML's events become plain data with the place of every key and value, and nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.words import Sentence, Value
from lessons.findings import Finding, Place
from lessons.source import FORBIDDEN, Source

if TYPE_CHECKING:
    import yaml

MAX_DEPTH = 12
MAX_VALUES = 20_000
MAX_WHOLE = 2**53

Path = tuple[str | int, ...]

# The core schema of YAML 1.2: 1e-3 is a number, 010 is ten, and yes, no, on and off are text.
_WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{f"{sign}.{word}": float(f"{sign}inf") for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
# What PyYAML says -> what we say; the first that is found in its sentence.
_SYNTAX = (
    ("mapping values are not allowed", "yaml.colon"),
    ("could not find expected ':'", "yaml.key_without_colon"),
    ("expected ',' or", "yaml.bracket"),
    ("expected the node content", "yaml.bracket"),
    ("expected <block end>", "yaml.indentation"),
    ("end of stream", "yaml.quote"),
    ("document separator", "yaml.quote"),
    ("cannot start any token", "yaml.character"),
    ("unknown escape", "yaml.escape"),
    ("escape sequence", "yaml.escape"),
    ("block sequence entries", "yaml.indentation"),
)


@dataclass
class Document:
    """What a YAML file holds; `data` is None where it cannot be read. A path: keys and positions from the top."""

    source: Source
    data: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def key(self, path: Path) -> Place:
        """Where the key of `path` stands; for an element of a list, its value."""
        return self.keys.get(path) or self.value(path)

    def value(self, path: Path) -> Place:
        """Where the value of `path` stands, or what holds it."""
        while path not in self.values and path:
            path = path[:-1]
        return self.values.get(path, Place(1, 1))

    def inside(self, path: Path, text: str, column: int, length: int = 1) -> Place:
        """Where the character `column` (from 0) of the value `text` stands, if it is written in one line as it is."""
        whole = self.value(path)
        line = self.source.lines[whole.line - 1]
        start = whole.column - 1
        start += line[start : start + 1] in ("'", '"')
        if line[start : start + len(text)] != text:
            return whole
        return Place(whole.line, start + column + 1, start + min(column + length, len(text)) + 1)


class _Stop(Exception):
    """The rest of the file is not looked at."""


def read(source: Source, until: frozenset[str] = frozenset()) -> Document:
    """The data of `source` with places and findings. At one of the top keys in `until` reading ends."""
    import yaml  # here: the course map is imported before the first paint, and yaml is not needed for that

    document = Document(source)
    tabs = [index for index, line in enumerate(source.lines) if re.match(" *\t", line) and line.strip()]
    if tabs:
        places = [Place(index + 1, source.lines[index].index("\t") + 1) for index in tabs]
        document.findings += [source.finding(place, "yaml.tab") for place in places]
        return document
    builder = _Builder(document, until)
    try:
        builder.document(yaml.parse(source.text, Loader=yaml.SafeLoader))
    except _Stop:
        document.data = None
    except yaml.MarkedYAMLError as error:
        document.data = None
        document.findings.append(_syntax_finding(source, error))
    except (yaml.YAMLError, ValueError, OverflowError):  # numbers in escapes and directives that PyYAML does not check
        document.data = None
        document.findings.append(source.finding(builder.last, "yaml.escape"))
    return document


def _syntax_finding(source: Source, error: yaml.MarkedYAMLError) -> Finding:
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    problem = error.problem or ""
    for part, key in _SYNTAX:
        if part in problem:
            return source.finding(place, key)
    return source.finding(place, "yaml.syntax", problem=problem)


class _Builder:
    """Takes events and fills a document. Depth is bounded, so recursion is."""

    def __init__(self, document: Document, until: frozenset[str]) -> None:
        self.found, self.until, self.count, self.ended = document, until, 0, False
        self.last = Place(1, 1)  # where the last event stood

    def report(self, event: Any, key: str, **values: Value) -> None:
        self.found.findings.append(self.found.source.told(_place(event), Sentence(key, values)))

    def stop(self, event: Any, key: str, **values: Value) -> _Stop:
        self.report(event, key, **values)
        return _Stop()

    def document(self, events: Iterator[Any]) -> None:
        import yaml

        next(events)
        start = next(events)
        if isinstance(start, yaml.StreamEndEvent):
            raise self.stop(start, "yaml.empty")
        self.found.data = self.node(next(events), events, (), 0)
        if self.ended:
            return
        next(events)
        following = next(events)
        if not isinstance(following, yaml.StreamEndEvent):
            self.report(following, "yaml.many_documents")

    def node(self, event: Any, events: Iterator[Any], path: Path, depth: int) -> Any:
        import yaml

        self.count += 1
        if self.count > MAX_VALUES:
            raise self.stop(event, "yaml.too_many", limit=MAX_VALUES)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self.stop(event, "yaml.alias", name=event.anchor)
        if event.tag is not None:
            raise self.stop(event, "yaml.tag", tag=event.tag)
        self.found.values[path] = self.last = _place(event)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event)
        if depth >= MAX_DEPTH:
            raise self.stop(event, "yaml.too_deep", limit=MAX_DEPTH)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, path, depth)
        return self.mapping(events, path, depth)

    def sequence(self, events: Iterator[Any], path: Path, depth: int) -> list[Any]:
        import yaml

        found: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.append(self.node(event, events, (*path, len(found)), depth + 1))
        return found

    def mapping(self, events: Iterator[Any], path: Path, depth: int) -> dict[str, Any]:
        import yaml

        found: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            name = self.key(event)
            if not path and name in self.until:
                self.ended = True
                return found
            if name in found:
                self.report(event, "yaml.duplicate", name=name, line=self.found.keys[(*path, name)].line)
                self.node(next(events), events, (*path, f"{name}\0again"), depth + 1)  # read for its own findings
                continue
            self.found.keys[(*path, name)] = self.last = _place(event)
            found[name] = self.node(next(events), events, (*path, name), depth + 1)
        return found

    def key(self, event: Any) -> str:
        import yaml

        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self.stop(event, "yaml.alias", name=event.anchor)
        if event.tag is not None:
            raise self.stop(event, "yaml.tag", tag=event.tag)
        if not isinstance(event, yaml.ScalarEvent) or not event.value:
            raise self.stop(event, "yaml.key")
        if event.value == "<<" and event.implicit[0]:
            raise self.stop(event, "yaml.merge")
        self.check_characters(event)
        return str(event.value)

    def check_characters(self, event: Any) -> None:
        """Escapes in quotes can write what may not stand in the file."""
        if match := FORBIDDEN.search(event.value):
            raise self.stop(event, "text.control", character=f"U+{ord(match[0]):04X}")

    def scalar(self, event: Any) -> Any:
        text: str = event.value
        self.check_characters(event)
        if not event.implicit[0]:  # it was written in quotes or as a block
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _WHOLE.fullmatch(text):
            whole = int(text[:40], 0 if text[1:2] in ("o", "x") else 10)
            if abs(whole) > MAX_WHOLE or len(text) > 40:
                self.report(event, "yaml.too_large", number=text[:20])
                return 0
            return whole
        if _NUMBER.fullmatch(text):
            number = float(text)
            if math.isinf(number):
                self.report(event, "yaml.too_large", number=text[:20])
            return number
        return text


def _place(event: Any) -> Place:
    start, end = event.start_mark, event.end_mark
    same_line = end.line == start.line and end.column > start.column
    return Place(start.line + 1, start.column + 1, end.column + 1 if same_line else None)
