"""The help page: every key of the table, by group, with what it does."""

from __future__ import annotations

from textwrap import wrap

from textual.content import Content

from tui.keys import GROUPS, KEYS, Key, explained, keycap
from tui.language import say
from tui.screens.page import WIDEST, Page

INDENT = 9


def help_page(language: str) -> Page:
    """The page that `?` opens."""
    return Page(language, lambda now, _: Content.styled(say(now, "help.title"), "bold"), help_text)


def help_text(language: str, columns: int = WIDEST) -> Content:
    """All keys with their sentences, in `language`."""
    parts = [_paragraph(say(language, "help.intro"), columns, "")]
    for group in GROUPS:
        rows = [Content.styled(say(language, f"group.{group}"), "bold $accent")]
        parts.append(Content("\n").join([*rows, *(_row(key, language, columns) for key in _rows(group))]))
    parts.append(_paragraph(say(language, "help.way"), columns, ""))
    parts.append(_paragraph(say(language, "help.mouse"), columns, "$muted"))
    return Content("\n\n").join(parts)


def _paragraph(text: str, columns: int, style: str) -> Content:
    return Content.styled("\n".join(wrap(text, columns)), style)


def _rows(group: str) -> tuple[Key, ...]:
    """The keys of a group; 1 to 9 are one row."""
    named = {(key.name, key.shown): key for key in KEYS if key.group == group and key.shown}
    return tuple(named.values())


def _row(key: Key, language: str, columns: int) -> Content:
    """The key, and beside it its sentence in as many lines as it needs."""
    lines = wrap(explained(key, language), max(10, columns - INDENT - 2))
    sentence = f"\n{' ' * (INDENT + 2)}".join(lines)
    return Content.assemble((f"{keycap(key, language):>{INDENT}}", "bold $footer-key-foreground"), "  ", sentence)
