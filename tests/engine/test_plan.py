"""The flat plan trains to the same bits as autograd with torch.optim, whatever the net, the loss and the optimizer."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.experiment import Experiment
from engine.plan import Plan, Weights
from engine.state import State
from tests.engine.examples import NET, net

ACTIVATIONS = {
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "leaky_relu": lambda: nn.LeakyReLU(0.01),
    "softmax": lambda: nn.Softmax(dim=1),
    "identity": nn.Identity,
    "flatten": nn.Flatten,
}
LOSSES: dict[str, Any] = {
    "bce_logits": nn.BCEWithLogitsLoss(),
    "bce": nn.BCELoss(),
    "mse": nn.MSELoss(),
    "sse": lambda p, y: ((p - y) ** 2).sum(),
    "half_sse": lambda p, y: ((p - y) ** 2).sum() / 2,
    "cross_entropy": nn.CrossEntropyLoss(),
}
OPTIMIZERS: dict[str, tuple[dict[str, Any], Any]] = {
    "sgd": ({"kind": "sgd", "lr": 0.05}, lambda p: torch.optim.SGD(p, lr=0.05, foreach=False)),
    "decay": (
        {"kind": "sgd", "lr": 0.05, "weight_decay": 0.01},
        lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.01, foreach=False),
    ),
    "momentum": (
        {"kind": "sgd", "lr": 0.01, "momentum": 0.9},
        lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, foreach=False),
    ),
    "nesterov": (
        {"kind": "sgd", "lr": 0.01, "momentum": 0.8, "nesterov": True},
        lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.8, nesterov=True, foreach=False),
    ),
    "adam": ({"kind": "adam", "lr": 0.01}, lambda p: torch.optim.Adam(p, lr=0.01, foreach=False, fused=False)),
}
SAMPLES = 300


def experiment(loss: str, optimizer: str, hidden: tuple[tuple[str, int], ...], size: int) -> Experiment:
    """A net on XOR's points; `hidden` are activations with the units before them."""
    layers: list[dict[str, Any]] = []
    for number, (kind, units) in enumerate(hidden):
        layers += [{"name": f"linear{number}", "kind": "linear", "out": units}, {"name": f"act{number}", "kind": kind}]
    layers.append({"name": "last", "kind": "linear", "out": 2 if loss == "cross_entropy" else 1})
    if loss == "bce":
        layers.append({"name": "probability", "kind": "sigmoid"})
    data = {"kind": "xor", "n": SAMPLES, "noise": 0.2, "seed": 3}
    given = OPTIMIZERS[optimizer][0]
    if loss.endswith("sse"):
        given = {**given, "lr": given["lr"] / 50}
    batch = {"size": size, "order": "shuffle"}
    return Experiment(net(NET, layers=layers, loss=loss, data=data, optimizer=given, batch=batch))


def batches(of: Experiment, count: int) -> list[tuple[Tensor, Tensor]]:
    found = [of.batch(iteration, of.settings) for iteration in range(count)]
    return [(each["x"], each["y"]) for each in found]


def by_plan(of: Experiment, count: int) -> tuple[Weights, Tensor]:
    """What the plan leaves, and its losses."""
    state = of.initial()
    assert of.settings.optimizer is not None and Plan.suits(of.graph, state.batch["x"])
    run = of.train(state)
    losses = torch.tensor(run.go(count))
    done = run.state()
    assert of.training.used == "plan" and run.iteration == done.iteration == count
    return Weights(done.parameters, done.slots, done.grads), losses


def by_torch(of: Experiment, loss: str, optimizer: str, count: int) -> tuple[dict[str, Tensor], Any, Tensor]:
    """The loop that everyone writes, on torch.nn's layers."""
    state, layers, kinds = of.initial(), [], of.spec.layers  # type: ignore[union-attr]
    named: dict[str, Tensor] = {}
    for layer in kinds:
        if layer.kind == "linear":
            weight, bias = (state.parameters[f"{layer.name}.{part}"] for part in ("weight", "bias"))
            module = nn.Linear(weight.shape[1], weight.shape[0])
            module.weight, module.bias = nn.Parameter(weight.clone()), nn.Parameter(bias.clone())
            named |= {f"{layer.name}.weight": module.weight, f"{layer.name}.bias": module.bias}
        layers.append(module if layer.kind == "linear" else ACTIVATIONS[layer.kind]())
    model = nn.Sequential(*layers)
    update = OPTIMIZERS[optimizer][1](list(named.values()))
    for group in update.param_groups:
        group["lr"] = of.settings.lr
    losses = []
    for x, y in batches(of, count):
        found = LOSSES[loss](model(x) if loss == "cross_entropy" else model(x).squeeze(-1), y)
        update.zero_grad()
        found.backward()
        update.step()
        losses.append(found.detach())
    return named, update, torch.stack(losses)


def assert_same(of: Experiment, loss: str, optimizer: str, count: int) -> None:
    after, losses = by_plan(of, count)
    named, update, expected = by_torch(of, loss, optimizer, count)
    assert torch.equal(losses, expected)
    for name, parameter in named.items():
        assert torch.equal(after.parameters[name], parameter.detach()), name
        assert torch.equal(after.grads[name], parameter.grad), name  # type: ignore[arg-type]
        for slot, value in update.state[parameter].items():
            if isinstance(value, Tensor) and value.dim():
                assert torch.equal(after.slots[name][slot], value), (name, slot)  # type: ignore[arg-type]


SMALL = (("tanh", 4),)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("loss", LOSSES)
def test_two_thousand_steps_of_a_small_net_are_bit_equal(loss: str, optimizer: str) -> None:
    assert_same(experiment(loss, optimizer, SMALL, 128), loss, optimizer, 2000)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize(
    ("loss", "hidden"),
    [
        ("cross_entropy", (("relu", 8), ("relu", 8))),
        ("bce_logits", (("relu", 64), ("relu", 64))),
        ("bce_logits", (("relu", 256), ("relu", 256))),
        ("bce_logits", (("relu", 1000), ("relu", 1000))),  # a million parameters
    ],
)
def test_two_thousand_steps_of_larger_nets_are_bit_equal(
    loss: str, hidden: tuple[tuple[str, int], ...], optimizer: str
) -> None:
    assert_same(experiment(loss, optimizer, hidden, 128), loss, optimizer, 2000)


@pytest.mark.parametrize("kind", ACTIVATIONS)
@pytest.mark.parametrize("size", [1, 7, 128, SAMPLES])
def test_every_activation_and_batch_size_is_bit_equal(kind: str, size: int) -> None:
    assert_same(experiment("bce_logits", "sgd", ((kind, 8), ("tanh", 8), (kind, 4)), size), "bce_logits", "sgd", 300)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_wide_net_is_bit_equal(loss: str) -> None:
    assert_same(experiment(loss, "adam", (("relu", 200), ("gelu", 65)), 100), loss, "adam", 60)


@given(st.lists(st.integers(1, 90), min_size=1, max_size=6), st.sampled_from([16, 64, 300]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_in_whatever_portions_the_iterations_are_done_it_is_the_same(
    portions: list[int], size: int, looked: bool
) -> None:
    of = experiment("cross_entropy" if size == 16 else "mse", "adam", SMALL, size)
    after, losses = by_plan(of, sum(portions))
    run, found = of.train(of.initial()), []
    for portion in portions:
        found += run.go(portion)
        if looked:
            run.state()
    assert torch.equal(torch.tensor(found), losses)
    assert_equal(run.state(), after)


def assert_equal(state: State, after: Weights) -> None:
    for name in after.parameters:
        assert torch.equal(state.parameters[name], after.parameters[name])
        assert torch.equal(state.grads[name], after.grads[name])
        for slot, value in after.slots.get(name, {}).items():
            assert torch.equal(torch.as_tensor(state.slots[name][slot]), torch.as_tensor(value))


def test_the_weights_it_gives_do_not_change_when_it_goes_on() -> None:
    of = experiment("mse", "momentum", SMALL, 64)
    run = of.train(of.initial())
    run.go(5)
    state = run.state()
    kept = {name: tensor.clone() for name, tensor in state.parameters.items()}
    buffers = {name: slots["momentum_buffer"].clone() for name, slots in state.slots.items()}  # type: ignore[union-attr]
    run.go(5)
    assert all(torch.equal(state.parameters[name], tensor) for name, tensor in kept.items())
    assert all(torch.equal(state.slots[name]["momentum_buffer"], each) for name, each in buffers.items())  # type: ignore[arg-type]


def test_two_runs_that_take_turns_do_not_disturb_each_other() -> None:
    of = experiment("mse", "adam", SMALL, 64)
    one, other = of.train(of.initial()), of.train(of.initial())
    for portion in (7, 20, 1, 12):
        one.go(portion)
        other.go(portion // 2)
    assert_equal(one.state(), by_plan(of, 40)[0])
    assert_equal(other.state(), by_plan(of, 3 + 10 + 0 + 6)[0])


def test_without_gradients_the_rest_is_there() -> None:
    of = experiment("mse", "adam", SMALL, 64)
    run = of.train(of.initial())
    run.go(9)
    bare = run.state(gradients=False)
    whole = run.state()
    assert not bare.grads and whole.grads
    assert_equal(whole, Weights(bare.parameters, bare.slots, whole.grads))


def test_a_net_with_an_operation_that_it_does_not_know_is_not_for_it() -> None:
    layers = [{"name": "a", "kind": "heaviside"}, {"name": "last", "kind": "linear", "out": 1}]
    of = Experiment(net(NET, layers=layers, loss="bce_logits"))
    assert not Plan.suits(of.graph, of.initial().batch["x"])


def test_after_what_torch_refuses_it_trains_as_if_nothing_had_been() -> None:
    """A probability that is none: the losses of many batches are computed at once, and torch refuses all of them."""
    of = experiment("bce", "sgd", (("tanh", 3),), 64)
    first = of.initial()
    spoilt = {**first.parameters, "last.bias": torch.full((1,), torch.nan)}
    plan, usual = (Plan(of.graph, first.parameters, of.settings.optimizer, *_samples(of)) for _ in range(2))
    orders = [of.order(0, of.settings)]
    plan.put(spoilt, {})
    for _ in range(2):
        with pytest.raises(RuntimeError, match="between 0 and 1"):
            plan.run(orders, 64, 0.05, 5)
    for each in (plan, usual):
        each.put(first.parameters, {})
    assert plan.run(orders, 64, 0.05, 5) == usual.run(orders, 64, 0.05, 5)
    assert all(torch.equal(now, usual.weights().parameters[name]) for name, now in plan.weights().parameters.items())


def _samples(of: Experiment) -> tuple[Tensor, Tensor]:
    assert of.dataset is not None
    return of.dataset.x, of.dataset.y
