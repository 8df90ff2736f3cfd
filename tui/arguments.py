"""The command line: what may be said on it, in one table, and how it is read. Errors are sentences of the catalogue."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.words import LANGUAGES

COMMANDS = ("lessons", "progress", "trace", "export", "log", "new", "preview", "check", "explain", "schema", "doctor")
WITHOUT_LESSON = ("lessons", "progress", "schema", "doctor")
WITH_LESSON = ("trace", "export", "log", "preview")
WITH_FOLDER = ("new",)
MOST_WORDS = {"check": None, "explain": 1}  # commands with words of their own, any number where it is None
_ELEMENT = re.compile(r"^(?P<name>[^\[\]=]+?)\s*(\[(?P<index>-?\d+(\s*,\s*-?\d+)*)\])?$")
_DEVICE = re.compile(r"^(auto|cpu|cuda(:\d+)?)$")


class UsageError(Exception):
    """What cannot be understood: `key` is the catalogue's, under `cli`."""

    def __init__(self, key: str, **values: str) -> None:
        self.key, self.values = key, values
        super().__init__(key)


@dataclass(frozen=True, slots=True)
class Setting:
    """One `--set NAME[INDEX]=VALUE`."""

    name: str
    value: float | list[Any]
    index: tuple[int, ...] | None = None


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return read


def _whole(least: int, below: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not least <= int(text[:20]) < below:
            raise ValueError(text)
        return int(text)

    return read


def _device(text: str) -> str:
    if not _DEVICE.match(text):
        raise ValueError(text)
    return text


def setting(text: str) -> Setting:
    """`linear1.weight[0,1]=0.5`, `b=[1,2]`, `lr=0.05`. Raises ValueError for anything else."""
    place, equals, value = text.partition("=")
    found = _ELEMENT.match(place.strip())
    if not equals or found is None:
        raise ValueError(text)
    index = found["index"]
    numbers = tuple(int(part) for part in index.split(",")) if index else None
    return Setting(found["name"].strip(), _numbers(value.strip()), numbers)


def _numbers(text: str) -> float | list[Any]:
    try:
        value = float(text)
    except ValueError:
        value = _checked(json.loads(text))
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(text)
    return value


def _checked(value: Any) -> Any:
    """Nested lists of finite numbers, all as floats."""
    if isinstance(value, list) and value:
        return [_checked(each) for each in value]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


@dataclass(frozen=True, slots=True)
class Option:
    """One row. `words` name its line of help, `value` what it takes, `commands` where it belongs (none: all)."""

    flag: str
    words: str
    value: str | None = None
    read: Callable[[str], Any] = str
    repeated: bool = False
    commands: tuple[str, ...] = ()
    metavar: str = ""


OPTIONS = (
    Option(
        "--by",
        "by",
        "unit",
        _one_of("op", "phase", "iteration", "epoch"),
        commands=("trace",),
        metavar="op|phase|…",
    ),
    Option("--count", "count", "count", _whole(1, 10**9), commands=("trace",), metavar="N"),
    Option("--every", "every", "count", _whole(1, 10**9), commands=("trace",), metavar="K"),
    Option("--set", "set", "set", setting, repeated=True, commands=("trace", "export"), metavar="X=V"),
    Option("-o", "output", "file", commands=("export", "log", "schema"), metavar="FILE"),
    Option("--force", "force", commands=("export", "log", "schema", "progress")),
    Option("--export", "export_to", "file", commands=("progress",), metavar="FILE"),
    Option("--reset", "reset", "lesson", commands=("progress",), metavar="LESSON"),
    Option("--reset-all", "reset_all", commands=("progress",)),
    Option("--yes", "yes", commands=("progress",)),
    Option("--session", "session", commands=("export",)),
    Option("--iterations", "iterations", "count", _whole(1, 10**9), commands=("export",), metavar="N"),
    Option("--use", "use", "experiment", commands=("export",), metavar="NAME"),
    Option("--json", "json", commands=("lessons", "progress", "trace", "doctor")),
    Option(
        "--format", "format", "format", _one_of("text", "github", "json"), commands=("check",), metavar="text|github|…"
    ),
    Option("--strict", "strict", commands=("check",)),
    Option("--no-run", "no_run", commands=("check",)),
    Option("--lang", "lang", "lang", _one_of(*LANGUAGES), metavar="es|en"),
    Option("--device", "device", "device", _device, metavar="D"),
    Option("--seed", "seed", "seed", _whole(0, 2**53), metavar="N"),
    Option("--fps", "fps", "fps", _whole(1, 61), metavar="N"),
    Option("--low-bandwidth", "low_bandwidth"),
    Option("--lesson-dir", "lesson_dir", "folder", Path, repeated=True, metavar="DIR"),
    Option("--version", "version"),
    Option("--help", "help"),
)
_BY_FLAG = {option.flag: option for option in OPTIONS} | {"-h": OPTIONS[-1]}


@dataclass
class Arguments:
    """What was said. `command` is "" for opening the course map or a lesson."""

    command: str = ""
    lesson: str | None = None
    words: list[str] = field(default_factory=list)  # of a command in MOST_WORDS
    given: dict[str, Any] = field(default_factory=dict)  # by the option's words; repeated ones are lists

    def __getattr__(self, words: str) -> Any:
        return self.given.get(words)


def read(argv: Sequence[str]) -> Arguments:
    """Read the arguments. Raises UsageError for what cannot be understood."""
    found, words, rest = Arguments(), [], list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--":
            words += rest
            break
        if word.startswith("-") and word != "-":
            _take_option(found, word, rest)
        else:
            words.append(word)
    if words and words[0] in COMMANDS:
        found.command = words.pop(0)
    _take_words(found, words)
    for option in OPTIONS:
        if option.words in found.given and option.commands and found.command not in option.commands:
            raise UsageError("wrong_place", option=option.flag, commands=", ".join(option.commands))
    return found


def _take_option(found: Arguments, word: str, rest: list[str]) -> None:
    flag, equals, value = word.partition("=")
    option = _BY_FLAG.get(flag)
    if option is None:
        from difflib import get_close_matches  # here: the first paint can do without

        near = get_close_matches(flag, list(_BY_FLAG), n=1)
        key = "unknown_option_near" if near else "unknown_option"
        raise UsageError(key, option=flag, **({"near": near[0]} if near else {}))
    if option.value is None:
        if equals:
            raise UsageError("takes_no_value", option=flag)
        found.given[option.words] = True
        return
    if not equals:
        if not rest:
            raise UsageError("needs_value", option=flag, value=option.value)
        value = rest.pop(0)
    try:
        read_value = option.read(value)
    except (ValueError, RecursionError):
        raise UsageError("bad_value", option=flag, given=value, value=option.value) from None
    if option.repeated:
        found.given.setdefault(option.words, []).append(read_value)
    else:
        found.given[option.words] = read_value


def _take_words(found: Arguments, words: list[str]) -> None:
    if found.command in MOST_WORDS:
        found.words = words
        if len(words) > (MOST_WORDS[found.command] or len(words)):
            raise UsageError("extra_word", word=words[1], command=found.command)
        return
    if found.command in WITHOUT_LESSON and words:
        raise UsageError("extra_word", word=words[0], command=found.command)
    if len(words) > 1:
        if found.command:
            raise UsageError("extra_word", word=words[1], command=found.command)
        raise UsageError("one_lesson", word=words[1])
    found.lesson = words[0] if words else None
    if found.command in WITH_LESSON and not words and "help" not in found.given:
        raise UsageError("lesson_missing", command=found.command)
    if found.command in WITH_FOLDER and not words and "help" not in found.given:
        raise UsageError("folder_missing", command=found.command)


def language_of(argv: Sequence[str]) -> str | None:
    """The language that `--lang` asks for, whatever else is said: errors are told in it too."""
    for before, word in zip(("", *argv), argv, strict=False):
        value = word if before == "--lang" else word.removeprefix("--lang=") if word.startswith("--lang=") else None
        if value in LANGUAGES:
            return value
    return None
