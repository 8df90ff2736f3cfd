"""Export from the command line and with a key, and weights out and in: what is written, and what is said."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import torch
from textual.widgets import Input, Label

from engine import messages as m
from engine.words import LANGUAGES
from tests.tui.conftest import settle
from tui.cli import main
from tui.exporting import write
from tui.language import say
from tui.screens.file_name import FileWindow, free

MISTAKES = {
    "lesson missing": ["export"],
    "unknown lesson": ["export", "no-such"],
    "broken lesson": ["export", "broken"],
    "no such experiment": ["export", "xor", "--use", "clouds"],
    "an experiment without a name": ["export", "little-net", "--use", "cloud"],
    "no session": ["export", "little-net", "--session"],
    "session and settings": ["export", "little-net", "--session", "--set", "lr=1"],
    "session and iterations": ["export", "little-net", "--session", "--iterations", "3"],
    "edit of what is not there": ["export", "little-net", "--set", "zz=1"],
    "no iterations": ["export", "little-net", "--iterations", "0"],
    "no folder to write in": ["export", "little-net", "-o", "/no/such/folder/x.py"],
    "a folder to write on": ["export", "little-net", "--force", "-o", "/"],
    "no file": ["export", "little-net", "-o"],
}


@pytest.fixture
def run(lessons, monkeypatch, capsys):
    """Runs `dltutor` with the test's lessons; (status, stdout, stderr)."""
    monkeypatch.setenv("DLTUTOR_LESSONS", str(lessons))

    def run(*argv: str) -> tuple[int, str, str]:
        status = main(argv)
        return (status, *capsys.readouterr())

    return run


def weights(script: str) -> list[torch.Tensor]:
    """The parameters that a script comes to."""
    variables: dict = {}
    with redirect_stdout(io.StringIO()):
        exec(compile(script, "script", "exec"), variables)
    return [each.detach() for each in variables["model"].parameters()]


def shown(frame: m.Frame) -> list[bytes]:
    """The bits of the parameters on the screen."""
    return [each.value.data for each in frame.tensors if each.role == "parameter"]


# ---------------------------------------------------------------- the command
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_and_exit_status_2(run, mistake, language):
    status, out, err = run("--lang", language, *MISTAKES[mistake])
    assert (status, out) == (2, "")
    assert err.startswith("dltutor: ") and "Traceback" not in err
    assert len(err.splitlines()) == 1 or mistake == "broken lesson"


def test_without_a_file_the_script_is_printed(run):
    status, out, _ = run("export", "little-net", "--seed", "3")
    assert status == 0 and "torch.manual_seed(3)" in out and len(weights(out)) == 4
    assert run("export", "little-net", "--seed", "3", "-o", "-")[1] == out


def test_a_file_is_written_and_not_written_over_unless_it_is_asked_for(run, tmp_path):
    place = str(tmp_path / "net.py")
    assert run("export", "little-net", "-o", place)[0] == 0
    first = Path(place).read_text("utf-8")
    status, _, err = run("export", "little-net", "--seed", "5", "-o", place, "--lang", "en")
    assert status == 2 and "--force" in err and Path(place).read_text("utf-8") == first
    assert run("export", "little-net", "--seed", "5", "-o", place, "--force")[0] == 0
    assert "manual_seed(5)" in Path(place).read_text("utf-8")


@pytest.fixture
def full(monkeypatch):
    """A disk on which files can be made, and nothing be written."""
    real = Path.open

    def opened(self, mode="r", *arguments, **more):
        file = real(self, mode, *arguments, **more)
        return _Full(file) if mode in ("w", "x") else file

    monkeypatch.setattr(Path, "open", opened)


class _Full:
    """A file on a full disk."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.file.close()

    def write(self, text):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["new", "over another"])
def test_a_full_disk_is_one_sentence(run, full, tmp_path, force):
    place = tmp_path / "net.py"
    if force:
        place.touch()
    status, _, err = run("export", "little-net", "-o", str(place), *force)
    assert status == 2 and "No space left" in err and len(err.splitlines()) == 1
    assert place.exists() == bool(force)


def test_settings_and_iterations_are_those_that_were_given(run, tmp_path):
    _, script, _ = run("export", "little-net", "--set", "lr=0.5", "--set", "linear2.bias=[0.25]", "--iterations", "6")
    assert 'param_groups[0]["lr"] = 0.5' in script and "train(6)" in script
    _, whole, _ = run("export", "little-net", "--set", "lr=0.5")
    assert "train(20)" in whole  # five epochs of four batches


def test_an_experiment_is_chosen_by_its_name(run):
    assert "2500" in run("export", "xor")[1]
    assert "2500" not in run("export", "xor", "--use", "corners")[1]


async def test_the_session_that_was_kept_is_exported_with_its_bits(run, local):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("i", "i", "space", "i")
        stage.lesson.send(m.Edit((m.Change("linear1.weight", 0.1, (0, 1)), m.Change("batch.size", 8))))
        await pilot.press("e", "space", "space")
        await settle(pilot)
        wanted = shown(stage.lesson.frame)
    status, script, err = run("export", "little-net", "--session")
    assert status == 0, err
    assert [each.numpy().tobytes() for each in weights(script)] == wanted
    assert run("export", "little-net", "--session", "--seed", "9")[0] == 2


# ---------------------------------------------------------------- the key
@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to stand in."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


async def test_x_writes_the_session_as_it_stands(local, here):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("i", "i")
        stage.lesson.send(m.Edit((m.Change("lr", 0.25),)))
        await pilot.press("i", "x")
        await settle(pilot)
        assert stage.app.screen.query_one(Input).value == "little-net.py"
        await pilot.press("enter")
        await settle(pilot)
        wanted = shown(stage.lesson.frame)
    script = (here / "little-net.py").read_text("utf-8")
    assert [each.numpy().tobytes() for each in weights(script)] == wanted and "= 0.25" in script


async def test_a_file_that_is_there_stays_and_another_name_is_offered(local, here):
    (here / "little-graph.py").write_text("mine")
    stage = local("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        field = stage.app.screen.query_one(Input)
        assert field.value == "little-graph-2.py"
        field.value = "little-graph"  # typed without its ending
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(stage.app.screen, FileWindow) and field.value == "little-graph-2.py"
        hint = str(stage.app.screen.query_one("#window-hint", Label).content)
        assert hint == say("es", "file.exists", name="little-graph.py")
        await pilot.press("enter")
        await settle(pilot)
    assert (here / "little-graph.py").read_text() == "mine"
    assert "J.backward()" in (here / "little-graph-2.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("typed", "key"), [("", "file.empty"), ("no/such/x.py", "file.no_folder"), ("  ", "file.empty")]
)
async def test_a_name_that_will_not_do_is_told_in_the_window(local, here, typed, key):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        stage.app.screen.query_one(Input).value = typed
        await pilot.press("enter")
        await settle(pilot)
        hint = str(stage.app.screen.query_one("#window-hint", Label).content)
        assert hint == say("es", key, name=str(here / "no/such"))
        await pilot.press("escape")
        await settle(pilot)
        assert stage.lesson and list(here.iterdir()) == []


async def test_a_disk_that_is_full_is_told(local, here, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tui.exporting.write", full)
    stage = local("little-net")
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("x", "enter")
        await settle(pilot)
        assert any("No space left" in each.message for each in stage.app._notifications)


def test_a_file_that_came_meanwhile_is_not_written_over(tmp_path):
    (tmp_path / "a.py").write_text("mine")
    with pytest.raises(FileExistsError):
        write(tmp_path / "a.py", "other")
    assert (tmp_path / "a.py").read_text() == "mine"


def test_a_free_name_is_the_first_that_nothing_bears(tmp_path):
    names = []
    for _ in range(3):
        names.append(free(tmp_path / "net.py").name)
        (tmp_path / names[-1]).touch()
    assert names == ["net.py", "net-2.py", "net-3.py"]


# ---------------------------------------------------------------- weights
async def test_weights_are_saved_loaded_and_the_loading_undone(local, here):
    stage = local("little-net")
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        await pilot.press("i", "i")
        saved = shown(stage.lesson.frame)
        stage.lesson.action_save_weights()
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert any("little-net.pt" in each.message for each in stage.app._notifications)
        await pilot.press("e")
        later = shown(stage.lesson.frame)
        stage.lesson.action_load_weights()
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert shown(stage.lesson.frame) == saved != later
        await pilot.press("backspace")
        await settle(pilot)
        assert shown(stage.lesson.frame) == later
    assert list(torch.load(here / "little-net.pt", weights_only=True)) == [
        "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias",
    ]  # fmt: skip


async def test_weights_of_another_net_are_refused_and_nothing_changes(local, here):
    torch.save({"fc1.weight": torch.ones(8, 2)}, here / "little-net.pt")
    stage = local("little-net")
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        before = shown(stage.lesson.frame)
        stage.lesson.action_load_weights()
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert any("fc1.weight" in each.message for each in stage.app._notifications)
        assert shown(stage.lesson.frame) == before


async def test_a_file_that_is_not_there_is_told_in_the_window(local, here):
    stage = local("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        stage.lesson.action_load_weights()
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        hint = str(stage.app.screen.query_one("#window-hint", Label).content)
        assert hint == say("es", "file.absent", name="little-net.pt")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids=str)
async def test_the_window_switches_its_language_with_its_complaint(local, here, size):
    stage = local("little-net")
    async with stage.app.run_test(size=size) as pilot:
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        stage.app.screen.query_one(Input).value = ""
        await pilot.press("enter", "ctrl+l")
        await settle(pilot)
        assert str(stage.app.screen.query_one("#window-hint", Label).content) == say("en", "file.empty")
        assert str(stage.app.screen.query_one("#window-title", Label).content) == say("en", "file.export")
