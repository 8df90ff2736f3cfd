"""`dltutor progress` and `dltutor log`: what they print, write and delete."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from engine import messages as m
from engine.begin import begin
from engine.evaluation import metrics
from engine.memory import log as log_of
from engine.memory import memory
from engine.words import LANGUAGES
from tests.tui.progress.test_in_lessons import ASKING, PROSE
from tui import places
from tui.cli import main
from tui.exercises.known import spoken
from tui.language import say
from tui.opening import open_lesson
from tui.progress import store
from tui.progress.outline import outline
from tui.progress.records import Given, Kept, Left, Record, Visit

AT = 1_700_000_000.0


@pytest.fixture
def run(lessons, monkeypatch, capsys):
    """Runs `dltutor` with the test's lessons; (status, stdout, stderr)."""
    monkeypatch.setenv("DLTUTOR_LESSONS", str(lessons))
    (lessons / "asking").mkdir()
    (lessons / "asking" / "lesson.yaml").write_text(ASKING, "utf-8")
    for language, text in PROSE.items():
        filled = text.replace(" {#value-g}\n", " {#value-g}\nEn total hay {{h + 1}}.\n")
        (lessons / "asking" / f"{language}.md").write_text(filled, "utf-8")

    def run(*argv: str) -> tuple[int, str, str]:
        status = main(argv)
        return (status, *capsys.readouterr())

    return run


def keep_asking(lessons: Path) -> Record:
    """Two steps read; one exercise answered at the second try with a hint, the other predicted wrongly."""
    opening = open_lesson(lessons / "asking")
    assert opening.lesson is not None
    now = outline(opening.lesson, opening.prose, lessons / "asking", 1.0)
    digests = now.digests
    tries = (Given(AT, "4", False), Given(AT + 60, "5", True))
    answered = Kept(AT + 60, digests["value-g"], "5", attempts=2, hints=1, solved=True, answers=tries)
    predicted = Kept(AT + 90, digests["guess"], "2", given_up=True, answers=(Given(AT + 80, "2", False),))
    steps = {"read": (Visit(AT, 65.0),), "values": (Visit(AT + 65, 30.0), Visit(AT + 500, 10.0))}
    left = Left(AT + 510, "values", 0)
    return store.keep(Record("asking", 0.0, left, now, steps, {"value-g": answered, "guess": predicted}))


def train(lessons: Path, iterations: int = 5):
    """The small net, trained and edited and left; (session, number of operations in an iteration)."""
    opening = open_lesson(lessons / "little-net")
    part = opening.parts[""]
    session = begin(part.experiment, device="cpu")
    session.apply(m.Advance("iteration", iterations))
    session.finish()
    session.apply(m.Edit((m.Change("linear1.weight", 0.5, (0, 1)), m.Change("lr", 0.25))))
    session.apply(m.Advance("iteration", 1))
    session.finish()
    left = places.Left(places.describe(part.spec, None), log_of(session, losses=True), memory(session))
    places.save("little-net", places.Place("look", {"": left}))
    return session


# ---------------------------------------------------------------- progress
def test_progress_shows_units_and_lessons(run, lessons):
    keep_asking(lessons)
    status, out, _ = run("progress", "--lang", "en")
    assert status == 0 and "◐ asking" in out and "started, 2/3" in out and "○ little-net" in out
    assert "Continue: Questions · Values" in out


def test_progress_and_lessons_tell_the_same_as_json(run, lessons):
    keep_asking(lessons)
    told = [{each["id"]: each for each in map(json.loads, run(command, "--json")[1].splitlines())}
            for command in ("progress", "lessons")]  # fmt: skip
    for found in told:
        assert found["asking"]["progress"] == "started" and found["asking"]["steps_done"] == 2
        assert found["asking"]["left"]["step"] == "values" and found["little-net"]["progress"] == "new"
    assert told[1]["asking"]["after"] == ["little-graph", "elsewhere"]


def test_progress_is_exported_whole(run, lessons, tmp_path):
    kept = keep_asking(lessons)
    file = tmp_path / "mine.json"
    assert run("progress", "--export", str(file))[0] == 0
    found = json.loads(file.read_text("utf-8"))["lessons"]
    assert [each["lesson"] for each in found] == ["asking"]
    assert found[0]["exercises"]["value-g"]["answers"][1]["given"] == kept.exercises["value-g"].answers[1].given
    status, _, err = run("progress", "--export", str(file))
    assert status == 2 and "--force" in err
    assert json.loads(run("progress", "--export", "-")[1])["format"] == 1


def test_resetting_asks_and_no_answer_is_no(run, lessons, monkeypatch):
    keep_asking(lessons)
    status, _, err = run("progress", "--reset", "asking")
    assert status == 2 and "--yes" in err and store.load("asking").begun

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for typed, begun in (("\n", True), ("n\n", True), ("y\n", False)):
        monkeypatch.setattr("sys.stdin", Terminal(typed))
        assert run("progress", "--reset", "asking")[0] == 0
        assert store.load("asking").begun == begun


def test_resetting_all_forgets_answers_and_places(run, lessons):
    keep_asking(lessons)
    train(lessons)
    store.keep(Record("little-net", steps={"look": (Visit(AT),)}))
    assert run("progress", "--reset-all", "--yes")[0] == 0
    assert not store.load("asking").begun and not store.load("little-net").begun
    assert places.load("little-net") is None
    status, _, err = run("progress", "--reset-all", "--yes", "--lang", "en")
    assert status == 2 and "no progress is kept" in err


def test_resetting_a_lesson_of_which_nothing_is_kept_is_a_mistake(run):
    status, out, err = run("progress", "--reset", "asking", "--yes")
    assert (status, out) == (2, "") and "asking" in err


# ---------------------------------------------------------------- log
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_log_tells_what_was_read_and_answered(run, lessons, language):
    keep_asking(lessons)
    status, out, _ = run("log", "asking", "--lang", language)
    prose = {
        "es": ("# Preguntas", "| Valores |", "### ¿Cuánto vale g?"),
        "en": ("# Questions", "| Values |", "### What is g?"),
    }
    assert status == 0 and all(each in out for each in prose[language])
    assert "| 0:40 |" in out and "1:45" in out  # the step's time, and all of it
    assert "En total hay 3." in out, "h + 1, worked out by the engine"
    lines = out.splitlines()
    first = next(number for number, line in enumerate(lines) if line.endswith("✗ 4"))
    assert lines[first + 1].endswith("✓ 5") and lines[first + 2] == f"- {say(language, 'log.hints', count=1)}"
    assert say(language, "log.given_up") not in out, "a wrong prediction is an answer"
    assert say(language, "log.changed") not in out


def test_the_log_says_which_exercises_have_changed_since(run, lessons):
    keep_asking(lessons)
    (lessons / "asking" / "lesson.yaml").write_text(ASKING.replace("expect: g}", "expect: 5 * 1}"), "utf-8")
    assert run("log", "asking", "--lang", "en")[1].count(say("en", "log.changed")) == 1


def test_the_log_tells_edits_and_where_the_experiment_stands_with_its_charts(run, lessons, tmp_path):
    session = train(lessons)
    file = tmp_path / "mine.md"
    assert run("log", "little-net", "-o", str(file), "--lang", "es")[0] == 0
    text = file.read_text("utf-8")
    assert "Iteraciones: de la 0 a la 5." in text and "Iteraciones: de la 5 a la 6." in text
    assert "Iteración 5, cambio a mano: `linear1.weight[0, 1] = 0,5`." in text and "`lr = 0,25`" in text
    loss = metrics(session.experiment, session.state)["train_loss"]
    assert f"iteración 6 · pérdida {spoken(session.experiment.loss(session.state), 'float32', 'es')}" in text
    assert f"pérdida media {spoken(loss, 'float32', 'es')}" in text
    assert text.count("```text") == 2 and "┬" in text and "○" in text and "●" in text
    assert "\x1b" not in text and max(map(len, text.splitlines())) < 120


def test_an_experiment_that_has_changed_is_not_told_as_if_it_had_not(run, lessons):
    train(lessons)
    file = lessons / "little-net" / "lesson.yaml"
    file.write_text(file.read_text("utf-8").replace("lr: 0.1", "lr: 0.2"), "utf-8")
    out = run("log", "little-net", "--lang", "en")[1]
    assert say("en", "log.other_experiment") in out and "```text" not in out


def test_a_log_of_nothing_is_a_mistake_and_a_file_is_not_overwritten(run, lessons, tmp_path):
    status, _, err = run("log", "asking", "--lang", "en")
    assert status == 2 and "nothing is kept of `asking`" in err
    keep_asking(lessons)
    file = tmp_path / "log.md"
    file.write_text("mine")
    assert run("log", "asking", "-o", str(file))[0] == 2 and file.read_text() == "mine"
    assert run("log", "asking", "-o", str(file), "--force")[0] == 0 and "# " in file.read_text("utf-8")
