"""What a pane asks to look at, and what it then sees: records that cross the pipe. No torch."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.arrays import Array
from engine.words import Sentence


class Look(msgspec.Struct, frozen=True, tag=True):
    """Something of the present moment that a pane wants to see."""


class Seen(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """What was seen. `refused` says why there is nothing, in place of everything else."""

    refused: Sentence | None = None


# ---------------------------------------------------------------- one operation, forward and backward
class Operation(Look, frozen=True):
    """An operation with all that comes into it and goes back out of it. An empty `node` is the one last done.

    element: which element of its result is spelled out, counted in row-major order, round and round (of a loss: which
    sample). opened: as the smaller operations that it consists of.
    """

    node: str = ""
    element: int = 0
    opened: bool = False


class Window(msgspec.Struct, frozen=True):
    """A tensor as far as it is looked at: its form, and 8 x 8 numbers of it at most."""

    shape: tuple[int, ...]
    dtype: str
    strides: tuple[int, ...]
    contiguous: bool
    numbers: Array  # (rows, columns), where a row is one of the last dimension; a vector is one row
    top: int = 0  # the row and the column of its first number
    left: int = 0
    count: tuple[int, int] = (1, 1)  # the rows and columns that there are


class Share(msgspec.Struct, frozen=True):
    """What one element of an input gets back: the sum of upstream x local over all results that it went into."""

    place: tuple[int, ...]
    upstream: tuple[float, ...]  # at the first 8 of those results
    local: tuple[float, ...]  # their derivatives with respect to this element; nothing while upstream is not there
    count: int  # of those results
    total: float | None = None  # what was passed to the element; None: not yet


class Passed(msgspec.Struct, frozen=True):
    """What `source` passed back to the operation: upstream x local. Without `contribution` it has still to come."""

    source: str
    contribution: Window | None = None
    element: float | None = None  # of it, the element that is spelled out


class Argument(msgspec.Struct, frozen=True):
    """One input of an operation. `name` is empty for a number that was written."""

    name: str
    value: Window | None  # None: not computed yet
    numbers: tuple[float, ...] = ()  # what goes into the element that is spelled out, 8 at most
    first: tuple[int, ...] = ()  # where the first of them stands
    count: int = 0  # of how many
    pivot: int = 0  # which of `numbers` is looked at most closely
    differentiable: bool = False
    contribution: Window | None = None  # what was passed to it; None: not yet, or never
    share: Share | None = None  # of one of `numbers`; None where it would be too much to compute
    met: tuple[Passed, ...] = ()  # all that comes to that element, where several paths meet; only elements


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """One operation taken apart. `upstream`: the gradient that has arrived so far, the sum of `arrivals`."""

    node: str
    op: str
    dim: int | None = None
    squeeze: bool = False
    arguments: tuple[Argument, ...] = ()
    value: Window | None = None
    upstream: Window | None = None
    arrivals: tuple[Passed, ...] = ()  # in the order in which they are added
    complete: bool = False  # all have arrived
    done_backward: bool = False
    index: tuple[int, ...] | None = None  # of the element that is spelled out; of a loss, of its predictions
    elements: int = 1  # as many can be spelled out
    out: float | None = None  # the element; of a loss, what this sample comes to by itself
    upstream_element: float | None = None
    mean_of: int | None = None  # elements that a mean is taken over
    classes: int | None = None
    probabilities: bool = False  # cross_entropy's targets are no classes
    sentence: Sentence | None = None  # what it did last, in plain words


class SeenOperation(Seen, frozen=True, kw_only=True):
    """`parts`: the operation itself, or the smaller ones that it is opened into, in the order they are computed."""

    of: Operation
    node: str = ""
    parts: tuple[Taken, ...] = ()
    opens: bool = False  # whether there are smaller ones


# ---------------------------------------------------------------- the loss over one weight, and over two
class Element(msgspec.Struct, frozen=True):
    """One element of a tensor; a scalar's `index` is ()."""

    name: str
    index: tuple[int, ...] = ()


class Sweep(Look, frozen=True):
    """The loss, or another scalar `output`, over a range of one element, all else as it stands.

    Without `low` and `high` the range lies around the present value; each `wider` doubles it, or halves it below 0.
    """

    element: Element
    points: int = 80
    low: float | None = None
    high: float | None = None
    wider: int = 0
    output: str = ""  # the graph's own


class Surface(Look, frozen=True):
    """The loss, or another scalar `output`, over two elements, in columns x rows points; the ranges as of a Sweep."""

    first: Element
    second: Element
    columns: int = 40
    rows: int = 32
    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None
    wider: int = 0
    output: str = ""


class SeenSweep(Seen, frozen=True, kw_only=True):
    """float64 arrays of (points,); a loss that is not finite, or that torch refuses, is nan or inf."""

    of: Sweep
    iterations: int = 0  # done by then
    output: str = ""
    at: Array | None = None
    losses: Array | None = None  # of the present batch; of a graph its output
    train: Array | None = None  # of the training set, where the batch is not all of it
    value: float = 0.0  # the present one, and the losses there
    loss: float = 0.0
    train_loss: float | None = None
    slope: float | None = None  # the gradient of `loss` there; None where there is none
    samples: tuple[int, int] = (0, 0)  # how many of the training set were taken, of how many


class SeenSurface(Seen, frozen=True, kw_only=True):
    """`losses` (rows, columns), the top row at the high end of y: of a net over its training set.

    The descent: the values of both elements at iterations of history, the present ones last; an edit is a `jump`.
    """

    of: Surface
    iterations: int = 0
    output: str = ""
    x: tuple[float, float] = (0.0, 0.0)
    y: tuple[float, float] = (0.0, 0.0)
    losses: Array | None = None
    loss: float = 0.0  # the present one
    path: Array | None = None  # (n, 2)
    path_iterations: tuple[int, ...] = ()
    jumps: tuple[int, ...] = ()  # places in the path that an edit led to
    samples: tuple[int, int] = (0, 0)


# ---------------------------------------------------------------- Jacobians, and the paths of the chain rule
class Jacobian(Look, frozen=True):
    """The Jacobian of one tensor with respect to another that it is computed from, 64 x 64 numbers of it at most.

    Without `output` that of the operation last done, without `source` to its first differentiable input. sample: of a
    net, which one of the batch (round and round). row, column: where the window begins, outputs and inputs counted in
    row-major order.
    """

    output: str = ""
    source: str = ""
    sample: int = 0
    row: int = 0
    column: int = 0


JacobianKind = Literal["dense", "diagonal", "weight", "kronecker", "none"]


class SeenJacobian(Seen, frozen=True, kw_only=True):
    """Numerator layout: `matrix[i, j]` is the derivative of output element `row + i` to source element `column + j`.

    kind: dense; diagonal (elementwise operations); weight (of `linear` to its input: the weight itself); kronecker (of
    `linear` to its weight: identity x input, and `matrix` is that input, (samples, features)); none (no dependence, or
    no gradient gets through). Shapes are those of one sample where `samples` says that there are some.
    """

    of: Jacobian
    output: str = ""
    source: str = ""
    kind: JacobianKind = "dense"
    output_shape: tuple[int, ...] = ()
    source_shape: tuple[int, ...] = ()
    sample: int | None = None
    samples: int = 0
    part: bool = False  # one sample's part of what a parameter gets
    row: int = 0
    column: int = 0
    matrix: Array | None = None
    upstream: Array | None = None  # of the window's rows; None: has not arrived
    passed: Array | None = None  # upstream x Jacobian, over all rows; of the window's columns; (out, in) for kronecker
    factors: tuple[str, ...] = ()  # leaves and nodes whose values can be read off the matrix


class Paths(Look, frozen=True):
    """All paths from `source` to `output`: by default from the first differentiable leaf to the graph's output."""

    output: str = ""
    source: str = ""
    sample: int = 0


class Link(msgspec.Struct, frozen=True):
    """One edge: `target`, an operation, takes `source` as its input number `position`."""

    source: str
    target: str
    position: int
    shape: tuple[int, int]  # of its local Jacobian: outputs x inputs
    local: Array | None = None  # that Jacobian, of 64 elements at most


class Path(msgspec.Struct, frozen=True):
    """Links by their numbers, from the source to the output. A path from another leaf begins with a factor 0."""

    leaf: str  # where it begins
    links: tuple[int, ...]
    product: Array | None  # (outputs, inputs); statistics where it is large; None for a path from another leaf
    zeros: tuple[int, ...] = ()  # places in `links` where a factor is 0, or what comes from above dies out


class SeenPaths(Seen, frozen=True, kw_only=True):
    """`total` is what autograd says of the whole: the sum of the products of all `count` paths."""

    of: Paths
    output: str = ""
    source: str = ""
    links: tuple[Link, ...] = ()
    paths: tuple[Path, ...] = ()  # 64 at most; those that begin at `source` first
    count: int = 0  # from `source` to `output`
    total: Array | None = None
    output_shape: tuple[int, ...] = ()
    source_shape: tuple[int, ...] = ()
    sample: int | None = None
    samples: int = 0


# ---------------------------------------------------------------- ways to differentiate
class Derivatives(Look, frozen=True):
    """The derivative of a number to one element of a leaf or node, by autograd, by the chain rule, and by differences.

    An empty `output` is the graph's, an empty `source` the first leaf, an empty `index` its first element. h: the step.
    """

    output: str = ""
    source: str = ""
    index: tuple[int, ...] = ()
    h: float = 1e-3


class SymbolicDerivative(Look, frozen=True):
    """The same derivative as a formula, by sympy."""

    output: str = ""
    source: str = ""
    index: tuple[int, ...] = ()


class DifferenceErrors(Look, frozen=True):
    """How far off finite differences are, over the step h."""

    output: str = ""
    source: str = ""
    index: tuple[int, ...] = ()


class Way(msgspec.Struct, frozen=True):
    """One way to differentiate: what it gave, and what it cost."""

    name: str  # autograd, rule, forward, central; symbolic
    dtype: str
    value: float
    seconds: float  # of this run
    one: int  # operations: of the graph, or on single numbers in a formula
    every: int | None = None  # for all parameters together


class ChainStep(msgspec.Struct, frozen=True):
    """What `source` passes back to `target`, by the written derivative."""

    source: str
    target: str
    text: str  # in the lessons' expression language
    value: Array  # of the target's shape


class SeenDerivatives(Seen, frozen=True, kw_only=True):
    """`ways`: autograd first, then the rule and the differences; `shape` and `dtype` are the source's."""

    of: Derivatives
    output: str = ""
    source: str = ""
    index: tuple[int, ...] = ()
    shape: tuple[int, ...] = ()
    dtype: str = "float32"
    parameters: int = 0  # numbers that the output could be differentiated to
    ways: tuple[Way, ...] = ()
    steps: tuple[ChainStep, ...] = ()


class SeenSymbolic(Seen, frozen=True, kw_only=True):
    """`formula` is empty where it is too long to be read; `autograd` tells of which moment it is."""

    of: SymbolicDerivative
    autograd: float = 0.0
    way: Way | None = None
    formula: str = ""  # LaTeX
    samples: int = 0  # of which the formula is the sum or the mean; 0: of all at once


class SeenDifferenceErrors(Seen, frozen=True, kw_only=True):
    """Absolute errors against autograd in float64, at each h."""

    of: DifferenceErrors
    autograd: float = 0.0
    exact: float = 0.0
    dtype: str = "float32"
    steps: tuple[float, ...] = ()
    forward: tuple[float, ...] = ()
    central: tuple[float, ...] = ()
    precise: tuple[float, ...] = ()  # central differences in float64
    best: float = 0.0  # the h about which central differences in the source's dtype err least


# ---------------------------------------------------------------- the difference to the baseline
class Difference(Look, frozen=True):
    """How far inputs and weights are from those of the baseline of that number."""

    baseline: int = 0


class Distant(msgspec.Struct, frozen=True):
    """One tensor: its value less that of the baseline, and the 2-norm of that."""

    name: str
    difference: Array
    norm: float
    same: bool  # bit for bit


class SeenDifference(Seen, frozen=True, kw_only=True):
    """No tensors where there is no such baseline."""

    of: Difference
    tensors: tuple[Distant, ...] = ()


AnyLook = (
    Operation | Sweep | Surface | Jacobian | Paths
    | Derivatives | SymbolicDerivative | DifferenceErrors | Difference
)  # fmt: skip
AnySeen = (
    SeenOperation | SeenSweep | SeenSurface | SeenJacobian | SeenPaths
    | SeenDerivatives | SeenSymbolic | SeenDifferenceErrors | SeenDifference
)  # fmt: skip
