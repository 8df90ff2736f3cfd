"""The lesson that the benchmarks open: XOR with training that does not end, and a field that does not come to rest."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

XOR: dict[str, Any] = {  # 20 iterations in an epoch
    "kind": "net",
    "seed": 7,
    "data": {"kind": "xor", "n": 2500, "noise": 0.1, "seed": 7, "test": 500},
    "layers": [
        {"name": "linear1", "kind": "linear", "out": 4},
        {"name": "act_fn", "kind": "tanh"},
        {"name": "linear2", "kind": "linear", "out": 1},
    ],
    "loss": "bce_logits",
    "optimizer": {"kind": "sgd", "lr": 0.1},
    "batch": {"size": 128, "order": "shuffle"},
    "epochs": 100,
}
ENDLESS = {**XOR, "data": {**XOR["data"], "noise": 0.4}, "epochs": 1_000_000}  # noise: the classes overlap
PANES = ["boundary", "loss", "tensors", "graph", "code"]
TITLE = "XOR"
PROSE = f"""\
# {TITLE}

Two numbers go in, and a net of four hidden units says whether exactly one of them is 1.

## Training {{#training}}

The boundary lies where the net says $p = \\frac{{1}}{{2}}$. Each iteration takes one batch of 128 points, computes the
**loss** and its gradient, and moves every weight a little:

$$w \\leftarrow w - \\eta \\, \\frac{{\\partial L}}{{\\partial w}}$$
"""


@contextmanager
def folder(experiment: dict[str, Any] = ENDLESS) -> Iterator[str]:
    """The folder of the lesson, on that experiment, while it is needed."""
    place = Path(tempfile.mkdtemp(prefix="dltutor-lesson-")) / "bench-xor"
    place.mkdir()
    lesson = {
        "format": 1,
        "id": place.name,
        "languages": ["en"],
        "experiment": experiment,
        "steps": [{"id": "training", "do": "show", "panes": PANES}],
    }
    (place / "lesson.yaml").write_text(yaml.safe_dump(lesson, sort_keys=False))
    (place / "en.md").write_text(PROSE)
    try:
        yield str(place)
    finally:
        shutil.rmtree(place.parent)
