"""How parameters change: torch.optim's updates as functions, to the same bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import torch

from engine import spec
from engine.words import Refused

Slots = Mapping[str, torch.Tensor | int]  # what the optimizer remembers of one parameter
Update = Callable[[spec.Optimizer, float, torch.Tensor, torch.Tensor, Slots, bool], tuple[torch.Tensor, Slots]]


def sgd(
    given: spec.Optimizer, lr: float, parameter: torch.Tensor, grad: torch.Tensor, slots: Slots, in_place: bool = False
) -> tuple[torch.Tensor, Slots]:
    """torch.optim.SGD(foreach=False), with momentum, nesterov and weight decay."""
    if given.weight_decay:
        grad = grad.add(parameter, alpha=given.weight_decay)
    if given.momentum:
        before = slots.get("momentum_buffer")
        if isinstance(before, torch.Tensor):
            momentum = _constant(given.momentum, before.dtype)
            buffer = torch.mul(before, momentum, out=before if in_place else None).add_(grad)
        else:
            buffer = grad.clone()
        slots = {"momentum_buffer": buffer}
        grad = grad.add(buffer, alpha=given.momentum) if given.nesterov else buffer
    return torch.add(parameter, grad, alpha=-lr, out=parameter if in_place else None), slots


def adam(
    given: spec.Optimizer, lr: float, parameter: torch.Tensor, grad: torch.Tensor, slots: Slots, in_place: bool = False
) -> tuple[torch.Tensor, Slots]:
    """torch.optim.Adam(foreach=False, fused=False) with its default betas and eps (Kingma and Ba 2015)."""
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    if given.weight_decay:
        grad = grad.add(parameter, alpha=given.weight_decay)
    step = int(slots.get("step", 0)) + 1
    first, second = _slot(slots, "exp_avg", parameter), _slot(slots, "exp_avg_sq", parameter)
    first = torch.lerp(first, grad, 1 - beta1, out=first if in_place else None)
    decay = _constant(beta2, second.dtype)
    second = torch.mul(second, decay, out=second if in_place else None).addcmul_(grad, grad, value=1 - beta2)
    denominator = second.sqrt().div_((1 - beta2**step) ** 0.5).add_(_constant(eps, second.dtype))
    size = -(lr / (1 - beta1**step))
    new = torch.addcdiv(parameter, first, denominator, value=size, out=parameter if in_place else None)
    return new, {"step": step, "exp_avg": first, "exp_avg_sq": second}


@lru_cache(16)
def _constant(value: float, dtype: torch.dtype) -> torch.Tensor:
    """The number as torch would make it a tensor at every call; to have it costs less than the update of a small net.

    On the CPU for all devices: there a kernel takes it as a number.
    """
    return torch.tensor(value, dtype=dtype)


def _slot(slots: Slots, name: str, parameter: torch.Tensor) -> torch.Tensor:
    found = slots.get(name)
    return found if isinstance(found, torch.Tensor) else torch.zeros_like(parameter)


# parameter, gradient and slots -> the new parameter and slots; `in_place`: in the memory of the old ones
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
