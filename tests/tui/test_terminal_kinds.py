"""Any terminal: what can be drawn on is found out beforehand, and where nothing can, one sentence says the way out."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from rich.color import ColorSystem
from rich.console import Console
from textual.color import Color

from tests.local_engine import FakeEngine
from tests.terminal.terminal import Terminal
from tests.tui.conftest import settle
from tui import arrangement, terminal
from tui.app import Choices, TutorApp
from tui.language import say
from tui.link import Link
from tui.themes import DARK, LIGHT, LIGHT_16

ROOT = Path(__file__).parents[2]
UTF8 = ["C.UTF-8", "es_ES.UTF-8", "en_US.utf8", "UTF-8", "ca_ES.UTF-8@valencia"]
OTHER = ["C", "POSIX", "en_US", "es_ES.ISO-8859-1", "de_DE.ISO-8859-15@euro", "no-such"]


@pytest.mark.parametrize("locale", UTF8)
def test_a_utf8_locale_speaks_unicode(locale):
    assert terminal.speaks_unicode({"LANG": locale})


@pytest.mark.parametrize("locale", OTHER)
def test_any_other_locale_does_not(locale):
    assert not terminal.speaks_unicode({"LANG": locale})


def test_the_first_variable_that_is_set_decides():
    assert not terminal.speaks_unicode({"LC_ALL": "C", "LC_CTYPE": "C.UTF-8", "LANG": "C.UTF-8"})
    assert terminal.speaks_unicode({"LC_ALL": "", "LC_CTYPE": "C.UTF-8", "LANG": "C"})


def test_no_locale_at_all_is_not_held_against_a_terminal():
    assert terminal.trouble({"TERM": "xterm"}) is None


@pytest.mark.parametrize("term", ["xterm-256color", "xterm", "screen", "tmux-256color", "xterm-kitty", "vt100"])
@pytest.mark.parametrize("colorterm", [None, "truecolor", "24bit", ""])
def test_as_many_colours_are_found_as_rich_finds(term, colorterm):
    environ = {"TERM": term} | ({} if colorterm is None else {"COLORTERM": colorterm})
    system = Console(force_terminal=True, _environ=environ)._color_system
    expected = {ColorSystem.STANDARD: 16, ColorSystem.EIGHT_BIT: 256, ColorSystem.TRUECOLOR: terminal.TRUECOLOR}
    assert terminal.colours(environ) == expected[system]


def test_no_color_means_none():
    assert terminal.colours({"TERM": "xterm", "COLORTERM": "truecolor", "NO_COLOR": ""}) == 1


def test_a_stream_that_knows_no_unicode_gets_plain_letters():
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    terminal.fit(out, {"LANG": "C"})
    out.write("¿opción? 80 × 24 → sí ✗ \udcff")
    out.flush()
    assert out.buffer.getvalue() == b"opcion? 80 x 24 -> si x ?"


def tutor(*argv: str, cols: int = 80, rows: int = 24, **environment: str | None) -> Terminal:
    # In the C locale the harness, being Python, sets LC_CTYPE for what it starts: that is taken away again.
    command = ["env", "-u", "LC_CTYPE", sys.executable, "-m", "tui", *argv]
    return Terminal(command, cols=cols, rows=rows, env=environment, cwd=ROOT)


REFUSED = {
    "TERM=dumb": ({"TERM": "dumb"}, "dumb_term", "dumb"),
    "no TERM": ({"TERM": None}, "no_term", ""),
    "LANG=C": ({"LANG": "C"}, "no_unicode", "C"),
    "LC_ALL=C": ({"LC_ALL": "C"}, "no_unicode", "C"),
    "LC_ALL=POSIX": ({"LC_ALL": "POSIX"}, "no_unicode", "POSIX"),
    "Latin-1": ({"LANG": "es_ES.ISO-8859-1"}, "no_unicode", "es_ES.ISO-8859-1"),
}


@pytest.mark.terminal
@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("language", ["es", "en"])
def test_where_no_screen_can_be_drawn_one_sentence_says_the_way_out(case, language):
    environment, key, value = REFUSED[case]
    with tutor("--lang", language, cols=300, **environment) as t:
        assert t.wait_exit() == 2
        text = t.text().strip()
    sentence = say(language, f"terminal.{key}", value=value)
    plain = terminal._plain(UnicodeEncodeError("ascii", sentence, 0, len(sentence), ""))[0]
    assert text == f"dltutor: {plain if key == 'no_unicode' else sentence}"
    assert "\n" not in text


@pytest.mark.terminal
def test_the_way_out_that_is_named_works():
    with tutor("--lang", "en", LANG="C", LC_ALL="C.UTF-8") as t:
        t.wait_for("Course map")
        t.press("q")
        assert t.wait_exit() == 0


@pytest.mark.terminal
@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "xterm", "COLORTERM": None}, {"TERM": "screen"}])
def test_few_colours_or_none_show_the_same_words(environment):
    with tutor("--lang", "en", "graph-j", **environment) as t:
        t.wait_for("This is the beginning")
        t.press("space")
        t.wait_for("h multiplies 2 by b")
        assert "▸1 Graph" in t.text()
        t.press("q")
        assert t.wait_exit() == 0


@pytest.mark.terminal
def test_without_colours_nothing_coloured_is_written():
    with tutor("--lang", "en", NO_COLOR="1") as t:
        t.wait_for("Course map")
        t.press("down")
        t.pump_for(0.3)
        cells = [cell for row in t.screen.buffer.values() for cell in row.values()]
        grey = {cell.fg for cell in cells} | {cell.bg for cell in cells}
        assert all(shade == "default" or len({shade[:2], shade[2:4], shade[4:]}) == 1 for shade in grey)


@pytest.mark.terminal
def test_a_window_made_too_small_says_so_until_it_is_larger_again():
    with tutor("--lang", "en", "graph-j") as t:
        t.wait_for("This is the beginning")
        t.resize(50, 15)
        t.wait_for("50 × 15")
        t.resize(120, 40)
        t.wait_for("This is the beginning")
        assert "50 × 15" not in t.text()
        t.press("q")
        assert t.wait_exit() == 0


@pytest.mark.parametrize("lesson", [None, "little-graph", "little-net"])
@pytest.mark.parametrize("size", [(60, 18), (60, 40), (120, 18), (20, 5), (8, 2), (1, 1)])
async def test_every_screen_that_is_too_small_says_how_large_it_has_to_be(fake, lesson, size):
    stage = fake(lesson)
    async with stage.app.run_test(size=size) as pilot:
        await settle(pilot)
        for keys in ((), ("question_mark",)):
            await pilot.press(*keys)
            await settle(pilot)
            notice = stage.app.screen.query_one("#too-small")
            assert notice.display
            for number in (*size, *arrangement.SMALLEST):
                assert str(number) in str(notice.render())


@pytest.mark.parametrize("lesson", [None, "little-net"])
async def test_the_notice_goes_away_when_the_window_grows_and_keys_work_as_before(fake, lesson):
    stage = fake(lesson)
    async with stage.app.run_test(size=(40, 10)) as pilot:
        await settle(pilot)
        await pilot.resize_terminal(*arrangement.SMALLEST)
        await settle(pilot)
        assert not stage.app.screen.query_one("#too-small").display
        if lesson is None:
            options = stage.app.screen.query_one("#lessons")
            before = options.highlighted
            await pilot.press("down")
            assert options.highlighted != before
        else:
            await pilot.press("2")
            await settle(pilot)
            assert stage.lesson.current == stage.lesson.panes[1]


async def test_the_notice_is_told_in_the_other_language_too(fake):
    stage = fake()
    async with stage.app.run_test(size=(40, 10)) as pilot:
        await settle(pilot)
        await pilot.press("l")
        await settle(pilot)
        assert "The window is 40 × 10" in stage.line("too-small")


# ---------------------------------------------------------------- themes
XTERM = ["000000", "cd0000", "00cd00", "cdcd00", "0000ee", "cd00cd", "00cdcd", "e5e5e5",
         "7f7f7f", "ff0000", "00ff00", "ffff00", "5c5cff", "ff00ff", "00ffff", "ffffff"]  # fmt: skip
SYSTEMS = {16: ColorSystem.STANDARD, 256: ColorSystem.EIGHT_BIT, terminal.TRUECOLOR: ColorSystem.TRUECOLOR}


def as_drawn(colour: str, count: int) -> Color:
    """A colour as an xterm of so many colours shows it."""
    drawn = Color.parse(colour).rich_color.downgrade(SYSTEMS[count])
    return Color.parse(f"#{XTERM[drawn.number]}") if count == 16 else Color(*drawn.get_truecolor())


def contrast(one: Color, other: Color) -> float:
    """As WCAG 2 reckons it, 1 to 21."""

    def luminance(colour: Color) -> float:
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("theme", "count"), [(DARK, 16), (LIGHT_16, 16), (DARK, 256), (LIGHT, 256), (LIGHT, terminal.TRUECOLOR)],
    ids=lambda each: getattr(each, "name", each),
)  # fmt: skip
def test_what_is_written_stands_out_from_the_background(theme, count):
    ground = as_drawn(theme.background, count)
    inks = {name: getattr(theme, name) for name in ("foreground", "accent", "primary", "error")}
    inks |= {name: theme.variables[name] for name in ("muted", "footer-key-foreground")}
    contrasts = {name: contrast(ground, as_drawn(ink, count)) for name, ink in inks.items()}
    assert min(contrasts.values()) >= 3, contrasts  # as WCAG 2 asks for large letters


def test_a_terminal_of_16_colours_gets_the_light_theme_of_16(lessons):
    for few, theme in ((True, LIGHT_16), (False, LIGHT)):
        link = Link(FakeEngine)
        app = TutorApp(link, Choices("es", few_colours=few))
        app.action_theme()
        assert app.theme == theme.name
