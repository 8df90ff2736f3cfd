"""The check goes through a lesson as a learner would: what does not work out is found at its place."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from lessons import catalog, crew
from lessons.checking import examine
from lessons.findings import Finding, render
from lessons.led import Led, Patience
from lessons.loader import load
from lessons.rehearsal import differ, rehearse
from tests.lessons.writing import GRAPH, NET, NET_PROSE, PROSE, marked, write

GOOD = GRAPH.replace("    until: g\n", "    until: g\n    panes: [graph]\n")
GOOD_NET = NET.replace("until: train_loss < 0.05\n    limit: 100", "times: 1\n    panes: [loss]")
ASKED = "{id: ask-g, kind: number, expect: value(g), traps: {swapped: value(h)}}"
GOAL = "{{id: ask-g, kind: goal, edit: [{edit}], reach: {reach}, witness: {{{witness}}}, impossible: false}}"
WITHOUT_TRAP = PROSE.replace("> [!trap swapped]\n> Ese es h.\n\n", "")

# (code, what is written in the good lesson, what stands there instead; « marks the place)
RUNS = [
    ("E505", "until: g\n", "until: «iteration < 0\n    limit: 3\n"),
    ("E511", "expect: value(g)", "expect: «grad(g)"),
    ("E512", "expect: value(g)", "expect: «'local(J, a)'"),
    ("E513", "expect: value(g)", "expect: «delta(h)"),
    ("E514", "expect: value(g)", "expect: «shape(g)"),
    ("E515", "expect: value(g)", "expect: «'shape(g)[3]'"),
    ("E520", "swapped: value(h)", "swapped: «a + 2*b"),
    ("E520", "swapped: value(h)", "swapped: «1.005 * value(g)"),
    ("E510", "swapped: value(h)", "swapped: «train_loss"),
    ("L110", "expect: value(g),", "expect: value(g), tol: {rel: «0.3},"),
    ("L111", "expect: value(g),", "expect: value(g), tol: «{abs: 5},"),
    ("L112", "expect: value(g)", "expect: «value(a)"),
    ("L112", "expect: value(g)", "expect: «a"),
    ("L114", "traps: {swapped: value(h)}", "traps: {swapped: value(h), same: «1.0001 * value(h)}"),
    ("L120", "- id: first\n    do: forward\n    by: op\n    panes: [graph, code]", "- id: «first\n    do: forward"),
    ("L130", "authors: [someone]", "authors: [someone]\ncovers: [001-08, «009-99]"),
    ("E522", "options: [one, two], answer: two", "options: [one, two], «answer_when: {one: a == b, two: g == 0}"),
]


def codes(findings: list[Finding]) -> list[tuple[str, int, int]]:
    return [(each.code, each.line, each.column) for each in findings if each.file.endswith("lesson.yaml")]


def examined(folder: Path, lesson: str, **prose: str) -> list[Finding]:
    return examine(write(folder, lesson, **prose), run=True)


def test_the_lesson_that_the_others_are_made_of_is_clean(tmp_path: Path) -> None:
    assert examined(tmp_path / "graph", GOOD) == []
    assert examined(tmp_path / "net", GOOD_NET) == []


@pytest.mark.parametrize("code, good, bad", RUNS, ids=lambda text: text[:30])
def test_what_does_not_work_out_is_found_at_its_place(tmp_path: Path, code: str, good: str, bad: str) -> None:
    assert good in GOOD
    text, line, column = marked(GOOD.replace(good, bad, 1))
    assert (code, line, column) in codes(examined(tmp_path, text))


def test_what_has_no_value_yet_is_said_of_whoever_asks(tmp_path: Path) -> None:
    found = codes(examined(tmp_path, GOOD.replace("do: forward\n    by: op", "do: show\n    by: op")))
    assert [each[0] for each in found] == ["E510", "E510"]  # the answer and the trap


def test_a_value_in_the_text_that_nobody_can_tell_is_found_in_every_language(tmp_path: Path) -> None:
    text, line, column = marked(PROSE.replace("{{value(h)}}", "{{«grad(h)}}"))
    found = examined(tmp_path, GOOD, es=text, en=text)
    assert [(Path(each.file).name, each.code, each.line, each.column) for each in found] == [
        ("en.md", "E511", line, column), ("es.md", "E511", line, column),
    ]  # fmt: skip


@pytest.mark.parametrize("shown", ["¿Cuánto vale g, {{«a + 2*b}}?", "¿Es g «5.0 o no?"])
def test_a_question_that_holds_its_answer_is_found(tmp_path: Path, shown: str) -> None:
    text, line, column = marked(PROSE.replace("¿Cuánto vale g?", shown))
    found = examined(tmp_path, GOOD, es=text)
    assert [(each.code, each.line, each.column) for each in found if each.file.endswith("es.md")] == [
        ("L113", line, column)
    ]


def test_inputs_may_stand_in_a_question_even_if_one_happens_to_be_the_answer(tmp_path: Path) -> None:
    lesson = GOOD.replace("b: 1", "b: 0")  # then g is a
    assert examined(tmp_path, lesson, es=PROSE.replace("¿Cuánto vale g?", "Con a = {{a}}, ¿cuánto vale g?")) == []


# ---------------------------------------------------------------- prose
@pytest.mark.parametrize(
    "code, good, bad",
    [
        ("L101", "> [!hint]\n> Una suma.\n\n", ""),
        ("L102", "> Una suma.\n", "> Una suma.\n\n> [!hint]\n> De a y h.\n"),
        ("L103", "> [!explain]\n> Vale {{value(g)}}.\n\n", ""),
        ("L121", "\nFin.\n", "\n"),
    ],
)
def test_what_a_language_lacks_is_found(tmp_path: Path, code: str, good: str, bad: str) -> None:
    assert good in PROSE
    assert code in [each[0] for each in codes(examined(tmp_path, GOOD, es=PROSE.replace(good, bad)))]


# ---------------------------------------------------------------- goals
@pytest.mark.parametrize(
    "edit, reach, witness, code",
    [
        ("b", "value(J) > 0", "b: -8", None),
        ("b", "value(J) < 0", "b: -8", "E530"),
        ("b", "value(J) > 0", "b: 8", "E531"),
        ("a", "value(J) > 0", "b: -8", "E532"),
    ],
)
def test_a_goal_is_reached_by_its_witness_and_not_before(
    tmp_path: Path, edit: str, reach: str, witness: str, code: str | None
) -> None:
    lesson = GOOD.replace(ASKED, GOAL.format(edit=edit, reach=reach, witness=witness))
    assert [each[0] for each in codes(examined(tmp_path, lesson, es=WITHOUT_TRAP, en=WITHOUT_TRAP))] == (
        [code] if code else []
    )


def test_a_goal_leaves_the_lesson_where_it_was(tmp_path: Path) -> None:
    lesson = load(write(tmp_path, GOOD)).lesson
    assert lesson is not None
    led, other = (Led(lesson.experiment_at(0), Patience(float("inf"))) for _ in range(2))
    from lessons.stages import changes, stage

    for each in (led, other):
        each.lead(stage(lesson.steps[0]))
    assert led.reached_by(changes({"b": -8}), "value(J) > 0", 0)
    assert led.same_as(other)
    for each in (led, other):
        each.lead(stage(lesson.steps[1]))
    assert led.same_as(other)


def test_a_goal_may_be_reached_by_training_within_its_limit(tmp_path: Path) -> None:
    def goal(within: int) -> str:
        asked = f"{{id: ask, kind: goal, edit: [lr], reach: train_loss < 0.6, witness: {{lr: 1}}, within: {within}}}"
        still = f"do: show\n    panes: [loss]\n    ask: [{asked}]"
        return NET.replace("do: train\n    until: train_loss < 0.05\n    limit: 100", still)

    prose = NET_PROSE + "\n### Baja {#ask}\n\n> [!hint]\n> Más.\n"
    assert codes(examined(tmp_path, goal(300), es=prose)) == []
    assert [each[0] for each in codes(examined(tmp_path, goal(1), es=prose))] == ["E531"]


# ---------------------------------------------------------------- nets, time, failures
def test_training_that_never_gets_there_is_found_at_until(tmp_path: Path) -> None:
    text, line, column = marked(NET.replace("until: train_loss < 0.05", "until: «train_loss < 0\n    panes: [loss]"))
    assert codes(examined(tmp_path, text)) == [("E505", line, column)]


def test_a_lesson_that_takes_too_long_is_left_where_it_is(tmp_path: Path) -> None:
    lesson = NET.replace("until: train_loss < 0.05\n    limit: 100", "times: 1000000\n    panes: [loss]")
    loaded = load(write(tmp_path, lesson))
    begin = time.perf_counter()
    found = rehearse(loaded, seconds=1.0)
    assert [each.code for each in found] == ["E501"] and time.perf_counter() - begin < 5


def test_the_time_of_a_lesson_is_told_by_the_clock_that_is_given(tmp_path: Path) -> None:
    clock = itertools.count(0.0, 7.0).__next__
    assert [each.code for each in rehearse(load(write(tmp_path, GOOD)), 20.0, clock)] == ["E501"]


def test_an_operation_that_torch_refuses_is_found_unless_it_is_asked_about(tmp_path: Path) -> None:
    lesson = GOOD.replace("{a: 3, b: 1, c: -2}", "{a: [1, 2], b: [1, 2, 3], c: 1}")
    lesson = lesson.replace("output: J", "output: J\n  seed_gradient: [1, 1]")
    found = {each[0] for each in codes(examined(tmp_path, lesson))}
    assert {"L122", "E517"} <= found


def test_two_experiments_that_do_the_same_do_not_differ(tmp_path: Path) -> None:
    lesson = load(write(tmp_path, NET)).lesson
    assert lesson is not None
    given = lesson.experiment_at(0)
    changed = given.model_copy(update={"loss": "mse"})
    patience = Patience(float("inf"))
    assert not differ(Led(given, patience), Led(given, patience))
    assert differ(Led(given, patience), Led(changed, patience))


def test_a_mutation_that_there_is_not_is_found_at_its_place(tmp_path: Path) -> None:
    text, line, column = marked(GOOD_NET.replace("  params:", "  mutation: «no-such-mutation\n  params:"))
    assert codes(examined(tmp_path, text)) == [("E314", line, column)]


def test_a_mutation_that_shows_is_no_finding(tmp_path: Path) -> None:
    assert codes(examined(tmp_path, GOOD_NET.replace("  params:", "  mutation: drop_zero_grad\n  params:"))) == []


# ---------------------------------------------------------------- the crew
def test_the_built_in_lessons_are_clean_warnings_and_all() -> None:
    paths = [entry.path for entry in catalog.entries() if entry.path.is_relative_to(catalog.BUILT_IN)]
    found = [render(each, "en") for _, findings in crew.examined(paths) for each in findings]
    assert found == []


def test_a_process_that_dies_is_a_finding_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = write(tmp_path / "slow", NET.replace("until: train_loss < 0.05\n    limit: 100", "times: 1000000"))
    good = write(tmp_path / "good", GOOD)
    monkeypatch.setattr(crew, "START", -597.0)
    found = dict(crew.examined([slow, good], workers=1, seconds=600.0))
    assert [each.code for each in found[0]] == ["E502"]
    monkeypatch.setattr(crew, "START", 60.0)
    assert dict(crew.examined([good, good], workers=1)) == {0: [], 1: []}


def test_whoever_stops_listening_ends_the_processes(tmp_path: Path) -> None:
    good = write(tmp_path / "good", GOOD)
    slow = write(tmp_path / "slow", NET.replace("until: train_loss < 0.05\n    limit: 100", "times: 1000000"))
    stream = crew.examined([good, slow, slow], workers=2)
    next(stream)
    begin = time.perf_counter()
    stream.close()
    assert time.perf_counter() - begin < 5


def test_inputs_that_leave_a_question_without_an_answer_are_found(tmp_path: Path) -> None:
    asked = "{id: ask-g, kind: number, expect: 'sum(one_hot(k, 3))', vary: «{k: [0, 2]}}"
    lesson = GOOD.replace("c: -2}", "c: -2, k: {value: 1, dtype: int64}}").replace(ASKED, asked)
    text, line, column = marked(lesson.replace("[0, 2]", "[5, 9]"))
    assert ("E524", line, column) in codes(examined(tmp_path / "bad", text, es=WITHOUT_TRAP, en=WITHOUT_TRAP))
    assert examined(tmp_path / "good", marked(lesson)[0], es=WITHOUT_TRAP, en=WITHOUT_TRAP) == []
