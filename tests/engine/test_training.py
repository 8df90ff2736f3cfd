"""Training equals a plain PyTorch loop with the same seed and order, bit for bit, over 2000 steps."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from engine import messages as m
from engine.data import epoch_seed
from engine.session import Session
from engine.spec import EXPERIMENT

OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"kind": "sgd", "lr": 0.1},
    "momentum": {"kind": "sgd", "lr": 0.02, "momentum": 0.9},
    "nesterov": {"kind": "sgd", "lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3},
    "adam": {"kind": "adam", "lr": 0.003},
    "decayed adam": {"kind": "adam", "lr": 0.003, "weight_decay": 1e-3},
}
ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "gelu": nn.GELU, "leaky_relu": nn.LeakyReLU}


def plain_loop(spec: dict[str, Any], steps: int) -> tuple[nn.Module, list[float]]:
    """The loop that courses teach, with nothing of the engine but the seeds that it documents."""
    generator = torch.Generator().manual_seed(spec["data"]["seed"])
    n = spec["data"]["n"]
    x = torch.randint(0, 2, (n, 2), generator=generator).float()
    y = (x.sum(1) == 1).float()
    x = x + spec["data"]["noise"] * torch.randn(x.shape, generator=generator)
    torch.manual_seed(spec["seed"])
    hidden = ACTIVATIONS[spec["layers"][1]["kind"]]
    model = nn.Sequential(nn.Linear(2, 4), hidden(), nn.Linear(4, 1))
    choice = dict(spec["optimizer"])
    kind = torch.optim.Adam if choice.pop("kind") == "adam" else torch.optim.SGD
    optimizer = kind(model.parameters(), foreach=False, **choice)
    criterion = {"bce_logits": nn.BCEWithLogitsLoss, "mse": nn.MSELoss}[spec["loss"]]()
    losses: list[float] = []
    for epoch in range(10_000):
        order = torch.randperm(n, generator=torch.Generator().manual_seed(epoch_seed(spec["seed"], epoch)))
        for batch in order.split(spec["batch"]["size"]):
            loss = criterion(model(x[batch]).squeeze(1), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if len(losses) == steps:
                return model, losses
    raise AssertionError


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("hidden", "loss"), [("tanh", "bce_logits"), ("relu", "mse"), ("gelu", "bce_logits")])
def test_two_thousand_steps_have_the_bits_of_a_plain_loop(optimizer: str, hidden: str, loss: str) -> None:
    spec: dict[str, Any] = {
        "kind": "net",
        "seed": 11,
        "data": {"kind": "xor", "n": 300, "noise": 0.1, "seed": 5},
        "layers": [
            {"name": "linear1", "kind": "linear", "out": 4},
            {"name": "act_fn", "kind": hidden},
            {"name": "linear2", "kind": "linear", "out": 1},
        ],
        "loss": loss,
        "optimizer": OPTIMIZERS[optimizer],
        "batch": {"size": 64, "order": "shuffle"},
    }
    session = Session(EXPERIMENT.validate_python(spec))
    session.apply(m.Advance("iteration", 2000))
    session.finish()
    model, losses = plain_loop(spec, 2000)
    ours = session.look().parameters
    theirs = dict(
        zip(("linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"), model.parameters(), strict=True)
    )
    assert all(torch.equal(ours[name], value) for name, value in theirs.items())
    assert list(session.timeline.losses()) == losses
