"""The graph of named operations that every experiment is: from expressions, or lowered from layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine import mutations, spec
from engine.expression import Call, Constant, Expression, Name, check_names, check_new_name, nearest, parse
from engine.messages import Phase, Role
from engine.operations import OPERATIONS
from engine.words import Refused


@dataclass(frozen=True, slots=True)
class Leaf:
    """What comes into the graph: an input, a parameter (by its torch name), or a batch of data (`x`, `y`)."""

    name: str
    role: Role
    differentiable: bool = True
    shape: tuple[int, ...] | None = None  # known beforehand for parameters only


@dataclass(frozen=True, slots=True)
class Node:
    """One named operation. `inputs` are names of leaves and nodes, or numbers that were written."""

    name: str
    op: str
    inputs: tuple[str | spec.Number, ...]
    dim: int | None = None
    part_of: str | None = None  # the node in whose expression this one was written; shown folded into it
    squeeze: bool = False  # losses: take the predictions (n, 1) as (n), the shape of the targets

    @property
    def sources(self) -> tuple[str, ...]:
        """The leaves and nodes among the inputs, in argument order; `x * x` has two."""
        return tuple(name for name in self.inputs if isinstance(name, str))

    @property
    def formula(self) -> str:
        """`J = g * c`"""
        written = tuple(name if isinstance(name, str) else f"{name:g}" for name in self.inputs)
        return f"{self.name} = {OPERATIONS[self.op].formula(written, self.dim)}"


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest advance: one node forward or backward, or the optimizer's step (`op` is None)."""

    phase: Phase
    op: str | None


@dataclass(frozen=True)
class Graph:
    """Leaves and operations in the order they are computed. `loss`: the node that is the loss phase, if any.

    `cut` names nodes that let no gradient pass, as `detach` does. With `step_first` the step comes before backward.
    """

    leaves: tuple[Leaf, ...]
    nodes: tuple[Node, ...]
    output: str
    loss: str | None = None
    parameters: tuple[str, ...] = ()  # what the optimizer updates, in torch's order
    has_step: bool = False
    cut: frozenset[str] = frozenset()
    step_first: bool = False
    _names: dict[str, Node] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._names.update((node.name, node) for node in self.nodes)

    def node(self, name: str) -> Node:
        """The operation that bears this name. Raises KeyError for leaves."""
        return self._names[name]

    @cached_property
    def differentiable(self) -> frozenset[str]:
        """The leaves and nodes through which a gradient can flow."""
        found = {leaf.name for leaf in self.leaves if leaf.differentiable}
        for node in self.nodes:
            passes = OPERATIONS[node.op].differentiable and node.name not in self.cut
            if passes and found.intersection(node.sources):
                found.add(node.name)
        return frozenset(found)

    @cached_property
    def backward_order(self) -> tuple[str, ...]:
        """What backward visits: nodes that the output depends on and a gradient can pass, last computed first."""
        reached, order = {self.output}, []
        for node in reversed(self.nodes):
            if node.name in reached and node.name in self.differentiable:  # no gradient goes on past the others
                order.append(node.name)
                reached.update(node.sources)
        return tuple(order)

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """One iteration, operation by operation."""
        forward = [Atom("loss" if node.name == self.loss else "forward", node.name) for node in self.nodes]
        backward = [Atom("backward", name) for name in self.backward_order]
        step = [Atom("step", None)] if self.has_step else []
        return (*forward, *step, *backward) if self.step_first else (*forward, *backward, *step)

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that an iteration has, in order."""
        return tuple(dict.fromkeys(atom.phase for atom in self.atoms))


# ---------------------------------------------------------------- from expressions
def sources(graph: Graph, node: str) -> tuple[str, ...]:
    """The leaves and nodes that `node` is computed from and that a gradient can reach, in the order of the graph."""
    behind: set[str] = set()
    waiting = [node]
    operations = {each.name: each for each in graph.nodes}
    while waiting:
        found = operations.get(waiting.pop())
        for name in found.sources if found else ():
            if name not in behind:
                behind.add(name)
                waiting.append(name)
    every = (*(leaf.name for leaf in graph.leaves), *operations)
    return tuple(name for name in every if name in behind and name in graph.differentiable)


def from_expressions(given: spec.Graph) -> Graph:
    """The graph of a `kind: graph` experiment. Raises Refused (ExpressionError inside an expression)."""
    leaves = tuple(_input_leaf(name, given) for name in given.inputs)
    nodes: list[Node] = []
    for name, text in given.nodes.items():
        check_new_name(name)
        if name in given.inputs:
            raise Refused("graph.name_twice", name=name)
        nodes += nodes_of(name, parse(text), (*given.inputs, *(node.name for node in nodes if node.part_of is None)))
        if len(nodes) > spec.MAX_NODES:
            raise Refused("graph.too_many_nodes", limit=spec.MAX_NODES)
    output = given.output or list(given.nodes)[-1]
    if output not in given.nodes:
        raise Refused("graph.unknown_output", name=output, hint=nearest(output, tuple(given.nodes)))
    for name in given.parameters:
        if name not in given.inputs:
            raise Refused("graph.unknown_parameter", name=name, hint=nearest(name, tuple(given.inputs)))
        if not next(leaf for leaf in leaves if leaf.name == name).differentiable or not _floating(given.input(name)):
            raise Refused("graph.constant_parameter", name=name)
    if bool(given.parameters) != bool(given.optimizer):
        raise Refused("graph.optimizer_and_parameters")
    return Graph(leaves, tuple(nodes), output, None, tuple(given.parameters), given.optimizer is not None)


def _input_leaf(name: str, given: spec.Graph) -> Leaf:
    check_new_name(name)
    written = given.input(name)
    if spec.shape_of(written.value) is None:
        raise Refused("graph.ragged", name=name)
    differentiable = _floating(written) if written.grad is None else written.grad  # what torch says to it, forward says
    return Leaf(name, "input", differentiable, spec.shape_of(written.value))


def _floating(given: spec.Input) -> bool:
    return given.dtype.startswith("float")


def nodes_of(name: str, expression: Expression, known: tuple[str, ...]) -> list[Node]:
    """The operations of one expression, innermost first: `name.1`, `name.2`, ..., and the outermost `name`."""
    check_names(expression, known)
    found: list[Node] = []

    def emit(part: Expression) -> str | spec.Number:
        match part:
            case Name(name=source):
                return source
            case Constant(value=int() | float() as number):
                return number
            case Call(op=op, arguments=arguments, dim=dim) if op in OPERATIONS:
                inputs = tuple(emit(argument) for argument in arguments)
                if not any(isinstance(source, str) for source in inputs):
                    raise Refused("graph.constant_node", name=name)
                found.append(Node(f"{name}.{len(found) + 1}", op, inputs, dim, name))
                return found[-1].name
        raise Refused("graph.not_in_nodes", name=name)

    top = emit(expression)
    if not isinstance(top, str):
        raise Refused("graph.constant_node", name=name)
    if not found:
        return [Node(name, "identity", (top,))]
    return [*found[:-1], replace(found[-1], name=name, part_of=None)]


# ---------------------------------------------------------------- from layers
@dataclass(frozen=True, slots=True)
class _Lowered:
    """What a layer becomes: an operation, its parameters after the layer's input, and its units."""

    op: str
    parameters: tuple[Leaf, ...] = ()
    constants: tuple[spec.Number, ...] = ()
    units: int = 0
    dim: int | None = None


def _linear(layer: spec.Layer, features: int) -> _Lowered:
    assert layer.out is not None  # spec.Layer holds it
    weight = Leaf(f"{layer.name}.weight", "parameter", True, (layer.out, features))
    return _Lowered("linear", (weight, Leaf(f"{layer.name}.bias", "parameter", True, (layer.out,))), (), layer.out)


def _plain(op: str, *constants: spec.Number, dim: int | None = None) -> Callable[[spec.Layer, int], _Lowered]:
    return lambda layer, features: _Lowered(op, (), constants, features, dim)


LAYERS: dict[str, Callable[[spec.Layer, int], _Lowered]] = {
    "linear": _linear,
    "tanh": _plain("tanh"),
    "relu": _plain("relu"),
    "leaky_relu": _plain("leaky_relu", 0.01),
    "sigmoid": _plain("sigmoid"),
    "gelu": _plain("gelu"),
    "softmax": _plain("softmax", dim=1),
    "heaviside": _plain("heaviside"),
    "identity": _plain("identity"),
    "flatten": _plain("flatten"),
}
LOSSES = ("mse", "half_sse", "sse", "bce", "bce_logits", "cross_entropy")


def from_layers(given: spec.Net, features: int, targets: int | None) -> Graph:
    """The graph of a `kind: net` experiment on `features` inputs; `targets` is the width of y, None where y is (n).

    Raises Refused, by name, for what cannot be built yet.
    """
    mutation, given = mutations.of(given), mutations.wrong(given)
    if given.loss not in LOSSES:
        raise Refused("net.loss_not_yet", kind=given.loss)
    if given.optimizer.kind is None:
        raise Refused("net.optimizer_not_yet", kind=str(given.optimizer.rule))
    leaves, nodes = [Leaf("x", "data", False), Leaf("y", "data", False)], list[Node]()
    source, units = "x", features
    for layer in given.layers:
        check_new_name(layer.name)
        if layer.name in ("x", "y") or layer.name in (node.name for node in nodes):
            raise Refused("graph.name_twice", name=layer.name)
        if layer.kind not in LAYERS:
            raise Refused("net.layer_not_yet", kind=layer.kind)
        low = LAYERS[layer.kind](layer, units)
        leaves += low.parameters
        computed = Node(layer.name, low.op, (source, *(leaf.name for leaf in low.parameters), *low.constants), low.dim)
        nodes += FAULTS.get(mutations.fault(given, layer.name), _right)(computed)
        source, units = layer.name, low.units
    _check_size(leaves)
    _check_targets(given, units, targets)
    squeeze = units == 1 and targets is None and given.loss != "cross_entropy"
    nodes.append(Node("loss", given.loss, (source, "y"), squeeze=squeeze))
    parameters = tuple(leaf.name for leaf in leaves if leaf.role == "parameter")
    if not parameters:
        raise Refused("net.no_parameters")
    cut = frozenset(node.name for node in nodes if node.part_of and node.op == "identity")
    step_first = mutation is not None and mutation.step_first
    return Graph(tuple(leaves), tuple(nodes), "loss", "loss", parameters, True, cut, step_first)


def _right(node: Node) -> list[Node]:
    return [node]


def _not_transposed(node: Node) -> list[Node]:
    """x @ W + b, where torch keeps W as (out, in) and so x @ W.T + b is meant."""
    x, weight, bias = node.inputs
    product = Node(f"{node.name}.1", "matmul", (x, weight), part_of=node.name)
    return [product, Node(node.name, "add", (product.name, bias))]


def _detached(node: Node) -> list[Node]:
    """The layer on values that no gradient goes back from."""
    x, *parameters = node.inputs
    alone = Node(f"{node.name}.1", "identity", (x,), part_of=node.name)
    return [alone, replace(node, inputs=(alone.name, *parameters))]


FAULTS: dict[mutations.Fault | None, Callable[[Node], list[Node]]] = {
    "not_transposed": _not_transposed,
    "detached": _detached,
}


def _check_size(leaves: list[Leaf]) -> None:
    count = 0
    for leaf in leaves:
        size = 1
        for length in leaf.shape or (0,):
            size *= length
        count += size
    if count > spec.MAX_PARAMETERS:
        raise Refused("net.too_large", count=count, limit=spec.MAX_PARAMETERS)


def _check_targets(given: spec.Net, units: int, targets: int | None) -> None:
    wanted = "n" if given.loss == "cross_entropy" or units == 1 else f"n, {units}"
    fits = targets is None if given.loss == "cross_entropy" else targets == units or (targets is None and units == 1)
    if not fits:
        shape = "n" if targets is None else f"n, {targets}"
        raise Refused("net.targets", loss=given.loss, units=units, wanted=wanted, given=shape)
    if given.loss == "cross_entropy" and units < 2:
        raise Refused("net.one_class")
