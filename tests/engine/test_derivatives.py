"""The derivatives that people write: they are near autograd, agree with sympy and differences, and are read back."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import pytest
import sympy
import torch
from torch import Tensor

from engine import messages as m
from engine import stepper
from engine.backward_kernels import BACKWARD
from engine.derivative_formulas import FUNCTIONS, counts, evaluated, passed
from engine.derivatives import (
    DERIVATIVES,
    Counts,
    formula,
    local_expression,
    local_text,
    passed_expression,
    passed_text,
)
from engine.expression import Call, Constant, Expression, Name, parse
from engine.graph import Node
from engine.kernels import apply
from engine.operations import OPERATIONS
from engine.queries import Questions
from engine.session import Session
from tests.engine.examples import graph
from tests.engine.operation_cases import DIFFERENTIABLE, case, tensor

pytestmark = pytest.mark.filterwarnings("ignore:Using a target size")  # torch warns of losses that broadcast
SEEDS = 80
ULPS = 32  # of the largest number that goes into a contribution, or comes out; most formulas stay below 3


# ---------------------------------------------------------------- the table
def test_every_differentiable_operation_has_its_derivative_and_no_other_has() -> None:
    assert set(DERIVATIVES) == set(DIFFERENTIABLE)


@pytest.mark.parametrize("op", DIFFERENTIABLE)
def test_there_is_a_derivative_to_each_input_that_has_a_kernel(op: str) -> None:
    row = DERIVATIVES[op]
    assert max(len(row.local), len(row.passed)) == len(BACKWARD[op])


@pytest.mark.parametrize("op", DIFFERENTIABLE)
def test_local_derivatives_are_those_of_operations_that_go_element_by_element(op: str) -> None:
    pairs = OPERATIONS[op].most == 2 and OPERATIONS[op].dim  # max and min of two inputs
    assert bool(DERIVATIVES[op].local) == (OPERATIONS[op].elementwise or pairs)
    assert bool(DERIVATIVES[op].passed) == (not OPERATIONS[op].elementwise)


def test_what_has_no_derivative_has_no_text() -> None:
    for node, position in (
        (Node("y", "gt", ("a", "b")), 0),
        (Node("y", "mul", (2, "x")), 0),  # a written number
        (Node("y", "linear", ("x", "w")), 2),  # no bias was given
        (Node("y", "reshape", ("x", 2, 3)), 1),
    ):
        assert (local_text(node, position), passed_text(node, position)) == (None, None)
        assert (local_expression(node, position), passed_expression(node, position)) == (None, None)


# ---------------------------------------------------------------- the right gradients
def distance(ours: Tensor, theirs: Tensor, tape: stepper.Tape, upstream: Tensor) -> float:
    """How many ulp of the largest number apart, in the least precise dtype that takes part."""
    tensors = [each for each in (*tape.inputs, tape.output) if isinstance(each, Tensor) and each.is_floating_point()]
    epsilon = max(torch.finfo(each.dtype).eps for each in tensors)
    largest = max(float(each.abs().max()) for each in (theirs, upstream))
    return float((ours - theirs).abs().max()) / (epsilon * largest)


@pytest.mark.parametrize("op", DIFFERENTIABLE)
def test_the_formulas_are_within_a_few_ulp_of_autograd(op: str) -> None:
    for seed in range(SEEDS):
        given = case(op, seed)
        tape = given.tape()
        upstream = given.upstream(tape.output)
        for theirs in stepper.backward(tape, upstream):
            ours = passed(tape.node, tape.inputs, tape.output, upstream, theirs.position)
            assert ours is not None and (ours.shape, ours.dtype) == (theirs.value.shape, theirs.value.dtype)
            assert distance(ours, theirs.value, tape, upstream) <= ULPS, f"{op}, seed {seed}"


@pytest.mark.parametrize("op", [op for op in DIFFERENTIABLE if op != "float"])  # which leaves float64
def test_the_formulas_agree_with_differences_along_random_directions(op: str) -> None:
    for seed in range(20):
        given = case(op, seed, (torch.float64,))
        tape = given.tape()
        upstream = tensor(Random(seed), tuple(tape.output.shape), torch.float64)
        for position, source in enumerate(tape.inputs):
            if not isinstance(source, Tensor) or not source.requires_grad:
                continue
            ours = passed(tape.node, tape.inputs, tape.output, upstream, position)
            direction = tensor(Random(seed + 1), tuple(source.shape), torch.float64)
            values = []
            for step in (1e-6, -1e-6):
                moved = [*tape.inputs[:position], source + step * direction, *tape.inputs[position + 1 :]]
                values.append((upstream * apply(tape.node, moved)).sum().item())
            assert ours is not None
            slope = (values[0] - values[1]) / 2e-6
            assert float((ours * direction).sum()) == pytest.approx(slope, rel=1e-5, abs=1e-6), f"{op}, seed {seed}"


@pytest.mark.parametrize("op", sorted(FUNCTIONS))
def test_where_a_function_is_computed_it_says_what_the_text_says(op: str) -> None:
    for seed in range(SEEDS):
        given = case(op, seed)
        if len(given.inputs) == 2:
            continue
        tape = given.tape()
        (source,), upstream = given.inputs, given.upstream(tape.output)
        assert isinstance(source, Tensor)
        tree = formula(tape.node, 0, counts(tape.node, tape.inputs))
        assert tree is not None
        along = tape.node.dim is not None and source.dim() > 0
        kept = [each.unsqueeze(tape.node.dim) if along else each for each in (tape.output.detach(), upstream)]
        text = evaluated(tree, {"a": source, "out": kept[0], "u": kept[1]})
        function = passed(tape.node, tape.inputs, tape.output, upstream, 0)
        assert function is not None and distance(text, function, tape, upstream) <= ULPS, f"{op}, seed {seed}"


# ---------------------------------------------------------------- sympy
_SYMPY = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b, "neg": lambda a: -a, "identity": lambda a: a, "float": lambda a: a,
    "tanh": sympy.tanh, "exp": sympy.exp, "log": sympy.log, "sin": sympy.sin, "cos": sympy.cos, "sqrt": sympy.sqrt,
    "sigmoid": lambda a: 1 / (1 + sympy.exp(-a)),
    "gelu": lambda a: a * (1 + sympy.erf(a / sympy.sqrt(2))) / 2,
    "abs": lambda a: sympy.sqrt(a**2), "relu": lambda a: sympy.Piecewise((a, a > 0), (0, True)),
    "leaky_relu": lambda a, b: sympy.Piecewise((a, a > 0), (a * b, True)),
    "max": lambda a, b: sympy.Piecewise((a, a > b), (b, True)),
    "min": lambda a, b: sympy.Piecewise((a, a < b), (b, True)),
}  # fmt: skip
_COMPARED = {"gt": sympy.Gt, "ge": sympy.Ge, "lt": sympy.Lt, "le": sympy.Le, "eq": sympy.Eq}


def in_sympy(tree: Expression, known: dict[str, sympy.Expr]) -> sympy.Expr:
    """An expression over the table's names, handed to sympy without a text in between."""
    match tree:
        case Name(name=name):
            return known[name]
        case Constant(value=value):
            return sympy.nsimplify(value)
        case Call(op=op, arguments=arguments):
            given = [in_sympy(each, known) for each in arguments]
            return sympy.Piecewise((1, _COMPARED[op](*given)), (0, True)) if op in _COMPARED else _SYMPY[op](*given)
    raise AssertionError(tree)


LOCAL = [(op, place) for op in DIFFERENTIABLE for place in range(len(DERIVATIVES[op].local))]


@pytest.mark.parametrize(("op", "place"), LOCAL)
def test_sympy_finds_the_same_local_derivatives(op: str, place: int) -> None:
    a, b = sympy.symbols("a b", real=True)
    names = "ab"[: len(DERIVATIVES[op].local)]
    output = _SYMPY[op](*(a, b)[: len(names)])
    tree = local_expression(Node("out", op, tuple(names)), place)
    assert tree is not None
    difference = in_sympy(tree, {"a": a, "b": b, "out": output}) - sympy.diff(output, (a, b)[place])
    for at in ((0.7, 1.3), (2.25, 0.4), *(((-1.5, 2.0), (-0.3, -3.0)) if op not in ("log", "sqrt", "pow") else ())):
        assert abs(complex(difference.subs({a: at[0], b: at[1]}).evalf())) < 1e-12


# ---------------------------------------------------------------- as they are read
@pytest.mark.parametrize(
    ("node", "texts"),
    [
        (Node("J", "mul", ("g", "c")), ("c", "g")),
        (Node("h", "mul", (2, "b")), (None, "2")),
        (Node("y", "pow", ("x", 2)), ("2 * x ** (2 - 1)", None)),
        (Node("y", "pow", ("x", -1)), ("(-1) * x ** ((-1) - 1)", None)),
        (Node("y", "pow", (2, "x")), (None, "y * log(2)")),
        (Node("act_fn", "tanh", ("linear1",)), ("1 - act_fn ** 2",)),
        (Node("u", "div", ("out", "a")), ("1 / a", "-out / a ** 2")),  # names that the table itself uses
        (Node("y", "leaky_relu", ("z",)), ("(z > 0) + 0.01 * (z <= 0)",)),
        (Node("y", "max", ("z", 0)), ("(z > 0) + (z == 0) / 2", None)),
        (Node("y", "max", ("z",)), (None,)),
        (Node("y", "softmax", ("z",)), (None,)),
    ],
    ids=lambda value: value.op if isinstance(value, Node) else "",
)
def test_a_local_derivative_is_written_with_the_names_of_the_node(node: Node, texts: tuple[str | None, ...]) -> None:
    assert tuple(local_text(node, place) for place in range(len(node.inputs))) == texts


@pytest.mark.parametrize(
    ("node", "place", "counted", "text"),
    [
        (Node("g", "add", ("a", "h")), 0, Counts(), "grad(g)"),
        (Node("g", "sub", ("a", "h")), 1, Counts(), "-grad(g)"),
        (Node("J", "mul", ("g", "c")), 0, Counts(), "grad(J) * c"),
        (Node("h", "tanh", ("z",)), 0, Counts(), "grad(h) * (1 - h ** 2)"),
        (Node("h.1", "exp", ("z",)), 0, Counts(), 'grad("h.1") * h.1'),
        (Node("s", "softmax", ("z",), 0), 0, Counts(), "s * (grad(s) - sum(s * grad(s), dim=0))"),
        (Node("m", "mean", ("x",)), 0, Counts(), "grad(m) / n"),
        (Node("m", "mean", ("x",)), 0, Counts(n=6), "grad(m) / 6"),
        (Node("m", "max", ("x",), 1), 0, Counts(), "grad(m) * (x == m) / sum(x == m, dim=1)"),
        (Node("r", "reshape", ("x", 3, 2)), 0, Counts(shape=(2, 3)), "reshape(grad(r), 2, 3)"),
        (Node("l1", "linear", ("x", "l1.weight", "l1.bias")), 0, Counts(), "grad(l1) @ l1.weight"),
        (Node("l1", "linear", ("x", "l1.weight", "l1.bias")), 2, Counts(), "sum(grad(l1), dim=0)"),
        (
            Node("loss", "cross_entropy", ("z", "y")), 0, Counts(n=5, classes=3),
            "grad(loss) * (softmax(z, dim=-1) - one_hot(y, 3)) / 5",
        ),
    ],
)  # fmt: skip
def test_what_is_passed_is_written_in_terms_of_the_gradient_from_above(
    node: Node, place: int, counted: Counts, text: str
) -> None:
    assert passed_text(node, place, counted) == text


def bare(tree: Expression) -> Expression:
    """The tree without its places in a text."""
    if isinstance(tree, Call):
        return replace(tree, column=0, arguments=tuple(bare(each) for each in tree.arguments))
    return replace(tree, column=0)


@pytest.mark.parametrize("op", DIFFERENTIABLE)
def test_every_text_is_read_back_as_the_tree_of_its_expression(op: str) -> None:
    counted = Counts(n=6, classes=3, shape=(2, 3))
    for count in {len(DERIVATIVES[op].local), len(DERIVATIVES[op].passed)} - {0}:
        numbers = 0 if OPERATIONS[op].numbers_from is None else 2
        node = Node("out", op, (*("x", "w", "d")[:count], *(6 for _ in range(numbers))))
        for place in range(count):
            text, tree = passed_text(node, place, counted), passed_expression(node, place, counted)
            assert text is not None and tree is not None
            assert bare(parse(text, queries=True)) == bare(tree)
            local, local_tree = local_text(node, place), local_expression(node, place)
            assert (local is None) == (local_tree is None)
            if local is not None and local_tree is not None:
                assert bare(parse(local)) == bare(local_tree)


def test_names_that_are_no_identifiers_stand_in_the_tree_as_they_are() -> None:
    node = Node("linear1", "linear", ("x", "linear1.weight", "linear1.bias"))
    tree = passed_expression(node, 0)
    assert isinstance(tree, Call) and tree.op == "matmul"
    assert tree.arguments[1] == Name("linear1.weight", tree.arguments[1].column)


def test_without_the_classes_there_is_a_text_of_cross_entropy_to_read_and_no_tree_to_compute() -> None:
    node = Node("loss", "cross_entropy", ("z", "y"))
    assert passed_text(node, 0) == "grad(loss) * (softmax(z, dim=-1) - one_hot(y, classes)) / n"
    assert passed_expression(node, 0) is None


def test_a_lesson_that_asks_for_a_formula_gets_the_gradient_that_the_engine_found() -> None:
    session = Session(graph({"a": 3, "b": 1.5, "c": -2}, {"h": "2 * b", "t": "tanh(h)", "g": "a / t", "J": "g * c"}))
    session.apply(m.Advance("iteration"))
    session.finish()
    questions = Questions(session)
    for node in session.experiment.graph.nodes:
        for place, name in enumerate(node.inputs):
            text = passed_text(node, place)
            if text is not None:
                answer = questions.answer(parse(text, queries=True))
                assert float(answer) == pytest.approx(float(questions.grad(str(name))), rel=1e-5)  # type: ignore[arg-type]


# ---------------------------------------------------------------- at the edges
@pytest.mark.parametrize(
    ("op", "inputs"),
    [("relu", (0.0,)), ("leaky_relu", (0.0,)), ("abs", (0.0,)), ("gelu", (0.0,)), ("sqrt", (0.0,)), ("log", (0.0,)),
     ("max", (2.0, 2.0)), ("min", (2.0, 2.0)), ("tanh", (1e4,)), ("sigmoid", (-1e4,))],
)  # fmt: skip
def test_the_formula_has_torchs_convention_where_it_can_be_written(op: str, inputs: tuple[float, ...]) -> None:
    tensors = [torch.tensor(each).requires_grad_() for each in inputs]
    node = Node("out", op, tuple("ab"[: len(inputs)]))
    output = apply(node, tensors)
    for place, theirs in enumerate(torch.autograd.grad(output, tensors)):
        ours = passed(node, tensors, output, torch.ones(()), place)
        assert ours is not None and torch.equal(ours, theirs)


@pytest.mark.parametrize(
    ("op", "inputs", "torchs"),
    [("norm", ([0.0, 0.0],), [0.0, 0.0]), ("pow", (0.0, 0.0), 0.0), ("bce", (1.0, 1.0), 0.0)],
)
def test_where_there_is_no_derivative_torch_has_a_number_and_the_formula_none(
    op: str, inputs: tuple[float | list[float], ...], torchs: float | list[float]
) -> None:
    tensors = [torch.tensor(each).requires_grad_() for each in inputs]
    node = Node("out", op, tuple("ab"[: len(inputs)]))
    output = apply(node, tensors)
    assert torch.autograd.grad(output, tensors[0], retain_graph=True)[0].tolist() == torchs
    ours = passed(node, tensors, output, torch.ones(()), 0)
    assert ours is not None and all(math.isnan(each) for each in ours.flatten().tolist())
