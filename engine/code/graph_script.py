"""The script of a graph: its inputs as tensors, a line per node, backward, and the optimizer if there is one."""

from __future__ import annotations

from collections.abc import Iterator

from engine import spec
from engine.code.expressions import HELPERS, helpers, source
from engine.code.script import Line, folded, literal, optimizer, plain
from engine.expression import parse
from engine.graph import Graph

ITERATIONS = 100  # of a graph with an optimizer, which has no end of its own


def lines(given: spec.Graph, graph: Graph) -> Iterator[Line]:
    """The script of a graph: inputs, a line per node, backward; in a loop where there is an optimizer."""
    trees = {name: parse(text) for name, text in given.nodes.items()}
    variables = _variables((*given.inputs, *given.nodes))
    yield from plain("import torch", "")
    for name in dict.fromkeys(name for tree in trees.values() for name in helpers(tree)):
        yield from plain("", *HELPERS[name], "")
    for leaf in graph.leaves:
        yield from _input(variables[leaf.name], given.input(leaf.name), leaf.differentiable)
    indent = ""
    if given.optimizer is not None:
        parameters = f"[{', '.join(variables[name] for name in given.parameters)}]"
        yield from plain("", f"optimizer = {optimizer(given.optimizer, parameters)}")
        yield from plain("", f"for iteration in range({ITERATIONS}):")
        indent = "    "
    else:
        yield Line("")
    for name, tree in trees.items():
        yield from folded(
            f"{indent}{variables[name]} = ", source(tree, variables), brackets=False, phase="forward", op=name
        )
    kept = [variables[name] for name in given.nodes if name in graph.differentiable]
    if kept:
        yield from plain(*([] if indent else [""]), *_retained(kept, indent))
    yield from _backward(given, variables[graph.output], indent)


def _variables(names: tuple[str, ...]) -> dict[str, str]:
    """Names that the script uses itself get an underscore, as many as it takes."""
    taken = {"torch", "optimizer", "tensor", "range"}
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


def _backward(given: spec.Graph, output: str, indent: str) -> Iterator[Line]:
    if given.optimizer is not None:
        yield Line(f"{indent}optimizer.zero_grad()", "backward")
    if given.seed_gradient is None:
        yield Line(f"{indent}{output}.backward()", "backward")
    else:
        yield from folded(
            f"{indent}{output}.backward(torch.tensor", literal(given.seed_gradient), ")", phase="backward"
        )
    if given.optimizer is not None:
        yield Line(f"{indent}optimizer.step()", "step")
