"""`dltutor doctor`: what is here, whether it will do, and what to do about it where it does not."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Protocol

from engine import examine
from engine.words import Refused
from tui import arrangement, terminal
from tui.language import preferred, say

State = Literal["ok", "warn", "problem"]
COMFORTABLE = (80, 24)  # columns, rows
ENOUGH = 600 << 20  # bytes of memory that torch and a small experiment need
NVIDIA = Path("/proc/driver/nvidia/version")


class Stream(Protocol):
    """Standard input or output."""

    def isatty(self) -> bool: ...
    def fileno(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the checks look at."""

    environ: Mapping[str, str]
    stdin: Stream
    stdout: Stream
    language: str
    folders: Sequence[Path] = ()
    examine: Callable[[], dict[str, Any]] = examine.examine


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `says` and `advice` name sentences of the catalogue, under `doctor`."""

    name: str
    state: State
    says: str
    values: dict[str, Any] = field(default_factory=dict)
    advice: str = ""

    def sentence(self, language: str) -> str:
        """What was found."""
        return say(language, f"doctor.says.{self.says}", **self.values)

    def what_to_do(self, language: str) -> str:
        """What to do about it; "" where nothing is to be done."""
        return say(language, f"doctor.advice.{self.advice}", **self.values) if self.advice else ""

    def as_json(self, language: str) -> dict[str, Any]:
        """One object of `--json`."""
        return {
            "check": self.name,
            "state": self.state,
            "message": self.sentence(language),
            "advice": self.what_to_do(language),
            "values": self.values,
        }


def findings(here: Surroundings) -> Iterator[Finding]:
    """All checks, one after another; the slow one (torch) as late as it can be."""
    for check in CHECKS:
        yield from check(here)


def text(found: Finding, language: str) -> str:
    """The line for a person, and under it what to do."""
    name, state = say(language, f"doctor.name.{found.name}"), say(language, f"doctor.state.{found.state}")
    lines = [f"{state:<9} {name:<12} {found.sentence(language)}"]
    if todo := found.what_to_do(language):
        lines.append(f"{'':<23}→ {todo}")
    return "\n".join(lines)


def verdict(states: Sequence[State], language: str) -> str:
    """The last line."""
    worst = "unusable" if "problem" in states else "usable" if "warn" in states else "fine"
    return say(language, f"doctor.{worst}")


# ---------------------------------------------------------------- the screen
def _terminal(here: Surroundings) -> Iterator[Finding]:
    kind = here.environ.get("TERM", "")
    trouble = terminal.trouble({"TERM": kind})
    pipes = [name for name in ("stdin", "stdout") if not getattr(here, name).isatty()]
    if trouble is not None:
        yield Finding("terminal", "problem", trouble.key, {"term": kind}, trouble.key)
    elif pipes:
        yield Finding("terminal", "warn", "piped", {"term": kind, "streams": ", ".join(pipes)}, "piped")
    else:
        yield Finding("terminal", "ok", "terminal", {"term": kind})


def _size(here: Surroundings) -> Iterator[Finding]:
    for stream in (here.stdout, here.stdin):
        if stream.isatty():
            size = os.get_terminal_size(stream.fileno())
            yield _size_finding(size.columns, size.lines)
            return
    yield Finding("size", "ok", "no_size")


def _size_finding(columns: int, rows: int) -> Finding:
    wanted, high = arrangement.SMALLEST
    found = {"columns": columns, "rows": rows, "least_columns": wanted, "least_rows": high}
    fits = columns >= COMFORTABLE[0] and rows >= COMFORTABLE[1]
    return Finding("size", "ok" if fits else "warn", "size", found, "" if fits else "size")


def _colours(here: Surroundings) -> Iterator[Finding]:
    count = terminal.colours(here.environ)
    if count == 1:
        yield Finding("colours", "ok", "no_colours", {"count": 0})
    else:
        few = count < 256
        yield Finding("colours", "warn" if few else "ok", "colours", {"count": count}, "colours" if few else "")


def _unicode(here: Surroundings) -> Iterator[Finding]:
    locale = terminal.locale_of(here.environ)
    if not locale:
        yield Finding("unicode", "warn", "no_locale", {}, "no_locale")
    elif terminal.speaks_unicode(here.environ):
        yield Finding("unicode", "ok", "unicode", {"locale": locale})
    else:
        yield Finding("unicode", "problem", "no_unicode", {"locale": locale}, "no_unicode")


def _language(here: Surroundings) -> Iterator[Finding]:
    yield Finding("language", "ok", "language", {"name": here.language or preferred()})


# ---------------------------------------------------------------- the programs and the machine
def _programs(here: Surroundings) -> Iterator[Finding]:
    yield Finding("python", "ok", "version", {"version": sys.version.split()[0]})
    yield Finding("textual", "ok", "version", {"version": version("textual")})


def _torch(here: Surroundings) -> Iterator[Finding]:
    found = here.examine()
    if "version" not in found:
        yield _no_torch(found)
        return
    seconds = f"{found['seconds']:.1f}"
    yield Finding("torch", "ok", "torch", {"version": found["version"], "seconds": seconds})
    yield Finding("device", "ok", "cpu", {"threads": found["threads"]})
    for each in found["devices"]:
        sizes = {name: _bytes(each[name]) for name in ("free", "total")}
        yield Finding("device", "ok", "cuda", {"device": each["device"], "name": each["name"], **sizes})
    if not found["devices"] and NVIDIA.exists():
        yield Finding("device", "warn", "no_cuda", {}, "no_cuda")


def _no_torch(found: dict[str, Any]) -> Finding:
    if found.get("missing"):
        return Finding("torch", "problem", "no_torch", {"python": sys.executable}, "no_torch")
    if "slow" in found:
        return Finding("torch", "problem", "slow_torch", {"seconds": round(found["slow"])}, "slow_torch")
    if "ended" in found:
        values = {"code": found["ended"], "python": sys.executable}
        return Finding("torch", "problem", "ended_torch", values, "broken_torch")
    values = {"reason": found.get("error", "?"), "python": sys.executable}
    return Finding("torch", "problem", "broken_torch", values, "broken_torch")


def _memory(here: Surroundings) -> Iterator[Finding]:
    free, total = _memory_bytes()
    if total == 0:
        yield Finding("memory", "ok", "no_memory")
        return
    little = free < ENOUGH
    sizes = {"free": _bytes(free), "total": _bytes(total)}
    yield Finding("memory", "warn" if little else "ok", "memory", sizes, "memory" if little else "")


def _memory_bytes() -> tuple[int, int]:
    """Free and all memory; what a control group allows, where it is less. (0, 0) where the system does not tell."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        free, total = (int(lines[name].split()[0]) << 10 for name in ("MemAvailable", "MemTotal"))
    except (OSError, KeyError, ValueError):
        try:
            total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
            return total, total
        except (OSError, ValueError):
            return 0, 0
    try:
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text())
        left = limit - int((group / "memory.current").read_text())
    except (OSError, ValueError):
        return free, total
    return min(free, max(0, left)), min(total, limit)


def _bytes(count: int) -> str:
    return f"{count / (1 << 30):.1f} GB"


# ---------------------------------------------------------------- files
def _state(here: Surroundings) -> Iterator[Finding]:
    folder = state_folder()
    reason = _cannot_write(folder)
    if reason:
        yield Finding("state", "warn", "no_state", {"folder": str(folder), "reason": reason}, "no_state")
    else:
        yield Finding("state", "ok", "state", {"folder": str(folder)})


def state_folder() -> Path:
    """Where progress is kept."""
    from platformdirs import user_state_path

    return user_state_path("dltutor", appauthor=False)


def _cannot_write(folder: Path) -> str:
    """Why nothing can be written in `folder`, or where it would be made; "" where it can. Leaves nothing behind."""
    try:
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"x" * 4096)
            trial.flush()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _lessons(here: Surroundings) -> Iterator[Finding]:
    from lessons.catalog import entries
    from lessons.words import say as lessons_say

    try:
        found = entries(here.folders)
    except Refused as refused:
        reason = lessons_say(refused.sentence, here.language)
        yield Finding("lessons", "problem", "bad_folder", {"reason": reason}, "bad_folder")
        return
    broken = [entry.id for entry in found if entry.error is not None]
    if not found:
        yield Finding("lessons", "problem", "no_lessons", {"count": 0}, "no_lessons")
    elif broken:
        values = {"count": len(found), "names": ", ".join(broken)}
        yield Finding("lessons", "warn", "broken_lessons", values, "broken_lessons")
    else:
        yield Finding("lessons", "ok", "lessons", {"count": len(found)})


CHECKS: tuple[Callable[[Surroundings], Iterator[Finding]], ...] = (
    _terminal, _size, _colours, _unicode, _language, _programs, _memory, _state, _lessons, _torch,
)  # fmt: skip
