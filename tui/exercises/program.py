"""The script that exercises about code are asked of: its lines, what names are set to in it, and its mistake."""

from __future__ import annotations

from dataclasses import dataclass

from engine import code, mutations
from engine.code import Line
from engine.graph import Graph, from_layers
from engine.spec import Graph as GraphSpec
from engine.spec import Net
from engine.words import Refused
from tui.exercises import code_forms


@dataclass(frozen=True)
class Program:
    """The lines as the code pane shows them, numbered from 1. `mistake` is in the catalogue of mutations."""

    lines: tuple[Line, ...] = ()
    mistake: str = ""
    wrong: frozenset[int] = frozenset()  # the lines at which it can be put right
    restored: str = ""  # what the right script has there, where that is one line

    def number(self, name: str) -> int | None:
        """The line of that name."""
        return next((number for number, line in enumerate(self.lines, 1) if line.text and line.name == name), None)

    def line(self, number: int) -> Line | None:
        """The line with this number, if something stands in it."""
        found = self.lines[number - 1] if 1 <= number <= len(self.lines) else None
        return found if found is not None and found.text.strip() else None

    @property
    def names(self) -> dict[str, str]:
        """What names are set to."""
        found = {}
        for line in self.lines:
            name, sign, value = line.text.strip().partition(" = ")
            if sign and name.isidentifier():
                found[name] = value
        return {name: value for name, value in found.items() if len(value) <= code_forms.LONGEST}


def program_of(given: GraphSpec | Net, graph: Graph) -> Program:
    """The script of an experiment; without lines where there is none yet."""
    try:
        lines = code.lines(given, graph)
    except Refused:
        return Program()
    if not isinstance(given, Net) or given.mutation is None:
        return Program(lines)
    places = mutations.places(given)
    wrong = frozenset(number for number, line in enumerate(lines, 1) if line.text and line.name in places)
    return Program(lines, given.mutation, wrong, _restored(given, graph))


def _restored(given: Net, graph: Graph) -> str:
    """The line of the right script."""
    name, right = mutations.restores(given), mutations.right(given)
    return next((line.text.strip() for line in code.lines(right, _graph(right, graph)) if line.name == name), "")


def _graph(right: Net, wrong: Graph) -> Graph:
    """The graph of the right program: on as many features and targets as the wrong one."""
    first = next(leaf.shape for leaf in wrong.leaves if leaf.role == "parameter" and len(leaf.shape or ()) == 2)
    assert first is not None
    targets = None if wrong.node("loss").squeeze or right.loss == "cross_entropy" else _outputs(wrong)
    return from_layers(right, first[1], targets)


def _outputs(graph: Graph) -> int:
    return [leaf.shape[0] for leaf in graph.leaves if leaf.role == "parameter" and leaf.shape][-1]
