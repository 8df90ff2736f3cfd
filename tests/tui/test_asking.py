"""A lesson that asks: every kind of exercise by keyboard at 80x24 with a real engine, and the way of the lesson."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from engine import messages as m
from tests.local_engine import FakeEngine, LocalEngine
from tests.tui.conftest import Stage, send_key, settle
from tui.exercises.box import ExerciseBox
from tui.view import numbers

GRAPH = """\
format: 1
id: asking
languages: [es, en]
experiments:
  first:
    kind: graph
    inputs: {a: 3, b: 1, c: -2}
    nodes: {h: 2 * b, g: a + h, J: g * c}
  second:
    kind: graph
    inputs: {x: 0.5}
    nodes: {y: x * x}
steps:
  - id: forward
    do: forward
    by: op
    panes: [graph]
    ask:
      - {id: value-g, kind: number, expect: value(g), traps: {factor: a, same: value(g)}}
      - {id: value-j, kind: number, expect: value(J)}
  - id: product
    do: backward
    until: g
    by: op
    panes: [graph]
    ask:
      - {id: pick, kind: choice, options: [is-c, is-g, is-j], answer: is-c}
      - id: rule
        kind: choice
        answer_when: {twice: "grad(b) == 2 * grad(h)", same: "grad(b) == grad(h)", up: "g > 0"}
  - {id: edited, set: {b: -8}, do: forward, by: op, panes: [graph]}
  - id: other
    use: second
    do: forward
    ask:
      - {id: half, kind: number, expect: value(y)}
  - {id: again, use: first, panes: [graph]}
"""
GRAPH_ES = """\
# Preguntas
## Hacia delante {#forward}
Con $a = \\val{a}$; g vale {{value(g)}}, y en código `{{value(g)}}`.
### ¿Cuánto vale g? {#value-g}
> [!hint]
> Suma $a$ y $h$.

> [!hint]
> $h$ vale {{value(h)}}.

> [!trap factor]
> Eso es solo $a$.

> [!trap same]
> Nunca se ve.

> [!explain]
> Es {{value(g)}}, la mitad {{value(g) / 2}}.
### ¿Y J? {#value-j}
## El producto {#product}
### ¿Cuál es $\\frac{\\partial J}{\\partial g}$? {#pick}
- [is-c] $c$
- [is-g] $g$
- [is-j] $J$
### ¿Qué se cumple siempre? {#rule}
- [twice] El doble
- [same] Lo mismo
- [up] g es positivo
## Otra b {#edited}
## Otro grafo {#other}
### ¿Cuánto vale y? {#half}
## Otra vez {#again}
"""
NET = """\
format: 1
id: asking-net
languages: [es, en]
experiment:
  kind: net
  seed: 7
  data: {kind: table, x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0]}
  layers: [{name: linear1, kind: linear, out: 2}, {name: act_fn, kind: tanh}, {name: linear2, kind: linear, out: 1}]
  loss: bce_logits
  optimizer: {kind: sgd, lr: 0.1}
  epochs: 1000
  params: {linear1.weight: [[1, 1], [1, 1]], linear1.bias: [0, -1.5], linear2.weight: [[1, -1]], linear2.bias: [0]}
steps:
  - id: corners
    panes: [tensors]
    ask:
      - id: all-four
        kind: goal
        edit: ["linear2.bias[0]"]
        reach: train_accuracy >= 1.0
        witness: {"linear2.bias[0]": -1}
  - id: forward
    do: forward
    panes: [graph]
    ask:
      - {id: shape, kind: shape, expect: shape(linear1)}
  - id: loss
    do: loss
    panes: [tensors, loss]
    ask:
      - {id: guess, kind: predict, expect: loss, tol: {abs: 0.2}}
  - id: step
    do: step
    panes: [tensors]
    ask:
      - {id: way, kind: predict, give: direction, expect: 'value("linear2.bias")[0]'}
  - {id: train, do: train, by: epoch, until: iteration >= 5, panes: [loss]}
  - id: apart
    do: show
    panes: [loss]
"""
NET_ES = """\
# Preguntas a una red
## Esquinas {#corners}
### Que acierte las cuatro. {#all-four}
> [!explain]
> Hecho.
## Forward {#forward}
### ¿Qué forma? {#shape}
## Loss {#loss}
### ¿Cuánto? {#guess}
## Step {#step}
### ¿Hacia dónde? {#way}
## Entrenar {#train}
## Aparte {#apart}
"""
ENGLISH = {  # as far as the tests look
    "Hecho": "Done",
    "Es {{value(g)}}, la mitad": "It is {{value(g)}}, half of it",
    "Nunca se ve": "Never seen",
}


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stage]:
    """Makes an app over one of the lessons above, with an engine that works in this process."""
    monkeypatch.delenv("DLTUTOR_LESSONS", raising=False)
    for name, text, prose in (("asking", GRAPH, GRAPH_ES), ("asking-net", NET, NET_ES)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lesson.yaml").write_text(text, "utf-8")
        (tmp_path / name / "es.md").write_text(prose, "utf-8")
        for spanish, english in ENGLISH.items():
            prose = prose.replace(spanish, english)
        (tmp_path / name / "en.md").write_text(prose, "utf-8")

    def make(name: str = "asking", engine: type[FakeEngine] | type[LocalEngine] = LocalEngine) -> Stage:
        return Stage(engine, tmp_path, name)

    return make


async def press(pilot: Pilot[str], *keys: str) -> None:
    for key in keys:
        send_key(pilot.app, key)
        await settle(pilot)


def said(stage: Stage, exercise: str) -> str:
    """What stands below an exercise, as Markdown."""
    (box,) = [box for box in stage.lesson.query(ExerciseBox) if box.name_of_exercise == exercise]
    return box.shown["feedback"]


def shown(stage: Stage) -> list[str]:
    """The exercises that are there to be read."""
    return [box.name_of_exercise for box in stage.lesson.query(ExerciseBox)]


def rows(stage: Stage) -> str:
    """All that is on the screen."""
    screen = stage.app.screen
    strips = screen._compositor.render_strips(screen.size)
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


# ---------------------------------------------------------------- number
async def test_a_number_is_answered_by_keyboard_and_the_space_key_works_again(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "5", "enter")
        assert stage.lesson.progress["value-g"].solved
        assert stage.lesson.focused is None
        await press(pilot, "space")
        assert stage.engine.said(m.Advance) == [m.Advance("op")]


@pytest.mark.parametrize("keys", [("enter",), ("tab",)])
async def test_enter_and_tab_lead_into_the_field_and_escape_out_of_it(lesson, keys) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, *keys)
        assert stage.lesson.focused is not None and stage.lesson.focused.has_class("answer")
        await press(pilot, "escape")
        assert stage.lesson.focused is None and stage.app.screen is stage.lesson


async def test_a_trap_has_its_own_message_and_what_is_right_is_no_trap(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "3", "enter")
        assert "Eso es solo $a$." in said(stage, "value-g")
        assert not stage.lesson.progress["value-g"].done
        await press(pilot, "backspace", "5", "enter")
        assert stage.lesson.progress["value-g"].solved
        assert "Nunca" not in said(stage, "value-g")


async def test_hints_come_one_by_one_also_from_inside_the_field(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "h")
        assert "Suma" in said(stage, "value-g") and "vale 2" not in said(stage, "value-g")
        await press(pilot, "enter", "h")
        assert "$h$ vale 2." in said(stage, "value-g")
        assert stage.lesson.query_one("AnswerField").value == ""


async def test_what_cannot_be_read_is_said_and_is_no_attempt(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "x", "enter")
        assert "no se puede leer como un número" in said(stage, "value-g")
        assert stage.lesson.progress["value-g"].attempts == 0


@pytest.mark.parametrize(("language", "text"), [("es", "Es 5, la mitad 2,5."), ("en", "It is 5, half of it 2.5.")])
async def test_the_explanation_comes_after_the_answer_in_the_learners_language(lesson, language, text) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        if language == "en":
            await press(pilot, "l")
        assert text not in said(stage, "value-g")
        await press(pilot, "enter", "5", "enter")
        assert text in said(stage, "value-g")


async def test_the_language_changes_what_is_said_already(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "5", "enter", "l")
        assert "half of it 2.5" in said(stage, "value-g")


async def test_the_solution_is_shown_on_request_after_asking_once(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "s")
        assert not stage.lesson.progress["value-g"].done
        assert "Pulsa s otra vez" in said(stage, "value-g")
        await press(pilot, "s")
        assert stage.lesson.progress["value-g"].given_up
        assert "5" in said(stage, "value-g")


async def test_the_next_exercise_comes_after_the_one_before_it(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert shown(stage) == ["value-g"]
        await press(pilot, "enter", "5", "enter")
        assert shown(stage) == ["value-g", "value-j"]


async def test_until_the_engine_has_answered_nothing_is_marked(lesson) -> None:
    stage = lesson(engine=FakeEngine)
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "a = \\ldots" in stage.lesson.query_one("LessonText").shown
        await press(pilot, "enter", "5", "enter")
        assert stage.lesson.progress == {}
        assert "calculando" in stage.line("happened")


async def test_what_was_answered_is_kept_while_the_tutor_runs(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        path = stage.lesson.path
        await press(pilot, "enter", "5", "enter", "escape")
        stage.app.open_lesson(path)
        await settle(pilot)
        assert stage.lesson.progress["value-g"].solved
        assert shown(stage) == ["value-g", "value-j"]


# ---------------------------------------------------------------- masks
async def test_what_is_asked_is_hidden_until_it_is_answered(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "space", "space", "space")
        assert "J = ?" in stage.line("phases")
        assert "-10" not in rows(stage) and "5.0" not in rows(stage)
        assert "g vale ?, y en código `{{value(g)}}`" in stage.lesson.query_one("LessonText").shown
        await press(pilot, "2")
        assert "-10" not in rows(stage) and "5.0" not in rows(stage)
        await press(pilot, "1", "enter", "5", "enter")
        assert "5.0" in rows(stage) and "-10" not in rows(stage)
        assert "g vale 5," in stage.lesson.query_one("LessonText").shown
        await press(pilot, "s", "s")
        assert "J = -10.0000" in stage.line("phases")


# ---------------------------------------------------------------- choice
async def test_an_option_is_chosen_by_its_number_or_by_arrows_and_space(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "n", "enter", "2", "enter")
        assert stage.lesson.progress["pick"].given == "is-g" and not stage.lesson.progress["pick"].solved
        await press(pilot, "up", "space", "enter")
        assert stage.lesson.progress["pick"].given == "is-c" and stage.lesson.progress["pick"].solved


async def test_what_is_chosen_of_several_options_is_marked(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "n", "enter", "1", "enter", "enter", "1", "3")
        await settle(pilot)
        assert rows(stage).count("[x]") == 2


async def test_conditions_are_tried_at_other_inputs_too(lesson) -> None:
    """`g > 0` holds in the lesson's own numbers, and not always."""
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "n", "enter", "1", "enter", "enter", "1", "3", "enter")
        assert not stage.lesson.progress["rule"].solved
        await press(pilot, "3", "enter")
        assert stage.lesson.progress["rule"].given == "twice"


# ---------------------------------------------------------------- the way of the lesson
async def test_who_stands_elsewhere_is_offered_a_way_back_and_enter_takes_it(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        assert "La lección continúa desde otro punto" in stage.line("happened")
        assert stage.engine.said(m.Stand) == []
        await press(pilot, "enter")
        assert stage.lesson.frame.moment.completed == ("forward",)
        assert "continúa" not in stage.line("happened")


async def test_escape_declines_the_offer_and_nothing_is_moved(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "escape")
        assert not stage.lesson.offer and stage.engine.said(m.Stand) == []
        assert stage.lesson.frame.moment.completed == ()


async def test_who_stands_where_the_lesson_stands_is_offered_nothing(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "space", "space", "space")
        assert "aquí acaba este paso" in stage.line("happened")
        await press(pilot, "n")
        assert not stage.lesson.offer


async def test_other_values_are_another_place(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        stage.lesson.send(m.Edit((m.Change("a", 7.0),)))
        await press(pilot, "space", "space", "space")
        assert "aquí acaba" not in stage.line("happened")
        await press(pilot, "n")
        assert stage.lesson.offer


async def test_an_edit_of_the_lesson_is_made_once_and_is_part_of_history(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "n", "n")
        assert stage.lesson.steps[stage.lesson.cursor].id == "edited"
        assert stage.engine.said(m.Edit) == [m.Edit((m.Change("b", -8.0),))]
        await press(pilot, "p", "n")
        assert len(stage.engine.said(m.Edit)) == 1
        await press(pilot, "escape", "backspace")
        assert stage.lesson.frame.redo.key == "command.edit"


async def test_another_experiment_is_opened_and_the_first_found_again_where_it_was(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "enter", "n", "enter")
        assert stage.lesson.steps[stage.lesson.cursor].id == "edited"
        await press(pilot, "space", "space")
        before = stage.lesson.frame
        assert len(stage.engine.said(m.Open)) == 1
        await press(pilot, "n")
        assert stage.lesson.part.graph.output == "y" and len(stage.engine.said(m.Open)) == 2
        assert not stage.lesson.offer
        await press(pilot, "n")
        after = stage.lesson.frame
        assert (after.moment, after.tensors) == (before.moment, before.tensors)


async def test_the_end_of_a_step_with_a_condition_is_seen(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        while stage.lesson.steps[stage.lesson.cursor].id != "train":
            await press(pilot, "n")
        await press(pilot, "escape")
        for _ in range(7):
            assert "aquí acaba" not in stage.line("happened") or stage.lesson.frame.moment.iteration >= 5
            await press(pilot, "space")
        assert stage.lesson.frame.moment.iteration >= 5
        assert "aquí acaba este paso" in stage.line("happened")


# ---------------------------------------------------------------- goal
async def test_a_goal_is_answered_the_moment_it_holds(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert not stage.lesson.progress
        stage.lesson.query_one("TensorsPane").post_message(_edited("linear2.bias", (0,), -1.0))
        await settle(pilot)
        assert stage.lesson.progress["all-four"].solved
        assert "Hecho." in said(stage, "all-four")


async def test_a_goal_is_reached_by_keys_alone(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "w", "minus", "1", "enter")  # w goes to what may be changed
        assert stage.lesson.progress["all-four"].solved


async def test_what_may_not_be_changed_is_not(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "w", "up", "5", "enter")
        assert stage.engine.said(m.Edit) == []
        assert "solo se cambia: linear2.bias[0]" in stage.line("happened")


async def test_training_does_not_count_as_reaching_a_goal_by_hand(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "i")
        stage.lesson.query_one("TensorsPane").post_message(_edited("linear2.bias", (0,), -1.0))
        await settle(pilot)
        assert stage.lesson.frame.metrics["train_accuracy"] == 1.0
        assert not stage.lesson.progress
        assert "pero entrenando" in said(stage, "all-four")


async def test_giving_up_a_goal_shows_the_way_and_makes_the_edit(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "s", "s")
        assert stage.lesson.progress["all-four"].given_up and not stage.lesson.progress["all-four"].solved
        assert stage.lesson.frame.metrics["train_accuracy"] == 1.0
        assert "linear2.bias[0] = -1" in said(stage, "all-four")


async def test_the_inputs_of_a_graph_that_trains_nothing_are_never_hidden(lesson) -> None:
    stage = lesson()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        asked = stage.lesson.exercises[0]
        stage.lesson.steps[0].ask[0] = asked.model_copy(update={"expect": "a + value(h)"})
        await press(pilot, "i", "i")
        assert stage.lesson.iterations_here > 0
        assert {name for name, _ in stage.lesson.masks.values} == {"h", "J"}  # and not a


# ---------------------------------------------------------------- shape and predict
async def test_a_shape_is_answered_and_its_mistakes_are_told(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "enter", "2", "x", "4", "enter")
        assert "traspuesto" in said(stage, "shape")
        await press(pilot, "backspace", "backspace", "backspace", "2", "enter")
        assert "Falta la dimensión del lote: entran 4" in said(stage, "shape")
        await press(pilot, "backspace", "4", "comma", "2", "enter")
        assert stage.lesson.progress["shape"].solved


@pytest.mark.parametrize("key", ["space", "o", "i", "e", "r", "right_square_bracket"])
async def test_the_step_waits_for_the_prediction(lesson, key) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "space", "n")
        assert not stage.lesson.offer
        before = len(stage.engine.commands)
        await press(pilot, key)
        kinds = (m.Advance, m.Run, m.Travel)
        assert not [each for each in stage.engine.commands[before:] if isinstance(each, kinds)]
        if key != "right_square_bracket":  # which has nothing to redo, and says so
            assert "tu predicción" in stage.line("happened")


async def test_after_the_prediction_the_step_runs_and_both_are_shown(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "space", "n", "enter", "0", "comma", "5", "enter")
        assert stage.lesson.frame.moment.completed == ("forward", "loss")
        loss = f"{stage.lesson.frame.loss:.4f}".replace(".", ",")
        assert "0,5" in said(stage, "guess") and loss in said(stage, "guess")
        assert stage.lesson.progress["guess"].done


async def test_a_prediction_that_was_wrong_is_answered_all_the_same(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "space", "n", "enter", "9", "enter")
        progress = stage.lesson.progress["guess"]
        assert progress.done and not progress.solved
        assert "Habías predicho: 9" in said(stage, "guess")


async def test_a_prediction_comes_out_for_who_has_gone_on_before_the_engine_could_say_so(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "space", "n", "enter", "0", "comma", "7")
        late, tell = [], stage.engine.send
        stage.engine.send = lambda command: late.append(command) if isinstance(command, m.Ask) else tell(command)
        await press(pilot, "enter", "space")
        assert stage.lesson.frame.moment.completed == ("forward", "loss", "backward")
        assert stage.lesson.progress["guess"].locked and late
        stage.engine.send = tell
        for question in late[-1:]:
            tell(question)
        await settle(pilot)
        assert stage.lesson.progress["guess"].done
        assert "Habías predicho: 0,7" in said(stage, "guess")


async def test_giving_a_prediction_up_frees_the_step(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "space", "n", "s", "s", "space")
        assert stage.lesson.frame.moment.completed == ("forward", "loss")


async def test_what_could_not_be_read_is_not_called_a_prediction(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "space", "n", "enter", "minus", "enter")
        assert "✗" in said(stage, "guess")
        await press(pilot, "escape", "s", "s")
        assert "Habías predicho" not in said(stage, "guess") and "Solución" in said(stage, "guess")


async def test_a_direction_is_that_from_before_the_step_to_after_it(lesson) -> None:
    stage = lesson("asking-net")
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "n", "space", "n", "s", "s", "space", "n", "enter", "1", "enter")
        (bias,) = [each for each in stage.lesson.frame.tensors if each.name == "linear2.bias"]
        assert bias.grad is not None and stage.lesson.progress["way"].locked
        rises = float(numbers(bias.grad)[0]) < 0
        await press(pilot, "space")
        assert stage.lesson.progress["way"].solved == rises
        assert ("sube" if rises else "baja") in said(stage, "way")


def _edited(name: str, index: tuple[int, ...], value: float) -> object:
    from tui.panes.tensors import TensorsPane

    return TensorsPane.Edited((m.Change(name, value, index),))
