"""The script of a net: its data, its layers as a class, the loss, the optimizer, and the usual loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine import spec
from engine.code.script import Line, folded, literal, optimizer, plain
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


def lines(given: spec.Net, graph: Graph) -> Iterator[Line]:
    """The script of a net. Raises Refused for kinds that are not there yet."""
    for kind, known, key in (
        (given.init.kind, ("default",), "net.init_not_yet"),
        (given.loss, {*MODULE_LOSSES, *WRITTEN_LOSSES}, "net.loss_not_yet"),
    ):
        if kind not in known:
            raise Refused(key, kind=kind)
    yield from plain("import torch", "from torch import nn", "")
    yield from DATA[given.data.kind](given) if given.data.kind in DATA else _refuse(given.data.kind)
    yield from _class(given, graph)
    yield from plain("", "", f"torch.manual_seed({given.seed})", "model = Net()")
    yield from _start_values(given)
    if given.loss in MODULE_LOSSES:
        yield Line(f"loss_module = {MODULE_LOSSES[given.loss]}")
    yield Line(f"optimizer = {optimizer(given.optimizer, 'model.parameters()')}")
    yield from _loop(given, graph)


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
    yield from plain("", "", "class Net(nn.Module):", "    def __init__(self):", "        super().__init__()")
    shapes = {leaf.name: leaf.shape for leaf in graph.leaves}
    for layer in given.layers:
        if layer.kind in MODULES:
            _, features = shapes.get(f"{layer.name}.weight") or (0, 0)
            made = MODULES[layer.kind].format(features=features, out=layer.out)
            yield Line(f"        self.{_attribute(layer.name)} = {made}")
    yield from plain("", "    def forward(self, x):")
    for layer in given.layers:
        computed = INLINE.get(layer.kind, f"self.{_attribute(layer.name)}(x)")
        yield Line(f"        x = {computed}", "forward", layer.name)
    yield Line("        return x")


def _start_values(given: spec.Net) -> Iterator[Line]:
    if given.params:
        yield Line("with torch.no_grad():")
    for name, values in given.params.items():
        layer, _, parameter = name.rpartition(".")
        yield from folded(f"    model.{_attribute(layer)}.{parameter}.copy_(torch.tensor", literal(values), ")")


def _loop(given: spec.Net, graph: Graph) -> Iterator[Line]:
    yield from plain("", f"for epoch in range({given.epochs}):")
    n = (
        given.data.n
        if isinstance(given.data, spec.Points)
        else len(given.data.x)
        if isinstance(given.data, spec.Table)
        else 0
    )
    size = n if given.batch.size == "all" else min(given.batch.size, n)
    order = f"torch.arange({n})"
    if given.batch.order in ORDERS:
        order = "order"
        yield from plain(
            f"    seed = ({given.seed} * 1_000_003 + epoch) % 2**63",
            "    generator = torch.Generator().manual_seed(seed)",
            f"    order = {ORDERS[given.batch.order].format(n=n)}",
        )
    whole = order != "order" and size == n
    if not whole:
        yield Line(f"    for batch in {order}.split({size}):")
    yield from _iteration(given, graph, "    " if whole else "        ", "" if whole else "[batch]")


def _iteration(given: spec.Net, graph: Graph, indent: str, batch: str) -> Iterator[Line]:
    squeeze = ".squeeze(1)" if graph.node("loss").squeeze else ""
    loss = WRITTEN_LOSSES.get(given.loss, "loss_module(preds, {y})").format(y=f"y{batch}")
    yield Line(f"{indent}preds = model(x{batch}){squeeze}", "forward")
    yield Line(f"{indent}loss = {loss}", "loss", "loss")
    yield Line(f"{indent}optimizer.zero_grad()", "backward")
    yield Line(f"{indent}loss.backward()", "backward")
    yield Line(f"{indent}optimizer.step()", "step")
