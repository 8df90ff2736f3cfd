"""Formulas as answers: equal wherever they are tried, whatever they look like."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages import Answer
from engine.words import Sentence
from tests.records import array
from tui.exercises import formulas
from tui.exercises.formula_field import written
from tui.exercises.quoting import code, plain, quoted

PLACES = ({"a": 3.0, "b": 1.0}, {"a": -2.5, "b": 4.0}, {"a": 0.75, "b": -6.0}, {"a": 5.5, "b": 2.25})
EXPECT = "a + 2 * b"
LEAVES = st.sampled_from(["a", "b", "2", "3", "0.5"])
TREES = st.recursive(
    LEAVES, lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({' '.join(t)})")
)


def tried(*expressions: str) -> list[dict[str, Answer]]:
    """What an engine would answer to these, computed by NumPy's rules."""
    return [
        {each: Answer(array=array(float(eval(each, {}, place)), "float32")) for each in expressions} for place in PLACES
    ]


@settings(deadline=None)  # sympy is imported in the first one
@given(TREES)
def test_a_formula_is_right_exactly_if_it_is_the_same_function(text):
    same = sympy.simplify(sympy.sympify(text) - sympy.sympify(EXPECT)) == 0
    assert formulas.mark(text, EXPECT, tried(text, EXPECT)).right == same


@pytest.mark.parametrize("text", ["2*b + a", "a+b+b", " a + b * 2 ", "(2*a + 4*b) / 2", "a × 1 + 2·b", "a − −2*b"])
def test_the_same_in_other_words_is_right(text):
    given_ = formulas.tidy(text)
    assert formulas.mark(text, EXPECT, tried(given_, EXPECT)).right


def test_a_power_may_be_written_with_a_hat():
    assert formulas.mark("a^2", "a * a", tried("a**2", "a * a")).right


def test_what_is_right_only_here_is_told_so():
    verdict = formulas.mark("5", EXPECT, tried("5", EXPECT))
    assert not verdict.right and verdict.sentence.key == "ask.formula_here_only"


def test_a_trap_is_the_same_function_too():
    verdict = formulas.mark("b + a", EXPECT, tried("b + a", EXPECT, "a + b"), None, {"once": "a + b"})
    assert verdict.trap == "once"


@pytest.mark.parametrize(("text", "expect"), [("grad(b)", "grad(b)"), ("1 * grad(b)", "grad(b)"), ("g", "value(g)"),
                                              ("value(g)[0] + 0", "g"), ("local(J, g)", "local(J, g)")])  # fmt: skip
def test_what_is_asked_is_no_answer_to_itself(text, expect):
    assert formulas.mark(text, expect, [{}]).sentence.key == "ask.formula_repeats"


@pytest.mark.parametrize(("text", "expect"), [("a + b", EXPECT), ("grad(J) * c", "grad(g)"), ("h + a", "value(g)")])
def test_other_quantities_may_stand_in_it(text, expect):
    assert not formulas.repeats(text, expect)


@pytest.mark.parametrize(
    ("text", "column"),
    [("a + ", 3), ("2 ** * b", 5), ("foo(a)", 0), ("  a + $", 6), ("a^2 + $", 6), ("a^2^2 + foo(b)", 8)],
)
def test_where_it_cannot_be_read_is_told_by_the_place_that_was_typed(text, column):
    found = formulas.problem(text)
    assert found is not None and found.column == column
    verdict = formulas.mark(text, EXPECT, [{}])
    assert not verdict.readable and verdict.sentence.values["column"] == column + 1


@pytest.mark.parametrize(("shape", "key"), [((2, 3), "transposed"), ((3,), "shape")])
def test_another_shape_is_told(shape, key):
    here = {"f": Answer(array=array(np.zeros(shape).tolist())), "e": Answer(array=array(np.ones((3, 2)).tolist()))}
    assert formulas.mark("f", "e * 1", [{**here, "e * 1": here["e"]}]).sentence.key == f"ask.formula_{key}"


def test_what_the_engine_refuses_is_no_attempt_and_has_its_reason():
    refused = Sentence("query.no_value", {"name": "z"})
    verdict = formulas.mark("z + 1", EXPECT, [{"z + 1": Answer(refused=refused), EXPECT: Answer()}])
    assert verdict.sentence == refused and not verdict.readable


def test_what_is_nowhere_a_number_is_never_the_same():
    nowhere = {"f": Answer(array=array(float("nan"))), "e * 1": Answer(array=array(float("nan")))}
    assert not formulas.mark("f", "e * 1", [nowhere] * 4).right


def test_a_formula_is_laid_out_and_one_that_cannot_be_read_stays():
    assert written("a * b**2") == "a · b²"
    assert written("a +") == "a +"


# ---------------------------------------------------------------- what people wrote, in Markdown
@given(st.text(max_size=40))
def test_what_was_written_shows_as_it_was(text):
    from markdown_it import MarkdownIt

    (block,) = MarkdownIt().parseInline(plain(text.replace("\n", "")))
    shown = "".join(child.content for child in block.children if child.type in ("text", "text_special"))
    assert shown.split() == text.replace("\n", "").replace("\0", "\ufffd").split() or "\r" in text


@given(st.text("ab`{ ", min_size=1, max_size=12).filter(str.strip))
def test_a_span_of_code_holds_whatever_it_is(text):
    from markdown_it import MarkdownIt

    (block,) = MarkdownIt().parseInline(f"x {code(text)} y")
    (found,) = [child for child in block.children if child.type == "code_inline"]
    assert found.content.strip() == text.strip()


def test_a_quotation_has_no_places_of_values():
    from tui.filling import expressions

    assert expressions(quoted("{{grad(g)}} y $\\val{g}$\n# x")) == []


def test_where_nothing_else_can_be_tried_a_number_alone_is_no_formula():
    here = tried("5", "a + 2 * b", "b + b + a")[:1]
    assert formulas.mark("5", EXPECT, here).sentence.key == "ask.formula_here_only"
    assert formulas.mark("b + b + a", EXPECT, here).right
