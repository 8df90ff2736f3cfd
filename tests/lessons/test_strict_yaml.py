"""Strict YAML: scalars are what they look like, and what could do harm is refused before it is built."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml

from lessons import strict_yaml
from lessons.source import Source, decode


def read(text: str) -> strict_yaml.Document:
    return strict_yaml.read(Source("lesson.yaml", text))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-3", 1e-3), ("010", 10), ("-7", -7), ("+7", 7), ("0x1F", 31), ("0o17", 15), (".5", 0.5), ("1.", 1.0),
        ("-.inf", -math.inf), ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"),
        ("1_000", "1_000"), ("1:30", "1:30"), ("2001-01-01", "2001-01-01"),
        ("true", True), ("False", False), ("null", None), ("~", None),
        ("'3'", "3"), ('"true"', "true"), ("0,5", "0,5"), ("=", "="), ("9007199254740992", 2**53),
    ],
)  # fmt: skip
def test_scalars_are_what_they_look_like(written: str, value: Any) -> None:
    document = read(f"key: {written}")
    assert document.data == {"key": value}
    assert type(document.data["key"]) is type(value)
    assert document.findings == []


def test_plain_data_is_what_pyyaml_reads() -> None:
    text = "a: [1, {b: c, d: [x, 'y']}]\ne:\n  - f: |\n      two\n      lines\n  - g\n"
    assert read(text).data == yaml.safe_load(text)


def test_every_key_and_value_has_its_place() -> None:
    document = read('a:\n  - {bb: "cc"}\n')
    assert document.keys[("a", 0, "bb")] == (2, 6, 8)
    assert document.values[("a", 0, "bb")] == (2, 10, 14)
    assert document.inside(("a", 0, "bb"), "cc", 1) == (2, 12, 13)


def test_reading_can_end_before_a_key() -> None:
    document = strict_yaml.read(Source("x", "id: a\nsteps: [*broken\n"), until=frozenset(["steps"]))
    assert (document.data, document.findings) == ({"id": "a"}, [])


def codes(text: str) -> list[str]:
    return [each.code for each in read(text).findings]


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert codes(bomb) == ["Y032"]


@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "{a: " * 50_000, "- " * 100_000, "? " * 50_000, "!!map " * 9])
def test_deep_nesting_is_refused(text: str) -> None:
    assert codes(text)[0] in ("Y040", "Y030", "Y033", "Y020")


def test_a_file_may_not_hold_more_values_than_the_limit() -> None:
    assert codes(f"[{'1, ' * (strict_yaml.MAX_VALUES - 2)}1]") == []
    assert codes(f"[{'1, ' * strict_yaml.MAX_VALUES}1]") == ["Y041"]


def test_what_pyyaml_does_not_check_is_refused_too() -> None:
    assert codes('a: "\\UFFFFFFFF"') == ["Y027"]
    assert codes('a: "\\ud800"') == ["Y012"]


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b"a: 1\nb: \xff\n", "Y010", (2, 4)),
        ("a: ñ\nb: ".encode() + b"\xc3", "Y010", (2, 4)),
        (b"\xef\xbb\xbfa: 1\n", "Y011", (1, 1)),
        (b"a: 1\r\nb: \x00\n", "Y012", (2, 4)),
        (b"a: 1\rb: 2", "Y012", (1, 5)),
        (b"a: \x1b[2J", "Y012", (1, 4)),
    ],
)
def test_bytes_that_are_no_plain_text_have_their_place(body: bytes, code: str, place: tuple[int, int]) -> None:
    source, (finding,) = decode("lesson.yaml", body)
    assert source is None
    assert (finding.code, finding.line, finding.column) == (code, *place)
