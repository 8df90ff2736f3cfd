"""Weights in files: saved as torch saves a state_dict, loaded as an edit, and refused with the difference named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from engine import messages as m
from engine import weights
from engine.session import Session
from engine.words import LANGUAGES, Refused, say
from tests.engine.conversation import Conversation
from tests.engine.examples import NET, graph, net


class Evil:
    """What would run code when an ordinary pickle is read."""

    def __reduce__(self) -> Any:
        return os.system, ("false",)


def model() -> nn.Module:
    """The net of the examples as torch has it, with weights of its own."""
    torch.manual_seed(99)
    return nn.Sequential().append(nn.Linear(2, 4)).append(nn.Linear(4, 1))


def good() -> dict[str, torch.Tensor]:
    names = {"0": "linear1", "1": "linear2"}
    return {f"{names[name[0]]}{name[1:]}": value for name, value in model().state_dict().items()}


def refusal(path: Path, session: Session | None = None) -> str:
    """The key of the sentence with which a file is refused; it can be said in every language."""
    with pytest.raises(Refused) as caught:
        weights.load(session or Session(net()), str(path))
    assert all(say(caught.value.sentence, language) for language in LANGUAGES)
    return caught.value.sentence.key


def saved(found: Any, folder: Path) -> Path:
    torch.save(found, folder / "weights.pt")
    return folder / "weights.pt"


def test_more_than_history_could_keep_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(good(), tmp_path)
    assert weights.load(Session(net()), str(path)).changes
    monkeypatch.setattr(weights, "MOST", 16)
    assert refusal(path) == "weights.too_many"


# ---------------------------------------------------------------- saving
def test_what_is_saved_is_the_state_dict_that_torch_reads(tmp_path: Path) -> None:
    session = Session(net())
    session.apply(m.Advance("iteration", 5))
    session.finish()
    weights.save(session, str(tmp_path / "net.pt"))
    found = torch.load(tmp_path / "net.pt", weights_only=True)
    assert list(found) == list(session.experiment.graph.parameters)
    assert all(torch.equal(found[name], value) for name, value in session.state.parameters.items())
    assert os.listdir(tmp_path) == ["net.pt"]


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "net.pt").write_text("mine")
    with pytest.raises(Refused, match="choose another name"):
        weights.save(Session(net()), str(tmp_path / "net.pt"))
    assert (tmp_path / "net.pt").read_text() == "mine"


def test_where_nothing_can_be_written_it_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        weights.save(Session(net()), str(tmp_path / "absent" / "net.pt"))
    assert caught.value.sentence.key == "weights.system" and os.listdir(tmp_path) == []


def test_a_write_that_fails_half_way_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> None:
        raise RuntimeError("PytorchStreamWriter failed writing file")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(Refused, match="PytorchStreamWriter"):
        weights.save(Session(net()), str(tmp_path / "net.pt"))
    assert os.listdir(tmp_path) == []


# ---------------------------------------------------------------- loading
def test_what_is_loaded_is_an_edit_that_can_be_undone(tmp_path: Path) -> None:
    session, path = Session(net()), saved(good(), tmp_path)
    session.apply(m.Advance("iteration", 3))
    session.finish()
    before = dict(session.state.parameters)
    session.apply(weights.load(session, str(path)))
    assert all(torch.equal(session.state.parameters[name], value) for name, value in good().items())
    assert len(session.timeline.entries) == 2
    session.apply(m.Travel("back"))
    assert all(torch.equal(session.state.parameters[name], value) for name, value in before.items())
    session.apply(m.Travel("forth"))
    assert all(torch.equal(session.state.parameters[name], value) for name, value in good().items())


def test_a_graph_saves_its_inputs_with_their_dtypes_and_loads_them_again(tmp_path: Path) -> None:
    spec = graph({"a": {"value": [0.1, 0.2], "dtype": "float64"}, "k": {"value": 7, "dtype": "int64"}, "b": 0.1},
                 {"J": "sum(a) * k * b"})  # fmt: skip
    first, second = Session(spec), Session(spec)
    first.apply(m.Edit((m.Change("a", [1 / 3, 5e-324]), m.Change("k", 2**53 - 1), m.Change("b", 0.7))))
    weights.save(first, str(tmp_path / "graph.pt"))
    second.apply(weights.load(second, str(tmp_path / "graph.pt")))
    assert all(torch.equal(second.state.parameters[name], value) for name, value in first.state.parameters.items())


BAD: dict[str, Any] = {
    "weights.other": lambda: {f"fc1{name.removeprefix('linear1')}": value for name, value in good().items()},
    "weights.missing": lambda: {name: value for name, value in good().items() if name != "linear2.bias"},
    "weights.unexpected": lambda: {**good(), "linear3.weight": torch.ones(1)},
    "weights.shape": lambda: {**good(), "linear1.weight": torch.ones(8, 2)},
    "weights.dtype": lambda: {name: value.double() for name, value in good().items()},
    "weights.not_finite": lambda: {**good(), "linear2.bias": torch.tensor([torch.nan])},
    "weights.nested": lambda: {"epoch": 3, "state_dict": good()},
    "weights.no_tensors": lambda: [1, 2, 3],
    "weights.code": lambda: {"linear1.weight": Evil()},
}


@pytest.mark.parametrize("key", BAD)
def test_what_does_not_fit_is_refused_with_the_difference(key: str, tmp_path: Path) -> None:
    assert refusal(saved(BAD[key](), tmp_path)) == key


def test_the_sentence_names_both_sides(tmp_path: Path) -> None:
    path = saved({"fc1.weight": torch.ones(8, 2), **dict(list(good().items())[1:])}, tmp_path)
    with pytest.raises(Refused, match=r"the file has `fc1.weight` \(8, 2\) where .* `linear1.weight` \(4, 2\)"):
        weights.load(Session(net()), str(path))


def test_a_whole_model_is_not_read_because_it_could_run_code(tmp_path: Path) -> None:
    assert refusal(saved(model(), tmp_path)) == "weights.code"


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"not weights at all", b"\x80\x02}q\x00", bytes(range(200))])
def test_a_file_that_holds_something_else_is_refused(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_bytes(body)
    assert refusal(tmp_path / "weights.pt") == "weights.unreadable"


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    path = saved(good(), tmp_path)
    path.write_bytes(path.read_bytes()[:-300])
    assert refusal(path) == "weights.unreadable"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent.pt") == "weights.no_file"
    assert refusal(tmp_path) == "weights.folder"
    assert refusal(Path("/dev/null")) == "weights.unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = saved(good(), tmp_path)
    path.chmod(0)
    assert refusal(path) == "weights.system"


# ---------------------------------------------------------------- over the pipe
def test_the_engine_saves_and_loads_on_command(tmp_path: Path) -> None:
    talk, path = Conversation(), str(tmp_path / "net.pt")
    try:
        talk.open(NET)
        talk.after(m.Advance("iteration", 4))
        talk.send(m.SaveWeights(path))
        assert talk.report(lambda each: isinstance(each, m.Notice)).message.values == {"path": path}
        kept = torch.load(path, weights_only=True)
        talk.after(m.Travel("start"))
        frame = talk.after(m.LoadWeights(path))
        shown = next(each for each in frame.tensors if each.name == "linear1.bias").value
        assert shown.data == kept["linear1.bias"].numpy().tobytes()
        talk.send(m.SaveWeights(path))
        assert talk.failed().message.key == "weights.exists"
    finally:
        talk.client.stop()
