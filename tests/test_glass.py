"""The benchmarks' glass reads the same letters off a stream as a whole terminal does."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.glass import Glass

COLUMNS, ROWS = 12, 4
PIECES = st.one_of(
    st.builds("\x1b[{};{}H".format, st.integers(1, ROWS), st.integers(1, COLUMNS - 6)),
    st.sampled_from(["\x1b[1;38;5;208m", "\x1b[0m", "\x1b[?2026h", "\x1b[?2026l", "\x1b[2J\x1b[H", "\r\n"]),
    st.text("ab▀é ", max_size=3).map("\x1b[1;1H{}".format),
)


@given(st.lists(PIECES, max_size=12), st.lists(st.integers(0, 60), max_size=4))
def test_the_letters_are_those_of_a_terminal_wherever_the_stream_is_cut(pieces: list[str], cuts: list[int]) -> None:
    glass, screen = Glass(COLUMNS, ROWS), pyte.Screen(COLUMNS, ROWS)
    written = "".join(pieces)
    pyte.Stream(screen).feed(written.replace("\x1b[?2026h", "").replace("\x1b[?2026l", ""))
    data, places = written.encode(), sorted(cuts)
    for begin, end in zip([0, *places], [*places, len(written) * 4], strict=True):
        glass.feed(data[begin:end])
    shown = [line.rstrip() for line in screen.display]
    assert all(glass.text.decode().split("\n")[number] == shown[y] for number, y in enumerate(sorted(glass.painted)))
    assert all(not shown[y] for y in range(ROWS) if y not in glass.painted)


def test_a_wide_letter_takes_two_cells() -> None:
    glass = Glass(COLUMNS, ROWS)
    glass.feed("\x1b[1;1H漢b\x1b[1;3Hc".encode())
    assert glass.text.decode() == "漢c"


def test_only_rows_painted_since_then_are_told() -> None:
    glass = Glass(COLUMNS, ROWS)
    glass.feed(b"\x1b[1;1Hiter   41\x1b[2;1Hloss")
    glass.painted.clear()
    glass.feed(b"\x1b[1;9H2")
    assert glass.text == b"iter   42"
