"""Values in prose: as each language writes them, and unknown until the engine has answered."""

from __future__ import annotations

import pytest

from engine.messages import Answer
from engine.words import Sentence
from tests.records import array
from tui.exercises.known import PENDING, Known
from tui.filling import expressions, filled
from tui.formulas import inline
from tui.widgets.formula_markdown import parser


def known(value: object, dtype: str = "float32") -> Known:
    return Known({"v": Answer(array=array(value, dtype))})


@pytest.mark.parametrize(
    ("value", "dtype", "spanish", "english"),
    [(0.45, "float32", "0,45", "0.45"), (-2, "float32", "-2", "-2"), (20, "int64", "20", "20"),
     (1.2e-5, "float64", "1,2e-5", "1.2e-5"), (0, "float32", "0", "0"), (True, "bool", "verdadero", "true"),
     ([0.5, 1.5], "float32", "[0,5; 1,5]", "[0.5, 1.5]"), (float("inf"), "float32", "inf", "inf")],
)  # fmt: skip
def test_numbers_are_written_for_the_language(value: object, dtype: str, spanish: str, english: str) -> None:
    assert known(value, dtype).written("v", "es") == spanish
    assert known(value, dtype).written("v", "en") == english


@pytest.mark.parametrize("value", [0.45, -2.0, 1.2e-5, float("inf"), [1.0, 2.5], [[1.0, 2.0], [3.0, 4.5]]])
def test_in_formulas_they_can_be_read_as_latex(value: object) -> None:
    for language in ("es", "en"):
        assert inline(known(value, "float64").written("v", language, formula=True))


def test_a_decimal_comma_in_a_formula_has_no_space_after_it() -> None:
    assert inline("x = " + known(0.45).written("v", "es", formula=True)) == "x = 0,45"


def test_a_shape_is_written_as_python_does() -> None:
    assert Known({"s": Answer(shape=(128, 4))}).written("s", "es") == "(128, 4)"


def test_until_the_engine_has_answered_there_are_dots() -> None:
    assert Known().written("v", "es") == PENDING
    assert inline(Known().written("v", "es", formula=True)) == "…"


def test_what_was_refused_is_no_number_and_has_a_reason() -> None:
    refused = Known({"v": Answer(refused=Sentence("query.no_value", {"name": "h"}))})
    assert refused.number("v") is None
    assert refused.refusal(("v",)) == Sentence("query.no_value", {"name": "h"})


TEXT = "Vale {{v}} y $x = \\val{v}$.\n\n```\n{{code}}\n```\n`{{code}}` y {{ w }}"


def test_values_stand_in_text_and_formulas_and_never_in_code() -> None:
    assert expressions(TEXT) == ["v", "v", "w"]
    shown = filled(TEXT, lambda expression, formula: f"<{expression}{formula:d}>")
    assert shown == "Vale <v0> y $x = <v1>$.\n\n```\n{{code}}\n```\n`{{code}}` y <w0>"


def test_braces_inside_a_value_of_a_formula_are_its_own() -> None:
    assert expressions(r"$\val{grad(W)[0, 1]} + \frac{\val{a}}{2}$") == ["grad(W)[0, 1]", "a"]


def test_text_without_values_stays_as_it_is() -> None:
    plain = "# Uno\n\n- dos\n- tres\n\n$$\\frac{1}{2}$$\n"
    assert filled(plain, lambda expression, formula: "?") == plain


@pytest.mark.parametrize("value", ["23", "-2", "0.45", "[1, 2]"])
@pytest.mark.parametrize("text", ["{{v}}. Fin", "{{v}}) Fin", "Uno\n{{v}}. Fin", "> {{v}}. Fin", "- {{v}}. Fin"])
def test_a_number_that_begins_a_sentence_begins_no_numbered_list(text: str, value: str) -> None:
    tokens = parser().parse(filled(text, lambda expression, formula: value))
    assert not [token for token in tokens if token.type == "ordered_list_open"]
    (line,) = [token for token in tokens if token.type == "inline"]
    assert value in "".join(child.content for child in line.children or ())


def test_a_condition_holds_only_if_it_does_at_every_input() -> None:
    yes, no = Answer(array=array(True, "bool")), Answer(array=array(False, "bool"))
    assert Known({"c": yes}, elsewhere=({"c": yes},)).holds("c")
    assert not Known({"c": yes}, elsewhere=({"c": yes}, {"c": no})).holds("c")
    assert not Known({}).holds("c")
