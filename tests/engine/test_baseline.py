"""A baseline lives apart from history; run again without a change, the bits are its own."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import baseline, evaluation
from engine import messages as m
from engine.frames import Frames
from engine.looks.difference import see
from engine.looks.records import Difference, SeenDifference
from engine.session import Session
from engine.spec import EXPERIMENT
from engine.words import Refused
from tests.engine.test_session import EXPERIMENTS, PATIENT, do, histories
from tests.local_engine import LocalEngine

TRAINED = ("net", "adam", "descent")
RUN, START = m.Advance("iteration", 12), m.Travel("start")
FASTER = m.Edit((m.Change("lr", 0.7),))


def trained(name: str, *commands: m.AnyCommand) -> Session:
    session = Session(EXPERIMENTS[name])
    for command in commands:
        do(session, command)
    return session


def marked(name: str, *commands: m.AnyCommand) -> Session:
    session = trained(name, *commands)
    baseline.mark(session)
    return session


def kept(session: Session) -> baseline.Baseline:
    assert session.baseline is not None
    return session.baseline


def compared(session: Session) -> m.Comparison:
    found = baseline.Comparing(session).compared()
    assert found is not None
    return found


def same(one: Session, weights: object, losses: object) -> bool:
    """Whether a session's weights and curve have these bits."""
    now = one.state.parameters
    curve = np.asarray(one.timeline.losses(), np.float32)
    return all(torch.equal(now[name], value) for name, value in weights.items()) and torch.equal(  # type: ignore[attr-defined]
        torch.from_numpy(curve), torch.from_numpy(np.asarray(losses, np.float32))
    )


@pytest.mark.parametrize("name", TRAINED)
def test_run_again_without_a_change_curve_and_weights_have_the_same_bits(name: str) -> None:
    session = marked(name, RUN)
    do(session, START)
    assert compared(session).losses is None and compared(session).weights is None, "nothing is done yet"
    do(session, RUN)
    found = compared(session)
    assert found.losses and found.weights and found.distance == 0
    assert same(session, kept(session).parameters, kept(session).losses)


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("change", [FASTER, "value"])
def test_with_a_change_both_are_those_of_two_independent_sessions(name: str, change: m.Edit | str) -> None:
    session = marked(name, RUN)
    first, value = next(iter(session.state.parameters.items()))
    edit = change if isinstance(change, m.Edit) else m.Edit((m.Change(first, 0.25, (0,) * value.ndim or None),))
    for command in (START, edit, RUN):
        do(session, command)
    plain, edited = trained(name, RUN), trained(name, edit, RUN)
    assert same(plain, kept(session).parameters, kept(session).losses)
    assert same(edited, session.state.parameters, session.timeline.losses())
    found = compared(session)
    assert found.losses is False and found.weights is False and found.distance > 0


@PATIENT
@given(histories(), histories())
def test_whatever_is_done_afterwards_the_baseline_stays_as_it_was(
    before: tuple[str, list[m.AnyCommand]], after: tuple[str, list[m.AnyCommand]]
) -> None:
    session = marked(before[0], *before[1])
    told, bits = msgspec.msgpack.encode(kept(session).told), {n: v.clone() for n, v in kept(session).parameters.items()}
    for command in (START, *(after[1] if after[0] == before[0] else before[1][::-1])):
        do(session, command)
    assert msgspec.msgpack.encode(kept(session).told) == told
    assert all(torch.equal(bits[name], value) for name, value in kept(session).parameters.items())


def test_marking_is_no_entry_of_history_and_cuts_no_future() -> None:
    session = trained("net", RUN, FASTER, m.Travel("back"))
    entries, now = list(session.timeline.entries), session.timeline.now
    baseline.mark(session)
    assert (session.timeline.entries, session.timeline.now) == (entries, now)
    do(session, m.Travel("forth"))
    assert session.state.settings.lr == 0.7


def test_marked_again_it_is_the_new_moment_and_dropped_there_is_none() -> None:
    session = marked("net", RUN)
    first = kept(session).told
    do(session, RUN)
    baseline.mark(session)
    second = kept(session).told
    assert (first.iteration, second.iteration) == (12, 24) and first.number != second.number
    assert np.frombuffer(second.losses, np.float32)[:12].tobytes() == first.losses
    baseline.drop(session)
    assert session.baseline is None and baseline.Comparing(session).compared() is None


def test_it_holds_the_loss_the_metrics_and_the_settings_of_its_moment() -> None:
    session = marked("net", FASTER, RUN)
    told = kept(session).told
    assert told.loss == session.experiment.loss(session.look()) == session.timeline.losses()[-1]
    assert told.metrics == evaluation.metrics(session.experiment, session.state)
    assert told.settings["lr"] == 0.7 and len(told.curve.iterations) == 4 * 12


def test_a_run_goes_on_while_it_is_marked() -> None:
    session = trained("descent")
    session.apply(m.Run(True))
    session.work(1.0, 7)
    baseline.mark(session)
    assert session.running and kept(session).told.iteration == 7
    assert baseline.Comparing(session).compared() is None, "bits are compared at rest"
    session.work(1.0, 5)
    assert same(trained("descent", RUN), session.state.parameters, session.timeline.losses())


# ---------------------------------------------------------------- another engine
@PATIENT
@given(histories(), st.integers(1, 3))
def test_another_engine_takes_it_up_with_the_same_bits(history: tuple[str, list[m.AnyCommand]], times: int) -> None:
    name, commands = history
    old = trained(name, *commands)
    for _ in range(times):
        baseline.mark(old)
    told = msgspec.msgpack.decode(msgspec.msgpack.encode(kept(old).told), type=m.Baseline)
    new = trained(name, *commands)
    baseline.take_up(new, told)
    assert kept(new).told == kept(old).told
    assert compared(new).weights and compared(new).losses in (True, None)
    baseline.mark(new)
    assert kept(new).told.number == times + 1


def test_one_that_is_too_large_is_drawn_but_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "LARGE", 16)
    session = marked("net", RUN)
    told = kept(session).told
    assert not told.whole and not told.losses and told.curve.low
    assert all(value.numel() for value in kept(session).parameters.values()), "the engine has all of it"
    with pytest.raises(Refused):
        baseline.take_up(trained("net"), told)


def test_that_of_another_experiment_is_refused() -> None:
    with pytest.raises(Refused):
        baseline.take_up(trained("net"), kept(marked("descent", RUN)).told)


def test_the_loop_tells_of_it_once_and_again_when_it_does_not_fit() -> None:
    reports: list[m.AnyReport] = []
    engine = LocalEngine(reports.append, lambda code: None)
    engine.start()
    spec = msgspec.json.encode(EXPERIMENTS["net"].model_dump(mode="json"))
    for command in (m.Open(spec, "cpu"), RUN, m.Mark()):
        engine.send(command)
    told = [report.baseline for report in reports if isinstance(report, m.Marked)]
    assert len(told) == 1 and told[0] is not None and told[0].iteration == 12
    engine.send(m.Open(spec, "cpu", baseline=told[0]))
    engine.send(RUN)
    frame = [report for report in reports if isinstance(report, m.Frame)][-1]
    assert frame.comparison is not None and frame.comparison.weights
    engine.send(m.Open(spec, "cpu", baseline=msgspec.structs.replace(told[0], parameters={})))
    assert [report.baseline for report in reports if isinstance(report, m.Marked)][1:] == [None]
    engine.send(m.Mark(False))
    assert [report.baseline for report in reports if isinstance(report, m.Marked)][1:] == [None, None]


# ---------------------------------------------------------------- frames and looks
def test_the_field_of_the_baseline_is_sent_once_for_each_baseline_and_size() -> None:
    session, small, wide = trained("net", RUN), m.Watch(field=(5, 4)), m.Watch(field=(6, 4))
    frames = Frames(session)
    assert frames.frame(1, small).baseline_field is None
    baseline.mark(session)
    there = evaluation.field(session.experiment, session.state.parameters, 5, 4)
    do(session, RUN)
    assert frames.frame(2, small).baseline_field == there
    assert frames.frame(3, small).baseline_field is None
    assert frames.frame(4, m.Watch()).baseline_field is None
    again = frames.frame(5, wide).baseline_field
    assert again is not None and again.columns == 6
    baseline.mark(session)
    assert frames.frame(6, wide).baseline_field == evaluation.field(session.experiment, session.state.parameters, 6, 4)


def test_the_difference_is_the_value_less_that_of_the_baseline_and_its_norm() -> None:
    session = marked("net", RUN)
    do(session, RUN)
    seen = see(session, Difference(kept(session).told.number))
    assert {each.name for each in seen.tensors} == set(session.state.parameters)
    for each in seen.tensors:
        now, then = session.state.parameters[each.name], kept(session).parameters[each.name]
        assert each.difference.data == (now - then).numpy().tobytes() and not each.same
        assert each.norm == pytest.approx(float(torch.linalg.norm((now - then).double())), rel=1e-12)
    total = math.sqrt(sum(each.norm**2 for each in seen.tensors))
    assert compared(session).distance == pytest.approx(total, rel=1e-12)


def test_there_is_no_difference_to_a_baseline_that_is_another_by_now() -> None:
    session = marked("net", RUN)
    assert see(session, Difference(7)) == SeenDifference(of=Difference(7))


def test_whole_numbers_and_truths_differ_too() -> None:
    spec = {"kind": "graph", "inputs": {"n": {"value": [3, 5], "dtype": "int64"}, "x": 2}, "nodes": {"y": "x * 2"}}
    session = Session(EXPERIMENT.validate_python(spec))
    baseline.mark(session)
    do(session, m.Edit((m.Change("n", [1, 6]),)))
    found = {each.name: each for each in see(session, Difference(1)).tensors}
    assert np.frombuffer(found["n"].difference.data or b"", np.int64).tolist() == [-2, 1]
    assert found["n"].norm == pytest.approx(math.sqrt(5)) and found["x"].same
    truths = baseline.difference(torch.tensor([True, False, True]), torch.tensor([False, True, True]))
    assert truths.tolist() == [1, -1, 0]


def test_losses_are_compared_bit_for_bit_as_far_as_both_go() -> None:
    curve = np.array([0.5, np.nan, 0.25], np.float32)
    assert baseline.same_losses(curve[:2], curve) and baseline.same_losses(curve, curve)
    assert baseline.same_losses(np.nextafter(curve, np.float32(1)), curve) is False
    assert baseline.same_losses(curve[:0], curve) is None
