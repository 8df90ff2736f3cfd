"""Where values come from: a graph's inputs, a net's first weights, and the learner's edits of both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn

from engine import spec
from engine.devices import present
from engine.expression import nearest
from engine.first_weights import drawn
from engine.graph import Graph
from engine.messages import NOTES, Change
from engine.settings import NAMES, changed
from engine.state import State
from engine.words import Refused


def initial(given: spec.Graph | spec.Net, graph: Graph, seed: int) -> dict[str, torch.Tensor]:
    """The values at the start, on the CPU, by name."""
    if isinstance(given, spec.Graph):
        return {name: _input(name, given.input(name)) for name in given.inputs}
    values = _built(graph, seed, given.init)
    for name, numbers in given.params.items():
        _check_parameter(name, numbers, values)
        values[name] = _fitting(name, numbers, values[name].dtype)
    return values


def _input(name: str, given: spec.Input) -> torch.Tensor:
    if spec.shape_of(given.value) is None:
        raise Refused("graph.ragged", name=name)
    return _fitting(name, given.value, getattr(torch, given.dtype))


def _built(graph: Graph, seed: int, init: spec.Init) -> dict[str, torch.Tensor]:
    """Exactly torch.manual_seed(seed) followed by building the torch.nn layers in order, and then `init`."""
    values: dict[str, torch.Tensor] = {}
    shapes = {leaf.name: leaf.shape for leaf in graph.leaves}
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed, but for the GPUs: weights are made on the CPU
        for node in graph.nodes:
            if len(shapes.get(f"{node.name}.weight") or ()) == 2:  # a linear layer, however it is computed
                out, features = cast(tuple[int, int], shapes[f"{node.name}.weight"])
                layer = nn.Linear(features, out)
                values |= {f"{node.name}.{name}": value.detach() for name, value in layer.named_parameters()}
        return drawn(values, init)


def _check_parameter(name: str, numbers: spec.Values, values: dict[str, torch.Tensor]) -> None:
    if name not in values:
        raise Refused("edit.unknown", name=name, hint=nearest(name, tuple(values)))
    _check_shape(name, numbers, tuple(values[name].shape))


def _check_shape(name: str, numbers: spec.Values, wanted: tuple[int, ...]) -> None:
    given = spec.shape_of(numbers)
    if given != wanted:
        shown = "?" if given is None else str(given)
        transposed = given is not None and len(given) > 1 and given == wanted[::-1]
        raise Refused("edit.transposed" if transposed else "edit.shape", name=name, wanted=str(wanted), given=shown)


def seed_gradient(given: spec.Graph, graph: Graph, device: torch.device) -> torch.Tensor | None:
    """The gradient that backward starts from, where the lesson gives one."""
    if given.seed_gradient is None:
        return None
    if spec.shape_of(given.seed_gradient) is None:
        raise Refused("graph.ragged", name="seed_gradient")
    return torch.tensor(given.seed_gradient, dtype=torch.float64, device=device)  # the output's dtype is not known yet


# ---------------------------------------------------------------- edits
@dataclass(frozen=True, eq=False)
class Checked:
    """One edit that fits: `index` None sets all of `name`."""

    name: str
    index: tuple[int, ...] | None
    value: float | str | torch.Tensor  # a tensor for values, a number or a word for settings


def check(changes: tuple[Change, ...], state: State, trains: bool) -> list[Checked]:
    """The edits, ready to be applied. Raises Refused, and then none of them is."""
    settings, values = state.settings, dict(state.parameters)
    found = []
    for change in changes:
        if change.name in NOTES:
            checked = _check_note(change)
        elif change.name in NAMES and (trains or change.name == "run.device"):
            checked = _check_setting(change)
            settings = changed(settings, change.name, checked.value)
        else:
            checked = _check(change, values)
        found.append(checked)
    return found


def _check_note(change: Change) -> Checked:
    value = change.value
    speed = change.name == "run.speed" and isinstance(value, int | float) and 0 < value < math.inf
    if change.index is not None or isinstance(value, list) or not (speed or value in NOTES[change.name]):
        raise Refused("settings.value", name=change.name, value=str(value))
    return Checked(change.name, None, value)


def _check_setting(change: Change) -> Checked:
    value = change.value
    if change.name == "lr" and not (isinstance(value, int | float) and 0 <= value < math.inf):
        raise Refused("edit.lr")
    if change.index is not None or isinstance(value, list) or (isinstance(value, float) and not math.isfinite(value)):
        raise Refused("settings.value", name=change.name, value=str(value))
    if change.name == "run.device":
        return Checked(change.name, None, present(str(value)))
    return Checked(change.name, None, value)


def _check(change: Change, values: dict[str, torch.Tensor]) -> Checked:
    if change.name not in values:
        raise Refused("edit.unknown", name=change.name, hint=nearest(change.name, tuple(values)))
    tensor = values[change.name]
    if change.index is not None:
        fits = len(change.index) == tensor.ndim
        if not fits or not all(-size <= at < size for at, size in zip(change.index, tensor.shape, strict=True)):
            raise Refused("edit.index", name=change.name, index=str(list(change.index)), shape=str(tuple(tensor.shape)))
    if isinstance(change.value, str):
        raise _does_not_fit(change.name, tensor.dtype)
    _check_shape(change.name, change.value, () if change.index is not None else tuple(tensor.shape))
    value = _fitting(change.name, change.value, tensor.dtype)
    if not bool(torch.isfinite(value).all()):
        raise _does_not_fit(change.name, tensor.dtype)
    return Checked(change.name, change.index, value.to(tensor.device))


def _fitting(name: str, numbers: spec.Values, dtype: torch.dtype) -> torch.Tensor:
    """The numbers in this dtype. Raises Refused where they have no place there: 1.5 in an int64, 1e300 in a float32."""
    try:
        exact, value = torch.tensor(numbers, dtype=torch.float64), torch.tensor(numbers, dtype=dtype)
    except (OverflowError, RuntimeError, TypeError, ValueError) as error:
        raise _does_not_fit(name, dtype) from error
    same = torch.isfinite(value) == torch.isfinite(exact) if dtype.is_floating_point else value.double() == exact
    if not bool(same.all()):
        raise _does_not_fit(name, dtype)
    return value


def _does_not_fit(name: str, dtype: torch.dtype) -> Refused:
    return Refused("edit.does_not_fit", name=name, dtype=str(dtype).removeprefix("torch."))


def applied(value: torch.Tensor, change: Checked) -> torch.Tensor:
    """A new value after the edit; the one that was given stays as it is."""
    edited = cast(torch.Tensor, change.value).to(value.device)
    if change.index is None:
        return edited.clone()
    new = value.clone()
    new[change.index] = edited
    return new
