"""Every mistake in a lesson.yaml is found at its place: tables of mistakes, each marked with « where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons.findings import render
from tests.lessons.writing import GRAPH, NET, PROSE, found, load_text, marked

# (code, what is written in the good lesson, what stands there instead)
SYNTAX = [
    ("Y012", "minutes: 5", 'minutes: «"\\e[31m"'),
    ("Y012", "minutes: 5", "minutes: 5 # «\x1b[31m"),
    ("Y013", "  inputs:", "«\tinputs:"),
    ("Y015", "    until: g\n", "    until: g\n«---\nx: 1\n"),
    ("Y021", "  kind: graph", "  kind: graph«: net"),
    ("Y022", "license: CC-BY-4.0", "license\n«authors: [x]"),
    ("Y023", "[someone]", "[someone\nexperiment«: {}"),
    ("Y024", "  output: J", "   «output: J"),
    ("Y026", "minutes: 5", "minutes: «@5"),
    ("Y027", "minutes: 5", 'minutes: "\\«q"'),
    ("Y030", "minutes: 5", "«[a]: 5"),
    ("Y031", "minutes: 5", "minutes: 5\n«minutes: 6"),
    ("Y032", "minutes: 5", "minutes: «&five 5"),
    ("Y032", "minutes: 5", "minutes: «*five"),
    ("Y033", "minutes: 5", "minutes: «!!int 5"),
    ("Y033", "minutes: 5", "minutes: «!!python/object/apply:os.system [echo]"),
    ("Y034", "minutes: 5", "«<<: {minutes: 5}"),
    ("Y040", "minutes: 5", "minutes: [[[[[[[[[[[«[5]]]]]]]]]]]]"),
    ("Y042", "minutes: 5", "minutes: «99999999999999999999"),
    ("Y042", "minutes: 5", "minutes: «1e999"),
]
SCHEMA = [
    ("S101", "minutes: 5", "«minuts: 5"),
    ("S101", "    by: op", "    «bye: op"),
    ("S101", "kind: number, expect: value(g)", "kind: number, expect: value(g), «hints: 3"),
    ("S102", "id: try-me", ""),
    ("S103", "kind: graph", "kind: «grap"),
    ("S103", "do: forward", "do: «fordward"),
    ("S103", "panes: [graph, code]", "panes: [graph, «cod]"),
    ("S103", "languages: [es, en]", "languages: [es, en, «fr]"),
    ("S103", "format: 1", "format: «2"),
    ("S104", "minutes: 5", "minutes: «five"),
    ("S104", "minutes: 5", "minutes: «5.5"),
    ("S104", "minutes: 5", "minutes: «yes"),
    ("S104", "{a: 3, b: 1, c: -2}", "{a: «'3,5', b: 1, c: -2}"),
    ("S104", "expect: value(g)", "expect: «5"),
    ("S104", "license: CC-BY-4.0", "license: «[a]"),
    ("S105", "minutes: 5", "minutes: «0"),
    ("S105", "minutes: 5", "minutes: «601"),
    ("S106", "options: [one, two]", "options: «[one]"),
    ("S106", "h: 2 * b", f"h: «b{' + b' * 100}"),
    ("S107", "id: try-me", "id: «Try Me"),
    ("S107", "{a: 3,", "{«a b: 3,"),
    ("S201", "experiment:\n", "experiments: {main: {kind: graph, inputs: {a: 1}, nodes: {b: 2 * a}}}\nexperiment:\n"),
    ("S207", "kind: choice, options: [one, two], answer: two", "kind: choice, options: [one, two]"),
    ("S209", "kind: number,", "kind: number, vary: {a: «[2, 1]},"),
]
EXPRESSIONS = [
    ("E105", "h: 2 * b", "h: 2 *«"),
    ("E107", "h: 2 * b", "h: «b.real"),
    ("E107", "h: 2 * b", "h: 1 + «[b]"),
    ("E109", "g: a + h", "g: a + «hh"),
    ("E109", "g: a + h", 'g: "a + «hh"'),
    ("E109", "g: a + h", "g: a + «J"),
    ("E109", "expect: value(g)", "expect: value(«gg)"),
    ("E109", "swapped: value(h)", "swapped: 2 * value(«k)"),
    ("E110", "h: 2 * b", "h: 2 * «rellu(b)"),
    ("E112", "h: 2 * b", "h: «dot(b)"),
    ("E113", "expect: value(g)", "expect: 'value(g)[«0.5]'"),
    ("E115", "{a: 3,", "{«lambda: 3, a: 3,"),
    ("E116", "{a: 3,", "{«loss: 3, a: 3,"),
    ("E117", "until: g", "until: «grad(g)"),
    ("E201", "    g: a + h", "    «a: b + b\n    g: a + h"),
    ("E203", "output: J", "output: «K"),
    ("E204", "output: J", "output: J\n  parameters: [a, «bb]\n  optimizer: {kind: sgd}"),
    ("E206", "output: J", "output: J\n  optimizer: «{kind: sgd}"),
    ("E207", "{a: 3,", "{a: {value: 3, dtype: int64, grad: «true},"),
    ("E208", "{a: 3,", "{a: «[[1, 2], [3]],"),
    ("E209", "h: 2 * b", "h: «2 * 3"),
    ("E110", "h: 2 * b", "h: «grad(b)"),
]
STEPS = [
    ("E401", "- id: second", "- id: «first"),
    ("E401", "id: ask-c", "id: «ask-g"),
    ("E402", "- id: second", "- id: second\n    use: «other"),
    ("E403", "do: backward\n    until: g", "do: «loss"),
    ("E403", "do: backward\n    until: g", "do: «step"),
    ("E403", "do: backward\n    until: g", "do: «train"),
    ("E404", "until: g", "until: «gg"),
    ("E406", "until: g", "until: g\n    «limit: 5"),
    ("E407", "until: g", "until: g\n    «times: 5"),
    ("E408", "    do: backward\n    until: g", "    «until: g"),
    ("E410", "do: backward", "do: backward\n    set: {«d: 3}"),
    ("E411", "do: backward", "do: backward\n    set: {a: «[3, 4]}"),
    ("E411", "do: backward", "do: backward\n    set: {«'a[0]': 3}"),
    ("E412", "answer: two", "answer: «three"),
    ("E414", "kind: number,", "kind: number, vary: {«g: [1, 2]},"),
    ("E415", "languages: [es, en]", "languages: [es, en, «es]"),
    ("P107", "- id: second", "- id: second\n  - id: «third"),
    ("P114", "traps: {swapped: value(h)}", "traps: {swapped: value(h), «other: value(a)}"),
    ("P122", "options: [one, two]", "options: [one, two, «four]"),
]
NETS = [
    ("S205", "kind: tanh}", "kind: tanh, out: 3}"),
    ("S202", "{kind: sgd, lr: 0.1}", "«{lr: 0.1}"),
    ("S105", "lr: 0.1", "lr: «0"),
    ("S101", "lr: 0.1", "lr: 0,«1"),
    ("S103", "size: 2", "size: «some"),
    ("E116", "name: act,", "name: «tanh,"),
    ("E201", "name: act,", "name: «linear1,"),
    ("E201", "name: act,", "name: «x,"),
    ("E302", "kind: linear, out: 1}", "kind: linear, out: 2}"),
    ("E303", "loss: bce_logits", "loss: «cross_entropy"),
    ("E305", "out: 1}\n  loss: bce_logits", "out: 1}\n    - {name: s, kind: sigmoid}\n  loss: «bce_logits"),
    ("E306", "x: [[0, 0], [0, 1]", "x: «[[0, 0], [0]"),
    ("E307", "y: [0, 1, 1, 0]", "y: «[0, 1, 1]"),
    ("E308", "y: [0, 1, 1, 0]}", "y: [0, 1, «0.5, 0]}"),
    ("E309", "y: [0, 1, 1, 0]}", "y: [0, 1, «2, 0]}"),
    ("E311", "y: [0, 1, 1, 0]", "y: [0, 1, «2, 0]"),
    ("E313", "loss: bce_logits", "loss: «bce"),
    ("E410", "linear1.bias: [0, 0, 0]", "linear9.bias: «[0, 0, 0]"),
    ("E411", "linear1.bias: [0, 0, 0]", "linear1.bias: «[0, 0]"),
    ("E411", "linear1.bias: [0, 0, 0]", "linear1.weight: «[[0, 0, 0], [0, 0, 0]]"),
    ("E117", "train_loss < 0.05", "«train_loss + 1"),
    ("E109", "train_loss < 0.05", "«train_los < 0.05"),
]
# Where the place cannot be marked in what is put in: on another line, or nothing is put in at all.
ELSEWHERE = {
    ("S102", "id: try-me"): "«format",
    ("S201", "experiment:\n"): "«format",
    ("S207", "kind: choice, options: [one, two], answer: two"): "«{id: ask-c",
    ("S205", "kind: tanh}"): "«{name: act",
    ("E302", "kind: linear, out: 1}"): "loss: «bce_logits",
}
TWO_CLASSES = ("kind: linear, out: 1}\n  loss: bce_logits", "kind: linear, out: 2}\n  loss: cross_entropy")
ROW = ("code", "old", "new")


def short(text: str) -> str:
    """A part of a test's name."""
    return text.strip()[:30]


def written(good: str, code: str, old: str, new: str) -> tuple[str, int, int]:
    """The good lesson with one mistake, and where that mistake stands."""
    assert good.count(old) == 1, f"the good lesson holds {old!r} {good.count(old)} times"
    text = good.replace(old, new)
    place = ELSEWHERE.get((code, old))
    return marked(text.replace(place.replace("«", ""), place, 1) if place else text)


@pytest.mark.parametrize(ROW, [*SYNTAX, *SCHEMA, *EXPRESSIONS, *STEPS], ids=short)
def test_a_mistake_in_a_graph_lesson_is_found_at_its_place(tmp_path: Path, code: str, old: str, new: str) -> None:
    text, line, column = written(GRAPH, code, old, new)
    assert (code, line, column) in found(load_text(tmp_path, text))


@pytest.mark.parametrize(ROW, NETS, ids=short)
def test_a_mistake_in_a_net_lesson_is_found_at_its_place(tmp_path: Path, code: str, old: str, new: str) -> None:
    good = NET.replace(*TWO_CLASSES) if code in ("E308", "E309") else NET
    text, line, column = written(good, code, old, new)
    assert (code, line, column) in found(load_text(tmp_path, text))


@pytest.mark.parametrize(ROW, [*SCHEMA, *EXPRESSIONS], ids=short)
def test_one_mistake_is_one_finding(tmp_path: Path, code: str, old: str, new: str) -> None:
    text, _, _ = written(GRAPH, code, old, new)
    loaded = load_text(tmp_path, text)
    assert [each.code for each in loaded.findings if each.code[0] in "YS"] == [code] * (code[0] in "YS")


WARNINGS = ("E207",)  # what a lesson may want to show


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize(ROW, [*SYNTAX, *SCHEMA, *EXPRESSIONS, *STEPS], ids=short)
def test_a_finding_shows_its_line_underlined(tmp_path: Path, language: str, code: str, old: str, new: str) -> None:
    text, line, column = written(GRAPH, code, old, new)
    findings = load_text(tmp_path, text).findings
    shown = render(next(each for each in findings if (each.code, each.line) == (code, line)), language).split("\n")
    severity = {"es": "aviso", "en": "warning"}[language] if code in WARNINGS else "error"
    assert f"lesson.yaml:{line}:{column}: {severity}[{code}]: " in shown[0]
    if len(shown) > 2:
        assert shown[2].index("^") - shown[1].index("|") == column + 1 or len(text.split("\n")[line - 1]) > 120


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GRAPH.replace("g: a + h", "g: a + hh").replace("output: J", "output: K").replace("until: g", "until: z")
    loaded = load_text(tmp_path, text, en=PROSE.replace("{#second}", "{#secnd}"))
    assert {each.code for each in loaded.findings} == {"E109", "E203", "P104", "P107"}
    assert loaded.lesson is None


def test_a_misspelt_key_is_one_finding_with_the_word_that_was_meant(tmp_path: Path) -> None:
    (finding,) = load_text(tmp_path, GRAPH.replace("steps:", "stepps:")).findings
    assert (finding.code, finding.hint and finding.hint.values["word"]) == ("S101", "steps")


def test_a_decimal_comma_in_braces_is_explained(tmp_path: Path) -> None:
    findings = load_text(tmp_path, NET.replace("lr: 0.1", "lr: 0,1")).findings
    assert "hint.comma_in_braces" in [each.hint.key for each in findings if each.hint]


def test_what_the_engine_cannot_do_yet_is_no_finding(tmp_path: Path) -> None:
    text = NET.replace("{name: act, kind: tanh}", "{name: act, kind: dropout, p: 0.5}")
    text = text.replace("{kind: sgd, lr: 0.1}", "{kind: adamw, lr: 0.1}")
    assert load_text(tmp_path, text).findings == ()
    moons = NET.replace("{kind: table, x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0]}", "{kind: moons, n: 50}")
    assert load_text(tmp_path / "moons", moons).findings == ()


def test_a_mutation_about_applying_the_sigmoid_twice_may_do_so(tmp_path: Path) -> None:
    twice = NET.replace("out: 1}\n", "out: 1}\n    - {name: s, kind: sigmoid}\n")
    assert found(load_text(tmp_path, twice))
    mutated = twice.replace("  batch:", "  mutation: double_sigmoid\n  batch:")
    assert not found(load_text(tmp_path / "mutated", mutated))
