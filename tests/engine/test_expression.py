"""Expressions: the whole list of the lesson format is read, and everything else is refused at its place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.expression import (
    METRICS,
    QUERIES,
    Call,
    Constant,
    Expression,
    ExpressionError,
    Index,
    Name,
    check_names,
    check_new_name,
    names,
    nearest,
    parse,
    walk,
)
from engine.operations import FUNCTIONS, OPERATIONS
from engine.spec import MAX_EXPRESSION, MAX_EXPRESSION_DEPTH
from engine.words import LANGUAGES, Refused, say

# lesson-format.md, "Expressions"
OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "@": "matmul"}
COMPARISONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}
LISTED = (
    "relu", "leaky_relu", "tanh", "sigmoid", "heaviside", "gelu", "exp", "log", "sin", "cos", "sqrt", "abs", "sum",
    "mean", "max", "min", "softmax", "log_softmax", "transpose", "reshape", "view", "dot", "norm", "linear", "mse",
    "sse", "half_sse", "bce", "bce_logits", "cross_entropy", "one_hot", "float", "int",
)  # fmt: skip
TAKE_DIM = ("sum", "mean", "max", "min", "norm", "softmax", "log_softmax")


def written(expression: Expression) -> str:
    """The tree without its columns, to compare it by."""
    match expression:
        case Constant(value=value):
            return repr(value)
        case Name(name=name):
            return name
        case Index(of=of, index=index):
            return f"{written(of)}[{', '.join(map(str, index))}]"
        case Call(op=op, arguments=arguments, dim=dim):
            keyword = [] if dim is None else [f"dim={dim}"]
            return f"{op}({', '.join([*map(written, arguments), *keyword])})"


def refusal(text: str, queries: bool = False) -> ExpressionError:
    with pytest.raises(ExpressionError) as refused:
        parse(text, queries)
    return refused.value


# ---------------------------------------------------------------- what is read
@pytest.mark.parametrize(("sign", "op"), [*OPERATORS.items(), *COMPARISONS.items()])
def test_every_operator_is_read(sign: str, op: str) -> None:
    assert written(parse(f"a {sign} b")) == f"{op}(a, b)"


def test_every_function_of_the_lesson_format_is_in_the_table_and_no_other() -> None:
    assert set(FUNCTIONS) == set(LISTED)


@pytest.mark.parametrize("name", LISTED)
def test_every_function_is_read(name: str) -> None:
    row = OPERATIONS[name]
    given = [f"x{place}" if row.numbers_from is None or place < row.numbers_from else "2" for place in range(row.least)]
    assert written(parse(f"{name}({','.join(given)})")) == f"{name}({', '.join(given)})"


@pytest.mark.parametrize("name", LISTED)
def test_dim_is_taken_where_it_makes_sense_and_nowhere_else(name: str) -> None:
    arguments = ", ".join(["x"] + ["2"] * (OPERATIONS[name].least - 1))
    text = f"{name}({arguments}, dim=-1)"
    if name in TAKE_DIM:
        assert parse(text).dim == -1  # type: ignore[union-attr]
    else:
        assert refusal(text).sentence.key == "expression.unknown_keyword"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + b * c", "add(a, mul(b, c))"),
        ("(a + b) * c", "mul(add(a, b), c)"),
        ("a - b - c", "sub(sub(a, b), c)"),
        ("-a ** 2", "neg(pow(a, 2))"),
        ("2 ** -x", "pow(2, neg(x))"),
        ("+a", "a"),
        ("W @ x + b", "add(matmul(W, x), b)"),
        ("max(0, z)", "max(0, z)"),
        ("reshape(x, 2, -1)", "reshape(x, 2, -1)"),
        ("softmax(z, dim=1)", "softmax(z, dim=1)"),
        ("σ + año_2", "add(σ, año_2)"),
        ("  a\n +  b ", "add(a, b)"),
    ],
)
def test_trees_follow_the_precedence_of_python(text: str, tree: str) -> None:
    assert written(parse(text)) == tree


@pytest.mark.parametrize(
    "text", ["2 * 3 + 1", "-2 ** 2", "9 / 20", "1e-3", "2 ** 0.5", "(1 + 2) * -3", "1_000", "0.1 + 0.2"]
)
def test_constants_are_worked_out_as_python_would(text: str) -> None:
    assert parse(text) == Constant(eval(text))


def test_a_whole_number_above_64_bits_becomes_a_float() -> None:
    assert parse("2 ** 63") == Constant(2.0**63)
    assert isinstance(parse("2 ** 63").value, float)  # type: ignore[union-attr]
    assert isinstance(parse("2 ** 62").value, int)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("value(g)", "value(g)"),
        ('grad("linear1.weight")[0, 1]', "grad('linear1.weight')[0, 1]"),
        ('value("h.1")', "value('h.1')"),
        ("local(J, g)", "local(J, g)"),
        ("grad(W)[-1]", "grad(W)[-1]"),
        ("value(x)[0][1]", "value(x)[0][1]"),
        ("train_accuracy >= 1.0", "ge(train_accuracy, 1.0)"),
        ("2*c == grad(b)", "eq(mul(2, c), grad(b))"),
        ("abs(delta(J)) < 0.1", "lt(abs(delta(J)), 0.1)"),
    ],
)
def test_exercises_and_conditions_may_ask_for_results(text: str, tree: str) -> None:
    assert written(parse(text, queries=True)) == tree


@pytest.mark.parametrize("query", QUERIES)
def test_nodes_may_not_ask_for_results(query: str) -> None:
    text = f"{query}({', '.join(['g'] * QUERIES[query])})"
    parse(text, queries=True)
    assert refusal(text).sentence.key == "expression.unknown_function"


def test_names_are_found_in_queries_and_outside_them() -> None:
    expression = parse('a + grad("h.1")[0] * value(b)', queries=True)
    assert [(name.name, name.column) for name in names(expression)] == [("a", 0), ("h.1", 9), ("b", 27)]


def test_walk_meets_every_part() -> None:
    assert [written(part) for part in walk(parse("a * b + 1"))] == ["add(mul(a, b), 1)", "mul(a, b)", "a", "b", "1"]


def test_a_name_in_another_unicode_form_is_the_same_name() -> None:
    composed = unicodedata.normalize("NFC", "ŷ")
    decomposed = unicodedata.normalize("NFD", "ŷ")
    assert decomposed != composed
    assert written(parse(decomposed)) == composed
    assert written(parse(f'value("{decomposed}")', queries=True)) == f"value('{composed}')"


# ---------------------------------------------------------------- what is refused, and where
REFUSED = [
    ("", 0, "empty"),
    (" \n\t ", 0, "empty"),
    ("a.b", 0, "not_allowed"),
    ("c + a.__class__", 4, "not_allowed"),
    ("lambda: a", 0, "not_allowed"),
    ("a * (lambda x: x)(b)", 5, "not_allowed"),
    ("[a, b]", 0, "not_allowed"),
    ("a + [b for b in c]", 4, "not_allowed"),
    ("sum(b for b in c)", 3, "not_allowed"),
    ("{a: b}", 0, "not_allowed"),
    ("{a, b}", 0, "not_allowed"),
    ("(a, b)", 0, "not_allowed"),
    ("a, b", 0, "not_allowed"),
    ("a if b else c", 0, "not_allowed"),
    ("a and b", 0, "not_allowed"),
    ("not a", 0, "not_allowed"),
    ("c + ~a", 4, "not_allowed"),
    ("a // b", 0, "not_allowed"),
    ("c + (a % b)", 5, "not_allowed"),
    ("a is b", 0, "not_allowed"),
    ("a in b", 0, "not_allowed"),
    ("a[0]", 0, "not_allowed"),
    ("(a := 1)", 1, "not_allowed"),
    ("a + True", 4, "not_allowed"),
    ("a + None", 4, "not_allowed"),
    ("a + ...", 4, "not_allowed"),
    ("a + 1j", 4, "not_allowed"),
    ("a + 'b'", 4, "not_allowed"),
    ("a + f'{b}'", 4, "not_allowed"),
    ("relu(*a)", 5, "not_allowed"),
    ("relu(a)(b)", 0, "not_allowed"),
    ("a + b # sum", 6, "not_allowed"),
    ("a < b < c", 0, "chained"),
    ("x + (a == b != c)", 5, "chained"),
    ("a + nope(b)", 4, "unknown_function"),
    ("print(a)", 0, "unknown_function"),
    ("__import__(a)", 0, "unknown_function"),
    ("identity(a)", 0, "unknown_function"),
    ("sum(a, axis=1)", 7, "unknown_keyword"),
    ("sum(a, dim=1, dim=1)", 14, "unknown_keyword"),
    ("sum(a, **b)", 7, "unknown_keyword"),
    ("max(a, b, dim=0)", 10, "unknown_keyword"),
    ("sum(a, dim=b)", 11, "whole_number"),
    ("sum(a, dim=1.0)", 11, "whole_number"),
    ("sum(a, dim=True)", 11, "whole_number"),
    ("reshape(a, b)", 11, "whole_number"),
    ("reshape(a, 2, *b)", 14, "whole_number"),
    ("a + tanh()", 4, "arguments"),
    ("tanh(a, b)", 0, "arguments"),
    ("dot(a)", 0, "arguments"),
    ("a + 9**9**9", 4, "not_a_number"),
    ("1 / 0", 0, "not_a_number"),
    ("0 ** -1", 0, "not_a_number"),
    ("(-8) ** (1 / 3)", 0, "not_a_number"),
    ("a + 1e31", 4, "too_large"),
    ("a + 1e999", 4, "too_large"),
    ("a b", 2, "syntax"),
    ("a + * b", 4, "syntax"),
    ("a +", 3, "syntax"),
    ("(a", 0, "syntax"),
    ("a = 1", 2, "syntax"),
    ("import os", 0, "syntax"),
    ("a; b", 1, "syntax"),
    ("a + \ud800", 0, "syntax"),
    ("ñandú + año.b", 8, "not_allowed"),
    ("𝔘nicode + é * (ü.x)", 15, "not_allowed"),
    ("  a.b", 2, "not_allowed"),
    ("(a +\r\n  b.c)", 8, "not_allowed"),
]


@pytest.mark.parametrize(("text", "column", "key"), REFUSED, ids=repr)
def test_everything_else_is_refused_at_its_column(text: str, column: int, key: str) -> None:
    error = refusal(text)
    assert (error.column, error.sentence.key) == (column, f"expression.{key}")


@pytest.mark.parametrize(
    ("text", "column", "key"),
    [
        ("grad()", 0, "arguments"),
        ("grad(a, b)", 0, "arguments"),
        ("local(a)", 0, "arguments"),
        ("grad(a, dim=1)", 0, "arguments"),
        ("1 + grad(a + b)", 9, "query_of"),
        ("grad(b'a')", 5, "query_of"),
        ("grad(a)[b]", 8, "whole_number"),
        ("grad(a)[0:1]", 8, "whole_number"),
        ("grad(a)[0, 1.0]", 11, "whole_number"),
        ("grad(a)[()]", 8, "whole_number"),
        ("grad(a)[99999999999]", 8, "whole_number"),
        ("3[0]", 0, "not_allowed"),
        ("1 + 'a'", 4, "not_allowed"),
        ("gradd(a)", 0, "unknown_function"),
    ],
)
def test_what_does_not_fit_a_query_is_refused_at_its_column(text: str, column: int, key: str) -> None:
    error = refusal(text, queries=True)
    assert (error.column, error.sentence.key) == (column, f"expression.{key}")


@pytest.mark.parametrize("text", ["-" * 5000 + "a", "(" * 5000, "a" * (MAX_EXPRESSION + 1)])
def test_a_long_text_is_refused_before_it_is_read(text: str) -> None:
    assert refusal(text).sentence.key == "expression.too_long"


@pytest.mark.parametrize(
    "text",
    ["-" * 399 + "a", "(" * 400, "(" * 199 + "a" + ")" * 199, "[" * 400, "~" * 399 + "a", "tanh(" * 66 + "a" + ")" * 66,
     "a" + "**a" * 133, "a" + "[0]" * 133, "a" + "(0)" * 133, "not " * 99 + "a", "lambda:" * 56 + "a",
     "a" + "+a" * 199],
    ids=lambda text: text[:9],
)  # fmt: skip
def test_deep_nesting_is_an_error_or_no_nesting_at_all(text: str) -> None:
    try:
        assert written(parse(text)) == "a"  # brackets alone nest nothing
    except ExpressionError as error:
        assert error.sentence.key in ("expression.too_deep", "expression.syntax", "expression.not_allowed")


def test_the_depth_of_an_expression_is_bounded_exactly() -> None:
    fits = "tanh(" * MAX_EXPRESSION_DEPTH + "a" + ")" * MAX_EXPRESSION_DEPTH
    assert sum(isinstance(part, Call) for part in walk(parse(fits))) == MAX_EXPRESSION_DEPTH
    assert refusal(f"tanh({fits})").sentence.key == "expression.too_deep"


def test_a_refused_part_is_named_as_it_was_written() -> None:
    assert refusal("a + (b.data)").sentence.values["what"] == "b.data"


def test_an_unknown_name_is_refused_at_its_column_with_the_nearest_one() -> None:
    with pytest.raises(ExpressionError) as refused:
        check_names(parse("ñ + weihgt"), ("ñ", "weight", "bias"))
    assert (refused.value.column, refused.value.sentence.values["hint"]) == (4, "weight")


def test_when_no_known_name_is_near_all_are_offered() -> None:
    assert nearest("zzz", ("a", "b")) == "a, b"


@pytest.mark.parametrize("text", [*(row[0] for row in REFUSED), "a" * 999, "-" * 99 + "a"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_can_be_said(language: str, text: str) -> None:
    assert say(refusal(text).sentence, language)


# ---------------------------------------------------------------- new names
@pytest.mark.parametrize("name", ["a", "x1", "_", "W_xh", "σ", "año", "ŷ", "match"])
def test_words_can_be_names(name: str) -> None:
    check_new_name(name)
    assert written(parse(name)) == name


@pytest.mark.parametrize("name", ["", "1a", "a b", "a.b", "a-b", "h.1", "if", "lambda", "None", "ŷ", "ﬁ", "ª", "x²"])
def test_what_python_would_not_read_as_one_name_cannot_be_a_name(name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_new_name(unicodedata.normalize("NFD", name) if name == "ŷ" else name)
    assert refused.value.sentence.key == "expression.bad_name"


@pytest.mark.parametrize("name", [*METRICS, *QUERIES, *LISTED])
def test_words_of_the_language_cannot_be_names(name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_new_name(name)
    assert refused.value.sentence.key == "expression.reserved_name"


# ---------------------------------------------------------------- any text at all
PIECES = st.sampled_from(
    [*OPERATORS, *COMPARISONS, *FUNCTIONS, *QUERIES, *"abñ𝔘()[]{}:;,.#'\"\\~%&|^=!@ \n\t\r\f\v\x00\x1c\u2028",
     "dim=", "lambda ", " if ", " else ", " for x in ", "not ", "await ", "yield ", "**", ":=", "f'{", "0x",
     "1e9", "9", "..."]
)  # fmt: skip
TEXTS = st.text() | st.lists(PIECES, max_size=60).map("".join)


@settings(max_examples=1500, deadline=1000)
@given(TEXTS, st.booleans())
@example("9**9**9**9", False)
@example("\\", False)
@example("'''", True)
@example("a\\\nb", False)
def test_any_text_is_read_or_refused_within_its_length(text: str, queries: bool) -> None:
    try:
        parts = list(walk(parse(text, queries)))
    except ExpressionError as error:
        assert 0 <= error.column <= len(text)
        assert say(error.sentence, "es")
    else:
        assert all(0 <= part.column < len(text) for part in parts)


LEAVES = st.sampled_from(["a", "ñ", "W"]).map(Name) | st.integers(0, 99).map(Constant)


def _calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    binary = st.builds(
        lambda op, x, y: Call(op, (x, y)), st.sampled_from([*OPERATORS.values(), *COMPARISONS.values()]), inner, inner
    )
    function = st.builds(lambda op, x: Call(op, (x,)), st.sampled_from(["tanh", "sum", "neg"]), inner)
    return binary | function


def _text(expression: Expression) -> str:
    """The tree as a text with every bracket that it needs, and more."""
    match expression:
        case Call(op=op, arguments=arguments):
            return OPERATIONS[op].formula(tuple(f"({_text(each)})" for each in arguments))
    return written(expression)


@settings(max_examples=300, deadline=None)
@given(st.recursive(LEAVES, _calls, max_leaves=12))
def test_a_tree_written_out_is_read_as_the_same_tree(tree: Expression) -> None:
    text = _text(tree)
    constant = [
        part for part in walk(tree) if isinstance(part, Call) and not any(isinstance(p, Name) for p in walk(part))
    ]
    if len(text) <= MAX_EXPRESSION and not constant:  # constants are worked out
        assert written(parse(text)) == written(tree)
