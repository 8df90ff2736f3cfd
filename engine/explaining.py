"""Why torch refused an operation, in plain words: the kind of failure, and a sentence with the shapes and dtypes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.graph import Node
from engine.spec import Number
from engine.words import Sentence, Value

KINDS = ("shape", "dtype", "view", "index", "gradient")  # of failures that a lesson may ask about
FAILURES = (*KINDS, "failed")
Given = Sequence[Tensor | Number]


@dataclass(frozen=True)
class Explained:
    """`kind` is one of FAILURES, "failed" where nothing more is known than torch's own words."""

    kind: str
    sentence: Sentence


@dataclass(frozen=True)
class _Case:
    """One operation that failed, with the inputs it was given."""

    node: Node
    given: Given

    @property
    def tensors(self) -> list[Tensor]:
        return [each for each in self.given if isinstance(each, Tensor)]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [tuple(each.shape) for each in self.tensors]

    def says(self, kind: str, key: str, **values: Value) -> Explained:
        """What is the matter; every sentence may name the operation and its inputs."""
        return Explained(kind, Sentence(f"failure.{key}", {"op": self.node.name, **values}))


Check = Callable[[_Case], Explained | None]


def explain(node: Node, given: Given, reason: str) -> Explained:
    """The failure of `node` on `given`, in argument order; `reason` is what torch says, and stands beside it."""
    if node.squeeze and isinstance(given[0], Tensor):
        given = (given[0].squeeze(-1), *given[1:])
    case = _Case(node, given)
    if isinstance(found := _first(case, reason), Explained):
        sentence = Sentence(found.sentence.key, {**found.sentence.values, "reason": reason})
        return Explained(found.kind, sentence)
    return Explained("failed", Sentence("outcome.failed", {"op": node.name, "reason": reason}))


def no_gradient(name: str, value: Tensor) -> Explained | None:
    """Why torch gives this tensor no gradient, whatever asks for one; None where it can have one."""
    try:
        value.detach().requires_grad_()
    except RuntimeError as error:
        dtype, reason = str(value.dtype).removeprefix("torch."), str(error).strip().split("\n")[0]
        values: dict[str, Value] = {"name": name, "dtype": dtype, "reason": reason}
        return Explained("gradient", Sentence("failure.integer_gradient", values))
    return None


def _first(case: _Case, reason: str) -> Explained | None:
    checks = (*_CHECKS.get(case.node.op, ()), _dim_in_range)
    found = next((each for check in checks if (each := check(case)) is not None), None)
    return found or (_dtypes(case) if any(word in reason for word in _ABOUT_DTYPES) else None)


# ---------------------------------------------------------------- shapes
def _written(shape: Sequence[int]) -> str:
    return str(tuple(shape))


def _sizes(case: _Case, key: str, a: int, b: int, **values: Value) -> Explained:
    first, second = case.shapes[:2]
    return case.says("shape", key, first=_written(first), second=_written(second), a=a, b=b, **values)


def _matmul(case: _Case) -> Explained | None:
    if len(case.tensors) < 2:
        return None
    first, second = case.shapes[:2]
    if not first or not second:
        return case.says("shape", "matmul_scalar", first=_written(first), second=_written(second))
    inner = second[-2] if len(second) > 1 else second[0]
    if first[-1] != inner:
        return _sizes(case, "matmul", first[-1], inner)
    return _broadcast_of(case, first[:-2], second[:-2]) or _dtypes_differ(case)


def _dot(case: _Case) -> Explained | None:
    if len(case.tensors) < 2:
        return None
    first, second = case.shapes[:2]
    if len(first) != 1 or len(second) != 1:
        return case.says("shape", "dot_vectors", first=_written(first), second=_written(second))
    return _sizes(case, "dot", first[0], second[0]) if first != second else _dtypes_differ(case)


def _linear(case: _Case) -> Explained | None:
    if len(case.tensors) < 2:
        return None
    given, weight = case.shapes[:2]
    if len(weight) != 2 or not given:
        return case.says("shape", "linear_weight", first=_written(given), second=_written(weight))
    if given[-1] != weight[-1]:
        return _sizes(case, "linear", given[-1], weight[-1])
    if len(case.shapes) > 2 and case.shapes[2] not in ((weight[0],), (1,), ()):
        return case.says("shape", "linear_bias", third=_written(case.shapes[2]), units=weight[0])
    return _dtypes_differ(case)


def _broadcast(case: _Case) -> Explained | None:
    return _broadcast_of(case, *case.shapes[:2]) if len(case.tensors) > 1 else None


def _broadcast_of(case: _Case, first: Sequence[int], second: Sequence[int]) -> Explained | None:
    """The first place, counted from the right, whose sizes differ without one of them being 1."""
    pairs = enumerate(zip(reversed(first), reversed(second), strict=False), 1)
    clash = next(((place, a, b) for place, (a, b) in pairs if a != b and 1 not in (a, b)), None)
    return None if clash is None else _sizes(case, "broadcast", clash[1], clash[2], place=clash[0])


def _same_shape(case: _Case) -> Explained | None:
    if len(case.tensors) < 2 or case.shapes[0] == case.shapes[1]:
        return None
    return case.says("shape", "same_shape", first=_written(case.shapes[0]), second=_written(case.shapes[1]))


def _elements(case: _Case) -> Explained | None:
    """reshape and view: as many elements as before, with one -1 for what is left."""
    count, wanted = case.tensors[0].numel(), [int(each) for each in case.given[1:] if not isinstance(each, Tensor)]
    known = math.prod(each for each in wanted if each != -1)
    fits = known == count if -1 not in wanted else known > 0 and count % known == 0
    if fits and wanted.count(-1) < 2:
        return None
    shape = _written(case.shapes[0])
    return case.says("shape", "elements", first=shape, count=count, wanted=_written(wanted), needed=known)


def _contiguous(case: _Case) -> Explained | None:
    tensor = case.tensors[0]
    if tensor.is_contiguous():
        return None
    strides = _written(tensor.stride())
    return case.says("view", "view", first=_written(tensor.shape), strides=strides)


# ---------------------------------------------------------------- dims and indices
def _dim_in_range(case: _Case) -> Explained | None:
    dim, shape = case.node.dim, case.shapes[0] if case.shapes else ()
    most = max(len(shape), 1)
    if dim is None or -most <= dim < most:
        return None
    return case.says("index", "dim", dim=dim, first=_written(shape), least=-most, most=most - 1)


def _classes(case: _Case) -> Explained | None:
    """cross_entropy: one whole number for each sample, below the number of classes."""
    logits, targets = case.tensors[:2]
    if targets.ndim < logits.ndim and targets.is_floating_point():
        return case.says("dtype", "class_dtype", dtype=_name(targets))
    if targets.ndim < logits.ndim and logits.ndim > 1 and len(targets.reshape(-1)) != len(logits):
        return case.says("shape", "samples", a=len(logits), b=len(targets.reshape(-1)))
    if targets.is_floating_point() or not targets.numel():
        return None
    return _index(case, targets, logits.shape[1 if logits.ndim > 1 else 0])


def _one_hot(case: _Case) -> Explained | None:
    classes = case.tensors[0]
    if classes.dtype != torch.int64:
        return case.says("dtype", "class_dtype", dtype=_name(classes))
    count = next((int(each) for each in case.given[1:] if not isinstance(each, Tensor)), None)
    return _index(case, classes, count) if classes.numel() else None


def _index(case: _Case, indices: Tensor, count: int | None) -> Explained | None:
    least, most = int(indices.min()), int(indices.max())
    wrong = least if least < 0 else most if count is not None and most >= count else None
    return None if wrong is None else case.says("index", "class_range", index=wrong, last=(count or most + 1) - 1)


# ---------------------------------------------------------------- dtypes
def _name(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _dtypes_differ(case: _Case) -> Explained | None:
    names = [_name(each) for each in case.tensors]
    return None if len(set(names)) < 2 else case.says("dtype", "dtypes", dtypes=", ".join(names))


def _dtypes(case: _Case) -> Explained | None:
    names = list(dict.fromkeys(_name(each) for each in case.tensors))
    if len(names) > 1:
        return _dtypes_differ(case)
    return case.says("dtype", "dtype", dtype=names[0], name=case.node.op) if names else None


_ABOUT_DTYPES = ("dtype", "not implemented for", "type Float", "bool tensor", "Boolean", "LongTensor", "integer powers")
_CHECKS: dict[str, tuple[Check, ...]] = {
    "matmul": (_matmul,),
    "dot": (_dot,),
    "linear": (_linear,),
    "reshape": (_elements,),
    "view": (_elements, _contiguous),
    "bce": (_same_shape,),
    "bce_logits": (_same_shape,),
    "cross_entropy": (_classes,),
    "one_hot": (_one_hot,),
    **{
        op: (_broadcast,)
        for op in ("add", "sub", "mul", "div", "pow", "lt", "le", "gt", "ge", "eq", "ne", "max", "min",
                   "mse", "sse", "half_sse")
    },
}  # fmt: skip
