"""The data of a net: made from a seed or read from a table; and the order in which an epoch visits the samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

import torch

from engine import spec
from engine.words import Refused


@dataclass(frozen=True, eq=False)
class Dataset:
    """x: (n, features); y: (n) or (n, outputs), whole numbers for classes. The test set may be None."""

    x: torch.Tensor
    y: torch.Tensor
    test_x: torch.Tensor | None = None
    test_y: torch.Tensor | None = None

    def __len__(self) -> int:
        return len(self.x)

    def to(self, device: torch.device) -> Dataset:
        """The same samples on `device`."""
        moved = (None if each is None else each.to(device) for each in (self.x, self.y, self.test_x, self.test_y))
        return Dataset(*moved)  # type: ignore[arg-type]


def make(given: spec.Points | spec.Table | spec.Csv, loss: spec.LossKind) -> Dataset:
    """The samples that `given` describes, on the CPU; targets are int64 for cross entropy, else float32.

    Raises Refused for kinds that are not there yet and for tables whose shapes do not fit.
    """
    dtype = torch.int64 if loss == "cross_entropy" else torch.float32
    match given:
        case spec.Points(kind="xor"):
            return _xor(given, dtype)
        case spec.Table():
            return _table(given, dtype)
        case spec.Points() | spec.Csv():
            raise Refused("data.kind_not_yet", kind=given.kind)
    assert_never(given)


def _xor(given: spec.Points, dtype: torch.dtype) -> Dataset:
    """Corners of the unit square, label 1 where they differ, with normal noise on the points."""
    generator = torch.Generator().manual_seed(given.seed)
    corners = torch.randint(0, 2, (given.n + given.test, 2), generator=generator).float()
    y = (corners.sum(1) == 1).to(dtype)
    x = corners + given.noise * torch.randn(corners.shape, generator=generator)
    n = given.n
    return Dataset(x[:n], y[:n], x[n:], y[n:]) if given.test else Dataset(x, y)


def _table(given: spec.Table, dtype: torch.dtype) -> Dataset:
    for name, values in (("x", given.x), ("y", given.y)):
        shape = spec.shape_of(values)
        if shape is None or not 1 <= len(shape) <= 2 or 0 in shape:
            raise Refused("data.ragged", name=name)
    if len(given.x) != len(given.y):
        raise Refused("data.lengths", x=len(given.x), y=len(given.y))
    x = _numbers("x", given.x)
    x = x if x.ndim == 2 else x.unsqueeze(1)
    if dtype == torch.int64:
        return Dataset(x, _classes(given.y))
    return Dataset(x, _numbers("y", given.y))


def _numbers(name: str, values: list[Any]) -> torch.Tensor:
    try:
        found = torch.tensor(values, dtype=torch.float32)
    except OverflowError as error:
        raise Refused("data.too_large", name=name) from error
    if not bool(torch.isfinite(found).all()):
        raise Refused("data.too_large", name=name)
    return found


def _classes(values: list[Any]) -> torch.Tensor:
    """(n) class indices; 2.0 is one as well as 2."""
    whole = all(isinstance(value, int | float) and 0 <= value < 2**31 and value == int(value) for value in values)
    if not whole:
        raise Refused("data.classes")
    return torch.tensor(values).to(torch.int64)


def epoch_seed(seed: int, epoch: int) -> int:
    """The seed of an epoch's order: a function of (seed, epoch) and nothing else."""
    return (seed * 1_000_003 + epoch) % 2**63


def order(kind: str, n: int, seed: int, epoch: int) -> torch.Tensor | None:
    """Indices (n) of the samples as `epoch` visits them; None for the order given."""
    if kind == "given":
        return None
    generator = torch.Generator().manual_seed(epoch_seed(seed, epoch))
    if kind == "random":
        return torch.randint(n, (n,), generator=generator)
    return torch.randperm(n, generator=generator)


def check_classes(dataset: Dataset, layers: list[spec.Layer]) -> None:
    """Raises Refused where a class index is not below the number of outputs."""
    outputs = next(layer.out for layer in reversed(layers) if layer.out)
    highest = int(max(each.max() for each in (dataset.y, dataset.test_y) if each is not None))
    if highest >= outputs:
        raise Refused("data.too_many_classes", highest=highest, outputs=outputs)
