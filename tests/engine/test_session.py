"""How time works: back, redo, phases and edits bring the same bits, whatever lies between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import messages as m
from engine.experiment import Failure
from engine.session import Session
from engine.spec import EXPERIMENT, Graph, Net
from engine.training import ByPlan
from engine.words import Refused

SMALL = {
    "kind": "net",
    "seed": 3,
    "data": {"kind": "xor", "n": 10, "noise": 0.1, "seed": 1, "test": 4},
    "layers": [
        {"name": "linear1", "kind": "linear", "out": 3},
        {"name": "act_fn", "kind": "tanh"},
        {"name": "linear2", "kind": "linear", "out": 1},
    ],
    "loss": "bce_logits",
    "optimizer": {"kind": "sgd", "lr": 0.5, "momentum": 0.9},
    "batch": {"size": 4, "order": "shuffle"},
    "epochs": 4,
}
DESCENT = {
    "kind": "graph",
    "inputs": {"a": 3, "b": 1, "c": -2},
    "nodes": {"h": "2 * b", "g": "a + h", "J": "(g * c) ** 2"},
    "parameters": ["a", "b"],
    "optimizer": {"kind": "adam", "lr": 0.1},
}
PLAIN = {"kind": "graph", "inputs": {"a": 3, "b": 1, "c": -2}, "nodes": {"h": "2 * b", "g": "a + h", "J": "g * c"}}
EXPERIMENTS: dict[str, Graph | Net] = {
    name: EXPERIMENT.validate_python(spec)
    for name, spec in {
        "net": SMALL,
        "adam": {**SMALL, "optimizer": {"kind": "adam", "lr": 0.05}},
        "descent": DESCENT,
        "plain": PLAIN,
    }.items()
}


def do(session: Session, command: m.AnyCommand) -> None:
    """One command, to its end."""
    session.apply(command)
    session.finish()


def seen(session: Session) -> dict[str, Any]:
    """Everything that a frame would show of the present moment, with its bits."""
    state = session.look()
    tensors = {**session.experiment.leaves(state), **{f"value of {k}": v for k, v in state.values.items()}}
    tensors |= {f"grad of {k}": v for k, v in state.grads.items()}
    for name, slots in state.slots.items():
        tensors |= {f"{slot} of {name}": torch.as_tensor(value) for slot, value in slots.items()}
    bits = {name: (tuple(tensor.shape), tensor.contiguous().numpy().tobytes()) for name, tensor in tensors.items()}
    losses = session.timeline.losses().tobytes()
    epoch = session.experiment.epoch(state.iteration, state.settings)
    return {"at": (state.iteration, state.cursor, epoch), "bits": bits, "settings": state.settings, "losses": losses}


ADVANCES = st.builds(m.Advance, st.sampled_from(["op", "phase", "iteration", "epoch"]), st.integers(1, 3))


def settings_changes() -> st.SearchStrategy[m.Change]:
    """Changes of how a net trains."""
    values: dict[str, st.SearchStrategy[float | str]] = {
        "lr": st.floats(0, 1),
        "optimizer.kind": st.sampled_from(["sgd", "adam"]),
        "batch.size": st.integers(1, 12) | st.just("all"),
        "batch.order": st.sampled_from(["given", "shuffle", "random"]),
        "run.seed": st.integers(0, 5),
        "run.device": st.just("cpu"),
    }
    return st.sampled_from(sorted(values)).flatmap(lambda name: st.builds(m.Change, st.just(name), values[name]))


def edits(name: str) -> st.SearchStrategy[m.Edit]:
    """Edits that fit the experiment."""
    value = st.floats(-2, 2, width=32)
    if name in ("net", "adam"):
        weight = st.builds(m.Change, st.just("linear1.weight"), value, st.tuples(st.integers(0, 2), st.integers(0, 1)))
        return st.builds(m.Edit, st.lists(weight | settings_changes(), min_size=1, max_size=2).map(tuple))
    return st.builds(m.Edit, st.tuples(st.builds(m.Change, st.sampled_from("abc"), value)))


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, list[m.AnyCommand]]:
    """An experiment, and commands that make history."""
    name = draw(st.sampled_from(sorted(EXPERIMENTS)))
    return name, draw(st.lists(ADVANCES | edits(name), min_size=1, max_size=8))


PATIENT = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def trail(name: str, commands: list[m.AnyCommand], interval: int = 1) -> tuple[Session, list[dict[str, Any]]]:
    """A session after the commands, and what was seen at the beginning and after each."""
    session = Session(EXPERIMENTS[name])
    session.checkpoints.timed = lambda seconds, iterations: None  # type: ignore[method-assign]  # a fixed interval
    session.checkpoints.interval = interval
    found = [seen(session)]
    for command in commands:
        do(session, command)
        found.append(seen(session))
    return session, found


@PATIENT
@given(histories(), st.sampled_from([1, 3, 1000]))
def test_back_and_redo_bring_the_same_bits_at_every_command(
    history: tuple[str, list[m.AnyCommand]], interval: int
) -> None:
    session, found = trail(*history, interval)
    for expected in reversed(found[:-1]):
        do(session, m.Travel("back"))
        assert seen(session) == expected
    for expected in found[1:]:
        do(session, m.Travel("forth"))
        assert seen(session) == expected


@PATIENT
@given(histories(), st.sampled_from([1, 3, 1000]), st.data())
def test_any_walk_through_history_shows_each_moment_as_it_was(
    history: tuple[str, list[m.AnyCommand]], interval: int, data: st.DataObject
) -> None:
    session, found = trail(*history, interval)
    where = len(found) - 1
    for direction in data.draw(st.lists(st.sampled_from(["back", "forth"]), max_size=12)):
        do(session, m.Travel(direction))
        where = max(0, min(len(found) - 1, where + (1 if direction == "forth" else -1)))
        assert seen(session) == found[where]


@PATIENT
@given(histories())
def test_phase_by_phase_back_and_forth_again_shows_the_same_moments(history: tuple[str, list[m.AnyCommand]]) -> None:
    session, found = trail(*history)
    shown = {session.timeline.now: seen(session)}
    end = session.timeline.now
    while session.timeline.now.entry >= 0:
        before = session.timeline.now
        do(session, m.Travel("back", "phase"))
        assert session.timeline.now < before
        shown[session.timeline.now] = seen(session)
    assert seen(session) == found[0]
    for moment in sorted(shown)[1:]:
        do(session, m.Travel("forth", "phase"))
        assert session.timeline.now == moment
        assert seen(session) == shown[moment]
    assert session.timeline.now == end


@PATIENT
@given(histories(), st.integers(1, 4))
def test_steps_of_any_size_lead_to_the_same_bits(history: tuple[str, list[m.AnyCommand]], iterations: int) -> None:
    name, _ = history
    one, many = Session(EXPERIMENTS[name]), Session(EXPERIMENTS[name])
    for _ in range(iterations * one.experiment.length):
        do(one, m.Advance("op"))
    do(many, m.Advance("iteration", iterations))
    assert seen(one) == seen(many)


@PATIENT
@given(histories(), ADVANCES, st.integers(0, 8))
def test_a_new_command_after_going_back_is_as_if_the_future_had_never_been(
    history: tuple[str, list[m.AnyCommand]], new: m.Advance, back: int
) -> None:
    name, commands = history
    back = min(back, len(commands))
    session, _ = trail(name, commands)
    for _ in range(back):
        do(session, m.Travel("back"))
    do(session, new)
    fresh, _ = trail(name, [*commands[: len(commands) - back], new])
    assert seen(session) == seen(fresh)
    assert session.timeline.after_command() is None
    do(session, m.Travel("back"))
    do(fresh, m.Travel("back"))
    assert seen(session) == seen(fresh)


@PATIENT
@given(histories(), st.integers(0, 12))
def test_going_to_an_iteration_stands_where_it_begins(history: tuple[str, list[m.AnyCommand]], iteration: int) -> None:
    name, commands = history
    session, _ = trail(name, [c for c in commands if isinstance(c, m.Advance)])
    do(session, m.Goto(iteration))
    straight = Session(EXPERIMENTS[name])
    if iteration:
        do(straight, m.Advance("iteration", iteration))
    assert seen(session)["bits"] == seen(straight)["bits"]


def test_back_in_the_middle_of_a_long_run_brings_the_bits_of_the_first_time() -> None:
    straight = Session(EXPERIMENTS["adam"])
    do(straight, m.Advance("iteration", 700))
    session = Session(EXPERIMENTS["adam"])
    do(session, m.Advance("iteration", 900))
    do(session, m.Goto(700))
    assert seen(session) == seen(straight)


def test_thinned_checkpoints_still_lead_back_to_the_same_bits() -> None:
    session = Session(EXPERIMENTS["net"], history=2000)
    session.checkpoints.timed = lambda seconds, iterations: None  # type: ignore[method-assign]
    do(session, m.Advance("iteration", 5))
    expected = seen(session)
    do(session, m.Advance("iteration", 200))
    assert session.checkpoints.bytes <= 2000
    do(session, m.Travel("back"))
    assert seen(session) == expected


def test_an_edit_stands_before_forward_on_the_same_batch_without_gradients() -> None:
    session = Session(EXPERIMENTS["net"])
    do(session, m.Advance("iteration"))
    do(session, m.Advance("phase", 3))
    batch = session.look().batch["x"]
    do(session, m.Edit((m.Change("linear1.bias", [1.0, 2.0, 3.0]),)))
    state = session.look()
    assert (state.iteration, state.cursor) == (1, 0)
    assert torch.equal(state.batch["x"], batch)
    assert not state.values and not state.grads and not state.tapes
    assert state.parameters["linear1.bias"].tolist() == [1, 2, 3]


def test_an_edit_after_the_step_stands_before_the_next_iteration() -> None:
    session = Session(EXPERIMENTS["net"])
    do(session, m.Advance("iteration"))
    do(session, m.Edit((m.Change("lr", 0.25),)))
    assert (session.state.iteration, session.state.cursor, session.state.lr) == (1, 0, 0.25)


def test_gradients_stay_through_the_step_and_until_the_next_backward_begins() -> None:
    session = Session(EXPERIMENTS["net"])
    do(session, m.Advance("phase", 4))
    kept = session.look().grads["linear1.weight"]
    do(session, m.Advance("phase", 2))
    assert session.look().grads["linear1.weight"] is kept
    assert "linear2" not in session.look().grads
    do(session, m.Advance("op"))
    assert "linear1.weight" not in session.look().grads


def test_an_edit_during_a_run_is_in_history_and_the_run_goes_on() -> None:
    session = Session(EXPERIMENTS["net"])
    session.apply(m.Run(True))
    session.work(1.0, 3)
    session.apply(m.Edit((m.Change("linear2.bias", [0.5]),)))
    assert session.running
    session.finish()
    assert [entry.unit for entry in session.timeline.entries] == ["run", "edit", "run"]
    end = seen(session)
    for _ in range(3):
        do(session, m.Travel("back"))
    assert seen(session) == seen(Session(EXPERIMENTS["net"]))
    for _ in range(3):
        do(session, m.Travel("forth"))
    assert seen(session) == end


def test_a_paused_run_is_one_command() -> None:
    session = Session(EXPERIMENTS["net"])
    begin = seen(session)
    session.apply(m.Run(True))
    for _ in range(5):
        session.work(1.0, 1)
    session.apply(m.Run(False))
    assert session.state.iteration >= 4 and not session.busy
    do(session, m.Travel("back"))
    assert seen(session) == begin


@PATIENT
@given(st.sampled_from(["net", "adam", "descent"]), st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=6))
def test_work_shows_what_operations_would_whether_or_not_its_last_iteration_is_to_be_seen(
    name: str, portions: list[tuple[int, bool]]
) -> None:
    session, straight = Session(EXPERIMENTS[name]), Session(EXPERIMENTS[name])
    do(session, m.Goto(2))
    do(straight, m.Goto(2))
    session.apply(m.Advance("iteration", 100))
    for count, to_be_seen in portions:
        done = session.work(5.0, count, to_be_seen)
        do(straight, m.Advance("iteration", done))
        assert done == count and (session.seen or not to_be_seen)
        assert seen(session) == seen(straight)


def test_what_was_and_where_it_stands_is_told_in_the_middle_of_a_run() -> None:
    session, straight = Session(EXPERIMENTS["net"]), Session(EXPERIMENTS["net"])
    session.apply(m.Run(True))
    session.work(5.0, 7, seen=False)
    assert not session.seen and session.state.iteration == 7
    was = session.was(3 * session.experiment.length)
    do(straight, m.Advance("iteration", 3))
    assert was is not None
    assert all(torch.equal(value, straight.look().parameters[name]) for name, value in was.parameters.items())
    session.finish()
    do(straight, m.Travel("back"))
    do(straight, m.Run(True))
    assert seen(session) == seen(straight)


def test_a_run_that_is_paused_can_be_looked_into_without_being_replayed() -> None:
    session = Session(EXPERIMENTS["net"])
    session.apply(m.Run(True))
    session.work(5.0, 7, seen=False)
    session.apply(m.Run(False))
    assert session.seen and session.look().iteration == 7 and session.look().cursor == session.experiment.length


def test_a_run_ends_with_the_epochs_and_a_second_one_does_as_many_again() -> None:
    session = Session(EXPERIMENTS["net"])
    for turn in (1, 2):
        do(session, m.Run(True))
        assert session.look().iteration + 1 == turn * 4 * 3


def test_reset_goes_to_the_beginning_and_redo_comes_back() -> None:
    session, found = trail("net", [m.Advance("epoch"), m.Edit((m.Change("lr", 0.1),)), m.Advance("phase")])
    do(session, m.Travel("start"))
    assert seen(session) == found[0]
    for expected in found[1:]:
        do(session, m.Travel("forth"))
        assert seen(session) == expected


def test_a_refused_edit_changes_nothing() -> None:
    session = Session(EXPERIMENTS["net"])
    do(session, m.Advance("phase"))
    before = seen(session)
    with pytest.raises(Refused):
        session.apply(m.Edit((m.Change("linear1.bias", [0.0, 0.0, 0.0]), m.Change("linear9.bias", 1.0))))
    assert seen(session) == before


def test_a_shape_error_is_an_outcome_and_the_last_good_state_stands() -> None:
    spec = {"kind": "graph", "inputs": {"a": [[1, 2], [3, 4]], "b": [1, 2, 3]}, "nodes": {"u": "a * 2", "v": "u @ b"}}
    session = Session(EXPERIMENT.validate_python(spec))
    do(session, m.Advance("op"))
    before = seen(session)
    do(session, m.Advance("op"))
    assert session.outcome == "shape" and session.message is not None
    assert seen(session) == before
    do(session, m.Travel("back"))
    assert session.outcome == "ok" and session.look().cursor == 0


def test_a_run_stops_before_the_first_loss_that_is_not_finite() -> None:
    spec = EXPERIMENTS["net"]
    assert isinstance(spec, Net)
    data = EXPERIMENT.validate_python({**SMALL, "loss": "sse", "optimizer": {"kind": "sgd", "lr": 1e6}})
    session = Session(data)
    do(session, m.Run(True))
    assert session.outcome == "not_finite"
    assert all(bool(torch.isfinite(value).all()) for value in session.look().parameters.values())
    assert len(session.timeline.losses()) == session.state.iteration + (session.state.cursor > 0)


PROBABILITIES = EXPERIMENT.validate_python(
    {**SMALL, "layers": [*SMALL["layers"], {"name": "p", "kind": "sigmoid"}], "loss": "bce", "epochs": 10**6,
     "optimizer": {"kind": "sgd", "lr": 0.1}}
)  # fmt: skip
NO_SIGMOID = EXPERIMENT.validate_python(
    {"kind": "net", "data": {"kind": "table", "x": [[1.0]], "y": [1.0]}, "seed": 1, "epochs": 10**6, "loss": "bce",
     "layers": [{"name": "p", "kind": "linear", "out": 1}], "optimizer": {"kind": "sgd", "lr": 1e-4},
     "batch": {"size": "all", "order": "given"}}
)  # fmt: skip


def test_a_long_run_that_torch_ends_can_be_looked_into_left_and_begun_otherwise() -> None:
    """What ought to be a probability comes to 1 and above, after some thousand iterations."""
    session = Session(NO_SIGMOID)
    half = m.Edit((m.Change("p.weight", [[0.5]]), m.Change("p.bias", [0.0])))
    do(session, half)
    session.apply(m.Run(True))
    for _ in range(200):
        session.work(0.05, seen=False)
    failed = session.look().iteration
    assert (session.outcome, session.busy) == ("failed", False) and session.message is not None
    assert failed > 1000 and session.look().values["p"] > 1 and session.message.values["op"] == "loss"
    do(session, m.Goto(failed - 500))
    do(session, m.Edit((m.Change("lr", 1e-6),)))
    do(session, m.Advance("iteration", 2000))
    assert session.outcome == "ok" and len(session.timeline.losses()) == failed - 500 + 2000
    assert bool((session.look().values["p"] < 1).all())


def test_what_fails_only_when_many_iterations_are_done_at_once_does_not_take_the_pipes_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session, usual = Session(PROBABILITIES), Session(PROBABILITIES)

    def fails(self: ByPlan, count: int) -> list[float | None]:
        raise Failure("iteration", "out of memory")

    session.apply(m.Run(True))
    with monkeypatch.context() as broken:
        broken.setattr(ByPlan, "go", fails)
        for _ in range(5):
            session.work(0.02)
    session.work(0.05)
    session.apply(m.Run(False))
    assert session.outcome == "ok" and not session.busy
    do(usual, m.Advance("iteration", session.look().iteration + 1))
    assert seen(session) == seen(usual)


def test_a_note_and_what_is_refused_leave_the_failure_in_which_one_stands() -> None:
    session = Session(EXPERIMENT.validate_python({**PLAIN, "inputs": {"a": [1, 2], "b": [1, 2, 3], "c": 1}}))
    do(session, m.Advance("phase"))
    assert session.outcome == "shape" and (message := session.message) is not None
    do(session, m.Edit((m.Change("run.speed", 5.0),)))
    with pytest.raises(Refused):
        session.apply(m.Edit((m.Change("nobody", 5.0),)))
    assert (session.outcome, session.message) == ("shape", message)
    do(session, m.Travel("back"))
    assert session.outcome == "ok"


def test_states_are_replaced_never_changed() -> None:
    session = Session(EXPERIMENTS["adam"])
    before = session.look()
    bits = {name: value.clone() for name, value in before.parameters.items()}
    do(session, m.Advance("epoch", 2))
    do(session, m.Edit((m.Change("linear1.bias", 9.0, (0,)),)))
    assert all(torch.equal(before.parameters[name], value) for name, value in bits.items())
    assert replace(before, cursor=0).iteration == 0


@PATIENT
@given(st.sampled_from(sorted(EXPERIMENTS)), st.integers(0, 6), st.integers(1, 9))
def test_several_phases_at_once_are_as_many_single_ones(name: str, operations: int, count: int) -> None:
    one, many = Session(EXPERIMENTS[name]), Session(EXPERIMENTS[name])
    for session in (one, many):
        do(session, m.Advance("op", operations))
    for _ in range(count):
        do(one, m.Advance("phase"))
    do(many, m.Advance("phase", count))
    assert seen(one) == seen(many)


def test_a_changed_seed_draws_new_weights_as_a_fresh_session_with_it_does() -> None:
    session, fresh = Session(EXPERIMENTS["net"]), Session(EXPERIMENTS["net"], seed=9)
    do(session, m.Edit((m.Change("run.seed", 9),)))
    assert all(torch.equal(value, session.look().parameters[name]) for name, value in fresh.look().parameters.items())
    do(session, m.Advance("epoch"))
    do(fresh, m.Advance("epoch"))
    assert seen(session) == seen(fresh)


def test_batches_of_another_size_begin_an_epoch_of_their_own() -> None:
    session = Session(EXPERIMENTS["net"])
    do(session, m.Advance("iteration", 4))
    do(session, m.Edit((m.Change("batch.size", 2),)))
    settings = session.look().settings
    assert (settings.first_iteration, settings.first_epoch) == (4, 2)
    assert len(session.look().batch["x"]) == 2
    do(session, m.Advance("epoch"))
    assert session.look().iteration == 4 + 5 - 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("batch.size", 0), ("batch.size", 1.5), ("batch.order", "sideways"), ("optimizer.kind", "sdg"), ("lr", -1.0),
     ("run.seed", -1), ("run.device", "cuda:77"), ("optimizer.momentum", 1.0), ("lr", "fast"), ("lr", [0.1])],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_and_changes_nothing(name: str, value: float | str) -> None:
    session = Session(EXPERIMENTS["net"])
    before = seen(session)
    with pytest.raises(Refused):
        session.apply(m.Edit((m.Change(name, value),)))
    assert seen(session) == before and not session.timeline.entries
