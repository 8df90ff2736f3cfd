"""Frames show what was done, what it touched, and no more than was asked for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import evaluation, frames, records
from engine import messages as m
from engine.frames import Frames
from engine.pace import SHARE
from engine.session import Session
from engine.words import LANGUAGES, Sentence, say
from tests.engine.examples import GRAPH_J, NET, graph, net

WATCH = m.Watch(field=(5, 4), curve=20)


class Screen:
    """A session and what a screen would be shown of it, frame by frame."""

    def __init__(self, **changes: Any) -> None:
        self.session = Session(net(**changes) if changes.get("kind") != "graph" else graph(**_without_kind(changes)))
        self.frames = Frames(self.session, generation=5)
        self.seq = 0

    def show(self, watch: m.Watch = WATCH) -> m.Frame:
        self.seq += 1
        return self.frames.frame(self.seq, watch)

    def do(self, *commands: m.AnyCommand, watch: m.Watch = WATCH) -> m.Frame:
        """The frame after these commands, each to its end."""
        for command in commands:
            self.session.apply(command)
            self.session.finish()
        return self.show(watch)


def _without_kind(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in changes.items() if name != "kind"}


def numbers(array: m.Array | None) -> np.ndarray:
    assert array is not None and array.data is not None
    return np.frombuffer(array.data, array.dtype).reshape(array.shape)


def tensor(frame: m.Frame, name: str) -> m.Tensor:
    return next(each for each in frame.tensors if each.name == name)


# ---------------------------------------------------------------- what was touched
def test_an_operation_forward_touches_its_value_and_one_backward_the_gradients_it_passes_on() -> None:
    screen = Screen(**GRAPH_J)
    shown = [screen.do(m.Advance("op")) for _ in range(6)]
    assert [frame.touched_values for frame in shown] == [("h",), ("g",), ("J",), (), (), ()]
    assert [frame.touched_grads for frame in shown] == [(), (), (), ("J", "g", "c"), ("a", "h"), ("b",)]


def test_the_phases_of_a_net_touch_values_loss_gradients_and_weights() -> None:
    screen = Screen()
    forward, loss, backward, step = (screen.do(m.Advance("phase")) for _ in range(4))
    weights = ("linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias")
    assert forward.touched_values == ("linear1", "act_fn", "linear2") and not forward.touched_grads
    assert loss.touched_values == ("loss",) and not loss.touched_grads
    assert set(backward.touched_grads) == {"loss", "linear2", "act_fn", "linear1", *weights}
    assert backward.touched_values == ()
    assert step.touched_values == weights and not step.touched_grads


def test_touched_is_what_differs_from_the_frame_before() -> None:
    screen = Screen()
    before = screen.show()
    for _ in range(20):
        after = screen.do(m.Advance("op"))
        old = {each.name: each for each in before.tensors}
        if after.moment.op == "linear1" and after.moment.phase == "forward":  # here the batch changes
            before = after
            continue
        values = {t.name for t in after.tensors if t.name not in old or t.value != old[t.name].value}
        grads = {t.name for t in after.tensors if t.grad and (t.name not in old or t.grad != old[t.name].grad)}
        assert values <= set(after.touched_values) and grads <= set(after.touched_grads)
        before = after


def test_an_edit_touches_what_it_names() -> None:
    screen = Screen()
    frame = screen.do(m.Advance("iteration"), m.Edit((m.Change("linear1.bias", 1.0, (0,)), m.Change("lr", 0.1))))
    assert frame.touched_values == ("linear1.bias", "lr") and frame.touched_grads == ()
    assert frame.lr == 0.1


def test_at_the_beginning_and_after_going_back_there_nothing_is_touched() -> None:
    screen = Screen()
    for frame in (screen.show(), screen.do(m.Advance("phase"), m.Travel("back"))):
        assert frame.touched_values == frame.touched_grads == () and frame.edges == ()


# ---------------------------------------------------------------- tensors and edges
def test_tensors_are_leaves_and_then_the_nodes_that_have_a_value_by_now() -> None:
    screen = Screen()
    leaves = ["x", "y", "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"]
    assert [each.name for each in screen.show().tensors] == leaves
    frame = screen.do(m.Advance("op", 2))
    assert [each.name for each in frame.tensors] == [*leaves, "linear1", "act_fn"]
    assert [each.name for each in frame.tensors if each.editable] == leaves[2:]
    assert {each.role for each in frame.tensors} == {"data", "parameter", "node"}


def test_values_and_gradients_are_those_of_autograd() -> None:
    screen = Screen()
    frame = screen.do(m.Advance("phase", 3))
    weights = {n: v.clone().requires_grad_() for n, v in screen.session.state.parameters.items()}
    batch = screen.session.state.batch
    hidden = torch.tanh(torch.nn.functional.linear(batch["x"], weights["linear1.weight"], weights["linear1.bias"]))
    out = torch.nn.functional.linear(hidden, weights["linear2.weight"], weights["linear2.bias"])
    loss = torch.nn.functional.binary_cross_entropy_with_logits(out.squeeze(1), batch["y"])
    loss.backward()
    assert frame.loss == loss.item()
    for name, weight in weights.items():
        assert weight.grad is not None
        assert (numbers(tensor(frame, name).grad) == weight.grad.numpy()).all()


def test_edges_belong_to_the_operations_just_taken_backward_and_add_up_to_the_gradients() -> None:
    screen = Screen(kind="graph", inputs={"x": [1, 2, 3]}, nodes={"u": "x * x", "y": "sum(u)"})
    frames_shown = [screen.do(m.Advance("op")) for _ in range(4)]
    assert [[(e.source, e.target, e.position) for e in f.edges] for f in frames_shown] == [
        [], [], [("y", "u", 0)], [("u", "x", 0), ("u", "x", 1)],
    ]  # fmt: skip
    last = frames_shown[-1]
    total = np.sum([numbers(each.contribution) for each in last.edges], axis=0)
    assert (numbers(tensor(last, "x").grad) == total).all() and total.tolist() == [2, 4, 6]
    for each in last.edges:
        local = numbers(each.local)
        assert local.shape == (3, 3)
        assert np.allclose(numbers(each.upstream) @ local, numbers(each.contribution))


def test_a_large_local_jacobian_is_not_sent_and_a_large_tensor_as_four_statistics() -> None:
    screen = Screen(kind="graph", inputs={"x": {"value": [[0.5] * 100] * 50}}, nodes={"u": "x * 2", "y": "sum(u)"})
    frame = screen.do(m.Advance("phase", 2))
    assert all(each.local is None for each in frame.edges)
    whole = tensor(frame, "x").value
    assert whole.data is None and whole.shape == (50, 100)
    assert whole.stats == pytest.approx((0.5, 0.5, 0.5, math.sqrt(5000 * 0.25)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "int64", "bool"])
def test_a_record_has_the_bytes_of_its_dtype(dtype: str) -> None:
    value = torch.tensor([[0, 1, 1], [1, 0, 0]], dtype=getattr(torch, dtype))
    for each in (value, value.T):  # a view that is not contiguous, too
        assert (numbers(records.record(each)) == each.numpy()).all()


def test_statistics_are_minimum_maximum_mean_and_norm() -> None:
    value = torch.randn(70, 80, generator=torch.Generator().manual_seed(1))
    expected = (value.min(), value.max(), value.mean(), torch.linalg.vector_norm(value))
    assert records.statistics(value) == pytest.approx(tuple(float(each) for each in expected))


# ---------------------------------------------------------------- metrics, curve, field
def test_metrics_are_those_of_the_present_weights_whatever_phase_comes_next() -> None:
    screen = Screen()
    commands: list[m.AnyCommand] = [m.Advance("op")] * 22
    for command in [*commands, m.Travel("back"), m.Travel("start"), m.Advance("epoch")]:
        frame = screen.do(command)
        assert frame.metrics == evaluation.metrics(screen.session.experiment, screen.session.state)
        assert frame.metrics_age == 0


def test_dear_metrics_wait_while_training_and_say_how_old_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    clock = 100.0
    monkeypatch.setattr(frames.time, "perf_counter", lambda: clock)

    def measure(*arguments: object) -> dict[str, float]:
        nonlocal clock
        clock += 0.5
        return {"train_loss": clock}

    monkeypatch.setattr(evaluation, "metrics", measure)
    screen.session.apply(m.Run(True))
    screen.session._work_once(2)
    first = screen.show()
    screen.session._work_once(3)
    second = screen.show()
    done = second.moment.iterations_done - first.moment.iterations_done
    assert done > 0 and second.metrics == first.metrics and (first.metrics_age, second.metrics_age) == (0, done)
    clock += 0.5 / SHARE + 0.1
    assert screen.show().metrics_age == 0
    screen.session._work_once(1)
    assert screen.do(m.Run(False)).metrics_age == 0  # at rest they are always fresh


def test_metrics_that_nobody_watches_are_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "metrics", None)
    assert Screen().do(m.Advance("iteration"), watch=m.Watch(metrics=False)).metrics == {}


def test_curve_and_field_come_when_they_change_and_only_then() -> None:
    screen = Screen()
    first = screen.show()
    assert first.curve == m.Curve(b"", b"", b"") and first.field is not None
    shown = [screen.do(m.Advance("phase")) for _ in range(8)]
    assert [frame.curve is not None for frame in shown] == [False, True, False, False] * 2
    assert [frame.field is not None for frame in shown] == [False, False, False, True] * 2
    assert screen.show().curve is None and screen.show().field is None
    assert screen.do(watch=m.Watch()).curve is None


def test_a_dear_field_is_coarse_while_training_goes_on_and_whole_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "seconds", lambda experiment, points: points / 100)
    screen, watch = Screen(), m.Watch(field=(7, 4))
    clock = 0.0
    monkeypatch.setattr(frames.time, "perf_counter", lambda: clock)
    screen.session.apply(m.Run(True))
    screen.session._work_once()
    assert screen.show(watch).field is None
    clock += 100.0
    few = evaluation.field(screen.session.experiment, screen.session.state.parameters, 4, 2)
    coarse, rest = screen.show(watch).field, screen.do(m.Run(False), watch=watch).field
    whole = evaluation.field(screen.session.experiment, screen.session.state.parameters, 7, 4)
    assert coarse is not None and few is not None and whole == rest
    assert (coarse.columns, coarse.rows, set(coarse.data) - set(few.data)) == (7, 4, set())


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 20), st.integers(1, 20))
def test_an_enlarged_field_has_at_each_place_what_is_nearest(few: int, low: int, columns: int, rows: int) -> None:
    found = m.Field(few, low, "class", bytes(range(few * low)))
    large = evaluation.enlarged(found, columns, rows)
    assert (large.columns, large.rows, large.kind) == (columns, rows, "class")
    for place, value in enumerate(large.data):
        row, column = divmod(place, columns)
        across, down = column / columns * few, row / rows * low  # where this place begins, in places of the small one
        assert value == math.floor(down + 1e-9) * few + math.floor(across + 1e-9)


def test_another_history_of_the_same_length_has_a_curve_of_its_own() -> None:
    screen = Screen()
    edit = m.Edit((m.Change("linear2.bias", [2.0]),))
    other = m.Edit((m.Change("linear2.bias", [-2.0]),))
    first = screen.do(edit, m.Advance("iteration", 2)).curve
    back = m.Travel("back")
    second = screen.do(back, back, other, m.Advance("iteration", 2)).curve
    assert first is not None and second is not None and first.low != second.low


def test_the_curve_holds_the_loss_of_every_iteration_up_to_now() -> None:
    screen = Screen()
    losses = [screen.do(m.Advance("iteration")).loss for _ in range(5)]
    curve = Screen().do(*[m.Advance("iteration")] * 5).curve
    assert curve is not None
    assert np.frombuffer(curve.low, np.float32).tolist() == losses == np.frombuffer(curve.high, np.float32).tolist()


LOSSES = st.lists(st.floats(allow_nan=True, width=32), max_size=300)


@settings(deadline=None)
@given(LOSSES, st.integers(1, 50))
def test_every_loss_lies_between_the_lowest_and_the_highest_of_its_bucket(values: list[float], points: int) -> None:
    losses = np.array(values, np.float32)
    curve = frames.thinned(losses, points)
    starts = np.frombuffer(curve.iterations, np.int32)
    low, high = np.frombuffer(curve.low, np.float32), np.frombuffer(curve.high, np.float32)
    assert len(starts) == len(low) == len(high) <= points
    assert bool(len(starts)) == bool(len(losses)) and (not len(starts) or starts[0] == 0)
    for n, begin in enumerate(starts):
        bucket = losses[begin : starts[n + 1] if n + 1 < len(starts) else None]
        finite = bucket[~np.isnan(bucket)]
        if len(finite):
            assert low[n] == finite.min() and high[n] == finite.max()
        else:
            assert np.isnan(low[n]) and np.isnan(high[n])


def test_opened_tells_the_points_of_the_plane_and_their_classes() -> None:
    opened = Screen().frames.opened()
    data = Session(net()).experiment.dataset
    assert data is not None and opened.generation == 5
    assert (numbers(opened.points) == data.x.numpy()).all()
    assert list(opened.labels) == data.y.int().tolist()
    assert opened.extent == evaluation.extent(Session(net()).experiment)
    assert Screen(**GRAPH_J).frames.opened().points is None


# ---------------------------------------------------------------- where we stand, in words
def test_undo_and_redo_name_the_commands_on_either_side() -> None:
    screen = Screen()
    screen.do(m.Advance("epoch"), m.Edit((m.Change("lr", 0.1),)), m.Goto(5))
    frame = screen.do(m.Travel("back"))
    assert frame.undo == Sentence("command.edit", {"names": "lr"})
    assert frame.redo == Sentence("command.goto", {"iteration": 5})
    start = screen.do(m.Travel("start"))
    assert start.undo is None and start.redo == Sentence("command.epoch")


def test_a_moment_tells_what_is_done_what_comes_next_and_what_is_complete() -> None:
    screen = Screen()
    moments = [screen.show().moment, *(screen.do(m.Advance("phase")).moment for _ in range(5))]
    assert [(each.phase, each.next_phase, each.completed, each.iterations_done) for each in moments] == [
        (None, "forward", (), 0),
        ("forward", "loss", ("forward",), 0),
        ("loss", "backward", ("forward", "loss"), 0),
        ("backward", "step", ("forward", "loss", "backward"), 0),
        ("step", "forward", ("forward", "loss", "backward", "step"), 1),
        ("forward", "loss", ("forward",), 1),
    ]
    assert [each.iteration for each in moments] == [0, 0, 0, 0, 0, 1]


def test_a_sentence_says_what_the_command_did() -> None:
    screen = Screen()
    said = [screen.show(), screen.do(m.Advance("op")), screen.do(m.Advance("op")), screen.do(m.Advance("op", 2))]
    said += [screen.do(m.Advance(unit)) for unit in ("phase", "iteration", "epoch", "iteration")]
    assert [each.sentence.key for each in said if each.sentence] == [
        "did.start", "op.linear.forward", "op.tanh.forward", "did.operations",
        "did.backward", "did.step", "did.iterations", "did.iteration",
    ]  # fmt: skip
    assert said[-2].sentence and said[-2].sentence.values == {"count": 2, "last": 2}


COMMANDS = st.one_of(
    st.builds(m.Advance, st.sampled_from(["op", "phase", "iteration", "epoch"]), st.integers(1, 4)),
    st.builds(m.Travel, st.sampled_from(["back", "forth", "start"]), st.sampled_from(["command", "phase"])),
    st.builds(m.Goto, st.integers(0, 9)),
    st.just(m.Run(True)),
    st.just(m.Edit((m.Change("lr", 0.125),))),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(COMMANDS, max_size=7))
def test_every_frame_can_be_said_in_every_language(commands: list[m.AnyCommand]) -> None:
    screen = Screen()
    for command in commands:
        frame = screen.do(command, watch=m.Watch(metrics=False))
        for sentence in (frame.sentence, frame.undo, frame.redo, frame.message):
            for language in LANGUAGES:
                assert sentence is None or say(sentence, language)


@pytest.mark.parametrize(
    ("formula", "key"),
    [("a ** 2", "pow.backward_first"), ("2 ** a", "pow.backward_second"), ("a ** b", "pow.backward"),
     ("a / 2", "div.backward_first"), ("2 / a", "div.backward_second"), ("b / a", "div.backward")],
)  # fmt: skip
def test_of_two_inputs_only_what_gets_a_gradient_is_told_of(formula: str, key: str) -> None:
    session = Session(graph({"a": 2.0, "b": 3.0}, {"J": formula}))
    for _ in range(2):
        session.apply(m.Advance("op"))
        session.finish()
    told = Frames(session).frame(1, m.Watch()).sentence
    assert told is not None and told.key == f"op.{key}"
    for language in LANGUAGES:
        assert "{" not in say(told, language)


def test_what_torch_refuses_is_an_outcome_with_a_sentence() -> None:
    screen = Screen(kind="graph", inputs={"a": [1, 2], "b": [1, 2, 3]}, nodes={"c": "a * 2", "d": "c * b"})
    frame = screen.do(m.Advance("iteration"))
    assert frame.outcome == "shape" and frame.message is not None and frame.message.values["op"] == "d"
    assert frame.moment.op == "c" and not frame.running


def test_the_first_frame_shows_the_start() -> None:
    frame = Screen().show()
    assert frame.generation == 5 and frame.seq == 1 and frame.loss is None and frame.lr == NET["optimizer"]["lr"]
    assert frame.undo is None and frame.redo is None and frame.rate == 0 and frame.outcome == "ok"
