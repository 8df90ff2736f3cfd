"""`dltutor explain`: what the code of a finding means, an example, and how to mend it; without a code, all of them."""

from __future__ import annotations

from difflib import get_close_matches

from lessons.explanations import codes, explain
from tui.language import say


class UnknownCode(Exception):
    """There is no such code; `near` is one that was probably meant."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.near = next(iter(get_close_matches(code, codes(), 1, 0.5)), None)
        super().__init__(code)


def explained(code: str, language: str) -> str:
    """All that there is to say about one code. Raises UnknownCode."""
    try:
        found = explain(code.strip().upper(), language)
    except KeyError:
        raise UnknownCode(code.strip().upper()) from None
    example = "\n".join(f"    {line}".rstrip() for line in found.example.split("\n"))
    parts = (f"{found.code}: {found.meaning}", say(language, "cli.example"), example, found.mending)
    return "\n\n".join(parts)


def listed(language: str) -> str:
    """Every code with the first sentence of its meaning."""
    return "\n".join(f"{code}  {explain(code, language).meaning.partition('. ')[0].rstrip('.')}" for code in codes())
