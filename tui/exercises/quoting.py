"""Text that a learner or an author wrote, put into Markdown so that it shows as it was written."""

from __future__ import annotations

import re

_MEANS_SOMETHING = re.compile(r"([!-/:-@\[-`{-~])")


def code(text: str) -> str:
    """A span of code, whatever stands in it."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if len(fence) > 1 else ""
    return f"{fence}{space}{text}{space}{fence}"


def plain(text: str) -> str:
    """The text itself: nothing in it is Markdown, a formula, or the place of a value."""
    return _MEANS_SOMETHING.sub(r"\\\1", text)


def quoted(text: str) -> str:
    """The text as a quotation, line by line."""
    lines = plain(text).splitlines() or [""]
    return "\n".join(f"> {line.strip()}\\" if line.strip() and n + 1 < len(lines) and lines[n + 1].strip() else
                     f"> {line.strip()}" for n, line in enumerate(lines))  # fmt: skip
