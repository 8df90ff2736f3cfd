"""The script of a graph: its inputs as tensors, a line per node, backward, and the optimizer if there is one."""

from __future__ import annotations

from collections.abc import Iterator

from engine import spec
from engine.code.expressions import HELPERS, helpers, source
from engine.code.script import Line, doing, folded, literal, optimizer, plain
from engine.expression import Expression, parse
from engine.graph import Graph

ITERATIONS = 100  # of a graph with an optimizer, which has no end of its own


def lines(given: spec.Graph, graph: Graph, opening: tuple[str, ...] = ("",)) -> Iterator[Line]:
    """The script of a graph: inputs, a line per node, backward; in a loop where there is an optimizer."""
    variable = variables(given)
    yield from beginning(given, graph, opening)
    if given.optimizer is not None:
        yield Line("")
        yield Line(f"for iteration in range({ITERATIONS}):", does="iterations")
        yield from iteration(given, graph, variable, "    ")
    else:
        yield Line("")
        yield from iteration(given, graph, variable, "")


def beginning(given: spec.Graph, graph: Graph, opening: tuple[str, ...]) -> Iterator[Line]:
    """All that stands before the first node: what follows on the import (`opening`), helpers, inputs, optimizer."""
    trees, variable = trees_of(given), variables(given)
    yield Line("import torch", does="import")
    yield from plain(*opening)
    for name in dict.fromkeys(name for tree in trees.values() for name in helpers(tree)):
        yield from doing("helper", plain("", *HELPERS[name], ""))
    for leaf in graph.leaves:
        made = _input(variable[leaf.name], given.input(leaf.name), leaf.differentiable)
        yield from doing("input", made, leaf.name)
    if given.optimizer is not None:
        yield Line("")
        yield Line(f"optimizer = {optimizer(given.optimizer, parameters(given))}", does="optimizer")


def trees_of(given: spec.Graph) -> dict[str, Expression]:
    """The nodes' expressions, read."""
    return {name: parse(text) for name, text in given.nodes.items()}


def parameters(given: spec.Graph) -> str:
    """What the optimizer is given: `[a, b]`."""
    variable = variables(given)
    return f"[{', '.join(variable[name] for name in given.parameters)}]"


def iteration(
    given: spec.Graph, graph: Graph, variable: dict[str, str], indent: str, retain: bool = True, again: int = 0
) -> Iterator[Line]:
    """A line per node, backward where anything has a gradient, and the step if there is one, each with its phase.

    With `retain` the gradients of what lies between are kept. Backward is done so many times `again`.
    """
    for name, tree in trees_of(given).items():
        computed = folded(
            f"{indent}{variable[name]} = ", source(tree, variable), brackets=False, phase="forward", op=name
        )
        yield from doing("node", computed, name)
    kept = [variable[name] for name in given.nodes if name in graph.differentiable]
    if kept and retain:
        yield from doing("retain", plain(*([] if indent else [""]), *_retained(kept, indent)))
    yield from _backward(given, graph, variable, indent, again)


def variables(given: spec.Graph) -> dict[str, str]:
    """Where inputs and nodes are kept. Names that the script uses itself get an underscore, as many as it takes."""
    names = (*given.inputs, *given.nodes)
    taken = {"torch", "optimizer", "tensor", "range", "iteration", "iterations", "train", "print"}
    found: dict[str, str] = {}
    for name in names:
        variable = name
        while variable in taken or (variable != name and variable in names):
            variable += "_"
        found[name] = variable
        taken.add(variable)
    return found


def _input(variable: str, given: spec.Input, differentiable: bool) -> Iterator[Line]:
    kind = {"float": float, "bool": bool}.get(given.dtype.rstrip("0123456789"), int)
    options = "" if given.dtype in ("float32", "int64", "bool") else f", dtype=torch.{given.dtype}"
    options += ", requires_grad=True" if differentiable else ""
    yield from folded(f"{variable} = torch.tensor", literal(given.value, kind) + options)


def _retained(variables: list[str], indent: str) -> tuple[str, ...]:
    """Without this torch drops the gradients of what lies between the inputs and the output."""
    if len(variables) == 1:
        return (f"{indent}{variables[0]}.retain_grad()",)
    loop = folded(f"{indent}for tensor in ", ", ".join(variables), ":")
    return (*(line.text for line in loop), f"{indent}    tensor.retain_grad()")


def _backward(given: spec.Graph, graph: Graph, variable: dict[str, str], indent: str, again: int) -> Iterator[Line]:
    if graph.output not in graph.differentiable:
        return  # nothing has a gradient, and torch would refuse
    if given.optimizer is not None:
        yield Line(f"{indent}optimizer.zero_grad()", "backward", does="zero_grad")
        yield from doing("others_cleared", _others_cleared(given, graph, variable, indent))
    for left in reversed(range(again + 1)):
        options = ["retain_graph=True"] if left else []
        if given.seed_gradient is not None:
            options.insert(0, f"torch.tensor({literal(given.seed_gradient)})")
        written = folded(f"{indent}{variable[graph.output]}.backward", ", ".join(options), phase="backward")
        yield from doing("backward_again" if left else "backward", written)
    if given.optimizer is not None:
        yield Line(f"{indent}optimizer.step()", "step", does="step")


def _others_cleared(given: spec.Graph, graph: Graph, variable: dict[str, str], indent: str) -> Iterator[Line]:
    """The gradients of inputs that the optimizer does not know: without this they would add up."""
    others = [leaf.name for leaf in graph.leaves if leaf.differentiable and leaf.name not in given.parameters]
    if len(others) == 1:
        yield Line(f"{indent}{variable[others[0]]}.grad = None", "backward")
    elif others:
        inside = ", ".join(variable[name] for name in others)
        yield from folded(f"{indent}for tensor in ", inside, ":", brackets=False, phase="backward")
        yield Line(f"{indent}    tensor.grad = None", "backward")
