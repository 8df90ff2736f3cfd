"""Formulas in a lesson's Markdown: on the line, on lines of their own, at any width, and never in code."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets.markdown import MarkdownBlock

from tui.formulas import display
from tui.widgets.formula_markdown import FormulaBlock, FormulaView, LessonMarkdown

WIDTHS = pytest.mark.parametrize("width", [34, 50, 100])
LONG = r"z = w_1 x_1 + w_2 x_2 + w_3 x_3 + w_4 x_4 + w_5 x_5 + w_6 x_6 + b"
UNBREAKABLE = r"\begin{bmatrix} 100000 & 200000 & 300000 & 400000 & 500000 \end{bmatrix}"


class Page(App[None]):
    """One passage."""

    def __init__(self, markdown: str, language: str = "es") -> None:
        super().__init__()
        self.markdown, self.language = markdown, language

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield LessonMarkdown(self.markdown, language=self.language)


def text(pilot: Pilot[None], kind: str = "MarkdownParagraph") -> str:
    return "\n".join(block._content.plain for block in pilot.app.query(kind).results(MarkdownBlock))


def lines(pilot: Pilot[None]) -> list[str]:
    """What the screen shows, row by row."""
    screen = pilot.app.screen
    strips = screen._compositor.render_strips(screen.size)
    return ["".join(segment.text for segment in strip) for strip in strips]


@WIDTHS
async def test_a_formula_within_a_line_is_shown_as_unicode(width: int) -> None:
    async with Page(r"La pérdida $\frac{\partial L}{\partial w_1}$ baja.").run_test(size=(width, 20)) as pilot:
        assert text(pilot) == "La pérdida ∂L/∂w₁ baja."


@WIDTHS
async def test_a_formula_of_its_own_is_laid_out_for_the_width_of_the_screen(width: int) -> None:
    async with Page(f"$${LONG}$$").run_test(size=(width, 20)) as pilot:
        view = pilot.app.query_one(FormulaView)
        rows = display(LONG, view.parent.size.width)
        shown = [line.strip() for line in lines(pilot) if line.strip()]
        assert shown == [row.strip() for row in rows]


async def test_a_formula_of_its_own_is_laid_out_again_when_the_screen_changes() -> None:
    async with Page(f"$${LONG}$$").run_test(size=(100, 20)) as pilot:
        block = pilot.app.query_one(FormulaBlock)
        assert block.size.height == 1
        await pilot.resize_terminal(34, 20)
        await pilot.pause()
        assert block.size.height == len(display(LONG, block.size.width)) > 1


async def test_a_formula_of_its_own_stands_in_the_middle() -> None:
    async with Page(r"$$\frac{a}{b}$$").run_test(size=(50, 20)) as pilot:
        bar = next(line for line in lines(pilot) if "───" in line)
        before, after = bar.split("───")
        assert abs(len(before) - len(after.rstrip("▁▂▃▄▅▆▇█"))) <= 2


@WIDTHS
async def test_what_is_too_wide_scrolls_and_can_be_reached_by_the_keyboard(width: int) -> None:
    async with Page(f"$${UNBREAKABLE}$$").run_test(size=(width, 20)) as pilot:
        await pilot.pause()
        block = pilot.app.query_one(FormulaBlock)
        assert block.can_focus == (width < 50)
        if block.can_focus:
            await pilot.press("tab")
            assert pilot.app.focused is block
            await pilot.press("right")
            await pilot.wait_for_scheduled_animations()
            assert block.scroll_x > 0
        assert "500000" in display(UNBREAKABLE, width)[0]


async def test_a_formula_right_below_a_line_of_text_stands_on_its_own() -> None:
    async with Page("Sea\n$$\nx = 1\n$$\ny nada más.").run_test(size=(50, 20)) as pilot:
        assert len(pilot.app.query(FormulaBlock)) == 1
        assert text(pilot) == "Sea\ny nada más."


async def test_code_is_left_alone() -> None:
    async with Page("Aquí `$x_1$` y\n\n```\n$$x_1$$\n```").run_test(size=(50, 20)) as pilot:
        assert text(pilot) == "Aquí $x_1$ y"
        assert pilot.app.query_one("MarkdownFence").code == "$$x_1$$"
        assert not pilot.app.query(FormulaBlock)


async def test_dollars_that_are_money_are_left_alone() -> None:
    async with Page("Cuesta 5 $ y luego 3 $, o $5 y $6.").run_test(size=(50, 20)) as pilot:
        assert text(pilot) == "Cuesta 5 $ y luego 3 $, o $5 y $6."


async def test_a_formula_may_begin_a_line_that_ends_in_a_digit() -> None:
    async with Page("$x_1$ es 4\n\n- $x_2$ y $x_3$ son 5").run_test(size=(50, 20)) as pilot:
        assert text(pilot) == "x₁ es 4\nx₂ y x₃ son 5"


async def test_formulas_stand_in_headings_lists_quotes_and_tables() -> None:
    page = "# Predice $\\partial J/\\partial g$\n\n- uno $x_1$\n\n> dos $x_2$\n\n| a |\n|---|\n| $x_3$ |"
    async with Page(page).run_test(size=(50, 30)) as pilot:
        assert text(pilot, "MarkdownH1") == "Predice ∂J/∂g"
        assert text(pilot) == "uno x₁\ndos x₂"
        assert "x₃" in str(pilot.app.query("MarkdownTableCellContents").last().render())


async def test_letters_that_fonts_lack_are_plain_letters_in_bold_or_italic() -> None:
    async with Page(r"$\mathbf{x} \in \mathcal{D}$").run_test(size=(50, 20)) as pilot:
        content = pilot.app.query_one("MarkdownParagraph", MarkdownBlock)._content
        assert content.plain == "x ∈ D"
        assert {(content.plain[span.start], span.style) for span in content.spans} >= {("x", "bold"), ("D", "italic")}


@pytest.mark.parametrize("language, reason", [("es", "no conozco la orden"), ("en", "is not known")])
async def test_what_cannot_be_read_is_shown_as_its_source_with_the_reason(language: str, reason: str) -> None:
    page = "Uno $\\fraq{a}{b}$ y\n\n$$\\fraq{c}{d}$$"
    async with Page(page, language).run_test(size=(100, 20)) as pilot:
        assert r"$\fraq{a}{b}$" in text(pilot)
        assert reason in text(pilot)
        shown = "\n".join(lines(pilot))
        assert r"\fraq{c}{d}" in shown
        assert shown.count(reason) == 2
