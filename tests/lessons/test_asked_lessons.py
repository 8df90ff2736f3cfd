"""Exercises with texts and cells of their own: what their prose must have, and which tensors can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons.checking import examine
from tests.lessons.writing import GRAPH, PROSE, found, load_text, marked, write

CHOICE = "{id: ask-c, kind: choice, options: [one, two], answer: two}"
MATCH = "{id: ask-c, kind: match, pairs: {one: two, three: four}}"
ORDER = "{id: ask-c, kind: order, lines: [one, x + y]}"
TEXTS = "- [one] El uno\n- [two] El dos\n- [three] El tres\n- [four] El cuatro\n"
USUAL = "- [one] El uno\n- [two] El dos\n"


def test_both_sides_of_a_pair_need_their_text_in_every_language(tmp_path: Path) -> None:
    text, line, column = marked(GRAPH.replace(CHOICE, MATCH.replace("three:", "«three:")))
    missing = found(load_text(tmp_path, text))
    assert missing.count(("P122", line, column)) == 2, "in both languages"
    assert len(missing) == 4, "and what stands on the right of it"
    prose = PROSE.replace(USUAL, TEXTS)
    assert load_text(tmp_path, text, es=prose, en=prose).findings == ()


def test_a_text_that_no_pair_has_is_found(tmp_path: Path) -> None:
    text, line, column = marked(PROSE.replace(USUAL, TEXTS + "- [«five] El cinco\n"))
    loaded = load_text(tmp_path, GRAPH.replace(CHOICE, MATCH), es=text, en=PROSE.replace(USUAL, TEXTS))
    assert found(loaded, "es.md") == [("P121", line, column)]


def test_lines_may_have_texts_and_others_are_code(tmp_path: Path) -> None:
    prose = PROSE.replace(USUAL, "- [one] El uno\n")
    assert load_text(tmp_path, GRAPH.replace(CHOICE, ORDER), es=prose, en=prose).findings == ()
    text, line, column = marked(PROSE.replace("- [two]", "- [«two]"))
    assert found(load_text(tmp_path, GRAPH.replace(CHOICE, ORDER), es=text, en=prose), "es.md") == [
        ("P121", line, column)
    ]


ASKED = "{id: ask-g, kind: number, expect: value(g), traps: {swapped: value(h)}}"
SIZES = [
    ("kind: tensor, expect: «'reshape(x, 7, 2)'", "E519"),
    ("kind: tensor, expect: «'reshape(x, 2, 7, 1)'", "E519"),
    ("kind: complete, column: «x", "E519"),
    ("kind: tensor, expect: 'reshape(x, 7, 2)[0]', blank: [«[2]]", "E521"),
    ("kind: complete, column: 'reshape(x, 7, 2)[0]', blank: [«2]", "E521"),
]


@pytest.mark.parametrize(("fields", "code"), SIZES)
def test_what_no_screen_has_room_for_is_found_by_the_check(tmp_path: Path, fields: str, code: str) -> None:
    lesson = GRAPH.replace("c: -2}", f"c: -2, x: {list(range(14))}}}").replace(ASKED, f"{{id: ask-g, {fields}}}")
    text, line, column = marked(lesson)
    prose = PROSE.replace("> [!trap swapped]\n> Ese es h.\n\n", "")
    findings = examine(write(tmp_path, text, es=prose, en=prose), run=True)
    assert (code, line, column) in [(each.code, each.line, each.column) for each in findings]
