"""Where values start, and which edits fit: by name, index, shape and dtype, all of them or none."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from engine import parameters
from engine.experiment import Experiment
from engine.messages import Change
from engine.session import Session
from engine.spec import Graph, Net
from engine.state import State
from engine.words import LANGUAGES, Refused, say
from tests.engine.examples import GRAPH_J, graph, net

MIXED = graph(
    {"w": [[1, 2, 3], [4, 5, 6]], "k": {"value": [1, 2], "dtype": "int64"}, "half": {"value": 1, "dtype": "float16"},
     "flag": {"value": True, "dtype": "bool"}, "s": 2},
    {"y": "sum(w) * s"},
)  # fmt: skip


def start() -> State:
    return Experiment(MIXED).initial()


def edited(experiment: Experiment, changes: tuple[Change, ...]) -> State:
    before = experiment.initial()
    return experiment.edited(before, parameters.check(changes, before, experiment.trains))


def refusal(make: Any, *arguments: Any) -> str:
    """The key of the sentence with which this is refused; it can be said in every language."""
    with pytest.raises(Refused) as caught:
        make(*arguments)
    assert all(say(caught.value.sentence, language) for language in LANGUAGES)
    return caught.value.sentence.key


# ---------------------------------------------------------------- at the start
@pytest.mark.parametrize("seed", [0, 7, 2**53 - 1])
def test_weights_are_those_of_manual_seed_and_the_layers_built_in_order(seed: int) -> None:
    layers = [
        {"name": "a", "kind": "linear", "out": 5},
        {"name": "b", "kind": "relu"},
        {"name": "c", "kind": "linear", "out": 3},
        {"name": "d", "kind": "linear", "out": 1},
    ]
    torch.manual_seed(seed)
    model = nn.ModuleDict({"a": nn.Linear(2, 5), "b": nn.ReLU(), "c": nn.Linear(5, 3), "d": nn.Linear(3, 1)})
    start = Experiment(net(layers=layers), seed).initial().parameters
    expected = dict(model.named_parameters())
    assert list(start) == list(expected)
    assert all(torch.equal(start[name], value) for name, value in expected.items())


def test_making_a_session_and_training_it_leaves_the_global_random_state_untouched() -> None:
    before = torch.random.get_rng_state()
    session = Session(net(batch={"size": 3, "order": "random"}))
    session.experiment.train(session.state).go(10)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_start_values_of_a_lesson_take_the_place_of_weights_and_leave_the_others_alone() -> None:
    usual = Experiment(net()).initial().parameters
    start = Experiment(net(params={"linear1.bias": [1, 2.5, -3, 0]})).initial().parameters
    assert start["linear1.bias"].tolist() == [1, 2.5, -3, 0] and start["linear1.bias"].dtype == torch.float32
    assert all(torch.equal(start[name], usual[name]) for name in usual if name != "linear1.bias")


@pytest.mark.parametrize(
    ("params", "key"),
    [
        ({"linear1.biass": [0, 0, 0, 0]}, "edit.unknown"),
        ({"linear1.bias": [0, 0, 0]}, "edit.shape"),
        ({"linear1.bias": [[0, 0, 0, 0]]}, "edit.shape"),
        ({"linear1.weight": [[0, 0, 0, 0], [0, 0, 0, 0]]}, "edit.transposed"),
        ({"linear1.weight": [[0, 0], [0, 0], [0, 0], [0]]}, "edit.shape"),
        ({"linear1.bias": [0, 0, 0, 1e300]}, "edit.does_not_fit"),
        ({"linear1.bias": [0, 0, 0, 10**400]}, "edit.does_not_fit"),
    ],
)
def test_start_values_that_do_not_fit_are_refused(params: dict[str, Any], key: str) -> None:
    assert refusal(Experiment(net(params=params)).initial) == key


STARTS: dict[str, Callable[[torch.Tensor, float], object]] = {
    "zeros": lambda weight, scale: nn.init.zeros_(weight),
    "uniform": lambda weight, scale: nn.init.uniform_(weight, -scale, scale),
    "normal": lambda weight, scale: nn.init.normal_(weight, 0.0, scale),
    "xavier": lambda weight, scale: nn.init.xavier_uniform_(weight, scale),
    "kaiming": lambda weight, scale: weight.data.copy_(scale * nn.init.kaiming_uniform_(weight, nonlinearity="relu")),
}


@pytest.mark.parametrize("scale", [None, 0.5, 3])
@pytest.mark.parametrize("kind", STARTS)
def test_inits_are_those_of_torch_and_biases_begin_at_0(kind: str, scale: float | None) -> None:
    torch.manual_seed(11)
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    with torch.no_grad():
        for layer in (model[0], model[2]):
            STARTS[kind](layer.weight, 1.0 if scale is None else scale)
    start = Experiment(net(init={"kind": kind, "scale": scale}), 11).initial().parameters
    assert torch.equal(start["linear1.weight"], model[0].weight)
    assert torch.equal(start["linear2.weight"], model[2].weight)
    assert not start["linear1.bias"].any() and not start["linear2.bias"].any()


def test_what_a_lesson_gives_stands_before_the_init() -> None:
    start = Experiment(net(init={"kind": "zeros"}, params={"linear2.bias": [3]})).initial().parameters
    assert start["linear2.bias"].tolist() == [3] and not start["linear1.weight"].any()


def test_inputs_have_the_dtype_and_the_numbers_that_were_written() -> None:
    found = start().parameters
    assert {name: str(value.dtype) for name, value in found.items()} == {
        "w": "torch.float32", "k": "torch.int64", "half": "torch.float16", "flag": "torch.bool", "s": "torch.float32",
    }  # fmt: skip
    assert found["w"].tolist() == [[1, 2, 3], [4, 5, 6]] and found["k"].tolist() == [1, 2]
    assert found["flag"].item() is True


def test_an_input_may_be_infinite_where_it_is_written_so() -> None:
    assert (
        Experiment(graph({"a": [-math.inf, 0]}, {"y": "softmax(a)"})).initial().parameters["a"].tolist()[0] == -math.inf
    )


@pytest.mark.parametrize(
    "given",
    [
        {"value": 1.5, "dtype": "int64"},
        {"value": 2**31, "dtype": "int32"},
        {"value": 2**63, "dtype": "int64"},
        {"value": 70_000, "dtype": "float16"},
        {"value": 1e39},
        {"value": 10**400, "dtype": "float64"},
        {"value": 2, "dtype": "bool"},
    ],
    ids=str,
)
def test_an_input_that_its_dtype_cannot_hold_is_refused(given: dict[str, Any]) -> None:
    assert refusal(Experiment(graph({"a": given, "b": 1}, {"y": "b * b"})).initial) == "edit.does_not_fit"


def test_a_seed_gradient_has_the_precision_of_the_output() -> None:
    spec = graph({"a": {"value": [1, 2], "dtype": "float64"}}, {"y": "a * a"}, seed_gradient=[0.1, 0.7])
    session = Session(spec)
    state = session.state
    for _ in range(2):
        state = session.experiment.advance(state)
    a = torch.tensor([1, 2], dtype=torch.float64, requires_grad=True)
    (a * a).backward(torch.tensor([0.1, 0.7], dtype=torch.float64))
    assert a.grad is not None and torch.equal(state.grads["a"], a.grad)


# ---------------------------------------------------------------- edits
@pytest.mark.parametrize(
    ("change", "key"),
    [
        (Change("ww", 1.0), "edit.unknown"),
        (Change("lr", 1.0), "edit.unknown"),  # a graph without an optimizer has none
        (Change("w", 1.0, (2, 0)), "edit.index"),
        (Change("w", 1.0, (0, -4)), "edit.index"),
        (Change("w", 1.0, (0,)), "edit.index"),
        (Change("s", 1.0, (0,)), "edit.index"),
        (Change("w", [1.0, 2.0], (0, 0)), "edit.shape"),
        (Change("w", 1.0), "edit.shape"),
        (Change("w", [[1.0, 2.0], [3.0]]), "edit.shape"),
        (Change("w", [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), "edit.transposed"),
        (Change("k", [1.0, 2.0, 3.0]), "edit.shape"),
        (Change("k", [1.0, 2.5]), "edit.does_not_fit"),
        (Change("k", 1e30, (0,)), "edit.does_not_fit"),
        (Change("half", 1e6), "edit.does_not_fit"),
        (Change("flag", 2.0), "edit.does_not_fit"),
        (Change("s", math.nan), "edit.does_not_fit"),
        (Change("s", math.inf), "edit.does_not_fit"),
        (Change("s", 1e39), "edit.does_not_fit"),
    ],
    ids=str,
)
def test_an_edit_that_does_not_fit_is_refused(change: Change, key: str) -> None:
    assert refusal(parameters.check, (change,), start(), False) == key


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf, [0.1]])
def test_a_learning_rate_is_a_number_that_is_0_or_more(value: Any) -> None:
    assert refusal(parameters.check, (Change("lr", value),), start(), True) == "edit.lr"
    assert refusal(parameters.check, (Change("lr", 0.1, (0,)),), start(), True) == "settings.value"


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(Refused, match=r"linear1\.weight\?"):
        parameters.check((Change("linear1.wieght", 1.0),), Experiment(net()).initial(), True)


def test_edits_set_what_they_name_and_make_new_tensors() -> None:
    experiment = Experiment(MIXED)
    before = experiment.initial().parameters
    changes = (Change("w", 9.5, (1, -1)), Change("k", [7.0, -8.0]), Change("flag", 0.0), Change("w", -1.0, (0, 0)))
    after = edited(experiment, changes).parameters
    assert after["w"].tolist() == [[-1, 2, 3], [4, 5, 9.5]]
    assert after["k"].tolist() == [7, -8] and after["k"].dtype == torch.int64
    assert after["flag"].item() is False
    assert before["w"].tolist() == [[1, 2, 3], [4, 5, 6]]


def test_a_learning_rate_of_0_may_be_set() -> None:
    assert edited(Experiment(net()), (Change("lr", 0.0),)).lr == 0


@pytest.mark.parametrize("spec", [MIXED, net(), graph(GRAPH_J["inputs"], GRAPH_J["nodes"])], ids=["mixed", "net", "j"])
def test_every_value_can_be_set_to_what_it_is(spec: Graph | Net) -> None:
    experiment = Experiment(spec)
    before = experiment.initial().parameters
    after = edited(experiment, tuple(Change(name, value.tolist()) for name, value in before.items())).parameters
    assert all(torch.equal(after[name], value) and after[name].dtype == value.dtype for name, value in before.items())
