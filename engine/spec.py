"""What an experiment is: a typed, size-capped description of a graph or a net."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

Number = int | float
Values = Number | bool | list[Any]  # a number or nested lists of them; `shape_of` says whether they are regular
DType = Literal["float16", "float32", "float64", "int32", "int64", "bool"]
LayerKind = Literal[
    "linear", "tanh", "relu", "leaky_relu", "sigmoid", "gelu", "softmax",
    "heaviside", "identity", "dropout", "batchnorm", "layernorm", "flatten",
]  # fmt: skip
LossKind = Literal["mse", "half_sse", "sse", "bce", "bce_logits", "cross_entropy", "perceptron"]

MAX_LAYERS = 20
MAX_UNITS = 4096
MAX_PARAMETERS = 100_000_000
MAX_SAMPLES = 1_000_000
MAX_NODES = 64
MAX_EXPRESSION = 400
MAX_EXPRESSION_DEPTH = 32

# An input, node or layer: a word as Python writes names (expression.py refuses the reserved ones).
Name = Annotated[str, Field(pattern=r"^[^\W\d]\w*$", max_length=40)]
Expression = Annotated[str, Field(min_length=1, max_length=MAX_EXPRESSION)]
Seed = Annotated[int, Field(ge=0, lt=2**53)]
Samples = Annotated[int, Field(ge=1, le=MAX_SAMPLES)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Spec(BaseModel):
    """Frozen and strict: no key that is not named here, no text where a number is meant."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Input(Spec):
    """A leaf of a graph with its dtype. `grad` defaults to True for floating-point values."""

    value: Values
    dtype: DType = "float32"
    grad: bool | None = None


class Optimizer(Spec):
    """How parameters change. `kind` names a torch.optim class, `rule` an update that is not gradient descent."""

    kind: Literal["sgd", "adam", "adamw", "rmsprop", "adagrad"] | None = None
    rule: Literal["perceptron", "normal_equations", "random_search"] | None = None
    lr: Positive = 1e-3
    momentum: NotNegative = 0.0
    nesterov: bool = False
    weight_decay: NotNegative = 0.0

    @model_validator(mode="after")
    def _one_way(self) -> Optimizer:
        if (self.kind is None) == (self.rule is None):
            raise PydanticCustomError("kind_or_rule", "give either `kind` or `rule`")
        if self.kind != "sgd" and (self.momentum or self.nesterov):
            raise PydanticCustomError("sgd_only", "`momentum` and `nesterov` belong to `kind: sgd`")
        if self.nesterov and not self.momentum:
            raise PydanticCustomError("nesterov_momentum", "`nesterov` needs a `momentum` above 0")
        return self

    def of_kind(self, kind: str) -> Optimizer:
        """Another kind, with this one's rate and weight decay."""
        return self.model_copy(update={"kind": kind, "momentum": 0.0, "nesterov": False})

    def with_momentum(self, momentum: float) -> Optimizer:
        """The same with another momentum; without any there is no nesterov."""
        return self.model_copy(update={"momentum": momentum, "nesterov": self.nesterov and momentum > 0})


class Graph(Spec):
    """Inputs, and nodes that are expressions over them, in order."""

    kind: Literal["graph"]
    inputs: Annotated[dict[Name, Values | Input], Field(min_length=1, max_length=MAX_NODES)]
    nodes: Annotated[dict[Name, Expression], Field(min_length=1, max_length=MAX_NODES)]
    output: Name | None = None  # the last node when not given
    seed_gradient: Values | None = None
    parameters: list[Name] = []
    optimizer: Optimizer | None = None

    def input(self, name: str) -> Input:
        """The input `name` with its dtype, however it was written."""
        given = self.inputs[name]
        return given if isinstance(given, Input) else Input(value=given)


class Points(Spec):
    """Points made from a seed. `noise` is a standard deviation; `test` fresh points are made as well."""

    kind: Literal["xor", "moons", "circles", "spiral", "blobs", "line"]
    n: Samples = 200
    noise: NotNegative = 0.1
    seed: Seed = 0
    test: Annotated[int, Field(ge=0, le=MAX_SAMPLES)] = 0


class Table(Spec):
    """Samples written out in the lesson: `x` (n) or (n, features), `y` (n) or (n, outputs)."""

    kind: Literal["table"]
    x: Annotated[list[Any], Field(min_length=1, max_length=MAX_SAMPLES)]
    y: Annotated[list[Any], Field(min_length=1, max_length=MAX_SAMPLES)]


class Csv(Spec):
    """A file in the lesson's own folder; the column `target` is y, every other one a feature."""

    kind: Literal["csv"]
    file: str
    target: str


class Layer(Spec):
    """One torch.nn layer. `out` (units) belongs to linear, `p` to dropout."""

    name: Name
    kind: LayerKind
    out: Annotated[int, Field(ge=1, le=MAX_UNITS)] | None = None
    p: Annotated[float, Field(ge=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _own_keys(self) -> Layer:
        if (self.out is not None) != (self.kind == "linear"):
            raise PydanticCustomError("out_of_linear", "`out` is required by `linear` and belongs to it alone")
        if self.p is not None and self.kind != "dropout":
            raise PydanticCustomError("p_of_dropout", "`p` belongs to `dropout`")
        return self


class Batch(Spec):
    """How many samples an iteration takes, and in which order an epoch visits them (random: with replacement)."""

    size: Samples | Literal["all"] = "all"
    order: Literal["given", "shuffle", "random"] = "given"


class Init(Spec):
    """Where weights start; `default` is what torch.nn does."""

    kind: Literal["default", "zeros", "uniform", "normal", "xavier", "kaiming"] = "default"
    scale: Positive | None = None

    @property
    def factor(self) -> float:
        """The scale, 1 where none is given."""
        return 1.0 if self.scale is None else float(self.scale)


class Net(Spec):
    """Layers trained on data with a loss."""

    kind: Literal["net"]
    seed: Seed = 0
    data: Annotated[Points | Table | Csv, Field(discriminator="kind")]
    layers: Annotated[list[Layer], Field(min_length=1, max_length=MAX_LAYERS)]
    loss: LossKind
    optimizer: Optimizer = Optimizer(kind="sgd")
    batch: Batch = Batch()
    epochs: Annotated[int, Field(ge=1, le=10_000_000)] = 1
    init: Init = Init()
    params: dict[str, Values] = {}
    mutation: str | None = None


Experiment = Annotated[Graph | Net, Field(discriminator="kind")]
EXPERIMENT: TypeAdapter[Graph | Net] = TypeAdapter(Experiment)


def shape_of(values: Values) -> tuple[int, ...] | None:
    """The shape of nested lists of numbers, () for a number; None where rows differ or hold something else."""
    if not isinstance(values, list):
        return () if isinstance(values, int | float) else None
    shapes = {shape_of(value) for value in values}
    if not shapes:
        return (0,)
    inner = shapes.pop()
    return None if shapes or inner is None else (len(values), *inner)
