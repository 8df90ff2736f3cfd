"""Random operations on random tensors: every row of the table, in the shapes, dtypes and strides that it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor

from engine import stepper
from engine.graph import Graph, Leaf, Node
from engine.operations import OPERATIONS
from engine.spec import Number

DIFFERENTIABLE = tuple(row.name for row in OPERATIONS.values() if row.differentiable)
SHAPES = ((), (1,), (3,), (2, 3), (1, 3), (2, 1), (4, 2, 3), (2, 3, 1, 2))
PAIRS = (
    ((), ()), ((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 3), ()), ((), (2, 3)),
    ((2, 1), (1, 3)), ((4, 2, 3), (2, 1)), ((4, 1, 3), (2, 3)), ((1, 1), (4, 2, 3)), ((16, 9), (9,)),
)  # fmt: skip
TWICE = ("add", "sub", "mul", "div", "pow", "max", "min", "dot", "mse", "sse", "half_sse", "bce_logits")  # x * x
PRODUCTS = (
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((1, 3), (3, 1)), ((16, 33), (33, 17)),
    ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)), ((5, 2, 3), (1, 3, 4)), ((2, 5, 2, 3), (3, 4)), ((2, 1, 2, 3), (5, 3, 4)),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Case:
    """A node, its inputs, which of its sources are differentiable, and the gradient that comes back to it."""

    node: Node
    inputs: tuple[Tensor | Number, ...]
    leaves: tuple[Leaf, ...]
    random: Random

    def tape(self) -> stepper.Tape:
        """The node done forward."""
        values = {str(name): each for name, each in zip(self.node.inputs, self.inputs, strict=True)}
        known = {leaf.name: values[leaf.name] for leaf in self.leaves}
        return stepper.forward(Graph(self.leaves, (self.node,), self.node.name), self.node, known)

    def upstream(self, output: Tensor) -> Tensor:
        """A random gradient of the output's shape; now and then one number in all places, or laid out otherwise."""
        kind = self.random.randrange(4)
        if kind == 0:
            return torch.full((), self.random.uniform(-2, 2), dtype=output.dtype).expand(output.shape)
        return tensor(self.random, tuple(output.shape), output.dtype)


def tensor(random: Random, shape: tuple[int, ...], dtype: torch.dtype, positive: bool = False) -> Tensor:
    """Random numbers, neither near 0 nor twice the same; sometimes transposed in memory."""
    generator = torch.Generator().manual_seed(random.randrange(2**32))
    turned = len(shape) > 1 and random.random() < 0.3
    drawn = torch.randn(shape[::-1] if turned else shape, dtype=torch.float64, generator=generator)
    away = torch.where(drawn < 0, drawn - 0.05, drawn + 0.05)
    found = (away.abs() if positive else away).to(dtype)
    return found.permute(*range(len(shape) - 1, -1, -1)) if turned else found


def case(op: str, seed: int, dtypes: tuple[torch.dtype, ...] = (torch.float32, torch.float64)) -> Case:
    """The operation on random inputs."""
    random = Random(seed)
    dtype = random.choice(dtypes)
    inputs, dim, squeeze = _INPUTS.get(op, _unary)(op, random, dtype)
    if op in TWICE and op != "dot" and len(inputs) == 2 and isinstance(inputs[1], Tensor) and random.random() < 0.15:
        inputs = (inputs[0], inputs[1].to(random.choice(dtypes)))
    names = [f"i{n}" if isinstance(each, Tensor) else each for n, each in enumerate(inputs)]
    twice = len(inputs) == 2 and all(isinstance(each, Tensor) for each in inputs) and random.random() < 0.1
    if twice and op in TWICE and not squeeze:
        inputs, names = (inputs[0], inputs[0]), ["i0", "i0"]
    floating = [str(n) for n, each in zip(names, inputs, strict=True)
                if isinstance(each, Tensor) and each.is_floating_point()]  # fmt: skip
    surely = random.choice(floating)
    leaves = tuple(
        Leaf(name, "input", name in floating and (name == surely or random.random() < 0.7))
        for name in dict.fromkeys(each for each in names if isinstance(each, str))
    )
    return Case(Node("out", op, tuple(names), dim, squeeze=squeeze), inputs, leaves, random)


# ---------------------------------------------------------------- what each row takes
Inputs = tuple[tuple[Tensor | Number, ...], int | None, bool]
_POSITIVE = {"log", "sqrt"}


def _unary(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    return (tensor(random, random.choice(SHAPES), dtype, op in _POSITIVE),), None, False


def _binary(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    shapes = random.choice(PAIRS)
    first: Tensor | Number = tensor(random, shapes[0], dtype, positive=op == "pow")
    second: Tensor | Number = tensor(random, shapes[1], dtype)
    kind = random.random()
    if kind < 0.2:
        second = random.choice((2, 3, 0.5, -1, 0, 1) if op == "pow" else (2, -1, 0.5, 3))
    elif kind < 0.4:
        first = random.choice((2, 0.5, 3))
    return (first, second), None, False


def _leaky_relu(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    given = tensor(random, random.choice(SHAPES), dtype)
    slopes = [(), (0.2,), (torch.tensor(0.25, dtype=dtype),)]
    if given.dim() > 1:
        slopes.append((tensor(random, (given.shape[1],), dtype),))
    return (given, *random.choice(slopes)), None, False


def _along(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    if op in ("max", "min") and random.random() < 0.4:
        return _binary(op, random, dtype)
    shape = random.choice([*SHAPES, (16, 33)])
    dims = [None, *range(-len(shape), len(shape))] if shape else [None, 0, -1]
    if op == "log_softmax" or op == "softmax":
        dims = dims[1:]
    return (tensor(random, shape, dtype),), random.choice(dims), False


def _dot(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    length = random.choice((1, 3, 40))
    return (tensor(random, (length,), dtype), tensor(random, (length,), dtype)), None, False


def _matmul(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    first, second = random.choice(PRODUCTS)
    return (tensor(random, first, dtype), tensor(random, second, dtype)), None, False


def _shaped(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    given = tensor(random, (4, 2, 3), dtype)
    return (given if op == "reshape" else given.contiguous(), *random.choice(((24,), (-1, 6), (2, 2, 6)))), None, False


def _flatten(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    return (tensor(random, random.choice(((2, 3), (4, 2, 3), (2, 3, 1, 2))), dtype),), None, False


def _linear(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    given, units = random.choice(((3,), (1, 3), (5, 3), (128, 33), (4, 5, 3), (2, 4, 5, 3))), random.choice((1, 4, 65))
    x, weight = tensor(random, given, dtype), tensor(random, (units, given[-1]), dtype)
    bias = (tensor(random, (units,), dtype),) if random.random() < 0.7 else ()
    return (x, weight, *bias), None, False


def _loss(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    rows = random.choice((1, 3, 50))
    if random.random() < 0.3:
        return (tensor(random, (rows, 1), dtype), tensor(random, (rows,), dtype)), None, True
    shapes = random.choice(PAIRS) if op in ("mse", "sse", "half_sse") else ((rows, 2),) * 2
    first, second = tensor(random, shapes[0], dtype), tensor(random, shapes[1], dtype)
    if shapes == ((rows, 2),) * 2 or random.random() < 0.8:
        return (first, second), None, False
    return (first, 1), None, False


def _bce(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    (first, second), dim, squeeze = _loss(op, random, dtype)
    assert isinstance(first, Tensor) and isinstance(second, Tensor)
    return (0.02 + 0.96 * torch.sigmoid(first), torch.sigmoid(second)), dim, squeeze


def _cross_entropy(op: str, random: Random, dtype: torch.dtype) -> Inputs:
    shape = random.choice(((3,), (1, 2), (5, 3), (40, 10), (4, 3, 2), (2, 3, 2, 2)))
    logits = tensor(random, shape, dtype)
    if random.random() < 0.4:
        return (logits, tensor(random, shape, dtype).softmax(0 if len(shape) == 1 else 1)), None, False
    classes, batch = (shape[0], ()) if len(shape) == 1 else (shape[1], (shape[0], *shape[2:]))
    generator = torch.Generator().manual_seed(random.randrange(2**32))
    return (logits, torch.randint(classes, batch, generator=generator)), None, False


_INPUTS: dict[str, Callable[[str, Random, torch.dtype], Inputs]] = {
    **dict.fromkeys(("add", "sub", "mul", "div", "pow"), _binary),
    **dict.fromkeys(("sum", "mean", "norm", "max", "min", "softmax", "log_softmax"), _along),
    **dict.fromkeys(("reshape", "view"), _shaped),
    **dict.fromkeys(("mse", "sse", "half_sse", "bce_logits"), _loss),
    "leaky_relu": _leaky_relu, "dot": _dot, "matmul": _matmul, "flatten": _flatten, "linear": _linear,
    "bce": _bce, "cross_entropy": _cross_entropy,
}  # fmt: skip
