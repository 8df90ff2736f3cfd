"""Wrong variants of training do what the wrong program does in torch, bit for bit, and each shows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn

from engine import code, data, mutations
from engine import messages as m
from engine.graph import from_layers
from engine.memory import log, memory, resume
from engine.mutations import MUTATIONS
from engine.session import Session
from engine.spec import Net
from engine.words import Refused, say
from tests.engine.examples import net
from tests.engine.test_exported import assert_same, executed, untouched

TURNS = 60
CLASSES = {
    "data": {"kind": "table", "x": [[0, 0.5], [1, -1], [0.25, 1], [1, 1], [-0.5, 0.75]], "y": [0, 1, 1, 0, 1]},
    "layers": [{"name": "linear1", "kind": "linear", "out": 3}, {"name": "act_fn", "kind": "tanh"},
               {"name": "linear2", "kind": "linear", "out": 2}],
    "loss": "cross_entropy", "batch": {"size": 2, "order": "shuffle"},
}  # fmt: skip
SQUARE = {"layers": [{"name": "linear1", "kind": "linear", "out": 2}, {"name": "act_fn", "kind": "tanh"},
                     {"name": "linear2", "kind": "linear", "out": 1}]}  # fmt: skip
NEEDS: dict[str, dict[str, Any]] = {"softmax_before_ce": CLASSES, "sum_instead_of_mean": {"loss": "mse"},
                                    "missing_transpose": SQUARE}  # fmt: skip
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"kind": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 0.01},
    "adam": {"kind": "adam", "lr": 0.03},
}


def wrong(name: str, **more: Any) -> Net:
    return net(mutation=name, **{**NEEDS.get(name, {}), **more})


class Plain(nn.Module):
    """The net as the deck writes it; `wrong` is what its forward does wrong."""

    def __init__(self, given: Net, wrong: str) -> None:
        super().__init__()
        hidden, out = (layer.out for layer in given.layers if layer.kind == "linear")
        self.first, self.second, self.wrong = nn.Linear(2, hidden), nn.Linear(hidden, out), wrong  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.wrong == "missing_transpose":
            h = torch.tanh(x @ self.first.weight + self.first.bias)
        else:
            h = torch.tanh(self.first(x))
        z = self.second(h.detach() if self.wrong == "detached" else h)
        last: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
            "double_sigmoid": torch.sigmoid, "softmax_before_ce": lambda z: torch.softmax(z, 1),
        }  # fmt: skip
        return last.get(self.wrong, lambda z: z)(z)


def optimizer_of(given: Net, model: nn.Module) -> torch.optim.Optimizer:
    climbs = given.mutation == "ascent_sign"
    if given.optimizer.kind == "adam":
        return torch.optim.Adam(model.parameters(), lr=given.optimizer.lr, maximize=climbs, foreach=False)
    return torch.optim.SGD(model.parameters(), lr=given.optimizer.lr, momentum=given.optimizer.momentum,
                           weight_decay=given.optimizer.weight_decay, maximize=climbs, foreach=False)  # fmt: skip


def plainly(given: Net, turns: int) -> nn.Module:
    """The wrong program as a loop of PyTorch."""
    samples, name = data.make(given.data, given.loss), given.mutation or ""
    torch.manual_seed(given.seed)
    model = Plain(given, name)
    optimizer, done, epoch = optimizer_of(given, model), 0, 0
    while done < turns:
        generator = torch.Generator().manual_seed((given.seed * 1_000_003 + epoch) % 2**63)
        for chosen in torch.randperm(len(samples), generator=generator).split(int(given.batch.size)):
            if done == turns:
                break
            x, y = samples.x[chosen], samples.y[chosen]
            preds = model(x)
            if given.loss == "cross_entropy":
                loss = F.cross_entropy(preds, y)
            elif given.loss == "mse":
                loss = F.mse_loss(preds.squeeze(1), y, reduction="sum" if name == "sum_instead_of_mean" else "mean")
            else:
                loss = F.binary_cross_entropy_with_logits(preds.squeeze(1), y)
            if name != "drop_zero_grad":
                optimizer.zero_grad()
            if name == "wrong_order":
                optimizer.step()
            loss.backward()
            if name not in ("wrong_order", "forgotten_step"):
                optimizer.step()
            done += 1
        epoch += 1
    return model


def advanced(given: Net, unit: m.Unit, count: int) -> Session:
    torch.set_num_threads(1)
    session = Session(given)
    session.apply(m.Advance(unit, count))
    session.finish()
    return session


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_session_does_what_the_wrong_program_does_in_torch(name: str, kind: str) -> None:
    given = wrong(name, optimizer=OPTIMIZERS[kind])
    session, model = advanced(given, "iteration", TURNS), plainly(given, TURNS)
    state = session.look()
    assert session.outcome == "ok" and state.iteration == TURNS - 1
    for found, parameter in zip(state.parameters.items(), model.parameters(), strict=True):
        assert torch.equal(found[1], parameter), found[0]
        assert (found[0] in state.grads) == (parameter.grad is not None), found[0]
        if parameter.grad is not None:
            assert torch.equal(state.grads[found[0]], parameter.grad), f"gradient of {found[0]}"


@pytest.mark.parametrize("name", MUTATIONS)
def test_operation_by_operation_comes_to_the_same_bits_as_whole_iterations(name: str) -> None:
    given = wrong(name)
    quick = advanced(given, "iteration", 8)
    slow = advanced(given, "op", 8 * quick.experiment.length)
    assert quick.look().grads.keys() == slow.look().grads.keys()
    assert all(torch.equal(value, slow.look().parameters[key]) for key, value in quick.look().parameters.items())
    assert all(torch.equal(value, slow.look().grads[key]) for key, value in quick.look().grads.items())


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_wrong_run_is_another_one_than_the_right_one(name: str) -> None:
    given = wrong(name)
    mistaken, right = (advanced(each, "iteration", 5).look() for each in (given, mutations.right(given)))
    assert any(not torch.equal(value, right.parameters[key]) for key, value in mistaken.parameters.items())


def test_weights_climb_with_the_wrong_sign() -> None:
    session = advanced(wrong("ascent_sign"), "iteration", 200)
    losses = session.timeline.losses()
    assert losses[-1] > 2 * losses[0]


def test_without_a_transpose_torch_refuses_the_layer() -> None:
    session = advanced(net(mutation="missing_transpose"), "iteration", 3)
    assert session.outcome == "shape" and session.look().cursor == 0
    assert "linear1" in str(session.message and session.message.values)


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_script_is_the_wrong_program_and_differs_from_the_right_one(name: str) -> None:
    given = wrong(name, epochs=20, optimizer=OPTIMIZERS["sgd"])
    session = Session(given)
    session.apply(m.Run(True))
    session.finish()
    script = code.script(given, session.experiment.graph)
    right = mutations.right(given)
    assert_same(session, executed(script))
    assert script != code.script(right, from_layers(right, 2, None))


# ---------------------------------------------------------------- histories
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(sorted(MUTATIONS)),
    commands=st.lists(
        st.one_of(
            st.builds(m.Advance, st.sampled_from(["op", "phase", "iteration", "epoch"]), st.integers(1, 5)),
            st.builds(m.Travel, st.sampled_from(["back", "forth"]), st.sampled_from(["command", "phase"])),
            st.builds(lambda value: m.Edit((m.Change("linear1.bias", value, (0,)),)), st.floats(-1, 1, width=32)),
            st.builds(lambda value: m.Edit((m.Change("lr", value),)), st.sampled_from([0.1, 0.5])),
            st.just(m.Edit((m.Change("batch.size", 3),))),
            st.just(m.Again()),
            st.builds(m.Goto, st.integers(0, 9)),
        ),
        max_size=8,
    ),
)
def test_after_any_history_script_and_another_engine_come_to_the_same_bits(
    name: str, commands: list[m.AnyCommand]
) -> None:
    torch.set_num_threads(1)
    given_ = wrong(name, optimizer=OPTIMIZERS["sgd"])
    session = Session(given_)
    for command in commands:
        with suppress(Refused):
            session.apply(command)
            session.finish()
    assume(session.outcome == "ok" and not untouched(session))
    assert_same(session, executed(code.script(given_, session.experiment.graph, log(session))))
    other = Session(given_)
    resume(other, log(session, losses=True), memory(session))
    assert all(torch.equal(value, other.look().parameters[key]) for key, value in session.look().parameters.items())


# ---------------------------------------------------------------- the catalogue
@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mistake_is_explained(name: str, language: str) -> None:
    from engine.words import Sentence

    assert len(say(Sentence(f"mutation.{name}"), language)) > 40


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_wrong_lines_are_lines_of_the_script(name: str) -> None:
    given = wrong(name)
    names = [line.name for line in code.lines(given, from_layers(given, 2, None))]
    assert all(names.count(place) == 1 for place in mutations.places(given))
    right = mutations.right(given)
    rest = [line.name for line in code.lines(right, from_layers(right, 2, None))]
    assert mutations.restores(given) in ("", *rest)


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_wrong_program_of_the_wrong_program_is_itself(name: str) -> None:
    once = mutations.wrong(wrong(name))
    assert mutations.wrong(once) == once


@pytest.mark.parametrize(
    ("name", "key"),
    [("drop_zero_gard", "mutation.unknown"), ("softmax_before_ce", "mutation.needs.softmax_before_ce"),
     ("sum_instead_of_mean", "mutation.needs.sum_instead_of_mean")],
)  # fmt: skip
def test_a_mistake_that_cannot_be_made_here_is_refused_by_name(name: str, key: str) -> None:
    with pytest.raises(Refused) as caught:
        Session(net(mutation=name))
    assert caught.value.sentence.key == key and f"`{name}`" in say(caught.value.sentence, "es")


def test_a_sigmoid_before_the_loss_that_has_one_is_the_mistake_however_the_lesson_writes_it() -> None:
    squash = {"name": "squash", "kind": "sigmoid"}
    layers = [layer.model_dump(exclude_none=True) for layer in net().layers]
    written = [net(mutation="double_sigmoid", layers=[*layers, squash], loss=loss) for loss in ("bce", "bce_logits")]
    all_ = (*written, net(mutation="double_sigmoid"))
    one, other, added = (advanced(each, "iteration", 20).look().parameters.values() for each in all_)
    assert all(torch.equal(a, b) and torch.equal(b, c) for a, b, c in zip(one, other, added, strict=True))
