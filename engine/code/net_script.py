"""The script of a net: its data, its layers as a class, the loss, the optimizer, and the usual loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine import mutations, spec
from engine.code import init_script
from engine.code.script import Line, doing, folded, literal, optimizer, plain
from engine.graph import Graph
from engine.words import Refused

MODULES: dict[str, str] = {  # layer kind -> torch.nn's class with its arguments
    "linear": "nn.Linear({features}, {out})",
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "sigmoid": "nn.Sigmoid()",
    "gelu": "nn.GELU()",
    "softmax": "nn.Softmax(dim=1)",
    "identity": "nn.Identity()",
    "flatten": "nn.Flatten()",
}
INLINE = {"heaviside": "(x > 0).to(x.dtype)"}  # torch.nn has no layer for these
MODULE_LOSSES: dict[str, str] = {
    "mse": "nn.MSELoss()",
    "bce": "nn.BCELoss()",
    "bce_logits": "nn.BCEWithLogitsLoss()",
    "cross_entropy": "nn.CrossEntropyLoss()",
}
SUMMED = 'nn.MSELoss(reduction="sum")'  # where the mean was meant
WRITTEN_LOSSES = {"sse": "((preds - {y}) ** 2).sum()", "half_sse": "((preds - {y}) ** 2).sum() / 2"}
ORDERS = {
    "shuffle": "torch.randperm({n}, generator=generator)",
    "random": "torch.randint({n}, ({n},), generator=generator)",
}
# What nn.Module has already: a layer of this name would hide it, or be hidden.
TAKEN = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule
    half ipu load_state_dict modules mtia named_buffers named_children named_modules named_parameters
    parameters register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu zero_grad
    """.split()  # noqa: SIM905
)


def lines(given: spec.Net, graph: Graph, opening: tuple[str, ...] = ()) -> Iterator[Line]:
    """The script of a net, with `opening` below its imports, and with its mistake if it has one.

    Raises Refused for kinds that are not there yet.
    """
    yield from beginning(given, graph, opening)
    yield from _loop(given, graph)


def beginning(given: spec.Net, graph: Graph, opening: tuple[str, ...]) -> Iterator[Line]:
    """All that stands before the loop: imports and what follows on them (`opening`), data, class, model, optimizer."""
    given = mutations.wrong(given)
    if given.loss not in {*MODULE_LOSSES, *WRITTEN_LOSSES}:
        raise Refused("net.loss_not_yet", kind=given.loss)
    yield from doing("import", plain("import torch", "from torch import nn"))
    yield from plain("", *opening)
    yield from doing("data", DATA[given.data.kind](given) if given.data.kind in DATA else _refuse(given.data.kind))
    yield from _class(given, graph)
    yield from plain("", "")
    yield from model(given, given.seed)
    if (module := _loss_module(given)) is not None:
        yield Line(f"loss_module = {module}", does="loss_module")
    yield Line(f"optimizer = {optimizer(given.optimizer, PARAMETERS, climbs(given))}", does="optimizer")


PARAMETERS = "model.parameters()"


def climbs(given: spec.Net) -> bool:
    """Whether the optimizer goes the wrong way."""
    mutation = mutations.of(given)
    return mutation is not None and mutation.climbs


def _loss_module(given: spec.Net) -> str | None:
    """The module that computes the loss, where torch.nn has one."""
    return SUMMED if given.mutation == "sum_instead_of_mean" else MODULE_LOSSES.get(given.loss)


def model(given: spec.Net, seed: int) -> Iterator[Line]:
    """The model with the weights of a seed, and those that the lesson gives."""
    yield Line(f"torch.manual_seed({seed})", does="seed")
    yield Line("model = Net()", does="model")
    yield from doing("start_values", plain(*init_script.lines(given.init)))
    yield from doing("start_values", _start_values(given))


def _refuse(kind: str) -> Iterator[Line]:
    raise Refused("data.kind_not_yet", kind=kind)


def _xor(given: spec.Net) -> Iterator[Line]:
    data = given.data
    assert isinstance(data, spec.Points)
    kind = "long" if given.loss == "cross_entropy" else "float"
    yield from plain(
        f"generator = torch.Generator().manual_seed({data.seed})",
        f"x = torch.randint(0, 2, ({data.n + data.test}, 2), generator=generator).float()",
        f"y = (x.sum(1) == 1).{kind}()",
        f"x = x + {data.noise!r} * torch.randn(x.shape, generator=generator)",
    )
    if data.test:
        yield from plain(*(f"{name}, test_{name} = {name}[:{data.n}], {name}[{data.n}:]" for name in "xy"))


def _table(given: spec.Net) -> Iterator[Line]:
    data = given.data
    assert isinstance(data, spec.Table)
    column = "" if isinstance(data.x[0], list) else ".unsqueeze(1)"
    yield from folded("x = torch.tensor", literal(data.x), column)
    yield from folded("y = torch.tensor", literal(data.y, int if given.loss == "cross_entropy" else float))


DATA: dict[str, Callable[[spec.Net], Iterator[Line]]] = {"xor": _xor, "table": _table}


def _attribute(name: str) -> str:
    return f"{name}_" if name in TAKEN else name


def _class(given: spec.Net, graph: Graph) -> Iterator[Line]:
    yield from plain("", "")
    yield Line("class Net(nn.Module):", does="class")
    yield from doing("init", plain("    def __init__(self):", "        super().__init__()"))
    shapes = {leaf.name: leaf.shape for leaf in graph.leaves}
    for layer in given.layers:
        if layer.kind in MODULES:
            _, features = shapes.get(f"{layer.name}.weight") or (0, 0)
            made = MODULES[layer.kind].format(features=features, out=layer.out)
            yield Line(f"        self.{_attribute(layer.name)} = {made}", does="layer", of=layer.name)
    yield Line("")
    yield Line("    def forward(self, x):", does="forward_def")
    for layer in given.layers:
        yield Line(f"        x = {_computed(given, layer)}", "forward", layer.name, "layer_forward", layer.name)
    yield Line("        return x", does="return")


FAULTS: dict[mutations.Fault | None, str] = {
    "not_transposed": "x @ self.{name}.weight + self.{name}.bias",
    "detached": "self.{name}(x.detach())",
}


def _computed(given: spec.Net, layer: spec.Layer) -> str:
    """What a layer makes of x."""
    written = FAULTS.get(mutations.fault(given, layer.name), "self.{name}(x)")
    return INLINE.get(layer.kind, written.format(name=_attribute(layer.name)))


def _start_values(given: spec.Net) -> Iterator[Line]:
    if given.params:
        yield Line("with torch.no_grad():")
    for name, values in given.params.items():
        yield from folded(f"    {variable(name)}.copy_(torch.tensor", literal(values), ")")


def variable(parameter: str) -> str:
    """Where the model has a parameter: `model.linear1.weight`."""
    layer, _, name = parameter.rpartition(".")
    return f"model.{_attribute(layer)}.{name}"


def samples(given: spec.Net) -> int:
    """How many samples an epoch visits."""
    match given.data:
        case spec.Points(n=n):
            return n
        case spec.Table(x=x):
            return len(x)
    return 0


def _loop(given: spec.Net, graph: Graph) -> Iterator[Line]:
    yield Line("")
    yield Line(f"for epoch in range({given.epochs}):", does="epochs")
    n = samples(given)
    size = n if given.batch.size == "all" else min(given.batch.size, n)
    order = f"torch.arange({n})"
    if given.batch.order in ORDERS:
        order = "order"
        made = plain(
            f"    seed = ({given.seed} * 1_000_003 + epoch) % 2**63",
            "    generator = torch.Generator().manual_seed(seed)",
            f"    order = {ORDERS[given.batch.order].format(n=n)}",
        )
        yield from doing("order", made)
    whole = order != "order" and size == n
    if not whole:
        yield Line(f"    for batch in {order}.split({size}):", does="batches")
    yield from iteration(given, graph, "    " if whole else "        ", "" if whole else "[batch]")


def iteration(given: spec.Net, graph: Graph, indent: str, batch: str, again: int = 0) -> Iterator[Line]:
    """The five lines of one iteration, each with its phase. `batch` is what chooses the samples: "[batch]".

    Backward is done so many times `again`, without zero_grad.
    """
    given = mutations.wrong(given)
    squeeze = ".squeeze(1)" if graph.node("loss").squeeze else ""
    written = "loss_module(preds, {y})" if _loss_module(given) else WRITTEN_LOSSES[given.loss]
    yield Line(f"{indent}preds = model(x{batch}){squeeze}", "forward", does="forward")
    yield Line(f"{indent}loss = {written.format(y=f'y{batch}')}", "loss", "loss", "loss")
    yield from _way_back(mutations.of(given), indent, again)


def _way_back(mutation: mutations.Mutation | None, indent: str, again: int) -> Iterator[Line]:
    """zero_grad, backward and step: some of them, or in another order, where that is the mistake."""
    first = mutation is not None and mutation.step_first
    step = Line(f"{indent}optimizer.step()", "step", does="step")
    if mutation is None or not mutation.keeps_gradients:
        yield Line(f"{indent}optimizer.zero_grad()", "step" if first else "backward", does="zero_grad")
    if first:
        yield step
    for _ in range(again):
        yield Line(f"{indent}loss.backward(retain_graph=True)", "backward", does="backward_again")
    yield Line(f"{indent}loss.backward()", "backward", does="backward")
    if mutation is None or (mutation.steps and not first):
        yield step
