"""Where a net's weights start: torch.nn's own way, or one of torch.nn.init's; biases then start at 0.

engine/code/init_script.py says the same as lines of a script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import nn

from engine.spec import Init

# kind -> what is done with a weight (float32, in place), given the scale
INITS: Mapping[str, Callable[[torch.Tensor, float], object]] = {
    "zeros": lambda weight, scale: nn.init.zeros_(weight),
    "uniform": lambda weight, scale: nn.init.uniform_(weight, -scale, scale),
    "normal": lambda weight, scale: nn.init.normal_(weight, std=scale),
    "xavier": lambda weight, scale: nn.init.xavier_uniform_(weight, gain=scale),
    "kaiming": lambda weight, scale: nn.init.kaiming_uniform_(weight, nonlinearity="relu").mul_(scale),
}


def drawn(values: Mapping[str, torch.Tensor], given: Init) -> dict[str, torch.Tensor]:
    """The parameters as `given` starts them: weights in their order from torch's generator, biases 0."""
    if given.kind == "default":
        return dict(values)
    found = {name: torch.zeros_like(value) for name, value in values.items()}
    for value in found.values():
        if value.ndim > 1:
            INITS[given.kind](value, given.factor)
    return found
