"""Checks of one experiment beyond its schema: its expressions, its names, and shapes that must fit one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath

from engine import code, mutations
from engine import graph as graphs
from engine.code import Line
from engine.expression import ExpressionError, check_new_name, nearest, parse
from engine.graph import LAYERS, LOSSES, from_expressions, from_layers, nodes_of
from engine.spec import MAX_NODES, Graph, Layer, Net, Optimizer, shape_of
from engine.words import Refused, Sentence
from lessons import data_checks
from lessons.report import Report
from lessons.strict_yaml import Path

# Where in a net or graph a refusal of the engine belongs; elsewhere it is about the whole.
_PLACES: dict[str, Path] = {
    "graph.optimizer_and_parameters": ("optimizer",),
    "graph.too_many_nodes": ("nodes",),
    "net.targets": ("loss",),
    "net.one_class": ("loss",),
    "net.too_large": ("layers",),
    "net.no_parameters": ("layers",),
}
# A loss that applies the last activation itself -> that activation, and the mutation that is about doing it twice.
_ACTIVATES = {"bce_logits": ("sigmoid", "double_sigmoid"), "cross_entropy": ("softmax", "softmax_before_ce")}


@dataclass(frozen=True)
class Known:
    """What the steps and the prose may say about an experiment. names None: not known, because of other findings."""

    names: tuple[str, ...] | None  # what expressions may use, besides metrics
    editable: dict[str, tuple[int, ...] | None]  # name -> shape, None where it is not known
    differentiable: frozenset[str] = frozenset()
    phases: tuple[str, ...] = ("forward", "loss", "backward", "step")
    features: int | None = None  # of a net's data
    graph: graphs.Graph | None = None  # None where it is not known
    experiment: Graph | Net | None = None

    @property
    def script(self) -> tuple[Line, ...] | None:
        """The lines of its script; None where they are not known, or there is no script yet."""
        if self.experiment is None or self.graph is None:
            return None
        try:
            return code.lines(self.experiment, self.graph)
        except Refused:
            return None


def check(report: Report, path: Path, experiment: Graph | Net, folder: FilePath) -> Known:
    """Reports what is wrong with the experiment that stands at `path` of the lesson in `folder`."""
    if isinstance(experiment, Graph):
        return _check_graph(report, path, experiment)
    return _check_net(report, path, experiment, folder)


# ---------------------------------------------------------------- graphs
def _check_graph(report: Report, path: Path, given: Graph) -> Known:
    before = len(report.findings)
    for name in given.inputs:
        _check_input(report, (*path, "inputs", name), name, given)
    known = list(given.inputs)
    count = 0
    for name, text in given.nodes.items():
        count += _check_node(report, (*path, "nodes", name), name, text, known)
        if name not in known:
            known.append(name)
    if count > MAX_NODES:
        report.key((*path, "nodes"), "graph.too_many_nodes", limit=MAX_NODES)
    if given.output is not None and given.output not in given.nodes:
        _unknown(report, (*path, "output"), "graph.unknown_output", given.output, given.nodes)
    for index, name in enumerate(given.parameters):
        if name not in given.inputs:
            _unknown(report, (*path, "parameters", index), "graph.unknown_parameter", name, given.inputs)
    if len(report.findings) == before:
        built = _built(report, path, given)
        if built is not None:
            return _known(built, given)
    return Known(None, {name: _shape(given, name) for name in given.inputs})


def _built(report: Report, path: Path, given: Graph) -> graphs.Graph | None:
    """What the engine makes of a graph in which each part by itself is right."""
    try:
        return from_expressions(given)
    except Refused as error:
        report.refused((*path, *_PLACES.get(error.sentence.key, ())), error)
        return None


def _check_input(report: Report, path: Path, name: str, given: Graph) -> None:
    _check_name(report, path, name)
    written = given.input(name)
    if shape_of(written.value) is None:
        report.value(path, "graph.ragged", name=name)
    if written.grad and not written.dtype.startswith("float"):
        report.value((*path, "grad"), "graph.integer_gradient", None, "warning", name=name, dtype=written.dtype)
    if name in given.parameters and (written.grad is False or not written.dtype.startswith("float")):
        report.key(path, "graph.constant_parameter", name=name)


def _check_node(report: Report, path: Path, name: str, text: str, known: list[str]) -> int:
    """Reports what is wrong with one node; the number of operations in it."""
    _check_name(report, path, name)
    if name in known:
        report.key(path, "graph.name_twice", name=name)
    try:
        return len(nodes_of(name, parse(text), tuple(known)))
    except ExpressionError as error:
        report.expression(path, text, error)
    except Refused as error:
        report.refused(path, error)
    return 1


def _check_name(report: Report, path: Path, name: str) -> None:
    try:
        check_new_name(name)
    except Refused as error:
        report.refused(path, error, on_key=True)


def _unknown(report: Report, path: Path, key: str, name: str, known: Iterable[str]) -> None:
    report.value(path, key, name=name, hint=nearest(name, tuple(known)))


def _shape(given: Graph, name: str) -> tuple[int, ...] | None:
    return shape_of(given.input(name).value)


def _known(built: graphs.Graph, given: Graph | Net, features: int | None = None) -> Known:
    names = (*(leaf.name for leaf in built.leaves), *(node.name for node in built.nodes))
    editable = {leaf.name: leaf.shape for leaf in built.leaves if leaf.role in ("input", "parameter")}
    return Known(names, editable, built.differentiable, built.phases, features, built, given)


# ---------------------------------------------------------------- nets
def _check_net(report: Report, path: Path, given: Net, folder: FilePath) -> Known:
    before = len(report.findings)
    _check_layer_names(report, path, given)
    widths = data_checks.check(report, path, given, folder)
    try:
        mutations.of(given)
    except Refused as error:
        report.refused((*path, "mutation"), error)
        given = given.model_copy(update={"mutation": None})
    _check_last_layer(report, path, given)
    if len(report.findings) > before or widths is None:
        return Known(None, {}, features=widths[0] if widths else None)
    built, whole = _lowered(report, path, given, *widths)
    if built is None:
        return Known(None, {}, features=widths[0])
    known = _known(built, given, widths[0])
    if not whole:
        known = Known(None, {}, features=widths[0])
    else:
        _check_params(report, path, given, known.editable)
        data_checks.check_classes(report, path, given)
    return known


def _check_layer_names(report: Report, path: Path, given: Net) -> None:
    seen = {"x", "y"}
    for index, layer in enumerate(given.layers):
        place = (*path, "layers", index, "name")
        try:
            check_new_name(layer.name)
        except Refused as error:
            report.refused(place, error)
        if layer.name in seen:
            report.value(place, "graph.name_twice", name=layer.name)
        seen.add(layer.name)


def _lowered(
    report: Report, path: Path, given: Net, features: int, targets: int | None
) -> tuple[graphs.Graph | None, bool]:
    """The net's graph, and whether it is all of it: what the engine cannot build yet is valid here and left out."""
    given = mutations.wrong(given)
    layers = [each if each.kind in LAYERS else Layer(name=each.name, kind="identity") for each in given.layers]
    plain = {
        "layers": layers,
        "loss": given.loss if given.loss in LOSSES else "mse",
        "optimizer": given.optimizer if given.optimizer.kind else Optimizer(kind="sgd"),
    }
    try:
        return from_layers(given.model_copy(update=plain), features, targets), layers == given.layers
    except Refused as error:
        report.refused((*path, *_PLACES.get(error.sentence.key, ())), error)
        return None, False


def _check_last_layer(report: Report, path: Path, given: Net) -> None:
    last = given.layers[-1].kind
    activation, mutation = _ACTIVATES.get(given.loss, ("", ""))
    if last in (activation, "sigmoid", "softmax") and activation and given.mutation != mutation:
        report.value(
            (*path, "loss"), "lesson.twice_activated", Sentence("hint.drop_last", {"name": given.layers[-1].name}),
            loss=given.loss, activation=activation, layer=last,
        )  # fmt: skip
    if given.loss == "bce" and last not in ("sigmoid", "softmax", "heaviside"):
        report.value((*path, "loss"), "lesson.bce_of_logits", severity="warning", layer=last)


def _check_params(report: Report, path: Path, given: Net, shapes: dict[str, tuple[int, ...] | None]) -> None:
    for name, values in given.params.items():
        place = (*path, "params", name)
        if name not in shapes:
            _unknown(report, place, "edit.unknown", name, shapes)
        else:
            check_shape(report, place, name, shapes[name], shape_of(values))


def check_shape(
    report: Report, path: Path, name: str, wanted: tuple[int, ...] | None, given: tuple[int, ...] | None
) -> None:
    """Reports a value at `path` whose shape is not the one that `name` has (None where that is not known)."""
    if given is None:
        report.value(path, "graph.ragged", name=name)
    elif wanted is not None and wanted != given:
        transposed = len(wanted) == 2 and wanted == given[::-1]
        key = "edit.transposed" if transposed else "edit.shape"
        advice = Sentence("hint.torch_shapes") if name.endswith(".weight") else None
        report.value(path, key, advice, name=name, wanted=str(wanted), given=str(given))
