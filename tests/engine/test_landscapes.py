"""The loss over one weight and over two: held to the plain loop, to autograd, and to what was seen while stepping."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import evaluation, stepper
from engine import messages as m
from engine.arrays import Array
from engine.looks import descent as way
from engine.looks import landscape, surface, sweep
from engine.looks.records import Element, SeenSurface, SeenSweep, Surface, Sweep
from engine.looks.see import Looks
from engine.session import Session
from engine.timeline import Moment
from engine.words import Refused
from tests.engine.examples import GRAPH_J, NET, graph, net

T = TypeVar("T")
WEIGHT, OTHER = Element("linear1.weight", (2, 1)), Element("linear2.bias", (0,))
DESCENT = {"inputs": {"a": 3, "b": 1, "c": -2}, "nodes": {"g": "a + 2 * b", "J": "(g * c) ** 2"}}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As in the engine's process."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def finished(steps: Generator[None, None, T]) -> T:
    """What a long look returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def do(session: Session, *commands: m.AnyCommand) -> Session:
    for command in commands:
        session.apply(command)
        session.finish()
    return session


def trained(iterations: int = 7, **changes: Any) -> Session:
    return do(Session(net(**changes)), m.Advance("iteration", iterations))


def numbers(array: Array | None) -> np.ndarray:
    assert array is not None and array.data is not None
    return np.frombuffer(array.data, array.dtype).reshape(array.shape)


def by_hand(session: Session, batch: dict[str, torch.Tensor], *edits: tuple[Element, float]) -> float:
    """The loss where these elements have these values, from the beginning."""
    values = {**session.look().parameters, **batch}
    for element, number in edits:
        values[element.name] = values[element.name].clone()
        values[element.name][element.index] = number
    graph = session.experiment.graph
    return float(stepper.evaluate(graph, values)[graph.output])


def data(session: Session) -> dict[str, torch.Tensor]:
    samples = session.experiment.dataset
    assert samples is not None
    return {"x": samples.x, "y": samples.y}


# ---------------------------------------------------------------- one weight
def test_each_place_of_a_sweep_is_the_loss_of_the_weights_edited_there() -> None:
    session = trained()
    seen = finished(sweep.see(session, Sweep(WEIGHT, 30)))
    batch = dict(session.look().batch)
    for given_batch, found in ((batch, seen.losses), (data(session), seen.train)):
        wanted = [by_hand(session, given_batch, (WEIGHT, float(at))) for at in numbers(seen.at)]
        assert numbers(found).tolist() == wanted


def test_the_present_point_has_the_bits_of_the_forward_pass() -> None:
    session = trained()
    seen = finished(sweep.see(session, Sweep(WEIGHT)))
    weights = session.look().parameters
    assert torch.equal(torch.tensor(seen.value), weights["linear1.weight"][2, 1])
    assert seen.loss == by_hand(session, dict(session.look().batch))
    assert seen.train_loss == evaluation.metrics(session.experiment, session.look())["train_loss"]
    assert numbers(seen.at).min() < seen.value < numbers(seen.at).max()
    do(session, m.Advance("phase", 2))  # forward and loss of the next iteration: its batch, the same weights
    assert finished(sweep.see(session, Sweep(WEIGHT))).loss == session.experiment.loss(session.look())


def test_the_slope_is_the_gradient_that_backward_computes_and_the_rise_of_the_curve() -> None:
    session = do(trained(), m.Advance("phase", 3))
    seen = finished(sweep.see(session, Sweep(WEIGHT)))
    grads = session.look().grads
    assert seen.slope == float(grads["linear1.weight"][2, 1])
    double = {
        name: value.double() if value.is_floating_point() else value
        for name, value in session.experiment.leaves(session.look()).items()
    }
    smooth = landscape.Landscape(session.experiment.graph, double, (WEIGHT,))
    rise = (smooth.at(seen.value + 1e-5) - smooth.at(seen.value - 1e-5)) / 2e-5
    assert seen.slope == pytest.approx(rise, rel=1e-4)


def test_where_the_batch_is_all_there_is_one_curve() -> None:
    assert finished(sweep.see(trained(1, batch={"size": "all"}), Sweep(WEIGHT))).train is None


def test_a_graph_is_swept_over_an_input_or_what_was_computed_from_it() -> None:
    session = Session(graph(GRAPH_J["inputs"], GRAPH_J["nodes"]))
    over_c = finished(sweep.see(session, Sweep(Element("c"), low=-4, high=4, points=9)))
    assert numbers(over_c.losses).tolist() == [5 * at for at in range(-4, 5)]
    assert (over_c.value, over_c.loss, over_c.slope, over_c.output) == (-2, -10, 5, "J")
    over_g = finished(sweep.see(session, Sweep(Element("g"), low=0, high=4, points=5)))
    assert numbers(over_g.losses).tolist() == [0, -2, -4, -6, -8] and over_g.slope == -2
    of_g = finished(sweep.see(session, Sweep(Element("b"), low=0, high=2, points=3, output="g")))
    assert numbers(of_g.losses).tolist() == [3, 5, 7] and of_g.slope == 2


def test_a_sweep_changes_nothing_in_the_session() -> None:
    session = trained()
    before = {name: value.clone() for name, value in session.look().parameters.items()}
    state = session.look()
    finished(sweep.see(session, Sweep(WEIGHT)))
    finished(surface.see(session, Surface(WEIGHT, OTHER, 6, 5)))
    assert session.look() is state
    assert all(torch.equal(state.parameters[name], value) for name, value in before.items())


@pytest.mark.parametrize(
    ("look", "key"),
    [
        (Sweep(Element("v", (0,)), output="d"), "look.not_scalar"),
        (Sweep(Element("v", (3,))), "edit.index"),
        (Sweep(Element("v")), "edit.index"),
        (Sweep(Element("n", (0,))), "look.not_differentiable"),
        (Sweep(Element("w")), "look.no_tensor"),
        (Sweep(Element("v", (0,)), output="w"), "look.no_operation"),
        (Surface(Element("v", (0,)), Element("d", (0,))), "look.not_a_weight"),
        (Surface(Element("v", (0,)), Element("w", (0,))), "look.no_tensor"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_with_a_reason(look: Any, key: str) -> None:
    inputs = {"v": [1, 2], "n": {"value": [1, 2], "dtype": "int64"}}
    session = Session(graph(inputs, {"d": "2 * v", "J": "sum(d * n)"}))
    see: Callable[..., Any] = sweep.see if isinstance(look, Sweep) else surface.see
    seen = finished(see(session, look))
    assert seen.refused is not None and seen.refused.key == key


def test_where_torch_refuses_a_place_it_is_nan_and_the_others_are_not() -> None:
    session = Session(graph({"p": [0.5], "t": {"value": [1.0], "grad": False}}, {"J": "bce(p, t)"}))
    found = numbers(finished(sweep.see(session, Sweep(Element("p", (0,)), low=-1, high=2, points=13))).losses)
    assert np.isnan(found[[0, 3, 12]]).all() and np.isfinite(found[4:9]).all()


def test_of_many_samples_as_many_are_taken_as_a_few_milliseconds_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landscape, "SAMPLES", 6)
    monkeypatch.setattr(landscape, "FEWEST", 1)
    session = trained()
    seen = finished(sweep.see(session, Sweep(WEIGHT, 5)))
    assert seen.samples == (6, 10)
    chosen = torch.linspace(0, 9, 6, dtype=torch.float64).long()
    some = {name: values[chosen] for name, values in data(session).items()}
    assert seen.train_loss == by_hand(session, some)


@given(st.floats(-1e6, 1e6), st.integers(-8, 8))
def test_a_range_has_the_value_well_inside(value: float, wider: int) -> None:
    low, high = landscape.around(value, wider)
    assert low + (high - low) / 4 <= value <= high - (high - low) / 4
    assert high - low >= 4 * max(1, abs(value)) * 2.0**wider * (1 - 1e-9)


@given(st.lists(st.floats(-100, 100), max_size=5))
def test_a_range_that_contains_values_contains_the_range_too(values: list[float]) -> None:
    low, high = landscape.containing((-1.0, 2.0), values)
    assert low <= -1 and high >= 2 and all(low <= value <= high for value in values)


# ---------------------------------------------------------------- two weights
def test_each_place_of_a_surface_is_the_loss_of_both_weights_edited_there() -> None:
    session = trained()
    look = Surface(WEIGHT, OTHER, 6, 5)
    seen = finished(surface.see(session, look))
    across, down = surface.axes(look, seen.x, seen.y)
    wanted = [
        [by_hand(session, data(session), (WEIGHT, first), (OTHER, second)) for first in across.tolist()]
        for second in down.tolist()
    ]
    assert numbers(seen.losses).tolist() == wanted
    assert down[0] > down[-1] and seen.loss == by_hand(session, data(session))


def test_two_elements_of_one_tensor_are_both_set() -> None:
    session, beside = trained(), Element("linear1.weight", (0, 0))
    look = Surface(WEIGHT, beside, 2, 2, (0.0, 1.0), (2.0, 3.0))
    found = numbers(finished(surface.see(session, look)).losses)
    assert found[0, 1] == by_hand(session, data(session), (WEIGHT, 1.0), (beside, 3.0))


def values(session: Session) -> list[float]:
    weights = session.look().parameters
    return [float(weights[each.name][each.index]) for each in (WEIGHT, OTHER)]


def path(session: Session) -> SeenSurface:
    return finished(surface.see(session, Surface(WEIGHT, OTHER, 2, 2)))


def test_the_descent_has_the_values_that_were_there_at_each_iteration() -> None:
    session = Session(net())
    wanted = [values(session)]
    for _ in range(9):
        do(session, m.Advance("iteration"))
        wanted.append(values(session))
    seen = path(session)
    assert numbers(seen.path).tolist() == wanted
    assert seen.path_iterations == tuple(range(10)) and seen.jumps == ()
    assert all(seen.x[0] < x < seen.x[1] and seen.y[0] < y < seen.y[1] for x, y in wanted)


def test_the_descent_of_a_long_run_is_thinned_and_has_the_same_bits() -> None:
    session = do(Session(net(epochs=400)), m.Advance("iteration", 700))
    seen = path(session)
    assert 60 <= len(seen.path_iterations) <= 110
    for place in range(0, len(seen.path_iterations), 9):
        do(session, m.Goto(seen.path_iterations[place]))
        assert numbers(seen.path)[place].tolist() == values(session)


def test_an_edit_is_a_jump_and_leaves_from_where_it_stood() -> None:
    session = trained(3)
    wanted = values(session)
    do(session, m.Advance("op", 2), m.Edit((m.Change("linear2.bias", 2.5, (0,)),)))
    edited = values(session)
    do(session, m.Advance("iteration", 2))
    seen = path(session)
    assert [numbers(seen.path)[at].tolist() for at in seen.jumps] == [edited]
    assert numbers(seen.path)[seen.jumps[0] - 1].tolist() == wanted
    assert numbers(seen.path)[-1].tolist() == values(session)


def test_the_descent_goes_as_far_as_gradients_that_were_added_up_took_it() -> None:
    session = do(trained(2), m.Advance("phase", 3), m.Again(), m.Again(), m.Advance("iteration", 4))
    wanted = values(session)
    seen = path(session)
    assert numbers(seen.path)[-1].tolist() == wanted
    plain = path(trained(6))
    assert numbers(plain.path)[2].tolist() == numbers(seen.path)[2].tolist()
    assert numbers(plain.path)[3].tolist() != numbers(seen.path)[3].tolist()
    do(session, m.Goto(3))
    assert numbers(seen.path)[3].tolist() == values(session)


def test_an_edit_of_a_setting_is_no_jump() -> None:
    session = do(trained(3), m.Edit((m.Change("lr", 0.1),)), m.Advance("iteration", 2))
    assert path(session).jumps == ()


def test_after_going_back_the_descent_ends_there_and_a_new_future_replaces_the_old() -> None:
    session = trained(8)
    path(session)
    do(session, m.Goto(4))
    seen = path(session)
    assert seen.path_iterations == (0, 1, 2, 3, 4) and numbers(seen.path)[-1].tolist() == values(session)
    do(session, m.Edit((m.Change("lr", 0.01),)), m.Advance("iteration", 3))
    seen = path(session)
    assert numbers(seen.path)[-1].tolist() == values(session)
    fresh = finished(way.descent(do(Session(net()), m.Advance("iteration", 4))))
    assert numbers(seen.path)[3].tolist() == [float(fresh[3].weights[e.name][e.index]) for e in (WEIGHT, OTHER)]


COMMANDS = st.lists(
    st.one_of(
        st.builds(m.Advance, st.sampled_from(["op", "phase", "iteration", "epoch"]), st.integers(1, 6)),
        st.builds(m.Travel, st.sampled_from(["back", "forth", "start"]), st.sampled_from(["command", "phase"])),
        st.builds(m.Goto, st.integers(0, 20)),
        st.builds(m.Again),
        st.builds(lambda value: m.Edit((m.Change("linear2.bias", value, (0,)),)), st.floats(-2, 2, width=32)),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(COMMANDS)
def test_over_random_histories_the_descent_is_what_replay_brings_back(commands: list[m.AnyCommand]) -> None:
    session = Session(net())
    for command in commands:
        with suppress(Refused):  # backward again, where backward is not complete
            do(session, command)
        steps = finished(way.descent(session))
        for place, step in zip(way.places(session, 100), steps, strict=True):
            entry = place[0]
            if entry < 0:
                wanted = session.experiment.initial()
            else:
                done = session.timeline.entries[entry]
                time = done.end if done.edited else max(done.start, place[1] * session.experiment.length)
                wanted = session._replay.at(Moment(entry, time))
            assert all(torch.equal(step.weights[name], value) for name, value in wanted.parameters.items())


def test_what_is_remembered_of_the_descent_is_not_replayed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    session = do(Session(net(epochs=400)), m.Advance("iteration", 300))
    finished(way.descent(session))
    monkeypatch.setattr(session.experiment, "train", lambda *_: pytest.fail("replayed again"))
    assert len(finished(way.descent(session))) > 50


def test_inputs_of_a_graph_without_an_optimizer_move_by_edits_alone() -> None:
    session = do(Session(graph(GRAPH_J["inputs"], GRAPH_J["nodes"])), m.Advance("iteration", 2))
    do(session, m.Edit((m.Change("a", 7.0),)), m.Advance("iteration"))
    seen = finished(surface.see(session, Surface(Element("a"), Element("c"), 3, 3, (0.0, 2.0), (1.0, 3.0))))
    assert numbers(seen.path).tolist()[0] == [3, -2] and numbers(seen.path).tolist()[-1] == [7, -2]
    assert numbers(seen.losses).tolist() == [[3 * (x + 2) for x in (0, 1, 2)], [2 * (x + 2) for x in (0, 1, 2)],
                                            [x + 2 for x in (0, 1, 2)]]  # fmt: skip


def test_a_graph_with_an_optimizer_descends() -> None:
    given = {"parameters": ["a", "b"], "optimizer": {"kind": "sgd", "lr": 0.01}}
    session = do(Session(graph(DESCENT["inputs"], DESCENT["nodes"], **given)), m.Advance("iteration", 5))
    seen = finished(surface.see(session, Surface(Element("a"), Element("b"), 5, 5)))
    assert len(seen.path_iterations) == 6
    assert numbers(seen.path)[-1].tolist() == [float(session.look().parameters[name]) for name in "ab"]


# ---------------------------------------------------------------- in slices
def test_no_slice_of_a_look_takes_long() -> None:
    data_of = {**NET["data"], "n": 2500}
    session = do(Session(net(data=data_of, batch={"size": 64}, epochs=50)), m.Advance("iteration", 400))
    longest = []
    for steps in (sweep.see(session, Sweep(WEIGHT)), surface.see(session, Surface(WEIGHT, OTHER, 24, 16))):
        taken = []
        while True:
            begin = time.process_time()
            if next(steps, "end") == "end":
                break
            taken.append(time.process_time() - begin)
        longest.append(sorted(taken)[-3])
    assert max(longest) < 0.03


def test_the_engine_carries_them_out_at_rest_and_once() -> None:
    session = trained()
    looks, wanted = Looks(session), (Sweep(WEIGHT, 5), Surface(WEIGHT, OTHER, 3, 3))
    found = []
    while looks.pending(wanted):
        looks.work(wanted, 0.01)
        found += looks.quick(wanted)
    assert [type(each) for each in found] == [SeenSweep, SeenSurface]
    assert found == [m._reports().decode(m._encoder.encode(_frame(each))).seen[0] for each in found]  # type: ignore[union-attr]


def _frame(seen: Any) -> m.Frame:
    return m.Frame(0, 0, m.Moment(0, 0, None, None, "forward", None, (), 0), (), seen=(seen,))
