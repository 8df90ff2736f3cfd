"""The lessons that come along, answered by the engine: every question has an answer, and every goal can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import messages as m
from engine.asking import Asking
from engine.begin import begin
from engine.queries import Questions
from engine.session import Session
from lessons import catalog
from lessons.stages import begun, changes, target
from tui.exercises.kinds import kind_of
from tui.exercises.known import Known, alone
from tui.exercises.program import program_of
from tui.filling import filled
from tui.formulas import display, inline
from tui.opening import Opening, open_lesson

OPENINGS = {entry.id: open_lesson(entry.path) for entry in catalog.entries()}
each_lesson = pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS)


def session(opening: Opening, step: int) -> Session:
    """A fresh session of the experiment of a step."""
    return begin(opening.part(step).experiment, None, "cpu")


def answered(opening: Opening, step: int, stages: tuple[m.Stage, ...], expressions: tuple[str, ...]) -> Known:
    """What the engine answers, as the screen gets it."""
    asking = Asking(lambda: session(opening, step), session(opening, step), 0)
    asking.ask(m.Ask(1, stages, expressions))
    while (answers := asking.work(10.0)) is None:
        pass
    return Known(dict(zip(expressions, answers.answers, strict=True)))


def steps(opening: Opening) -> Iterator[tuple[int, Any]]:
    """The steps of the lesson that ask or show something, by number."""
    assert opening.lesson is not None
    for number, step in enumerate(opening.lesson.steps):
        if step.ask or opening.expressions(number):
            yield number, step


def asked(opening: Opening, number: int) -> Known:
    """All answers about a step."""
    assert opening.lesson is not None
    of_exercises = [text for each in opening.lesson.steps[number].ask for text in kind_of(each).asks(each)]
    expressions = tuple(dict.fromkeys((*of_exercises, *opening.expressions(number))))
    part = opening.part(number)
    assert part.graph is not None
    known = answered(opening, number, target(opening.lesson, number), expressions)
    return replace(known, program=program_of(part.experiment, part.graph))


@each_lesson
def test_every_question_can_be_answered_and_the_solution_is_right(opening: Opening) -> None:
    for number, step in steps(opening):
        known = asked(opening, number)
        assert [name for name, answer in known.answers.items() if answer.refused] == [], step.id
        for exercise in step.ask:
            kind, passage = kind_of(exercise), opening.passage_of(exercise.id, "es")
            if kind.when != "when it holds":
                assert kind.solution(exercise, passage, known, "es"), exercise.id
            if exercise.kind in ("number", "shape"):
                solution = kind.solution(exercise, passage, known, "es").strip("`")
                assert kind.mark(exercise, solution, known).right, exercise.id


@each_lesson
def test_no_trap_is_the_right_answer_and_each_can_be_stepped_into(opening: Opening) -> None:
    for number, step in steps(opening):
        known = asked(opening, number)
        for exercise in step.ask:
            for name, text in getattr(exercise, "traps", {}).items():
                found = known.number(text)
                given = str(found[0]) if exercise.kind == "number" and found else str(known.shape(text))
                assert kind_of(exercise).mark(exercise, given, known).trap == name, (exercise.id, name)


@each_lesson
def test_every_value_in_the_text_can_be_shown_in_both_languages(opening: Opening) -> None:
    for number, step in steps(opening):
        known = asked(opening, number)
        for language in ("es", "en"):
            for name in (step.id, *(each.id for each in step.ask)):
                passage = opening.passage_of(name, language)
                texts = (passage.markdown, passage.explain or "", *passage.hints, *passage.traps.values())
                for text in (*texts, *passage.options.values()):
                    shown = filled(text, lambda each, formula, to=language, of=known: of.written(each, to, formula))
                    assert "{{" not in shown and "⟨?⟩" not in shown and "…" not in shown
                    _read(shown)


def _read(markdown: str) -> None:
    """Raises FormulaError for a formula that cannot be read."""
    from lessons.inline import pieces

    for piece in pieces(markdown):
        if piece.kind == "formula":
            assert display(piece.text, 60) if markdown[piece.start :].startswith("$$") else inline(piece.text)


@each_lesson
def test_a_goal_does_not_hold_at_the_start_and_its_witness_reaches_it(opening: Opening) -> None:
    from engine.expression import parse
    from engine.stages import Walk

    assert opening.lesson is not None
    for number, step in steps(opening):
        for exercise in step.ask:
            if exercise.kind == "goal":
                here = session(opening, number)
                Walk(here, begun(opening.lesson, number)).finish()
                reach = parse(exercise.reach, queries=True)
                assert not Questions(here).holds(reach)
                here.apply(m.Edit(changes(exercise.witness)))
                assert Questions(here).holds(reach)


def test_the_last_hint_of_the_four_corners_is_enough() -> None:
    """What hint three says, and any `linear2.bias` in the range it describes."""
    opening = OPENINGS["xor"]
    for bias, right in ((-0.8, False), (-0.95, True), (-1.0, True), (-1.2, True), (-1.3, False)):
        here = session(opening, 0)
        edits = {"linear1.bias[1]": -1.5, "linear2.weight[0, 1]": -1, "linear2.bias[0]": bias}
        here.apply(m.Edit(changes(edits)))
        assert (Questions(here).metric("train_accuracy") == 1.0) == right, bias


def test_a_prediction_of_a_direction_knows_where_it_began() -> None:
    opening = OPENINGS["xor"]
    assert opening.lesson is not None
    number = [step.id for step in opening.lesson.steps].index("see-step")
    (exercise,) = opening.lesson.steps[number].ask
    before = answered(opening, number, begun(opening.lesson, number), (exercise.expect,))
    after = asked(opening, number)
    assert alone(before.answers[exercise.expect]) != alone(after.answers[exercise.expect])


def test_the_paths_of_the_lessons_are_those_of_the_catalog() -> None:
    assert {opening.path for opening in OPENINGS.values()} == {Path(entry.path) for entry in catalog.entries()}
