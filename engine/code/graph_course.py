"""The script of a graph and of what was done to it: edits of its inputs, and the iterations between them."""

from __future__ import annotations

from collections.abc import Iterator

from engine import messages as m
from engine import spec
from engine.code import edits, graph_script
from engine.code.course import Course, Leg
from engine.code.remarks import Remarks
from engine.code.script import Line, plain
from engine.graph import Graph


def lines(given: spec.Graph, graph: Graph, course: Course, remarks: Remarks) -> Iterator[Line]:
    """The whole script."""
    variable = graph_script.variables(given)
    yield from graph_script.beginning(given, graph, ("", *remarks.threads()))
    trains = given.optimizer is not None
    if trains and course.iterations:
        yield from _train(given, graph, remarks)
    for leg in course.legs:
        yield from _edited(given, leg, remarks)
        if trains and leg.again:
            yield from plain("", *remarks.again(leg.first, leg.again))
            yield from graph_script.iteration(given, graph, variable, "", again=leg.again)
        elif trains and leg.iterations:
            yield Line(f"{variable[graph.output]} = train({leg.iterations})")
    last = course.legs[-1]
    if not trains and last.iterations:  # without a step each iteration does the same: once is enough
        yield from plain("", *(remarks.again(last.first, last.again) if last.again else remarks.whole()))
        yield from graph_script.iteration(given, graph, variable, "", again=last.again)
    yield from _rest(given, graph, course, remarks)
    yield from _output(given, graph, course)


def _train(given: spec.Graph, graph: Graph, remarks: Remarks) -> Iterator[Line]:
    variable = graph_script.variables(given)
    yield from plain("", "", "def train(iterations):", *remarks.train(), "    for _ in range(iterations):")
    yield from graph_script.iteration(given, graph, variable, "        ", retain=False)
    yield from plain(f"    return {variable[graph.output]}", "", "")


def _edited(given: spec.Graph, leg: Leg, remarks: Remarks) -> Iterator[Line]:
    """The edits of a leg, under a remark that says where in the run they were made."""
    inputs = ((name, given.input(name).value) for name in given.inputs)
    first = tuple(m.Change(name, value) for name, value in inputs) if leg.begun_anew else ()
    made = [
        *plain(*(text for device in leg.devices for text in remarks.device(device))),
        *edits.values((*first, *leg.values), graph_script.variables(given).__getitem__, lambda n: given.input(n).dtype),
        *edits.training(leg, graph_script.parameters(given)),
    ]
    if made:
        yield from plain("", *remarks.edits(leg.first))
        yield from made


def _rest(given: spec.Graph, graph: Graph, course: Course, remarks: Remarks) -> Iterator[Line]:
    """The phases that are begun of the iteration after the last whole one."""
    begun = {atom.phase for atom in graph.atoms[: course.rest]}
    if begun:
        yield from plain("", *remarks.rest(graph, course))
        wanted = begun | ({None} if "backward" in begun else set())  # without backward there is nothing to retain
        body = graph_script.iteration(given, graph, graph_script.variables(given), "", again=course.again)
        yield from (line for line in body if line.phase in wanted)


def _output(given: spec.Graph, graph: Graph, course: Course) -> Iterator[Line]:
    """What the graph comes to is printed; where it was not computed yet, it is now."""
    variable = graph_script.variables(given)
    yield Line("")
    if not course.rest and not (course.iterations if given.optimizer else course.legs[-1].iterations):
        body = graph_script.iteration(given, graph, variable, "")
        yield from (line for line in body if line.phase == "forward")
    output = variable[graph.output]
    yield Line(f'print("{graph.output}:", {output}.tolist())')
