"""The PyTorch script that does what an experiment does, line by line, each line with its phase."""

from __future__ import annotations

from engine import spec
from engine.code import graph_script, net_script
from engine.code.script import Line
from engine.graph import Graph

__all__ = ["Line", "lines"]


def lines(experiment: spec.Graph | spec.Net, graph: Graph) -> tuple[Line, ...]:
    """The script of `experiment`, which lowers to `graph`. Raises Refused for kinds not there yet."""
    if isinstance(experiment, spec.Net):
        return tuple(net_script.lines(experiment, graph))
    return tuple(graph_script.lines(experiment, graph))
