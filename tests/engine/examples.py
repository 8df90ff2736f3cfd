"""Small experiments for the engine's tests."""

from __future__ import annotations

from typing import Any

from engine.spec import EXPERIMENT, Graph, Net

GRAPH_J: dict[str, Any] = {
    "kind": "graph",
    "inputs": {"a": 3, "b": 1, "c": -2},
    "nodes": {"h": "2 * b", "g": "a + h", "J": "g * c"},
}
NET: dict[str, Any] = {  # 3 iterations in an epoch
    "kind": "net",
    "seed": 3,
    "data": {"kind": "xor", "n": 10, "noise": 0.1, "seed": 1, "test": 6},
    "layers": [
        {"name": "linear1", "kind": "linear", "out": 4},
        {"name": "act_fn", "kind": "tanh"},
        {"name": "linear2", "kind": "linear", "out": 1},
    ],
    "loss": "bce_logits",
    "optimizer": {"kind": "sgd", "lr": 0.5},
    "batch": {"size": 4, "order": "shuffle"},
    "epochs": 4,
}
LONG: dict[str, Any] = {  # 2500 iterations in an epoch, seconds of work
    **NET,
    "data": {"kind": "xor", "n": 2500, "noise": 0.1, "seed": 1, "test": 6},
    "batch": {"size": 1, "order": "shuffle"},
    "epochs": 1000,
}


def graph(inputs: dict[str, Any], nodes: dict[str, str], **more: Any) -> Graph:
    """A graph experiment."""
    found = EXPERIMENT.validate_python({"kind": "graph", "inputs": inputs, "nodes": nodes, **more})
    assert isinstance(found, Graph)
    return found


def net(base: dict[str, Any] = NET, **changes: Any) -> Net:
    """A net experiment; `changes` replace keys of the lesson."""
    found = EXPERIMENT.validate_python({**base, **changes})
    assert isinstance(found, Net)
    return found
