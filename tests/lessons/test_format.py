"""Everything that the lesson format names is understood: each key, each kind of exercise, each kind of experiment."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons.schema import Lesson
from tests.lessons.writing import GRAPH, NET, load_text, marked

EXERCISES = """\
      - {id: e-number, kind: number, expect: value(g), tol: {abs: 0.01, rel: 0.1}, traps: {swapped: grad(g)}}
      - {id: e-tensor, kind: tensor, expect: value(g), blank: [[0, 0]]}
      - {id: e-complete, kind: complete, column: value(g), then: sum(value(g))}
      - {id: e-shape, kind: shape, expect: shape(g)}
      - {id: e-predict, kind: predict, expect: delta(g), give: sign}
      - {id: e-expression, kind: expression, expect: a + 2 * b, vary: {a: [1, 9], b: [-3, 3]}}
      - {id: e-choice, kind: choice, answer_when: {two-c: 2*c == grad(b), one-c: c == grad(b)}}
      - {id: e-order, kind: order, lines: [forward, loss, backward], before: [[0, 1], [1, 2]]}
      - {id: e-match, kind: match, pairs: {h: twice, g: plus}}
      - {id: e-fill, kind: fill, line: backward}
      - {id: e-goal, kind: goal, edit: [b], reach: value(J) >= 1.0, within: 10, witness: {b: -8}}
      - {id: e-never, kind: goal, edit: [b], reach: value(b) > value(b) + 1, impossible: true, answer: why}
      - {id: e-outcome, kind: outcome, expect: 'reshape(a, 2, 3)'}
      - {id: e-think, kind: think}
"""
ANSWERS = """
### n {#e-number}
> [!trap swapped]
> No.

### t {#e-tensor}
### c {#e-complete}
### s {#e-shape}
### p {#e-predict}
### e {#e-expression}
### c {#e-choice}
- [two-c] Dos veces c
- [one-c] c

### o {#e-order}
### m {#e-match}
- [h] h
- [g] g
- [twice] Dos veces
- [plus] Suma

### f {#e-fill}
### g {#e-goal}
### n {#e-never}
- [why] Porque sí

### o {#e-outcome}
### t {#e-think}
"""


def test_every_kind_of_exercise_is_understood(tmp_path: Path) -> None:
    start = GRAPH.index("    ask:")
    text = GRAPH[:start] + "    ask:\n" + EXERCISES + GRAPH[GRAPH.index("  - id: second") :]
    prose = "# T\n\n## A {#first}\n" + ANSWERS + "\n## B {#second}\n"
    loaded = load_text(tmp_path, text, es=prose, en=prose)
    assert loaded.findings == ()
    assert loaded.lesson is not None
    assert len({type(each) for each in loaded.lesson.steps[0].ask}) == 13


SPOT = """\
    ask:
      - {id: e-spot, kind: spot, mutation: drop_zero_grad}
      - {id: e-fill, kind: fill, line: linear1.forward}
"""


def test_the_wrong_line_of_a_net_may_be_asked(tmp_path: Path) -> None:
    text = NET.replace("  params:", "  mutation: drop_zero_grad\n  params:") + SPOT
    prose = "# T\n\n## A {#first}\n### s {#e-spot}\n### f {#e-fill}\n"
    loaded = load_text(tmp_path, text, es=prose)
    assert loaded.findings == ()
    assert loaded.lesson is not None and [each.kind for each in loaded.lesson.steps[0].ask] == ["spot", "fill"]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("mutation: drop_zero_grad}", "mutation: «ascent_sign}", "lesson.other_mutation"),
        ("line: linear1.forward", "line: «linear3", "lesson.no_line"),
        ("line: linear1.forward", "line: «epochs", "lesson.no_line"),
        ("line: linear1.forward", "line: «zero_grad", "lesson.no_line"),
    ],
)
def test_what_cannot_be_asked_of_a_script_is_a_finding(tmp_path: Path, old: str, new: str, key: str) -> None:
    text = NET.replace("  params:", "  mutation: drop_zero_grad\n  params:") + SPOT
    text, line, column = marked(text.replace(old, new))
    prose = "# T\n\n## A {#first}\n### s {#e-spot}\n### f {#e-fill}\n"
    found = load_text(tmp_path, text, es=prose).findings
    assert [(each.sentence.key, each.line, each.column) for each in found] == [(key, line, column)]


@pytest.mark.parametrize(
    "changes",
    [
        {"{kind: sgd, lr: 0.1}": "{kind: sgd, lr: 0.1, momentum: 0.9, nesterov: true, weight_decay: 1e-4}"},
        {"{kind: sgd, lr: 0.1}": "{kind: adam}"},
        {"{kind: sgd, lr: 0.1}": "{rule: random_search}"},
        {"size: 2, order: shuffle": "size: all, order: random"},
        {"  params:": "  epochs: 100\n  seed: 3\n  init: {kind: xavier, scale: 2}\n  params:"},
        {"kind: tanh": "kind: batchnorm"},
        {"loss: bce_logits": "loss: perceptron"},
        {"[[0, 0], [0, 1], [1, 0], [1, 1]]": "[0, 1, 2, 3]", "loss: bce_logits": "loss: mse"},
        {"out: 1}": "out: 2}", "loss: bce_logits": "loss: cross_entropy"},
    ],
    ids=str,
)
def test_every_part_of_a_net_is_understood(tmp_path: Path, changes: dict[str, str]) -> None:
    text = NET
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    assert load_text(tmp_path, text).findings == ()


def test_a_graph_may_train_its_inputs(tmp_path: Path) -> None:
    text = GRAPH.replace("{a: 3,", "{a: {value: 3, dtype: float64},")
    text = text.replace("  output: J", "  parameters: [a]\n  optimizer: {kind: sgd, lr: 0.1}")
    text = text.replace("    do: backward\n    until: g", "    set: {lr: 0.5, b: -8}\n    do: step\n    times: 3")
    assert load_text(tmp_path, text).findings == ()


def test_inner_operations_and_parameters_are_named_in_texts(tmp_path: Path) -> None:
    text = GRAPH.replace("h: 2 * b", "h: 2 * b + 1").replace("expect: value(g)", "expect: 'value(\"h.1\")'")
    assert load_text(tmp_path / "graph", text).findings == ()
    net = NET.replace("train_loss < 0.05", "'grad(\"linear1.weight\")[0, 1] < 0.05'")
    assert load_text(tmp_path / "net", net).findings == ()


def test_a_step_without_use_stays_with_the_experiment_before_it(tmp_path: Path) -> None:
    start, end = GRAPH.index("experiment:"), GRAPH.index("steps:")
    other = "  other: {kind: graph, inputs: {z: 1}, nodes: {y: 2 * z}}\n"
    main = "  main:\n" + "".join(f"  {line}\n" for line in GRAPH[start:end].split("\n")[1:])
    steps = (
        GRAPH[end:] + "  - {id: third, use: other, do: backward, until: y}\n  - {id: fourth, do: forward, until: y}\n"
    )
    prose = "\n## C {#third}\n\n{{value(z)}}\n\n## D {#fourth}\n\n{{value(z)}}\n"
    from tests.lessons.writing import PROSE

    loaded = load_text(
        tmp_path, GRAPH[:start] + "experiments:\n" + main + other + steps, es=PROSE + prose, en=PROSE + prose
    )
    assert loaded.findings == ()
    assert isinstance(loaded.lesson, Lesson)
    assert [loaded.lesson.used_at(index) for index in range(4)] == ["main", "main", "other", "other"]
