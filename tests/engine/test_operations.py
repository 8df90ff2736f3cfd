"""Each row of the operation table: torch's kernel for it, its derivative, and how it is written."""

from __future__ import annotations

import string
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine import stepper
from engine.expression import Call, parse
from engine.graph import Graph, Leaf, Node
from engine.kernels import KERNELS, TORCH_ERRORS, apply
from engine.operations import OPERATIONS
from engine.spec import Number
from engine.telling import APART
from engine.words import CATALOGUE

DIFFERENTIABLE = tuple(row.name for row in OPERATIONS.values() if row.differentiable)


# ---------------------------------------------------------------- the right gradients
def away(*shape: int) -> Tensor:
    """Different numbers, none near 0 and no two alike: away from kinks and ties."""
    count = int(torch.tensor(shape).prod()) if shape else 1
    signs = torch.where(torch.arange(count) % 2 == 0, 1.0, -1.0)
    return (signs * (0.3 + 0.17 * torch.arange(count))).reshape(shape).double()


@dataclass(frozen=True, eq=False)
class Example:
    """An operation on inputs where it has a derivative."""

    op: str
    inputs: tuple[Tensor | Number, ...]
    dim: int | None = None
    squeeze: bool = False

    def tape(self) -> stepper.Tape:
        names = tuple(f"i{place}" if isinstance(each, Tensor) else each for place, each in enumerate(self.inputs))
        node = Node("out", self.op, names, self.dim, squeeze=self.squeeze)
        leaves = tuple(Leaf(name, "input") for name in names if isinstance(name, str))
        given = {str(name): each for name, each in zip(names, self.inputs, strict=True) if isinstance(each, Tensor)}
        return stepper.forward(Graph(leaves, (node,), "out"), node, given)


_POSITIVE = away(2, 3).abs()
_UNIT = torch.tensor([0.2, 0.7, 0.9]).double()
_TARGETS = torch.tensor([0.1, 0.8, 0.4]).double()
EXAMPLES = (
    *(Example(op, (away(2, 3), away(3) + 0.05)) for op in ("add", "sub", "mul", "div", "max", "min")),
    *(Example(op, (away(2, 3),)) for op in ("neg", "identity", "relu", "leaky_relu", "tanh", "sigmoid", "gelu")),
    *(Example(op, (away(2, 3),)) for op in ("exp", "sin", "cos", "abs", "flatten", "transpose")),
    *(Example(op, (_POSITIVE,)) for op in ("log", "sqrt")),
    *(Example(op, (away(2, 3),), dim) for op in ("sum", "mean", "max", "min", "norm") for dim in (None, 0, 1)),
    *(Example(op, (away(2, 3),), dim) for op in ("softmax", "log_softmax") for dim in (None, 0)),
    *(Example(op, (away(2, 3), 3, -1)) for op in ("reshape", "view")),
    *(Example(op, (_UNIT, _TARGETS)) for op in ("mse", "sse", "half_sse", "bce", "bce_logits")),
    *(Example(op, (_UNIT.reshape(3, 1), _TARGETS), squeeze=True) for op in ("mse", "half_sse", "bce_logits")),
    Example("pow", (_POSITIVE, away(3))),
    Example("pow", (away(2, 3), 2)),
    Example("pow", (2, away(2, 3))),
    Example("sub", (1, away(3))),
    Example("div", (2, away(3))),
    Example("max", (away(2, 3), 0)),
    Example("leaky_relu", (away(2, 3), 0.2)),
    Example("leaky_relu", (away(2, 3), torch.tensor(0.25).double())),
    Example("float", (away(2, 3).float(),)),
    Example("dot", (away(3), away(3) + 0.5)),
    Example("matmul", (away(2, 3), away(3, 2))),
    Example("matmul", (away(2, 3), away(3))),
    Example("matmul", (away(3), away(3))),
    Example("linear", (away(4, 3), away(2, 3), away(2))),
    Example("linear", (away(3), away(2, 3))),
    Example("cross_entropy", (away(3, 4), torch.tensor([0, 3, 1]))),
    Example("cross_entropy", (away(2, 3), torch.softmax(away(2, 3), 1))),
)


def differences(example: Example, position: int) -> Tensor:
    """The Jacobian by central differences."""
    tape = example.tape()
    given = tape.inputs[position]
    assert isinstance(given, Tensor)
    # float is the one operation that leaves float64; what it is given here survives a large step exactly
    step = 2.0**-10 if example.op == "float" else 1e-6
    columns = []
    for place in range(given.numel()):
        nudge = torch.zeros_like(given).flatten()
        nudge[place] = step
        around = [list(example.inputs), list(example.inputs)]
        around[0][position] = given + nudge.reshape(given.shape)
        around[1][position] = given - nudge.reshape(given.shape)
        ahead, behind = (apply(tape.node, inputs) for inputs in around)
        columns.append((ahead - behind).flatten() / (2 * step))
    return torch.stack(columns, 1).reshape(*tape.output.shape, *given.shape).detach()


def named(example: Example) -> str:
    inputs = [str(tuple(each.shape)) if isinstance(each, Tensor) else str(each) for each in example.inputs]
    return "-".join((example.op, *inputs, str(example.dim)))


def test_there_is_a_kernel_for_every_row_of_the_table_and_no_other() -> None:
    assert set(KERNELS) == set(OPERATIONS)


def test_every_differentiable_operation_has_an_example_of_its_gradient() -> None:
    assert {example.op for example in EXAMPLES} == set(DIFFERENTIABLE)


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_local_derivative_agrees_with_finite_differences(example: Example) -> None:
    tape = example.tape()
    for position, source in enumerate(example.inputs):
        if isinstance(source, Tensor) and source.is_floating_point():
            jacobian = stepper.local(tape, position)
            assert jacobian is not None
            tolerance = 1e-3 if example.op == "float" else 1e-7
            torch.testing.assert_close(jacobian, differences(example, position), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_a_contribution_is_upstream_times_the_local_derivative(example: Example) -> None:
    tape = example.tape()
    upstream = torch.linspace(-1, 2, tape.output.numel(), dtype=tape.output.dtype).reshape(tape.output.shape)
    contributions = stepper.backward(tape, upstream)
    assert [c.position for c in contributions] == sorted({c.position for c in contributions})
    for contribution in contributions:
        jacobian = stepper.local(tape, contribution.position)
        assert jacobian is not None
        product = torch.tensordot(upstream.to(jacobian.dtype), jacobian, upstream.dim())
        torch.testing.assert_close(contribution.value, product)


def gradient_of(op: str, *inputs: float | list[float], dim: int | None = None) -> list[float | list[float]]:
    example = Example(op, tuple(torch.tensor(each) for each in inputs), dim)
    tape = example.tape()
    return [contribution.value.tolist() for contribution in stepper.backward(tape, torch.ones_like(tape.output))]


def test_torch_takes_the_slope_of_relu_at_0_to_be_0() -> None:
    assert gradient_of("relu", 0.0) == [0.0]


def test_torch_takes_the_slope_of_abs_at_0_to_be_0() -> None:
    assert gradient_of("abs", 0.0) == [0.0]


def test_torch_takes_the_slope_of_leaky_relu_at_0_to_be_the_one_below() -> None:
    assert gradient_of("leaky_relu", 0.0) == [pytest.approx(0.01)]


@pytest.mark.parametrize("op", ["max", "min"])
def test_a_tie_between_two_inputs_is_shared_by_halves(op: str) -> None:
    assert gradient_of(op, 3.0, 3.0) == [0.5, 0.5]


@pytest.mark.parametrize("op", ["max", "min"])
def test_a_tie_among_all_elements_is_shared_evenly(op: str) -> None:
    assert gradient_of(op, [2.0, 2.0, 2.0, 2.0]) == [[0.25, 0.25, 0.25, 0.25]]


@pytest.mark.parametrize("op", ["max", "min"])
def test_a_tie_along_a_dimension_goes_to_one_element(op: str) -> None:
    assert gradient_of(op, [2.0, 2.0], dim=0) == [[1.0, 0.0]]


# ---------------------------------------------------------------- what kernels take and give
def test_a_written_number_is_as_precise_as_the_tensor_beside_it() -> None:
    node = Node("m", "max", ("a", 0.1))
    assert apply(node, [torch.tensor(-1.0).double(), 0.1]).item() == 0.1


def test_numbers_may_stand_on_either_side_of_an_operator() -> None:
    x = torch.tensor([1.0, 2.0])
    assert apply(Node("p", "pow", (2, "x")), [2, x]).tolist() == [2.0, 4.0]
    assert apply(Node("s", "sub", (1, "x")), [1, x]).tolist() == [0.0, -1.0]
    assert apply(Node("l", "lt", (1, "x")), [1, x]).tolist() == [False, True]


def test_max_of_a_tensor_and_a_number_is_relu_where_the_number_is_0() -> None:
    z = torch.tensor([-1.0, 3.0])
    assert torch.equal(apply(Node("m", "max", (0, "z")), [0, z]), torch.relu(z))


def test_heaviside_is_1_above_0_only_and_keeps_the_dtype() -> None:
    step = apply(Node("s", "heaviside", ("z",)), [torch.tensor([-1.0, 0.0, 2.0]).double()])
    assert (step.tolist(), step.dtype) == ([0.0, 0.0, 1.0], torch.float64)


def test_transpose_swaps_the_last_two_dimensions_and_leaves_a_vector_as_it_is() -> None:
    node = Node("t", "transpose", ("x",))
    shapes = [tuple(apply(node, [torch.zeros(shape)]).shape) for shape in ((2, 3), (4, 2, 3), (3,), ())]
    assert shapes == [(3, 2), (4, 3, 2), (3,), ()]


def test_softmax_goes_along_the_last_dimension_unless_another_is_named() -> None:
    z = away(2, 3)
    assert torch.equal(apply(Node("s", "softmax", ("z",)), [z]), torch.softmax(z, 1))
    assert torch.equal(apply(Node("s", "softmax", ("z",), 0), [z]), torch.softmax(z, 0))


def test_float_and_int_give_float32_and_int64_and_one_hot_whole_numbers() -> None:
    x = torch.tensor([0.0, 2.0]).double()
    kinds = [apply(Node("n", op, ("x",)), [x]).dtype for op in ("float", "int")]
    assert kinds == [torch.float32, torch.int64]
    assert apply(Node("n", "one_hot", ("x", 3)), [x.long(), 3]).tolist() == [[1, 0, 0], [0, 0, 1]]


def test_half_sse_is_half_of_the_sum_of_squared_errors() -> None:
    errors = torch.tensor([1.0, -2.0]), torch.tensor([0.0, 0.0])
    assert [apply(Node("l", op, ("p", "t")), errors).item() for op in ("sse", "half_sse")] == [5.0, 2.5]


def test_a_loss_that_squeezes_takes_one_column_of_predictions_as_the_targets_shape() -> None:
    p, t = torch.tensor([[1.0], [3.0]]), torch.tensor([0.0, 3.0])
    assert apply(Node("l", "mse", ("p", "t"), squeeze=True), [p, t]).item() == 0.5


@pytest.mark.parametrize("op", ["identity", "float", "transpose", "view"])
def test_an_operation_with_nothing_to_do_still_gives_a_tensor_of_its_own(op: str) -> None:
    x = torch.ones(3)
    node = Node("y", op, ("x", 3)) if op == "view" else Node("y", op, ("x",))
    y = apply(node, [x, 3] if op == "view" else [x])
    assert y is not x and torch.equal(y, x)


@pytest.mark.parametrize(
    ("node", "inputs"),
    [
        (Node("y", "matmul", ("a", "b")), (torch.ones(2, 3), torch.ones(2, 3))),
        (Node("y", "matmul", (2, "b")), (2, torch.ones(2, 3))),
        (Node("y", "dot", ("a", "b")), (torch.ones(2), torch.ones(3))),
        (Node("y", "sum", ("a",), 5), (torch.ones(2),)),
        (Node("y", "bce", ("a", "b")), (torch.tensor([2.0]), torch.tensor([1.0]))),
        (Node("y", "cross_entropy", ("a", "b")), (torch.ones(2, 3), torch.tensor([0, 5]))),
        (Node("y", "one_hot", ("a", 2)), (torch.ones(2), 2)),
        (Node("y", "view", ("a", 5)), (torch.ones(2), 5)),
        (Node("y", "mean", ("a",)), (torch.tensor([1, 2]),)),
    ],
    ids=lambda value: value.op if isinstance(value, Node) else "",
)
def test_what_does_not_fit_raises_one_of_the_errors_that_are_told_to_the_learner(
    node: Node, inputs: tuple[Tensor | Number, ...]
) -> None:
    with pytest.raises(TORCH_ERRORS):
        apply(node, inputs)


# ---------------------------------------------------------------- how they are written
@given(st.sampled_from(sorted(OPERATIONS)), st.data())
def test_what_may_be_written_is_read_back_as_the_same_operation(op: str, data: st.DataObject) -> None:
    row = OPERATIONS[op]
    count = data.draw(st.integers(row.least, row.most))
    numbers = 0 if row.numbers_from is None else count - row.numbers_from
    inputs = (*"abcdefgh"[: count - numbers], *("2" for _ in range(numbers)))
    dim = data.draw(st.none() | st.integers(-3, 3)) if row.dim and count == row.least else None
    if op in ("identity", "flatten"):  # layers only
        return
    found = parse(row.formula(inputs, dim))
    assert isinstance(found, Call)
    assert (found.op, len(found.arguments), found.dim) == (op, count, dim)


# ---------------------------------------------------------------- how they are told
def places(key: str) -> set[str]:
    """The values that the sentence names."""
    return {name for _, name, _, _ in string.Formatter().parse(CATALOGUE.languages["en"][key]) if name}


@pytest.mark.parametrize("op", sorted(OPERATIONS))
def test_every_operation_is_told_forward_and_what_is_differentiable_backward_too(op: str) -> None:
    told = {"forward", "backward"} if OPERATIONS[op].differentiable else {"forward"}
    told |= {"backward_first", "backward_second"} if op in APART else set()
    assert {key.rpartition(".")[2] for key in CATALOGUE.languages["en"] if key.startswith(f"op.{op}.")} == told
    assert places(f"op.{op}.forward") <= {"name", "inputs", "first", "second"}
    for key in told - {"forward"}:
        assert places(f"op.{op}.{key}") <= {"name", "inputs", "first", "second", "targets"}


@pytest.mark.parametrize("op", sorted(OPERATIONS))
def test_a_sentence_names_a_second_input_only_where_there_always_is_one(op: str) -> None:
    named = {name for key in CATALOGUE.languages["en"] if key.startswith(f"op.{op}.") for name in places(key)}
    assert "second" not in named or OPERATIONS[op].least >= 2


def test_no_operation_that_does_not_exist_is_told() -> None:
    assert {key.split(".")[1] for key in CATALOGUE.languages["en"] if key.startswith("op.")} == set(OPERATIONS)
