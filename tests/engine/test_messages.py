"""The wire: every message arrives as it was sent, and what is none is refused."""

from __future__ import annotations

import os
import struct
import threading
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import messages as m

Pipe = tuple[int, int]
NUMBERS = st.recursive(st.floats(allow_nan=False), lambda inner: st.lists(inner, max_size=3), max_leaves=6)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),  # nan is sent as well, but is not equal to itself
    str: st.text(max_size=20),
    bytes: st.binary(max_size=40),
    bool: st.booleans(),
    list: st.lists(NUMBERS, max_size=3),
    type(None): st.none(),
}


def anything(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type hint as the messages use them."""
    origin, inside = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if origin in (types.UnionType, Union):
        return st.one_of(*map(anything, inside))
    if origin is Literal:
        return st.sampled_from(inside)
    if origin is dict:
        return st.dictionaries(*map(anything, inside), max_size=3)
    if origin is tuple and inside[-1] is Ellipsis:
        return st.lists(anything(inside[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(anything, inside))
    return st.deferred(lambda: st.builds(hint, **{name: anything(each) for name, each in get_type_hints(hint).items()}))


COMMANDS, REPORTS = get_args(m.AnyCommand), get_args(m.AnyReport)


@pytest.fixture(scope="module")
def pipe() -> Iterator[Pipe]:
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("kind", [*COMMANDS, *REPORTS], ids=lambda kind: kind.__name__)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_message_arrives_as_it_was_sent(kind: type, pipe: Pipe, data: st.DataObject) -> None:
    message = data.draw(anything(kind))
    m.write(pipe[1], message)
    read = m.read_command if kind in COMMANDS else m.read_report
    assert read(pipe[0]) == message


def test_messages_keep_their_order_and_their_borders(pipe: Pipe) -> None:
    sent = [m.Advance("op", n) for n in range(50)]
    for command in sent:
        m.write(pipe[1], command)
    assert [m.read_command(pipe[0]) for _ in sent] == sent


def test_a_message_larger_than_the_pipe_arrives_whole(pipe: Pipe) -> None:
    large = m.Opened(1, "cpu", 0, labels=os.urandom(3 << 20))
    writer = threading.Thread(target=m.write, args=(pipe[1], large))
    writer.start()
    assert m.read_report(pipe[0]) == large
    writer.join()


def heard(body: bytes) -> m.AnyCommand:
    """What is read from a pipe that says this and then ends."""
    reader, writer = os.pipe()
    try:
        os.write(writer, body)
        os.close(writer)
        return m.read_command(reader)
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    "body",
    [b"", b"\x01", struct.pack("<I", 10) + b"short", struct.pack("<I", m.MAX_MESSAGE + 1) + b"\xc0"],
    ids=["nothing", "half a length", "half a message", "too long"],
)
def test_a_pipe_that_ends_or_promises_too_much_is_at_its_end(body: bytes) -> None:
    with pytest.raises(EOFError):
        heard(body)


@pytest.mark.parametrize(
    "message",
    [
        m.Hello(1, "2.0", ("cpu",)),  # a report, where commands are expected
        {"type": "Advance", "unit": "aeon"},
        {"type": "Advance"},
        {"type": "Explode"},
        {"type": "Edit", "changes": [{"name": "a", "value": {"text": 1}}]},
        [1, 2],
    ],
)
def test_what_is_no_command_is_refused(message: Any) -> None:
    body = msgspec.msgpack.encode(message)
    with pytest.raises(msgspec.MsgspecError):
        heard(struct.pack("<I", len(body)) + body)


def test_a_pipe_without_a_reader_is_an_error_and_no_hang() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(OSError):
        m.write(writer, m.Advance("op"))
    os.close(writer)
