"""How parameters change: torch.optim's updates as functions, to the same bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch

from engine import spec
from engine.words import Refused

Slots = Mapping[str, torch.Tensor | int]  # what the optimizer remembers of one parameter
Update = Callable[[spec.Optimizer, float, torch.Tensor, torch.Tensor, Slots], tuple[torch.Tensor, Slots]]


def sgd(
    given: spec.Optimizer, lr: float, parameter: torch.Tensor, grad: torch.Tensor, slots: Slots
) -> tuple[torch.Tensor, Slots]:
    """torch.optim.SGD(foreach=False), with momentum, nesterov and weight decay."""
    if given.weight_decay:
        grad = grad.add(parameter, alpha=given.weight_decay)
    if given.momentum:
        before = slots.get("momentum_buffer")
        buffer = grad.clone() if before is None else torch.mul(before, given.momentum).add_(grad)
        slots = {"momentum_buffer": buffer}
        grad = grad.add(buffer, alpha=given.momentum) if given.nesterov else buffer
    return parameter.add(grad, alpha=-lr), slots


def adam(
    given: spec.Optimizer, lr: float, parameter: torch.Tensor, grad: torch.Tensor, slots: Slots
) -> tuple[torch.Tensor, Slots]:
    """torch.optim.Adam(foreach=False, fused=False) with its default betas and eps (Kingma and Ba 2015)."""
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    if given.weight_decay:
        grad = grad.add(parameter, alpha=given.weight_decay)
    step = int(slots.get("step", 0)) + 1
    first = torch.lerp(_slot(slots, "exp_avg", parameter), grad, 1 - beta1)
    second = _slot(slots, "exp_avg_sq", parameter).mul(beta2).addcmul_(grad, grad, value=1 - beta2)
    denominator = (second.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
    new = parameter.addcdiv(first, denominator, value=-(lr / (1 - beta1**step)))
    return new, {"step": step, "exp_avg": first, "exp_avg_sq": second}


def _slot(slots: Slots, name: str, parameter: torch.Tensor) -> torch.Tensor:
    found = slots.get(name)
    return found if isinstance(found, torch.Tensor) else torch.zeros_like(parameter)


OPTIMIZERS: dict[str, Update] = {"sgd": sgd, "adam": adam}


def update_rule(given: spec.Optimizer) -> Update:
    """The update of `given`. Raises Refused for one that is not there yet."""
    kind = given.kind or given.rule
    if kind not in OPTIMIZERS:
        raise Refused("net.optimizer_not_yet", kind=str(kind))
    return OPTIMIZERS[kind]


def moved(slots: Slots, device: torch.device) -> Slots:
    """The same slots on `device`."""
    return {name: value.to(device) if isinstance(value, torch.Tensor) else value for name, value in slots.items()}
