"""A lesson's steps carried out on a session, and what expressions answer in the state to which they lead."""

from __future__ import annotations

import pytest
import torch

from engine import messages as m
from engine.asking import Asking
from engine.expression import parse
from engine.messages import Change, Stage
from engine.queries import Answer, Questions
from engine.session import Session
from engine.spec import EXPERIMENT
from engine.stages import Walk
from engine.words import Refused
from tests.engine.test_session import EXPERIMENTS, do, seen


def led(name: str, *stages: Stage) -> Walk:
    """A walk through the stages, to its end."""
    walk = Walk(Session(EXPERIMENTS[name]), stages)
    walk.finish()
    return walk


def asked(walk: Walk, text: str) -> Answer:
    """What an expression is where the walk ended."""
    return Questions(walk.session, walk.before).answer(parse(text, queries=True))


def test_until_a_node_backward_stops_when_its_gradient_is_complete_and_it_is_not_processed() -> None:
    walk = led("plain", Stage("forward"), Stage("backward", until="g"))
    assert walk.session.look().grads["g"].item() == -2
    assert walk.session.look().cursor == 4  # h, g, J forward, and J backward


def test_until_a_leaf_backward_stops_when_all_that_pass_to_it_have() -> None:
    walk = led("plain", Stage("backward", until="b"))
    assert walk.session.look().grads["b"].item() == -4


def test_until_a_node_forward_stops_when_it_is_computed() -> None:
    walk = led("plain", Stage("forward", until="g"))
    assert set(walk.session.look().values) == {"h", "g"}


def test_a_phase_goes_to_its_own_end_through_those_before_it() -> None:
    walk = led("net", Stage("backward"))
    straight = Session(EXPERIMENTS["net"])
    do(straight, m.Advance("phase", 3))
    assert seen(walk.session) == seen(straight)


def test_times_repeats_and_edits_come_first() -> None:
    edit = Change("lr", 0.125)
    walk = led("net", Stage("iteration", times=5, edits=(edit,)), Stage("epoch"))
    straight = Session(EXPERIMENTS["net"])
    do(straight, m.Edit((edit,)))
    do(straight, m.Advance("iteration", 5))
    do(straight, m.Advance("epoch"))
    assert seen(walk.session) == seen(straight)


def test_train_does_all_epochs() -> None:
    assert led("net", Stage("train")).session.look().iteration == 4 * 3 - 1


def test_training_until_a_condition_stops_at_the_first_iteration_at_which_it_holds() -> None:
    walk = led("descent", Stage("train", until="loss < 20", limit=200))
    before = Session(EXPERIMENTS["descent"])
    do(before, m.Advance("iteration", walk.session.look().iteration))
    assert asked(walk, "loss") < 20 <= Questions(before).answer(parse("loss", queries=True))


def test_a_condition_that_is_not_reached_within_its_limit_is_refused() -> None:
    with pytest.raises(Refused):
        led("net", Stage("iteration", until="train_loss < 0", limit=3))


def test_an_unknown_node_and_a_missing_phase_are_refused() -> None:
    for stage in (Stage("forward", until="k"), Stage("step")):
        with pytest.raises(Refused):
            led("plain", stage)


def test_queries_answer_from_the_state() -> None:
    walk = led("plain", Stage("forward"), Stage("backward"))
    for text, expected in {
        "value(g)": 5, "g * c": -10, "grad(b)": -4, "local(J, g)": -2, "local(J, c) * grad(J)": 5, "loss": -10,
        "2 * c == grad(b)": True, "ndim(a)": 0, "exp(1) > 2.7": True, "abs(grad(a)) + 0.5": 2.5,
    }.items():  # fmt: skip
        assert float(asked(walk, text)) == expected, text  # type: ignore[arg-type]
    assert asked(walk, "dtype(a)") == "float32"


def test_queries_take_elements_shapes_and_text_names() -> None:
    walk = led("net", Stage("backward"))
    weight = walk.session.look().grads["linear1.weight"]
    found = asked(walk, 'grad("linear1.weight")[2, 1]')
    assert isinstance(found, torch.Tensor) and torch.equal(found, weight[2, 1])
    assert asked(walk, 'shape("linear1.weight")') == (3, 2)
    assert asked(walk, 'shape("linear1.weight")[0]') == 3


def test_delta_is_what_the_last_stage_changed() -> None:
    walk = led("net", Stage("iteration"), Stage("step"))
    first = led("net", Stage("iteration")).session.look().parameters["linear2.bias"]
    found = asked(walk, 'delta("linear2.bias")')
    assert isinstance(found, torch.Tensor)
    assert torch.equal(found, walk.session.look().parameters["linear2.bias"] - first)


@pytest.mark.parametrize("text", ["grad(h)", "value(J)", "local(J, g)", "delta(a)[0]", "shape(a)[3]", "train_accuracy"])
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        asked(led("plain", Stage("forward", until="g")), text)


def answers(asking: Asking, question: m.Ask) -> m.Answers:
    """The answers to one question."""
    asking.ask(question)
    while asking.busy:
        found = asking.work(0.01)
        if found is not None:
            return found
    raise AssertionError


def test_questions_are_answered_apart_and_in_any_order_of_steps() -> None:
    asking = Asking(lambda: Session(EXPERIMENTS["plain"]), Session(EXPERIMENTS["plain"]), generation=4)
    forward, backward = Stage("forward"), Stage("backward", until="g")
    for stages, expected in [((forward,), None), ((forward, backward), -2.0), ((forward,), None)]:
        found = answers(asking, m.Ask(1, stages, ("grad(g)", "value(g)")))
        assert found.generation == 4 and found.answers[1].array is not None
        gradient = found.answers[0]
        if expected is None:
            assert gradient.refused is not None
        else:
            assert gradient.array is not None and gradient.array.data == torch.tensor(expected).numpy().tobytes()


def test_answers_say_whether_the_learner_stands_there() -> None:
    learner = Session(EXPERIMENTS["net"])
    asking = Asking(lambda: Session(EXPERIMENTS["net"]), learner, 0)
    question = m.Ask(1, (Stage("iteration", times=2),), ())
    assert not answers(asking, question).here
    do(learner, m.Advance("iteration", 2))
    assert answers(asking, question).here
    do(learner, m.Edit((Change("linear1.bias", 0.5, (0,)),)))
    assert not answers(asking, question).here


@pytest.mark.parametrize("name", ["plain", "net"])
@pytest.mark.parametrize("unit, count", [("op", 1), ("op", 5), ("phase", 1), ("iteration", 2)])
def test_who_has_gone_on_beyond_the_target_came_through_it(name: str, unit: m.Unit, count: int) -> None:
    learner = Session(EXPERIMENTS[name])
    asking = Asking(lambda: Session(EXPERIMENTS[name]), learner, 0)
    target = (Stage("backward"),)
    do(learner, m.Advance("op"))
    assert not answers(asking, m.Ask(1, target, (), passed=True)).here
    do(learner, m.Advance("phase", 3))
    do(learner, m.Advance(unit, count))
    stood = learner.timeline.now
    assert answers(asking, m.Ask(1, target, (), passed=True)).here
    assert learner.timeline.now == stood
    assert not answers(asking, m.Ask(1, target, ())).here


def test_who_came_past_the_target_with_other_weights_was_not_there() -> None:
    learner = Session(EXPERIMENTS["net"])
    asking = Asking(lambda: Session(EXPERIMENTS["net"]), learner, 0)
    do(learner, m.Edit((Change("linear1.bias", 0.5, (0,)),)))
    do(learner, m.Advance("iteration", 3))
    assert not answers(asking, m.Ask(1, (Stage("iteration", times=2),), (), passed=True)).here
    do(learner, m.Travel("back", "command"))
    do(learner, m.Travel("back", "command"))
    do(learner, m.Advance("iteration", 3))
    assert answers(asking, m.Ask(1, (Stage("iteration", times=2),), (), passed=True)).here


FAILING = EXPERIMENT.validate_python(
    {"kind": "graph", "inputs": {"a": [[1.0, 2.0]], "b": [1.0, 2.0, 3.0], "k": {"value": [1], "dtype": "int64"}},
     "nodes": {"u": "a * 2", "v": "u + b", "w": "sum(v)"}}
)  # fmt: skip


def test_a_target_in_which_an_operation_fails_is_an_answer_with_its_kind() -> None:
    asking = Asking(lambda: Session(FAILING), Session(FAILING), 0)
    question = m.Ask(1, (Stage("forward"),), ("v", "u", "shape(u)", "u @ b", "grad(k)", "grad(a)"))
    found = answers(asking, question).answers
    assert [each.outcome for each in found] == ["shape", None, None, "shape", "gradient", "shape"]
    assert found[0].refused is not None and found[0].refused.key == "failure.broadcast"
    assert found[1].array is not None and found[2].shape == (1, 2)


def test_the_learner_stands_there_once_the_same_has_failed_for_them() -> None:
    learner = Session(FAILING)
    asking = Asking(lambda: Session(FAILING), learner, 0)
    question = m.Ask(1, (Stage("forward"),), ())
    do(learner, m.Advance("op"))
    assert not answers(asking, question).here
    do(learner, m.Advance("op"))
    assert answers(asking, question).here


def test_an_edit_of_the_next_stage_can_heal_it() -> None:
    given_ = EXPERIMENT.validate_python(
        {"kind": "graph", "inputs": {"p": 2.0, "y": 1.0}, "nodes": {"loss_of": "bce(p, y)"}}
    )
    walk = Walk(Session(given_), [Stage("forward"), Stage("forward", edits=(Change("p", 0.5),))])
    walk.finish()
    assert walk.failure is None and "loss_of" in walk.session.look().values
