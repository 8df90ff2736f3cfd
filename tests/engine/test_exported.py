"""An exported script, run by Python alone, comes to the same bits as the session that it tells of."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine import code
from engine import messages as m
from engine.code.course import SETTINGS
from engine.code.edits import shortest
from engine.memory import log
from engine.session import Session
from engine.settings import NAMES
from engine.spec import Graph, Net
from engine.words import LANGUAGES, Refused
from tests.engine.examples import GRAPH_J, graph, net

TABLE = {"kind": "table", "x": [[0, 0.5], [1, -1], [0.25, 1], [1, 1], [-0.5, 0.75]], "y": [0, 1, 1, 0, 1]}
TWO_OUT = [
    {"name": "fc", "kind": "linear", "out": 3},
    {"name": "a", "kind": "relu"},
    {"name": "out", "kind": "linear", "out": 2},
]
EXPERIMENTS: dict[str, Graph | Net] = {
    "xor": net(),
    "momentum": net(optimizer={"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "adam": net(optimizer={"kind": "adam", "lr": 0.03}, batch={"size": 3, "order": "random"}),
    "classes": net(data=TABLE, layers=TWO_OUT, loss="cross_entropy", batch={"size": 2, "order": "shuffle"}),
    "line": net(data={"kind": "table", "x": [1, 2, 3, 4], "y": [2, 4, 5, 8]}, loss="mse", batch={"order": "given"},
                layers=[{"name": "forward", "kind": "linear", "out": 1}], optimizer={"kind": "sgd", "lr": 0.01},
                params={"forward.weight": [[0.1]]}),
    **{f"from {kind}": net(init={"kind": kind, "scale": 0.7}, params={"linear2.bias": [0.25]})
       for kind in ("zeros", "uniform", "normal", "xavier", "kaiming")},
    "graph": graph(GRAPH_J["inputs"], GRAPH_J["nodes"]),
    "trained": graph({"a": 5.0, "b": [1.0, -2.0], "k": {"value": [1, 2], "dtype": "int64"}, "train": 0.3},
                     {"c": "a * b + train", "print": "sum(c * c * k) + a ** 2"}, parameters=["a", "train"],
                     optimizer={"kind": "adam", "lr": 0.1}),
    "counted": graph({"a": {"value": [1.5, 2.0], "grad": False}, "b": {"value": [2, 0], "dtype": "int64"}},
                     {"c": "a * b", "n": "sum(c)"}),
    "double": graph({"a": {"value": [0.1, 0.2], "dtype": "float64"}, "h": {"value": 0.3, "dtype": "float16"}},
                    {"s": "sum(a * a) + h"}, parameters=["a"], optimizer={"kind": "sgd", "lr": 0.1}),
}  # fmt: skip


def begun(experiment: Graph | Net) -> Session:
    torch.set_num_threads(1)
    return Session(experiment)


def do(session: Session, *commands: m.AnyCommand) -> Session:
    for command in commands:
        session.apply(command)
        session.finish()
    return session


def told(session: Session) -> m.Log:
    """The log as the screen gets it."""
    return m._reports().decode(m._encoder.encode(_frame(log(session)))).log  # type: ignore[union-attr, return-value]


def _frame(kept: m.Log) -> m.Frame:
    return m.Frame(1, 0, m.Moment(0, 0, None, None, "forward", None, (), 0), (), log=kept)


def written(session: Session, **more: Any) -> str:
    given_ = session.experiment
    return code.script(given_.spec, given_.graph, told(session), **more)


def executed(script: str) -> dict[str, Any]:
    variables: dict[str, Any] = {"__name__": "script"}
    with redirect_stdout(io.StringIO()) as said:
        exec(compile(script, "script", "exec"), variables)
    return {**variables, "said": said.getvalue()}


def tensors(session: Session, variables: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The parameters of the script, by the engine's names."""
    spec = session.experiment.spec
    if isinstance(spec, Net):
        names = session.experiment.graph.parameters
        return dict(zip(names, variables["model"].parameters(), strict=True))
    from engine.code.graph_script import variables as variables_of

    return {name: variables[variables_of(spec)[name]] for name in spec.inputs}


def assert_same(session: Session, variables: dict[str, Any]) -> None:
    """Weights always; gradients where the session stands at the end of a phase; slots where there are some."""
    state, found = session.look(), tensors(session, variables)
    for name, value in state.parameters.items():
        assert torch.equal(found[name], value) and found[name].dtype == value.dtype, name
    atoms, here = session.experiment.graph.atoms, state.cursor
    if here in (0, len(atoms)) or atoms[here].phase != atoms[here - 1].phase:
        for name in set(state.parameters) & set(state.grads):
            assert torch.equal(found[name].grad, state.grads[name]), f"gradient of {name}"
    for name, slots in state.slots.items():
        kept = variables["optimizer"].state[found[name]]
        for slot, value in slots.items():
            assert torch.equal(torch.as_tensor(kept[slot]).double(), torch.as_tensor(value).double()), slot


# ---------------------------------------------------------------- random histories
def edits(experiment: Graph | Net) -> st.SearchStrategy[m.Edit]:
    """Weights, elements and settings of this experiment; what the engine refuses is not done."""
    start = Session(experiment).state.parameters
    numbers = st.floats(-2, 2, width=32)
    values = []
    for name, value in start.items():
        number = numbers if value.is_floating_point() else st.integers(0, 3)
        values.append(
            st.lists(number, min_size=value.numel(), max_size=value.numel()).map(
                lambda flat, name=name, value=value: m.Change(name, torch.tensor(flat).reshape(value.shape).tolist())
            )
        )
        if value.ndim:
            index = st.tuples(*(st.integers(-size, size - 1) for size in value.shape))
            values.append(st.builds(m.Change, st.just(name), number, index))
    kinds = {
        "lr": st.sampled_from([0.0, 0.05, 0.2]), "optimizer.kind": st.sampled_from(["sgd", "adam"]),
        "optimizer.momentum": st.sampled_from([0.0, 0.5]), "batch.size": st.sampled_from([1, 2, 3, 7, "all"]),
        "batch.order": st.sampled_from(["given", "shuffle", "random"]), "run.seed": st.integers(0, 5),
    }  # fmt: skip
    settings_ = [st.builds(m.Change, st.just(name), value) for name, value in kinds.items()]
    return st.lists(st.one_of(*values, *settings_), min_size=1, max_size=3).map(lambda all_: m.Edit(tuple(all_)))


MOVES = st.one_of(
    st.builds(m.Advance, st.sampled_from(["op", "phase", "iteration", "epoch"]), st.integers(1, 4)),
    st.builds(m.Travel, st.sampled_from(["back", "forth"]), st.sampled_from(["command", "phase"])),
    st.builds(m.Goto, st.integers(0, 12)),
    st.just(m.Again()),
    st.builds(lambda speed: m.Edit((m.Change("run.speed", speed),)), st.sampled_from([1.0, 30.0])),
)


@pytest.mark.parametrize("name", EXPERIMENTS)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_was_done_the_script_comes_to_the_same_bits(name: str, data: st.DataObject) -> None:
    session = begun(EXPERIMENTS[name])
    for command in data.draw(st.lists(st.one_of(MOVES, edits(EXPERIMENTS[name])), max_size=9)):
        with suppress(Refused):
            do(session, command)
    assume(not untouched(session))
    assert_same(session, executed(written(session)))


def untouched(session: Session) -> bool:
    """Whether nothing has come of the history: then the script is that of the whole run."""
    fresh = session.experiment.initial()
    same = all(torch.equal(fresh.parameters[name], value) for name, value in session.state.parameters.items())
    return same and session.timeline.now.time == 0 and fresh.settings == session.state.settings


# ---------------------------------------------------------------- single things
@pytest.mark.parametrize("name", [name for name in EXPERIMENTS if name != "counted"])  # which has no backward
def test_backward_done_again_adds_up_in_the_script_too(name: str) -> None:
    session = begun(EXPERIMENTS[name])
    ends = 3 if session.experiment.trains and session.experiment.graph.loss else 2  # phases up to backward's end
    do(session, m.Advance("iteration"), m.Advance("phase", ends), m.Again(), m.Again())
    assert_same(session, executed(written(session)))
    do(session, m.Advance("iteration", 2), m.Advance("phase", ends), m.Again())
    assert_same(session, executed(written(session)))
    do(session, m.Edit((m.Change(next(iter(session.state.parameters)), 0.5, _first_of(session)),)))
    assert_same(session, executed(written(session)))
    do(session, m.Advance("iteration", 2))
    assert_same(session, executed(written(session)))


def _first_of(session: Session) -> tuple[int, ...] | None:
    return (0,) * next(iter(session.state.parameters.values())).ndim or None


def test_notes_of_the_screen_are_not_in_the_script() -> None:
    session = do(begun(net()), m.Advance("iteration", 3), m.Advance("op", 2))
    before = written(session)
    assert written(do(session, m.Edit((m.Change("run.speed", 30.0),)))) == before


def test_what_was_undone_is_not_in_the_script() -> None:
    session = do(begun(net()), m.Advance("iteration", 3), m.Edit((m.Change("lr", 0.25),)), m.Advance("iteration"))
    assert "train(3)" in written(session) and "0.25" in written(session)
    do(session, m.Travel("back"), m.Travel("back"))
    assert "0.25" not in written(session) and written(session).count("= train(") == 1


def test_edits_are_lines_with_the_numbers_as_a_person_writes_them() -> None:
    changes = (m.Change("linear1.weight", 0.1, (0, 1)), m.Change("lr", 0.05), m.Change("linear2.bias", [0.3]))
    lines = written(do(begun(net()), m.Advance("iteration", 2), m.Edit(changes))).splitlines()
    assert {'optimizer.param_groups[0]["lr"] = 0.05', "    model.linear1.weight[0, 1] = 0.1"} <= set(lines)
    assert "    model.linear2.bias.copy_(torch.tensor([0.3]))" in lines


def test_of_many_nudges_of_one_number_the_last_one_is_written() -> None:
    session = begun(net())
    for nudge in range(1, 40):
        do(session, m.Edit((m.Change("linear1.weight", nudge / 8, (0, 1)),)))
    assert [line.strip() for line in written(session).splitlines() if "[0, 1]" in line] == [
        "model.linear1.weight[0, 1] = 4.875"
    ]


def test_an_edit_in_the_middle_of_an_iteration_begins_the_same_batch_again() -> None:
    session = do(begun(net()), m.Advance("iteration", 2), m.Advance("op", 4))
    do(session, m.Edit((m.Change("linear1.bias", [0, 0, 0, 0.5]),)), m.Advance("iteration"))
    script = written(session)
    assert "train(2)" in script and "train(1)" in script
    assert_same(session, executed(script))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_number_is_shortened_to_one_that_is_the_same_float32(value: float) -> None:
    short = shortest(value)
    assert torch.equal(torch.tensor(short), torch.tensor(value)) and len(repr(short)) <= len(repr(value))


def test_without_history_it_is_the_whole_run() -> None:
    session = do(begun(net()), m.Run(True))
    spec = session.experiment
    assert_same(session, executed(code.script(spec.spec, spec.graph)))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_run_of_so_many_iterations(name: str) -> None:
    session = do(begun(EXPERIMENTS[name]), m.Advance("iteration", 11))
    spec = session.experiment
    assert_same(session, executed(code.script(spec.spec, spec.graph, iterations=11)))


def test_gradients_that_no_optimizer_clears_do_not_add_up() -> None:
    spec = graph({"a": 5.0, "b": 2.0, "c": [1, 2]}, {"J": "(a * b - 1) ** 2 * sum(c)"}, parameters=["a"],
                 optimizer={"kind": "sgd", "lr": 0.001})  # fmt: skip
    session = do(begun(spec), m.Advance("iteration", 100))
    found = executed(code.script(spec, session.experiment.graph))
    assert_same(session, found)
    assert torch.equal(found["b"].grad, session.look().grads["b"])


def test_the_last_loss_is_printed() -> None:
    session = do(begun(net()), m.Advance("iteration", 4))
    said = executed(written(session))["said"]
    assert float(said.removeprefix("loss: ")) == session.experiment.loss(session.look())


def test_another_seed_makes_another_run() -> None:
    session = do(begun(code.seeded(net(), 11)), m.Advance("epoch", 2))
    assert_same(session, executed(written(session)))
    assert "manual_seed(11)" in written(session)


def test_remarks_are_in_the_language_that_was_asked_for() -> None:
    session = do(begun(net()), m.Advance("iteration"), m.Edit((m.Change("lr", 0.25),)), m.Advance("op", 5))
    spanish, english = (written(session, language=language) for language in LANGUAGES)
    assert "# Cambios" in spanish and "# Changed" in english
    assert ast.dump(_code(spanish)) == ast.dump(_code(english))


def _code(script: str) -> ast.Module:
    """The script without its docstrings."""
    tree = ast.parse(script)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return tree


def test_a_device_that_was_chosen_is_told_and_the_script_stays_on_the_cpu() -> None:
    spec = net()
    graph_ = Session(spec).experiment.graph
    kept = m.Log((m.Done("edit", 0, 0, (m.Change("run.device", "cuda:0"),)), m.Done("iteration", 0, 8)), 1, 8)
    assert "cuda:0" in code.script(spec, graph_, kept)
    executed(code.script(spec, graph_, kept))


def test_it_knows_every_setting_of_the_engine() -> None:
    assert set(SETTINGS) == set(NAMES)


RUNNER = """
import json, runpy, sys, torch
found = {}
for path in sys.argv[2:]:
    found[path] = [each.detach() for each in runpy.run_path(path)["model"].parameters()]
torch.save(found, sys.argv[1])
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules} & {"engine", "lessons", "tui", "msgspec"})))
"""


def test_scripts_run_on_their_own_with_only_torch(tmp_path: Path) -> None:
    sessions = {}
    for name in ("xor", "adam", "classes"):
        session = do(begun(EXPERIMENTS[name]), m.Advance("iteration", 7), m.Edit((m.Change("batch.size", 1),)))
        path = tmp_path / f"{name}.py"
        path.write_text(written(do(session, m.Advance("iteration", 5))), "utf-8")
        sessions[str(path)] = session
    command = [sys.executable, "-I", "-c", RUNNER, str(tmp_path / "found.pt"), *sessions]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []
    found = torch.load(tmp_path / "found.pt", weights_only=True)
    for path, session in sessions.items():
        for ours, theirs in zip(session.state.parameters.values(), found[path], strict=True):
            assert torch.equal(ours, theirs)
