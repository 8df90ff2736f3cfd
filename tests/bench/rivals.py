"""What one would write without the tutor: the same net on the same data, as courses teach it, and with slices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from tests.bench.lesson import XOR

Pair = tuple[torch.Tensor, torch.Tensor]


@contextmanager
def one_thread() -> Iterator[None]:
    """As in the engine's process: nets this small only lose by more of them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Samples(Dataset[Pair]):
    """XOR with noise, a sample at a time."""

    def __init__(self) -> None:
        data = XOR["data"]
        generator = torch.Generator().manual_seed(data["seed"])
        x = torch.randint(0, 2, (data["n"], 2), generator=generator).float()
        self.y = (x.sum(1) == 1).float()
        self.x = x + data["noise"] * torch.randn(x.shape, generator=generator)

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> Pair:
        return self.x[index], self.y[index]


def build() -> tuple[nn.Module, torch.optim.Optimizer]:
    """The net, and its optimizer."""
    torch.manual_seed(XOR["seed"])
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    return model, torch.optim.SGD(model.parameters(), lr=XOR["optimizer"]["lr"])


def step(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, y: torch.Tensor) -> float:
    """One iteration; its loss."""
    loss: torch.Tensor = nn.functional.binary_cross_entropy_with_logits(model(x).squeeze(1), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def as_taught() -> list[float]:
    """Dataset, DataLoader, autograd, torch.optim; the losses are kept."""
    model, optimizer = build()
    loader = DataLoader(Samples(), batch_size=XOR["batch"]["size"], shuffle=True)
    return [step(model, optimizer, x, y) for _ in range(XOR["epochs"]) for x, y in loader]


def with_slices() -> list[float]:
    """The same without the DataLoader: a permutation an epoch, and slices of the tensors."""
    model, optimizer = build()
    data = Samples()
    losses = []
    for _ in range(XOR["epochs"]):
        for batch in torch.randperm(len(data)).split(XOR["batch"]["size"]):
            losses.append(step(model, optimizer, data.x[batch], data.y[batch]))
    return losses
