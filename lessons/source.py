"""Reading one file of a lesson: never outside the lesson's folder, never too much, never anything but plain text."""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.words import Sentence, Value
from lessons.findings import Finding, Place, Severity
from lessons.words import Refused

MAX_BYTES = 256 * 1024
# Control characters, escape sequences among them; line breaks other than ours; marks that reorder what is read.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_MAX_CONTROLS = 20


@dataclass(frozen=True)
class Source:
    """The text of a file, and how people call the file."""

    file: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins in the text."""
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def place(self, start: int, end: int | None = None) -> Place:
        """The place of the characters from `start` to before `end`, counted from 0 in the text."""
        line = bisect_right(self.starts, start)
        begin = self.starts[line - 1]
        following = self.starts[line] if line < len(self.starts) else len(self.text) + 1
        return Place(line, start - begin + 1, end - begin + 1 if end is not None and end < following else None)

    def finding(
        self, place: Place, key: str, advice: Sentence | None = None, severity: Severity = "error", **values: Value
    ) -> Finding:
        """What is wrong at `place`: a sentence of the catalogue."""
        return self.told(place, Sentence(key, values), advice, severity)

    def told(
        self, place: Place, sentence: Sentence, advice: Sentence | None = None, severity: Severity = "error"
    ) -> Finding:
        """What is wrong at `place`, in a sentence that is there already."""
        line = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        return Finding(self.file, place.line, place.column, place.end, sentence, severity, advice, line)


def read(folder: Path, name: str, limit: int = MAX_BYTES) -> tuple[Source | None, list[Finding]]:
    """The file `name` of the lesson in `folder`, or None; what is wrong with it. CRLF line breaks become LF."""
    file = str(folder / name)
    try:
        body = read_bytes(folder, name, limit)
    except Refused as error:
        return None, [Source(file, "").told(Place(1, 1), error.sentence)]
    return decode(file, body)


def read_bytes(folder: Path, name: str, limit: int) -> bytes:
    """What the file holds. Raises Refused for one that is not inside `folder`, not a plain file, or above `limit`."""
    body = head(folder, name, limit + 1)
    if len(body) > limit:
        raise Refused("file.too_large", name=name, limit=limit // 1024)
    return body


def head(folder: Path, name: str, size: int) -> bytes:
    """The first `size` bytes of the file. Raises Refused for a file that is not inside `folder` or not a plain file."""
    try:
        real = (folder / name).resolve()
        if not real.is_relative_to(folder.resolve()):
            raise Refused("file.outside", name=name)
        # Not blocking: a pipe under that name would wait for ever.
        with open(os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise Refused("file.not_a_file", name=name)
            return stream.read(size)
    except FileNotFoundError:
        raise Refused("file.missing", name=name) from None
    except IsADirectoryError:
        raise Refused("file.not_a_file", name=name) from None
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle; ValueError: NUL in a name
        raise Refused("file.unreadable", name=name, reason=getattr(error, "strerror", None) or str(error)) from None


def decode(file: str, body: bytes) -> tuple[Source | None, list[Finding]]:
    """The text that these bytes are, or None; every character in it that does not belong."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        source = Source(file, body.decode("utf-8", errors="replace"))
        place = source.place(len(body[: error.start].decode("utf-8")))
        return None, [source.finding(place, "text.not_utf8", byte=f"0x{body[error.start]:02X}")]
    source = Source(file, text.replace("\r\n", "\n"))
    found = [_control(source, match.start()) for match in FORBIDDEN.finditer(source.text)]
    return (None if found else source), found[:_MAX_CONTROLS]


def _control(source: Source, index: int) -> Finding:
    place = source.place(index, index + 1)
    if index == 0 and source.text[0] == "\ufeff":
        return source.finding(place, "text.byte_order_mark")
    return source.finding(place, "text.control", character=f"U+{ord(source.text[index]):04X}")
