"""The register of panes, by the names that lesson.yaml uses. A new pane is one file and one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui.panes.pane import Pane


def _any(experiment: Any) -> bool:
    return True


def _trains(experiment: Any) -> bool:
    return experiment.kind == "net" or experiment.optimizer is not None


def _in_the_plane(experiment: Any) -> bool:
    """A net on two features: what its boundary is drawn over."""
    if experiment.kind != "net" or experiment.data.kind in ("line", "csv"):
        return False
    return experiment.data.kind != "table" or all(isinstance(row, list) and len(row) == 2 for row in experiment.data.x)


def _has_slopes(experiment: Any) -> bool:
    """Something that a gradient can reach: what the loss is drawn over."""
    if experiment.kind == "net":
        return True
    given = [experiment.input(name) for name in experiment.inputs]
    return any(each.dtype.startswith("float") and each.grad is not False for each in given)


@dataclass(frozen=True, slots=True)
class Row:
    """Where a pane's class is, imported when it is first shown, and the experiments that have something for it."""

    place: str
    suits: Callable[[Any], bool] = _any


PANES = {
    "graph": Row("tui.panes.graph:GraphPane"),
    "tensors": Row("tui.panes.tensors:TensorsPane"),
    "loss": Row("tui.panes.loss:LossPane", _trains),
    "boundary": Row("tui.panes.boundary:BoundaryPane", _in_the_plane),
    "code": Row("tui.panes.code:CodePane"),
    "operation": Row("tui.panes.operation:OperationPane"),
    "jacobian": Row("tui.panes.jacobian:JacobianPane"),
    "paths": Row("tui.panes.paths:PathsPane"),
    "plot": Row("tui.panes.plot:PlotPane", _has_slopes),
    "derivatives": Row("tui.panes.derivatives:DerivativesPane"),
}


def names_for(experiment: Any) -> tuple[str, ...]:
    """The panes that this experiment has, in the order of their numbers."""
    return tuple(name for name, row in PANES.items() if row.suits(experiment))


def pane_class(name: str) -> type[Pane]:
    """The class of a pane. Raises KeyError for a name that is not registered."""
    module, _, attribute = PANES[name].place.partition(":")
    found: type[Pane] = getattr(import_module(module), attribute)
    return found
