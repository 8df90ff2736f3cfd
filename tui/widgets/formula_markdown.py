"""Markdown with formulas: `$...$` within the text, `$$...$$` laid out in two dimensions."""

from __future__ import annotations

import types
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_block_dollar, math_inline_dollar
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content, Span
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownBlock

from tui.formulas import FormulaError, display, inline
from tui.language import say

_INLINE = ("math_inline", "math_inline_double")
_FORMULA = "$text-accent"
_UNREADABLE = "$text-error"


def parser() -> MarkdownIt:
    """Textual's Markdown with formulas; a lone $ before a space or closed before a digit is only a dollar."""
    markdown = MarkdownIt("gfm-like")
    markdown.use(dollarmath_plugin, allow_labels=False, allow_blank_lines=False, double_inline=True)
    markdown.inline.ruler.at("math_inline", _math_inline)
    markdown.block.ruler.at("math_block", _math_block, {"alt": ["paragraph", "blockquote", "list"]})
    return markdown


_read_math_inline = math_inline_dollar(allow_space=False, allow_digits=False, allow_double=True)


def _math_inline(state: StateInline, silent: bool) -> bool:
    """The plugin's rule looks for a digit before the $, which at the start of a line is the line's last character."""
    source = state.src
    state.src = source if state.pos else source + " "
    found = _read_math_inline(state, silent)
    state.src = source
    return found


_read_math_block = math_block_dollar(allow_labels=False, allow_blank_lines=False)


def _math_block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A block of its own even right below a line of text; the plugin's rule writes when it is only asked."""
    line, count = state.line, len(state.tokens)
    found = _read_math_block(state, first, last, silent)
    if silent:
        state.line = line
        del state.tokens[count:]
    return found


class LessonMarkdown(Markdown):
    """Markdown with formulas. `language` is that of what is said of a formula which cannot be read."""

    def __init__(self, markdown: str | None = None, *, language: str = "en", open_links: bool = True) -> None:
        super().__init__(markdown, parser_factory=parser, open_links=open_links)
        self.language = language

    def get_block_class(self, block_name: str) -> type[MarkdownBlock]:
        return _BLOCKS.get(block_name) or super().get_block_class(block_name)

    def unhandled_token(self, token: Token) -> MarkdownBlock | None:
        return FormulaBlock(self, token) if token.type == "math_block" else None


# ---------------------------------------------------------------- formulas in the text
def _token_to_content(self: MarkdownBlock, token: Token) -> Content:
    """What Textual makes of a line, with its formulas: they go through as code, and get their style afterwards."""
    children = [_as_code(self._markdown, child) if child.type in _INLINE else child for child in token.children or ()]
    content = MarkdownBlock._token_to_content(self, token.copy(children=children))
    code = (child for child in children if child.type == "code_inline")  # their spans come in this order
    spans: list[Span] = []
    text = content.plain
    for span in content.spans:
        child = next(code, None) if span.style == ".code_inline" else None
        if child is None or "style" not in child.meta:
            spans.append(span)
            continue
        spans += [Span(span.start, span.end, child.meta["style"]), *_letter_styles(text, span.start, span.end)]
        text = text[: span.start] + _plain_letters(text[span.start : span.end]) + text[span.end :]
    return Content(text, spans)


def _as_code(markdown: Markdown, token: Token) -> Token:
    try:
        text, style = inline(token.content), _FORMULA
    except FormulaError as error:
        text, style = f"{token.markup}{token.content}{token.markup} [{_reason(markdown, error)}]", _UNREADABLE
    return Token("code_inline", "code", 0, content=" ".join(text.split()), meta={"style": style})


def _reason(markdown: Markdown, error: FormulaError) -> str:
    language = markdown.language if isinstance(markdown, LessonMarkdown) else "en"
    return say(language, error.sentence.key, **error.sentence.values)


def _with_formulas(block: type[MarkdownBlock]) -> type[MarkdownBlock]:
    """The block class with formulas in its text; its name stays, for the style sheets."""
    kind = types.new_class(block.__name__, (block,))
    kind._token_to_content = _token_to_content  # type: ignore[attr-defined]
    return kind


_BLOCKS_OF_TEXT = ("h1", "h2", "h3", "h4", "h5", "h6", "paragraph_open", "th_open", "td_open")
_BLOCKS = {name: _with_formulas(Markdown.BLOCKS[name]) for name in _BLOCKS_OF_TEXT}


# ---------------------------------------------------------------- letters that fonts lack
def _letter_styles(text: str, start: int, end: int) -> Iterator[Span]:
    """Bold for 𝐱, italic for 𝒟: the style that a letter of a mathematical alphabet gets in a terminal."""
    for place in range(start, end):
        if _in_alphabet(text[place]):
            bold = any(word in unicodedata.name(text[place]) for word in ("BOLD", "DOUBLE-STRUCK"))
            yield Span(place, place + 1, "bold" if bold else "italic")


def _plain_letters(text: str) -> str:
    """The text with plain letters for those of the mathematical alphabets, which many terminal fonts lack."""
    return "".join(unicodedata.normalize("NFKC", letter) if _in_alphabet(letter) else letter for letter in text)


def _in_alphabet(letter: str) -> bool:
    return "\U0001d400" <= letter <= "\U0001d7ff"


# ---------------------------------------------------------------- formulas on their own
class FormulaView(Widget):
    """A formula in two dimensions, centred, broken where it is wider than the screen."""

    DEFAULT_CSS = """
    FormulaView { width: auto; height: auto; text-wrap: nowrap; text-overflow: fold; }
    """

    def __init__(self, latex: str) -> None:
        super().__init__()
        self.latex = latex
        self._laid_out: tuple[int, list[str]] = (-1, [])

    def rows(self, width: int) -> list[str]:
        """The rows of the formula for a screen of this width."""
        if self._laid_out[0] != width:
            self._laid_out = (width, display(self.latex, width))
        return self._laid_out[1]

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return max(container.width, cell_len(self.rows(container.width)[0]))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.rows(container.width))

    def render(self) -> Content:
        rows = self._laid_out[1]
        margin = " " * ((self.size.width - cell_len(rows[0])) // 2) if rows else ""
        text = "\n".join(margin + row for row in rows)
        return Content(_plain_letters(text), list(_letter_styles(text, 0, len(text)))).stylize(_FORMULA)


class FormulaBlock(MarkdownBlock):
    """A formula on lines of its own. Where it is too wide it scrolls, by the mouse or by left and right."""

    DEFAULT_CSS = """
    FormulaBlock {
        width: 1fr; height: auto; margin: 0 0 1 0; overflow: auto hidden; scrollbar-size-horizontal: 1;
        &:focus { background: $boost; }
    }
    FormulaBlock > .unreadable { width: 1fr; height: auto; color: $text-error; }
    """
    BINDINGS = [Binding("left", "scroll_left", show=False), Binding("right", "scroll_right", show=False)]

    def compose(self) -> ComposeResult:
        latex = self._token.content.strip()
        try:
            display(latex)
        except FormulaError as error:
            yield Static(Content(f"{latex}\n{_reason(self._markdown, error)}"), classes="unreadable")
        else:
            yield FormulaView(latex)

    @property
    def allow_horizontal_scroll(self) -> bool:
        return True

    def on_resize(self) -> None:
        self.can_focus = self.max_scroll_x > 0
