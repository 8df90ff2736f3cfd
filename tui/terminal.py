"""What terminal this is: whether it can draw screens at all, in which signs, and in how many colours."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple, TextIO
from unicodedata import normalize

LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")  # the first that is set decides
COERCED = ("C.UTF-8", "C.utf8", "UTF-8")  # what Python puts in place of the C locale (PEP 538)
PALETTE, TRUECOLOR = 256, 1 << 24


class Trouble(NamedTuple):
    """Why no screen can be drawn here: a key of the catalogue, under `terminal`, and its value."""

    key: str
    value: str = ""


def as_given(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what Python has added: in the C locale it sets LC_CTYPE, and so hides the C locale."""
    found = dict(environ)
    if found.get("LC_CTYPE") in COERCED and "LC_CTYPE=" not in _at_start():
        del found["LC_CTYPE"]
    return found


def _at_start() -> str:
    """The variables that the process was started with; where the system does not tell, LC_CTYPE counts as one."""
    try:
        return Path("/proc/self/environ").read_text("utf-8", "replace")
    except OSError:
        return "LC_CTYPE="


def locale_of(environ: Mapping[str, str]) -> str:
    """The locale that decides about signs; "" where none is named."""
    return next((environ[name] for name in LOCALE if environ.get(name)), "")


def speaks_unicode(environ: Mapping[str, str]) -> bool:
    """Whether the locale is one of UTF-8. One that is not named at all is not held against a terminal: most can."""
    locale = locale_of(environ)
    if not locale:
        return True
    charset = locale.partition("@")[0].partition(".")[2] or locale  # macOS has a locale that is only "UTF-8"
    try:
        return codecs.lookup(charset).name == "utf-8"
    except LookupError:
        return False


def fit(stream: TextIO | None, environ: Mapping[str, str]) -> None:
    """Have a stream write what its terminal can show: é as e, → as ->, where it knows no Unicode."""
    codecs.register_error("dltutor.plain", _plain)
    if isinstance(stream, TextIOWrapper):
        if stream.isatty() and not speaks_unicode(environ):
            stream.reconfigure(encoding="ascii", errors="dltutor.plain")
        else:
            stream.reconfigure(errors="dltutor.plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_PLAIN[sign] if sign in _PLAIN else _without_accent(sign) for sign in wrong), error.end


def _without_accent(sign: str) -> str:
    return normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"


_PLAIN = {"→": "->", "×": "x", "✗": "x", "·": "-", "¿": "", "¡": "", "«": '"', "»": '"', "∂": "d"}


def colours(environ: Mapping[str, str]) -> int:
    """How many colours are drawn: 16777216, 256, 16; 1 where NO_COLOR wants none. As Rich finds it."""
    if "NO_COLOR" in environ:
        return 1
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return TRUECOLOR
    kind = environ.get("TERM", "").strip().lower().rpartition("-")[2]
    return {"256color": 256, "kitty": 256}.get(kind, 16)


def trouble(environ: Mapping[str, str]) -> Trouble | None:
    """Why no screen can be drawn here, or None if one can."""
    kind = environ.get("TERM", "")
    if not kind:
        return Trouble("no_term")
    if kind in ("dumb", "unknown"):
        return Trouble("dumb_term", kind)
    if not speaks_unicode(environ):
        return Trouble("no_unicode", locale_of(environ))
    return None
