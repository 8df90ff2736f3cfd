"""Where weights start, as lines of a script: what engine/first_weights.py does."""

from __future__ import annotations

from collections.abc import Mapping

from engine.spec import Init

INITS: Mapping[str, str] = {
    "zeros": "nn.init.zeros_(parameter)",
    "uniform": "nn.init.uniform_(parameter, -{scale}, {scale})",
    "normal": "nn.init.normal_(parameter, std={scale})",
    "xavier": "nn.init.xavier_uniform_(parameter, gain={scale})",
    "kaiming": 'nn.init.kaiming_uniform_(parameter, nonlinearity="relu").mul_({scale})',
}


def lines(given: Init) -> tuple[str, ...]:
    """For a `model`; none where torch.nn's own start is kept."""
    if given.kind == "default":
        return ()
    return (
        "with torch.no_grad():",
        "    for parameter in model.parameters():",
        "        if parameter.ndim > 1:",
        f"            {INITS[given.kind].format(scale=given.factor)}",
        "        else:",
        "            nn.init.zeros_(parameter)",
    )
