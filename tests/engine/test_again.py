"""Backward run again without zero_grad: gradients add up as torch's do, and history takes it as it takes any step."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import messages as m
from engine import telling
from engine.asking import same
from engine.frames import Frames
from engine.kernels import apply
from engine.session import Session
from engine.words import Refused, say
from tests.engine.examples import GRAPH_J, graph, net
from tests.engine.test_memory import taken_up
from tests.engine.test_session import ADVANCES, EXPERIMENTS, PATIENT, do, edits, seen, trail

TO_BACKWARD = {"net": 3, "adam": 3, "descent": 2, "plain": 2}  # phases up to the end of backward
AGAIN = m.Again()


def backward_done(name: str, again: int) -> Session:
    session = Session(EXPERIMENTS[name])
    do(session, m.Advance("phase", TO_BACKWARD[name]))
    for _ in range(again):
        do(session, AGAIN)
    return session


def torch_gradients(session: Session, times: int) -> dict[str, torch.Tensor]:
    """What torch itself collects in `.grad`, of leaves and of the nodes that retain it."""
    graph_, state = session.experiment.graph, session.look()
    known = {name: value.clone() for name, value in session.experiment.leaves(state).items()}
    for name in known:
        known[name].requires_grad_(name in graph_.differentiable)
    for node in graph_.nodes:
        known[node.name] = apply(node, [known[each] if isinstance(each, str) else each for each in node.inputs])
        if known[node.name].requires_grad:
            known[node.name].retain_grad()
    for _ in range(times):
        known[graph_.output].backward(retain_graph=True)
    return {name: tensor.grad for name, tensor in known.items() if tensor.grad is not None}


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
@pytest.mark.parametrize("times", [2, 3])
def test_gradients_are_those_of_torch_after_so_many_backwards(name: str, times: int) -> None:
    session = backward_done(name, times - 1)
    expected, found = torch_gradients(session, times), session.look().grads
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[each], expected[each]) for each in expected)


def test_where_paths_meet_the_new_gradient_is_summed_before_it_is_added() -> None:
    given_ = graph({"x": [0.1, 0.7, -1.3]}, {"y": "tanh(x)", "s": "sum(y * y * x + exp(x) / y)"})
    session = Session(given_)
    do(session, m.Advance("phase", 2))
    do(session, AGAIN)
    do(session, AGAIN)
    expected = torch_gradients(session, 3)
    assert all(torch.equal(session.look().grads[each], expected[each]) for each in expected)


def test_the_step_takes_what_has_added_up_and_the_next_backward_begins_from_nothing() -> None:
    session = backward_done("net", 1)
    before = dict(session.look().parameters)
    do(session, m.Advance("phase"))
    parameters = [before[name].clone().requires_grad_() for name in session.experiment.graph.parameters]
    optimizer = torch.optim.SGD(parameters, lr=0.5, momentum=0.9, foreach=False, fused=False)
    for tensor, name in zip(parameters, session.experiment.graph.parameters, strict=True):
        tensor.grad = session.look().grads[name]
    optimizer.step()
    for tensor, name in zip(parameters, session.experiment.graph.parameters, strict=True):
        assert torch.equal(session.look().parameters[name], tensor.detach())
    do(session, m.Advance("phase", 3))
    expected = torch_gradients(session, 1)
    assert all(torch.equal(session.look().grads[name], expected[name]) for name in before)


@pytest.mark.parametrize("name, phases", [("net", 0), ("net", 1), ("net", 2), ("net", 4), ("plain", 1)])
def test_it_is_refused_where_backward_is_not_complete_or_the_step_is_done(name: str, phases: int) -> None:
    session = Session(EXPERIMENTS[name])
    if phases:
        do(session, m.Advance("phase", phases))
    before, entries = seen(session), len(session.timeline.entries)
    with pytest.raises(Refused):
        session.apply(AGAIN)
    assert seen(session) == before and len(session.timeline.entries) == entries


def test_in_the_middle_of_backward_it_is_refused() -> None:
    session = backward_done("plain", 0)
    do(session, m.Travel("start"))
    do(session, m.Advance("op", session.experiment.length - 1))
    with pytest.raises(Refused):
        session.apply(AGAIN)


def test_where_nothing_goes_backward_it_is_refused() -> None:
    session = Session(graph({"a": {"value": 1, "dtype": "int64"}}, {"b": "a + 1"}))
    do(session, m.Advance("phase"))
    with pytest.raises(Refused):
        session.apply(AGAIN)


@st.composite
def histories_with_again(draw: st.DrawFn) -> tuple[str, list[m.AnyCommand]]:
    """Commands, among them backward done again wherever it happens to be possible."""
    name = draw(st.sampled_from(sorted(EXPERIMENTS)))
    phase = st.just(m.Advance("phase"))
    return name, draw(st.lists(st.just(AGAIN) | phase | phase | ADVANCES | edits(name), min_size=2, max_size=12))


def possible(name: str, commands: list[m.AnyCommand]) -> list[m.AnyCommand]:
    """The commands without those that are refused."""
    session, found = Session(EXPERIMENTS[name]), []
    for command in commands:
        try:
            do(session, command)
            found.append(command)
        except Refused:
            pass
    return found


@PATIENT
@given(histories_with_again(), st.sampled_from([1, 3, 1000]))
def test_back_redo_and_taking_up_bring_the_same_bits(
    history: tuple[str, list[m.AnyCommand]], interval: int
) -> None:
    name, commands = history
    session, expected = trail(name, possible(name, commands), interval)
    assert seen(taken_up(name, session)) == expected[-1]
    while session.timeline.before_command() is not None:
        do(session, m.Travel("back"))
        assert seen(session) == seen(taken_up(name, session))
        if len(session.timeline.entries) == len(expected) - 1:  # one entry for each command
            assert seen(session) == expected[session.timeline.now.entry + 1]
    assert seen(session) == expected[0]
    while session.timeline.after_command() is not None:
        do(session, m.Travel("forth"))
    assert seen(session) == expected[-1]


@PATIENT
@given(histories_with_again(), st.lists(st.sampled_from(["back", "forth"]), max_size=8))
def test_phase_by_phase_too(history: tuple[str, list[m.AnyCommand]], walk: list[str]) -> None:
    name, commands = history
    session, _ = trail(name, possible(name, commands))
    by_moment = {session.timeline.now: seen(session)}
    for direction in ["back"] * 6 + walk:
        if direction == "forth" and session.timeline.after_phase() is None:
            continue
        do(session, m.Travel(direction, "phase"))  # type: ignore[arg-type]
        found = seen(session)
        assert by_moment.setdefault(session.timeline.now, found) == found


def test_it_is_told_with_the_numbers_that_add_up() -> None:
    session = Session(graph(GRAPH_J["inputs"], GRAPH_J["nodes"]))
    do(session, m.Advance("phase", 2))
    do(session, AGAIN)
    sentence = telling.sentence(session, telling.touched(session))
    assert "∂J/∂a: −2 + (−2) = −4" in say(sentence, "es") and "∂J/∂c: 5 + 5 = 10" in say(sentence, "en")
    do(session, AGAIN)
    assert "∂J/∂b: −8 + (−4) = −12" in say(telling.sentence(session, telling.touched(session)), "en")


def test_the_frame_tells_what_was_touched_and_what_can_be_undone() -> None:
    session = backward_done("plain", 1)
    frame = Frames(session).frame(1, m.Watch())
    assert set(frame.touched_grads) == {"a", "b", "c", "h", "g", "J"} and not frame.touched_values
    assert frame.undo is not None and frame.undo.key == "command.again" and frame.formula == ""
    assert frame.moment.phase == "backward" and len(frame.edges) == 5
    assert frame.log is not None and frame.log.entries[-1].unit == "again"


def test_it_is_not_the_place_to_which_a_lesson_leads() -> None:
    once, twice = backward_done("plain", 0), backward_done("plain", 1)
    assert same(once.look(), backward_done("plain", 0).look())
    assert not same(once.look(), twice.look())


def test_an_edit_after_it_drops_the_gradients() -> None:
    session = Session(net())
    do(session, m.Advance("phase", 3))
    do(session, AGAIN)
    do(session, m.Edit((m.Change("lr", 0.25),)))
    assert not session.look().grads and session.look().cursor == 0
