"""How a lesson stands: new, started, done, changed; what is recommended, and what it may still take."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lessons.catalog import Entry
from tests.tui.conftest import NET, PROSE
from tui.opening import open_lesson
from tui.progress import store
from tui.progress.outline import outline
from tui.progress.records import Kept, Left, Outline, Record, Visit
from tui.progress.standing import NEW, Standing, current, last, of, recommended, standings

OUTLINE = Outline(1.0, "", {"read": {}, "ask": {"one": "a", "two": "b"}})


def read(*steps: str, **exercises: Kept) -> Record:
    return Record("l", steps={name: (Visit(1.0),) for name in steps}, exercises=exercises)


def test_a_lesson_that_nobody_opened_is_new() -> None:
    assert of(Record("l"), OUTLINE).state == "new"


def test_a_step_is_done_when_it_was_read_and_all_its_exercises_are_answered() -> None:
    right, given_up, tried = Kept(1.0, "a", solved=True), Kept(1.0, "b", given_up=True), Kept(1.0, "b", attempts=3)
    assert of(read("read"), OUTLINE).done == 1
    assert of(read("read", "ask", one=right, two=tried), OUTLINE).state == "started"
    assert of(read("read", "ask", one=right, two=given_up), OUTLINE).state == "done"
    assert of(read("ask", one=right, two=given_up), OUTLINE).done == 1


def test_an_exercise_that_is_another_one_now_is_told() -> None:
    known = of(read("read", "ask", one=Kept(1.0, "old", solved=True), two=Kept(1.0, "old", attempts=1)), OUTLINE)
    assert known.changed == ("one",)


@given(st.integers(1, 600), st.integers(1, 40), st.data())
def test_the_minutes_that_are_left_shrink_to_nothing(minutes: int, steps: int, data: st.DataObject) -> None:
    done = data.draw(st.integers(0, steps))
    left = Standing(done, steps, True).minutes_left(minutes)
    assert left is not None and 0 <= left <= minutes and (left == 0) == (done == steps)
    assert Standing(0, steps, True).minutes_left(minutes) == minutes


def entry(name: str, *after: str) -> Entry:
    return Entry(name, Path(name), {"en": name}, "u", 5, ("en",), None, after)


DONE, STARTED = Standing(2, 2, True), Standing(1, 2, True)


def test_the_next_lesson_is_the_first_that_is_not_done_and_whose_prerequisites_are() -> None:
    course = [entry("a"), entry("b", "c"), entry("c", "a"), entry("d", "elsewhere")]
    assert recommended(course, {}) == "a"
    assert recommended(course, {"a": DONE}) == "c"
    assert recommended(course, {"a": DONE, "c": DONE}) == "b"
    assert recommended(course, {"a": DONE, "c": STARTED, "d": DONE}) == "c"
    assert recommended(course, dict.fromkeys("abcd", DONE)) is None


def test_where_prerequisites_go_in_a_circle_some_lesson_is_recommended_all_the_same() -> None:
    assert recommended([entry("a", "b"), entry("b", "a")], {}) == "a"


def test_the_lesson_that_was_left_last() -> None:
    left = {name: Standing(1, 2, True, (), Left(at, "s")) for name, at in (("a", 1.0), ("b", 3.0), ("c", 2.0))}
    assert last({**left, "d": NEW}) == "b" and last({}) is None


# ---------------------------------------------------------------- lessons on the disk
def lesson(folder: Path, text: str = NET) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "lesson.yaml").write_text(text, "utf-8")
    for language, prose in PROSE.items():
        (folder / f"{language}.md").write_text(prose, "utf-8")
    return folder


def outline_of(folder: Path, at: float = 1.0) -> Outline:
    opening = open_lesson(folder)
    assert opening.lesson is not None
    return outline(opening.lesson, opening.prose, folder, at)


ASK = "  - {id: look, panes: [tensors, loss, boundary]"
ASKED = f"{ASK}, ask: [{{id: how-many, kind: number, expect: 2 + 2}}]"


def asking(folder: Path, expect: str = "2 + 2", prose: str = "¿Cuántos?", layers: str = "out: 4") -> Outline:
    lesson(folder, NET.replace(ASK, ASKED.replace("2 + 2", expect)).replace("out: 4", layers))
    for language in PROSE:
        text = PROSE[language].replace("## ", f"### {prose} {{#how-many}}\n\n## ", 2).replace(f"### {prose}", "", 1)
        (folder / f"{language}.md").write_text(text.replace(" {#how-many}\n\n", "", 1), "utf-8")
    return outline_of(folder)


def test_what_is_asked_of_what_and_in_which_words_makes_the_digest(tmp_path: Path) -> None:
    first = asking(tmp_path / "l").digests["how-many"]
    assert asking(tmp_path / "l").digests["how-many"] == first
    others = {
        asking(tmp_path / "l", expect="2 + 3").digests["how-many"],
        asking(tmp_path / "l", prose="¿Cuántas?").digests["how-many"],
        asking(tmp_path / "l", layers="out: 5").digests["how-many"],
    }
    assert len({first, *others}) == 4


def test_a_lesson_whose_files_are_the_same_is_not_read_again(tmp_path: Path, monkeypatch) -> None:
    kept = outline_of(lesson(tmp_path / "l"))
    monkeypatch.setattr("lessons.loader.load", None)
    assert current(kept, tmp_path / "l") is kept


def test_a_lesson_that_was_edited_is_read_and_one_that_is_broken_counts_as_it_was(tmp_path: Path) -> None:
    kept = outline_of(lesson(tmp_path / "l"))
    lesson(tmp_path / "l", NET.replace("id: look", "id: gaze"))
    assert current(kept, tmp_path / "l").steps.keys() == {"gaze", "back"}  # type: ignore[union-attr]
    lesson(tmp_path / "l", "format: [")
    assert current(kept, tmp_path / "l") is kept


def test_standings_of_a_list_know_what_is_on_the_disk_and_what_could_not_be_written(tmp_path: Path) -> None:
    lesson(tmp_path / "net")
    entries = [Entry("little-net", tmp_path / "net", {}, "u", 5, ()), Entry("other", tmp_path / "no", {}, "u", 5, ())]
    assert {name: each.state for name, each in standings(entries).items()} == {"little-net": "new", "other": "new"}
    now = outline_of(tmp_path / "net")
    store.keep(Record("little-net", outline=now, steps={"look": (Visit(1.0),)}))
    assert standings(entries)["little-net"].done == 1
    more = Record("little-net", outline=now, steps={"back": (Visit(2.0),)})
    assert standings(entries, {"little-net": more})["little-net"].state == "done"
