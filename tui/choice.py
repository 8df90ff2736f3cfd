"""Which operation the learner looks at, and with respect to what."""

from __future__ import annotations

from dataclasses import dataclass

from engine.graph import Graph, sources


@dataclass(frozen=True, slots=True)
class Choice:
    """An empty `node` follows the operation that was done last; an empty `source` leaves it to the pane."""

    node: str = ""
    source: str = ""

    def other_node(self, graph: Graph, done: str, by: int) -> Choice:
        """The next or previous operation; from the last one done on, past either end to following it again."""
        names = [node.name for node in graph.nodes]
        if self.node not in names:
            at = names.index(done) + by if done in names else (0 if by > 0 else len(names) - 1)
        else:
            at = names.index(self.node) + by
        return Choice(names[at] if 0 <= at < len(names) else "")

    def other_source(self, graph: Graph, node: str, by: int) -> Choice:
        """The next or previous tensor that `node` depends on and a gradient can reach; past either end, none."""
        names = ["", *sources(graph, node)]
        at = names.index(self.source) if self.source in names else 0
        return Choice(self.node, names[(at + by) % len(names)])


NO_CHOICE = Choice()
