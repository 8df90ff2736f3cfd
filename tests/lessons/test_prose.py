"""The Markdown of a lesson: what is read from it, and every mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons import inline, prose
from lessons.source import Source
from tests.lessons.writing import GRAPH, PROSE, found, load_text, marked


def read(text: str) -> prose.Prose:
    page, findings = prose.read(Source("es.md", text))
    assert findings == []
    return page


def test_title_intro_and_passages_are_read() -> None:
    page = read(PROSE)
    assert (page.title, page.intro) == ("Un título", "Una entrada.")
    assert list(page.passages) == ["first", "ask-g", "ask-c", "second"]
    assert page.passages["first"].heading == "Primero"
    assert page.passages["second"].markdown == "Fin."


def test_hints_traps_options_and_explanation_belong_to_their_exercise() -> None:
    page = read(PROSE.replace("> Una suma.", "> Una suma\n> de dos.\n\n> [!hint] Otra."))
    asked = page.passages["ask-g"]
    assert asked.hints == ("Una suma\nde dos.", "Otra.")
    assert asked.traps == {"swapped": "Ese es h."}
    assert asked.explain == "Vale {{value(g)}}."
    assert asked.markdown == ""
    assert page.passages["ask-c"].options == {"one": "El uno", "two": "El dos"}


def test_a_heading_without_an_id_stays_in_the_text() -> None:
    page = read("# T\n\n## A {#a}\n\nuno\n\n### dentro\n\ndos\n")
    assert page.passages["a"].markdown == "uno\n\n### dentro\n\ndos"


def test_a_quotation_and_a_link_list_stay_in_the_text() -> None:
    text = "> una cita\n\n- [un enlace](https://example.org)"
    assert read(f"# T\n\n## A {{#a}}\n\n{text}\n").passages["a"].markdown == text


def test_code_blocks_are_left_alone() -> None:
    text = "```python\n# no title {#no}\n> [!hint]\n<div> {{ $x$\n```"
    assert read(f"# T\n\n## A {{#a}}\n\n{text}\n").passages["a"].markdown == text


def test_places_for_values_are_kept_with_their_position_and_passage() -> None:
    line = "Vale {{ b }} y $x = \\val{value(c)} + {{z}}$ y `{{no}}`."
    page = read(f"# T\n\n{{{{a}}}}\n\n## A {{#a}}\n\n{line}\n")
    slots = [(slot.expression, slot.line, slot.column, slot.formula, slot.passage) for slot in page.slots]
    columns = [line.index(text) + 1 for text in (" b }}", "value(c)")]
    assert slots == [
        ("a", 3, 3, False, None),
        (" b ", 7, columns[0], False, "a"),
        ("value(c)", 7, columns[1], True, "a"),
    ]


def test_the_title_is_found_without_reading_the_rest() -> None:
    assert prose.title_of("\n# Hola, «mundo»\n\n## otra {#x}\n") == "Hola, «mundo»"
    assert prose.title_of("## no\n# tarde\n") is None


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a < b and c > d, 2<3", []),
        ("a `<b>` c", ["code"]),
        ("a <b> c", ["html"]),
        ("</b>", ["html"]),
        ("<!-- x -->", ["html"]),
        ("<https://example.org>", ["link"]),
        ("[x](https://example.org)", ["link"]),
        ("$a<b>c$", ["formula"]),
        ("it costs $5 and $6", []),
        ("\\$a$ \\`<b>", ["html"]),
        ("$$\\frac{a}{{b}}$$", ["formula"]),
        ("``a`b`` and {{c}}", ["code", "value"]),
        ("{{a", ["open"]),
    ],
)
def test_pieces_of_a_line(text: str, kinds: list[str]) -> None:
    assert [piece.kind for piece in inline.pieces(text)] == kinds


# (code, what is written in the good prose, what stands there instead)
MISTAKES = [
    ("P102", "# Un título\n\nUna entrada.\n", "«\n"),
    ("P103", "Una entrada.", "# «Otro título"),
    ("P104", "{#second}", "{#second}\n\n## Más {#«third}"),
    ("P105", "{#ask-c}", "{#ask-c}\n\n## Más {#«first}"),
    ("P106", "{#second}", "{#second}\n\n## Más {#«La Tercera}"),
    ("P110", "[!hint]", "[!«pista]"),
    ("P110", "[!trap swapped]", "[!«trap]"),
    ("P110", "[!hint]", "[!«hint two]"),
    ("P111", "Una entrada.", "> [!«hint]\n> Nada."),
    ("P111", "Una entrada.", "- [«one] Nada."),
    ("P112", "> [!explain]", "> [!explain]\n> Algo.\n\n> [!«explain]"),
    ("P113", "[!trap swapped]", "[!«trap swaped]"),
    ("P120", "- [two] El dos", "- [two] El dos\n- [«two] El otro dos"),
    ("P121", "- [two] El dos", "- [two] El dos\n- [«three] El tres"),
    ("P121", "Fin.", "- [«one] Nada."),
    ("P130", "Fin.", "Un «<b>fin</b>."),
    ("P130", "Fin.", "«<div\nclass=x>"),
    ("P130", "Fin.", "«<!-- nada -->"),
    ("P130", "Fin.", "> «<script>"),
    ("P131", "Fin.", "[fin](«file:///etc/passwd)"),
    ("P131", "Fin.", "[fin](«javascript:alert)"),
    ("P131", "Fin.", "![fin](«../secret.png)"),
    ("P132", "Fin.", "Vale «{{value(g)."),
    ("P133", "Fin.", "«```python\nFin."),
    ("P134", "# Un título", "«Hola\n\n# Un título"),
    ("Y012", "Fin.", "Fin«\x1b[2J."),
    ("Y012", "Fin.", "Fin«\u202e."),
    ("Y012", "Fin.", "Fin«\x00."),
    ("E109", "{{value(h)}}", "{{value(«hh)}}"),
    ("E109", "{{value(h)}}", "{{ 2 * «hh }}"),
    ("E110", "{{value(h)}}", "{{«valu(h)}}"),
    ("E105", "{{value(h)}}", "{{value(h) +«}}"),
    ("E109", "{{value(h)}}", "$x = \\val{«hh}$"),
]


@pytest.mark.parametrize(("code", "old", "new"), MISTAKES, ids=lambda text: text.strip()[:30])
def test_a_mistake_in_the_prose_is_found_at_its_place(tmp_path: Path, code: str, old: str, new: str) -> None:
    assert PROSE.count(old) == 1
    text, line, column = marked(PROSE.replace(old, new))
    assert (code, line, column) in found(load_text(tmp_path, en=text), "en.md")


@pytest.mark.parametrize(("name", "code"), [("first", "P107"), ("ask-g", "P107")])
def test_an_id_without_prose_is_found_where_it_is_given(tmp_path: Path, name: str, code: str) -> None:
    loaded = load_text(tmp_path, en=PROSE.replace(f"{{#{name}}}", ""))
    line = next(index for index, line in enumerate(GRAPH.split("\n"), 1) if f"id: {name}" in line)
    column = GRAPH.split("\n")[line - 1].index(name) + 1
    assert (code, line, column) in found(loaded)


def test_prose_with_mistakes_leaves_the_lesson_usable(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, en=PROSE.replace("Fin.", "<b>"))
    assert loaded.lesson is not None
    assert len(loaded.errors) == 1


def test_a_missing_language_is_found_where_it_is_promised(tmp_path: Path) -> None:
    from lessons.loader import load

    load_text(tmp_path)
    (tmp_path / "en.md").unlink()
    loaded = load(tmp_path)
    assert found(loaded) == [("P101", 5, 17)]
    assert list(loaded.prose) == ["es"]
