"""What a learner may change while an experiment runs, besides its numbers: how it trains, and on which device."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

import torch

from engine import spec
from engine.messages import Setting
from engine.optimizers import OPTIMIZERS
from engine.words import Refused

NAMES = ("lr", "optimizer.kind", "optimizer.momentum", "batch.size", "batch.order", "run.seed", "run.device")


@dataclass(frozen=True)
class Settings:
    """The settings in force. Epochs are counted from `first_iteration`, which begins epoch `first_epoch`."""

    lr: float
    optimizer: spec.Optimizer | None
    batch: spec.Batch
    seed: int
    device: torch.device
    first_iteration: int = 0
    first_epoch: int = 0


def told(settings: Settings) -> dict[str, Setting]:
    """The settings by NAMES; those of an optimizer and of batches only where there is one."""
    found: dict[str, Setting] = {"run.seed": settings.seed, "run.device": str(settings.device)}
    if settings.optimizer is not None:
        found |= {"lr": settings.lr, "optimizer.kind": settings.optimizer.kind}
        found |= {"optimizer.momentum": settings.optimizer.momentum}
        found |= {"batch.size": settings.batch.size, "batch.order": settings.batch.order}
    return found


def changed(settings: Settings, name: str, value: object) -> Settings:
    """The settings with one of NAMES set. Raises Refused for a value that it cannot have."""
    match name, value:
        case "lr", float() | int():
            return replace(settings, lr=float(value))
        case "run.seed", int() | float() if value == int(value) >= 0:
            return replace(settings, seed=int(value))
        case "run.device", str():
            return replace(settings, device=torch.device(value))
        case ("optimizer.kind", str()) if settings.optimizer is not None and value in OPTIMIZERS:
            return replace(settings, optimizer=settings.optimizer.of_kind(value))
        case ("optimizer.momentum", float() | int()) if settings.optimizer is not None and 0 <= value < 1:
            return replace(settings, optimizer=_with_momentum(settings.optimizer, float(value)))
        case "batch.size", float() | int() if value == int(value) >= 1:
            return replace(settings, batch=settings.batch.model_copy(update={"size": int(value)}))
        case "batch.size", "all":
            return replace(settings, batch=settings.batch.model_copy(update={"size": "all"}))
        case "batch.order", str() if value in get_args(spec.Batch.model_fields["order"].annotation):
            return replace(settings, batch=settings.batch.model_copy(update={"order": value}))
    raise Refused("settings.value", name=name, value=str(value))


def _with_momentum(given: spec.Optimizer, momentum: float) -> spec.Optimizer:
    if given.kind != "sgd":
        raise Refused("settings.momentum")
    return given.with_momentum(momentum)
