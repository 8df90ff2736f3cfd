"""Expressions written as mathematics: always readable, and read again they are the same expression."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.expression import Call, Constant, Expression, ExpressionError, Index, Name, parse
from engine.operations import FUNCTIONS, OPERATIONS
from tui.formulas import display, inline
from tui.formulas.alphabets import HIGH
from tui.formulas.expressions import SIGNS, SINGLE, latex

LINES = {
    "2 * b": "2·b",
    "a + h": "a + h",
    "(g * c) ** 2": "(g·c)²",
    "a / (b * c)": "a/(b·c)",
    "a * (b / c)": "a·(b/c)",
    "(a + b) / 2": "(a + b)/2",
    "-x**2": "−x²",
    "(-x)**2": "(−x)²",
    "a - -b": "a − (−b)",
    "a <= b": "a ≤ b",
    "a >= b": "a ≥ b",
    "a != b": "a ≠ b",
    "sqrt(x**2 + y)": "√(x² + y)",
    "sqrt(x)**2": "(√x)²",
    "exp(x)": "eˣ",
    "exp(-z)": "e⁻ᶻ",
    "exp(2*x)": "exp(2·x)",
    "exp(q)": "exp(q)",
    "sigmoid(w*x + b)": "σ(w·x + b)",
    "transpose(W) @ x": "Wᵀ x",
    "W @ (x @ y)": "W (x y)",
    "a*b @ x": "(a·b) x",
    "abs(x - y)": "|x − y|",
    "norm(x)": "‖x‖",
    "dot(w, x)": "wᵀ x",
    "linear(x, W, b)": "x Wᵀ + b",
    "softmax(z, dim=1)": "softmax(z, dim=1)",
    "bce_logits(z, y)": "bce_logits(z, y)",
    "w_1 * x1": "w_1·x1",
    "2.5e-7 * x": "2.5·10⁻⁷·x",
    "x ** 0.5": "x^(0.5)",
}


@pytest.mark.parametrize("text, line", LINES.items())
def test_is_written(text: str, line: str) -> None:
    assert inline(latex(parse(text), close=True)) == line


def test_numbers_stand_in_place_of_names_with_brackets_where_they_are_negative() -> None:
    numbers = {"g": "5", "c": "-2"}
    assert inline(latex(parse("g * c"), numbers)) == "5 · (−2)"
    assert inline(latex(parse("c + g"), numbers)) == "−2 + 5"
    assert inline(latex(parse("c ** 2 - c"), numbers)) == "(−2)² − (−2)"
    assert inline(latex(parse('value("h.1") * g', queries=True), {**numbers, "h.1": "4"})) == "value(4) · 5"


def test_products_of_tensors_are_told_apart() -> None:
    written = {text: inline(latex(parse(text), {}, {"W", "x"})) for text in ("W * x", "W @ x", "2 * x", "sum(W) * x")}
    assert written == {"W * x": "W ⊙ x", "W @ x": "W x", "2 * x": "2 · x", "sum(W) * x": "sum(W) · x"}


def test_every_notation_is_of_an_operation_that_there_is() -> None:
    assert {*SIGNS, *SINGLE} <= OPERATIONS.keys()


# ---------------------------------------------------------------- read again
def bracketed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One operation of arithmetic on parts in brackets, so that the text alone says what belongs together."""
    two = st.builds(lambda sign, a, b: f"({a}) {sign} ({b})", st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner)
    return two | st.builds(lambda a: f"-({a})", inner)


ARITHMETIC = st.recursive(st.sampled_from("abxyz") | st.integers(0, 12).map(str), bracketed, max_leaves=9)
SMALL = {small: letter for letter, small in HIGH.items()}
RAISED = re.compile("[" + "".join(map(re.escape, SMALL.keys() - {"′", "°", "*", " "})) + "]+")


def reread(line: str) -> Expression:
    """The expression that Python's own precedence finds in a line of mathematics."""
    line = RAISED.sub(lambda found: "**(" + "".join(SMALL[sign] for sign in found[0]) + ")", line)
    return parse(line.replace("^", "**").replace("·", "*").replace("−", "-"))


def without_places(expression: Expression) -> Expression:
    """The tree alone, numbers as floats: 2.0 is written like 2."""
    match expression:
        case Call(arguments=arguments):
            return replace(expression, arguments=tuple(map(without_places, arguments)), column=0)
        case Constant(value=int() | float() as value):
            return Constant(float(value))
        case Index(of=of):
            return replace(expression, of=without_places(of), column=0)
    return replace(expression, column=0)


def parsed(text: str) -> Expression:
    """The expression, unless its constants come to what no lesson may hold, or to more digits than are shown."""
    try:
        expression = parse(text)
    except ExpressionError:
        assume(False)
    for number in re.findall(r"Constant\(value=([^,]+)", repr(expression)):
        assume(float(f"{float(number):.6g}") == float(number))
    return expression


@given(ARITHMETIC, st.booleans())
def test_read_again_it_is_the_same_tree(text: str, close: bool) -> None:
    expression = parsed(text)
    assert without_places(reread(inline(latex(expression, close=close)))) == without_places(expression)


@given(ARITHMETIC, st.dictionaries(st.sampled_from("abxyz"), st.integers(-12, 12).map(str)))
def test_numbers_in_place_of_names_hold_together_as_the_names_did(text: str, numbers: dict[str, str]) -> None:
    expression = parsed(text)

    def put(part: Expression) -> str:
        match part:
            case Name(name=name):
                return f"({numbers.get(name, name)})"
            case Constant(value=value):
                return f"({value})"
            case Call(op=op, arguments=arguments):
                return f"({OPERATIONS[op].formula(tuple(map(put, arguments)))})"
        raise AssertionError

    expected = without_places(parsed(put(expression)))
    assert without_places(reread(inline(latex(expression, numbers)))) == expected


# ---------------------------------------------------------------- anything
NAMES = st.sampled_from(["a", "x", "W", "act_fn", "linear1.weight", "h.1", "w_1", "e", "σ", "größe"])
NUMBERS = st.integers(-20, 20) | st.floats(-1e30, 1e30)


def calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Any operation with as many arguments as it takes."""

    def call(op: str) -> st.SearchStrategy[Expression]:
        row = OPERATIONS[op]
        arguments = st.lists(inner, min_size=row.least, max_size=row.most).map(tuple)
        return st.builds(Call, st.just(op), arguments, st.none() | st.integers(-2, 2) if row.dim else st.none())

    index = st.builds(Index, inner, st.lists(st.integers(-3, 9), min_size=1, max_size=3).map(tuple))
    return st.sampled_from(sorted({*OPERATIONS, *FUNCTIONS})).flatmap(call) | index


TREES = st.recursive(st.builds(Name, NAMES) | st.builds(Constant, NUMBERS), calls, max_leaves=20)


@given(TREES, st.booleans(), st.sets(NAMES))
def test_any_expression_can_be_written(expression: Expression, close: bool, larger: set[str]) -> None:
    written = latex(expression, {}, larger, close)
    assert inline(written)
    assert display(written, 60)


@pytest.mark.parametrize("op", ["sqrt", "abs", "exp", "transpose", "neg", "norm", "identity"])
def test_the_deepest_nesting_can_be_written(op: str) -> None:
    expression: Expression = Name("x")
    power = expression
    for _ in range(32):
        expression, power = Call(op, (expression,)), Call("pow", (Name("a"), power))
    assert inline(latex(expression)) and inline(latex(power))
