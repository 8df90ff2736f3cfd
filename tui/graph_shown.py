"""The graph as it is shown: what feeds what, and titles, with inner operations folded into their owners or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.expression import Call, Constant, Expression, Name, parse
from engine.graph import Graph, Node
from engine.messages import Role
from engine.operations import OPERATIONS
from tui.formulas import inline
from tui.formulas.expressions import has_elements, latex

LEAST_OF_A_FORMULA = 7  # cells beside the name: " = a·b …"
LETTERS = {"weight": "W", "bias": "b"}  # a layer's own parameters, as formulas have them


@dataclass(frozen=True, slots=True)
class Item:
    """A leaf or an operation. `titles`: what may be written on it, longest first."""

    name: str
    role: Role
    titles: tuple[str, ...]

    def title(self, width: int) -> str:
        """The longest title that fits; where there is room for some of it, a formula cut off rather than a name."""
        found = next((title for title in self.titles if len(title) <= width), self.titles[-1])
        cut = found == self.name and len(self.titles[0]) > width >= len(found) + LEAST_OF_A_FORMULA
        return self.titles[0][: width - 1] + "…" if cut else found


@dataclass(frozen=True, eq=False)
class Shown:
    """Items in the order they are computed, leaves first; an edge for every use. Equal only to itself."""

    items: dict[str, Item]
    edges: tuple[tuple[str, str], ...]
    owner: Mapping[str, str]  # of every operation, the item that it is shown in
    output: str
    folds: bool  # is there anything to fold?

    def beside(self) -> dict[str, tuple[str, ...]]:
        """For each operation the leaves that feed it alone, and once."""
        uses = [source for source, _ in self.edges]
        found: dict[str, tuple[str, ...]] = {}
        for source, target in self.edges:
            if self.items[source].role != "node" and uses.count(source) == 1:
                found[target] = (*found.get(target, ()), source)
        return found


@lru_cache(maxsize=8)
def shown(graph: Graph, folded: bool, written: tuple[tuple[str, str], ...] = ()) -> Shown:
    """What to show of `graph`. `written`: the expressions as the author wrote them, by the node's name."""
    texts, larger = dict(written), larger_tensors(graph)
    owner = {node.name: node.part_of or node.name if folded else node.name for node in graph.nodes}
    items = {leaf.name: Item(leaf.name, leaf.role, (leaf.name, _last(leaf.name))) for leaf in graph.leaves}
    inside = {node.part_of for node in graph.nodes} - {None}
    for node in graph.nodes:
        if owner[node.name] == node.name:
            text = texts.get(node.name) if folded and node.name in inside else None
            items[node.name] = Item(node.name, "node", _titles(node, equation(node, larger, text)))
    for name, item in items.items():
        items[name] = replace(item, titles=tuple(dict.fromkeys(item.titles)))
    edges = tuple(
        (owner.get(source, source), owner[node.name])
        for node in graph.nodes
        for source in node.sources
        if owner.get(source, source) != owner[node.name]
    )
    used = {name for edge in edges for name in edge} | {graph.output}
    items = {name: item for name, item in items.items() if name in used or item.role == "node"}
    return Shown(items, edges, owner, owner[graph.output], bool(inside))


@lru_cache(maxsize=8)
def larger_tensors(graph: Graph) -> frozenset[str]:
    """The leaves and nodes that are known to hold more than one number."""
    found = {leaf.name for leaf in graph.leaves if leaf.role == "data" or leaf.shape not in ((), (1,), None)}
    for node in graph.nodes:
        if has_elements(_expression(node), found):
            found.add(node.name)
    return frozenset(found)


def equation(node: Node, larger: frozenset[str] = frozenset(), text: str | None = None) -> str:
    """`J = g·c`, `linear1 = x Wᵀ + b`. `text`: the expression as the author wrote it, inner operations and all."""
    expression = _expression(node) if text is None else parse(text)
    own = {name: LETTERS[_last(name)] for name in node.sources if _last(name) in LETTERS and "." in name}
    return f"{node.name} = {inline(latex(expression, own, larger, close=True))}"


def _expression(node: Node) -> Expression:
    """The operation on its inputs."""
    inputs = tuple(Name(each) if isinstance(each, str) else Constant(each) for each in node.inputs)
    return Call(node.op, inputs, node.dim)


def _titles(node: Node, formula: str) -> tuple[str, ...]:
    """`p = softmax(z, dim=1)`, `p = softmax(z, …)`, `p = softmax`, `p`; a notation that cannot be cut has no middle."""
    call = f"{node.name} = {node.op}"
    shorter: list[str] = []
    if OPERATIONS[node.op].written is None and (formula.startswith(f"{call}(") or node.op == "linear"):
        shorter = [*([f"{call}({node.sources[0]}, …)"] if len(node.sources) > 1 else []), call]
    return (formula, *(title for title in shorter if len(title) < len(formula)), node.name)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
