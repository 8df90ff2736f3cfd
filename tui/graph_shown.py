"""The graph as it is shown: what feeds what, and titles, with inner operations folded into their owners or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.graph import Graph, Node
from engine.messages import Role

LEAST_OF_A_FORMULA = 7  # cells beside the name: " = a * …"


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
    texts = dict(written)
    owner = {node.name: node.part_of or node.name if folded else node.name for node in graph.nodes}
    items = {leaf.name: Item(leaf.name, leaf.role, (leaf.name, _last(leaf.name))) for leaf in graph.leaves}
    inside = {node.part_of for node in graph.nodes} - {None}
    for node in graph.nodes:
        if owner[node.name] == node.name:
            text = f"{node.name} = {texts[node.name]}" if folded and node.name in inside & texts.keys() else None
            items[node.name] = Item(node.name, "node", _titles(node, text))
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


def _titles(node: Node, text: str | None) -> tuple[str, ...]:
    """`linear1 = linear(x, weight, bias)`, `linear1 = linear(x, …)`, `linear1 = linear`, `linear1`"""
    formula = text or node.formula.replace(f"{node.name}.", "") if _is_layer(node) else text or node.formula
    head, bracket, _ = formula.partition("(")
    shorter: tuple[str, ...] = ()
    if bracket and head == f"{node.name} = {node.op}":
        first = node.sources[0] if node.sources else ""
        shorter = (*((f"{head}({first}, …)",) if len(node.sources) > 1 else ()), head)
    return (formula, *shorter, node.name)


def _is_layer(node: Node) -> bool:
    own = f"{node.name}."
    return any(name.startswith(own) and not name.removeprefix(own).isdigit() for name in node.sources)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
