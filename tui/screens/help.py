"""The help page: every key of the table, by group, with what it does."""

from __future__ import annotations

from textual.content import Content

from tui.keys import GROUPS, KEYS, Key, explained, keycap
from tui.language import say
from tui.screens.page import Page

INDENT = 9


def help_page(language: str) -> Page:
    """The page that `?` opens."""
    return Page(language, lambda now: Content.styled(say(now, "help.title"), "bold"), help_text)


def help_text(language: str) -> Content:
    """All keys with their sentences, in `language`."""
    parts = [Content(say(language, "help.intro"))]
    for group in GROUPS:
        parts.append(Content.styled(say(language, f"group.{group}"), "bold $accent"))
        parts.append(Content("\n").join(_row(key, language) for key in _rows(group)))
    parts.append(Content.styled(say(language, "help.mouse"), "$muted"))
    return _join(parts)


def _rows(group: str) -> tuple[Key, ...]:
    """The keys of a group; 1 to 9 are one row."""
    named = {(key.name, key.shown): key for key in KEYS if key.group == group and key.shown}
    return tuple(named.values())


def _row(key: Key, language: str) -> Content:
    cap = keycap(key, language)
    return Content.assemble((f"{cap:>{INDENT}}", "bold $footer-key-foreground"), "  ", explained(key, language))


def _join(parts: list[Content]) -> Content:
    text = parts[0]
    for part in parts[1:]:
        text = Content.assemble(text, "\n\n" if part.plain.count("\n") == 0 else "\n", part)
    return text
