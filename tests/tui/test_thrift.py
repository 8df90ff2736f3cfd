"""A thrifty paint leaves the terminal as Textual's own does, in fewer bytes."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from tui.thrift import Thrifty

SIZE = 24, 3
SYSTEMS = ("standard", "256", "truecolor")
FEW = settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
Pieces = list[tuple[str, Style | None]]


def styles() -> list[Style | None]:
    """Of many kinds. They remember in how many colours they were written first, so each test has its own."""
    return [
        None,
        Style(),
        Style(color="#ff8700", bgcolor="#121212", bold=True),
        Style(color="#ff8700", bgcolor="#121212"),
        Style(color="#0087d7", bgcolor="#121212"),
        Style(italic=True, underline=True),
        Style(color="#5f0000", reverse=True),
        Style(color="default", bgcolor="default"),
        Style(bgcolor="#303030", bold=False),
    ]


def pieces(known: list[Style | None]) -> st.SearchStrategy[Pieces]:
    """A row in these styles."""
    return st.lists(st.tuples(st.text("ab ▀", min_size=1, max_size=8), st.sampled_from(known)), min_size=1, max_size=6)


OF_SYSTEM = {system: pieces(styles()) for system in SYSTEMS}


def line(pieces: list[tuple[str, Style | None]], width: int) -> Strip:
    """A strip of exactly this width."""
    return Strip([Segment(text, style) for text, style in pieces]).adjust_cell_length(width)


def painted(console: Console, *updates: ChopsUpdate) -> list[list[object]]:
    """Every cell of a terminal after these updates."""
    screen = pyte.Screen(*SIZE)
    screen.reset_mode(pyte.modes.DECAWM)
    stream = pyte.Stream(screen)
    for update in updates:
        stream.feed(update.render_segments(console))
    stream.feed("\x1b[1;1Hx")  # in the look that is left
    return [[screen.buffer[y][x] for x in range(SIZE[0])] for y in range(SIZE[1])]


@st.composite
def updates(draw: st.DrawFn, row: st.SearchStrategy[Pieces]) -> tuple[ChopsUpdate, ChopsUpdate]:
    """A whole screen, and a partial paint of it whose changes lie within its spans."""
    cut = draw(st.integers(1, SIZE[0] - 1))  # two widgets side by side
    ends = [[cut, SIZE[0]]] * SIZE[1]
    rows = [{0: line(draw(row), cut), cut: line(draw(row), SIZE[0] - cut)} for _ in range(SIZE[1])]
    whole = ChopsUpdate(rows, [(y, 0, SIZE[0]) for y in range(SIZE[1])], ends)
    spans = []
    fresh = [dict(each) for each in rows]
    for y in draw(st.sets(st.integers(0, SIZE[1] - 1), min_size=1)):
        begin = draw(st.integers(0, SIZE[0] - 1))
        end = draw(st.integers(begin + 1, SIZE[0]))
        for x, width in ((0, cut), (cut, SIZE[0] - cut)):
            old, new = rows[y][x], line(draw(row), width)
            left, right = max(0, begin - x), min(width, end - x)
            if left < right:
                fresh[y][x] = Strip.join([old.crop(0, left), new.crop(left, right), old.crop(right, width)])
        spans.append((y, begin, end))
    return whole, ChopsUpdate(fresh, sorted(spans), ends)


@pytest.mark.parametrize("system", SYSTEMS)
@FEW
@given(data=st.data())
def test_the_terminal_shows_the_same(system: str, data: st.DataObject) -> None:
    console = Console(color_system=system, force_terminal=True)  # type: ignore[arg-type]
    whole, part = data.draw(updates(OF_SYSTEM[system]))
    assert painted(console, whole, Thrifty.of(part)) == painted(console, whole, part)
    assert painted(console, Thrifty.of(whole)) == painted(console, whole)


@FEW
@given(both=updates(OF_SYSTEM["256"]))
def test_it_is_never_longer(both: tuple[ChopsUpdate, ChopsUpdate]) -> None:
    console = Console(color_system="256", force_terminal=True)
    for update in both:
        assert len(Thrifty.of(update).render_segments(console)) <= len(update.render_segments(console))


def test_a_wide_letter_is_painted_whole() -> None:
    console = Console(color_system="256", force_terminal=True)
    row = Strip([Segment("ab漢c", Style(bold=True))])
    written = Thrifty.of(ChopsUpdate([{0: row}], [(0, 2, 4)], [[5]])).render_segments(console)
    assert written == "\x1b[1;3H\x1b[1m漢\x1b[0m"


def test_a_link_is_written_as_rich_does() -> None:
    console = Console(color_system="256", force_terminal=True)
    style = Style.parse("bold #ff8700 link https://pytorch.org")
    update = ChopsUpdate([{0: Strip([Segment("docs", style)])}], [(0, 0, 4)], [[4]])
    assert style.render("docs") in Thrifty.of(update).render_segments(console)


def test_what_is_no_partial_paint_stays_as_it_is() -> None:
    assert Thrifty.of(None) is None and Thrifty.of("text") == "text"
