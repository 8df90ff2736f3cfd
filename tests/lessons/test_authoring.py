"""docs/authoring.md: every example works, every key, kind, function and limit has one, and its tables are true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from engine import expression, spec
from engine.expression import Call, Name, parse, walk
from engine.operations import FUNCTIONS
from lessons import catalog, course, exercises, schema, source, strict_yaml
from lessons.findings import render
from lessons.loader import load
from lessons.rehearsal import rehearse
from lessons.schema import Lesson
from tests.lessons.authoring import PAGE, Example, examples, prose, write

ALL = examples()
LESSONS = [each for each in ALL if "units" not in each.data]
WORKING = [each for each in LESSONS if each.refused is None]
LATER = "E310"  # what the engine does not have yet: the page says that `check` says so
TEXT = PAGE.read_text("utf-8")


def line(example: Example) -> str:
    return f"line-{example.line}"


@pytest.mark.parametrize("example", WORKING, ids=line)
def test_an_example_loads_without_a_finding_and_can_be_gone_through(example: Example, tmp_path: Path) -> None:
    loaded = load(write(example, tmp_path))
    assert [render(each, "en") for each in loaded.findings if each.code != LATER] == []
    assert loaded.lesson is not None
    found = [each for each in rehearse(loaded) if each.code != LATER and each.severity == "error"]
    assert [render(each, "en") for each in found] == []


@pytest.mark.parametrize("example", [each for each in LESSONS if each.refused], ids=line)
def test_a_mistake_of_the_page_has_the_code_that_it_names(example: Example, tmp_path: Path) -> None:
    found = load(write(example, tmp_path)).findings
    assert {each.code for each in found} == {example.refused}


def test_the_courses_of_the_page_have_units(tmp_path: Path) -> None:
    (example,) = (each for each in ALL if "units" in each.data)
    (tmp_path / course.FILE).write_text(example.yaml, "utf-8")
    units, findings = course.read(tmp_path)
    assert ([unit.id for unit in units], findings) == (["spring", "extras"], [])
    assert catalog.units([tmp_path])[-3].titles == {"es": "Curso de primavera", "en": "Spring course"}


# ---------------------------------------------------------------- completeness
@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> list[Lesson]:
    folder = tmp_path_factory.mktemp("examples")
    found = (load(write(each, folder / str(each.line))).lesson for each in WORKING)
    return [each for each in found if each is not None]


def records(value: Any) -> Iterator[BaseModel]:
    """Every record in a lesson."""
    if isinstance(value, BaseModel):
        yield value
        value = {name: getattr(value, name) for name in value.model_fields_set}
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from records(each)


def models() -> Iterator[type[BaseModel]]:
    for module in (spec, exercises, schema):
        for each in vars(module).values():
            if isinstance(each, type) and issubclass(each, spec.Spec) and each not in (spec.Spec, exercises.Asked):
                yield each


def test_every_key_of_every_record_has_an_example(lessons: list[Lesson]) -> None:
    shown = {(type(each), name) for lesson in lessons for each in records(lesson) for name in each.model_fields_set}
    shared = set(exercises.Asked.model_fields) | {"tol", "traps"}  # the same wherever they stand
    missing = [
        f"{model.__name__}.{name}"
        for model in set(models())
        for name in model.model_fields
        if (model, name) not in shown and not (issubclass(model, exercises.Asked) and name in shared)
    ]
    assert missing == []
    assert shared <= {name for model, name in shown if issubclass(model, exercises.Asked)}


def test_every_word_that_a_key_can_be_has_an_example(lessons: list[Lesson]) -> None:
    shown = {
        (type(each), name, word)
        for lesson in lessons
        for each in records(lesson)
        for name in each.model_fields_set
        for word in listed(getattr(each, name))
    }
    missing = [
        f"{model.__name__}.{name}: {word}"
        for model in set(models())
        for name, field in model.model_fields.items()
        for word in literals(field.annotation)
        if isinstance(word, str) and (model, name, word) not in shown
    ]
    assert missing == ["Lesson.languages: es"]  # the examples are in English


def listed(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def literals(kind: Any) -> Iterator[Any]:
    for part in get_args(kind):
        if isinstance(part, str | int):
            yield part
        elif not (isinstance(part, type) and issubclass(part, BaseModel)):
            yield from literals(part)


def test_every_function_of_expressions_has_an_example(lessons: list[Lesson]) -> None:
    used: set[str] = set()
    for text in expressions(lessons):
        for part in walk(parse(text, queries=True)):
            used |= {part.op} if isinstance(part, Call) else {part.name} if isinstance(part, Name) else set()
    assert {*FUNCTIONS, *expression.QUERIES, *expression.METRICS} - used == set()


def expressions(lessons: list[Lesson]) -> Iterator[str]:
    """All that stand in the examples, in YAML and in text."""
    for lesson in lessons:
        for each in records(lesson):
            if isinstance(each, spec.Graph):
                yield from each.nodes.values()
            for name in ("expect", "column", "then", "reach"):
                if isinstance(text := getattr(each, name, None), str):
                    yield text
    for example in WORKING:
        yield from re.findall(r"\{\{([^}]+)\}\}", re.sub(r"```.*?```", "", prose(example), flags=re.S))


# ---------------------------------------------------------------- limits
LIMITS = {
    "layers of a net": spec.MAX_LAYERS,
    "units of a layer": spec.MAX_UNITS,
    "parameters": spec.MAX_PARAMETERS,
    "samples": spec.MAX_SAMPLES,
    "nodes of a graph": spec.MAX_NODES,
    "characters of an expression": spec.MAX_EXPRESSION,
    "operations inside one another": spec.MAX_EXPRESSION_DEPTH,
    "KiB of a file": source.MAX_BYTES // 1024,
    "depth of YAML": strict_yaml.MAX_DEPTH,
    "values in a YAML file": strict_yaml.MAX_VALUES,
    "options of a choice": 8,
    "lines of an order": 12,
}
HEAD = "format: 1\nid: beyond\nlanguages: [en]\n"
ONE = "experiment: {kind: graph, inputs: {x: 1}, nodes: {y: 2 * x}}\n"
STEP = "steps: [{id: step, do: forward, panes: [graph]}]\n"


def net(data: str = "{kind: xor, n: 20}", layers: str = "[{name: z, kind: linear, out: 1}]") -> str:
    return f"{HEAD}experiment:\n  kind: net\n  data: {data}\n  layers: {layers}\n  loss: bce_logits\n{STEP}"


def layers(count: int, units: int = 1) -> str:
    return f"[{', '.join(f'{{name: l{number}, kind: linear, out: {units}}}' for number in range(count))}]"


def nodes(count: int) -> str:
    named = "".join(f"    n{number}: 2 * x\n" for number in range(count))
    return f"{HEAD}experiment:\n  kind: graph\n  inputs: {{x: 1}}\n  nodes:\n{named}{STEP}"


def asking(exercise: str, expect: str = "1") -> str:
    exercise = exercise.replace("EXPECT", f"'{expect}'")
    return f"{HEAD}{ONE}steps: [{{id: step, do: forward, panes: [graph], ask: [{exercise}]}}]\n"


def number(expect: str) -> str:
    return asking("{id: ask, kind: number, expect: EXPECT}", expect)


# What is limited -> a lesson that has so many of it, and no more.
LARGEST = {
    "layers of a net": lambda n: net(layers=layers(n)),
    "units of a layer": lambda n: net(layers=f"{layers(1, n)[:-1]}, {{name: z, kind: linear, out: 1}}]"),
    "samples": lambda n: net(data=f"{{kind: xor, n: {n}}}"),
    "nodes of a graph": nodes,
    "characters of an expression": lambda n: number("1".ljust(n)),
    "operations inside one another": lambda n: number("-" * n + "x"),
    "options of a choice": lambda n: asking(
        f"{{id: ask, kind: choice, options: [{', '.join(f'o{each}' for each in range(n))}], answer: o0}}"
    ),
    "lines of an order": lambda n: asking(
        f"{{id: ask, kind: order, lines: [{', '.join(f'l{each}' for each in range(n))}]}}"
    ),
    "KiB of a file": lambda n: number("1") + f"# {'x' * (n * 1024 - len(number('1')) - 2)}",
}


def test_the_table_of_limits_is_true() -> None:
    table = TEXT[TEXT.index("## Limits") : TEXT.index("## Mistakes")]
    rows = dict(re.findall(r"^\| ([^|]+?)(?:, [^|]*)? \| (\d+) \|$", table, re.M))
    assert {name: int(limit) for name, limit in rows.items()} == LIMITS


@pytest.mark.parametrize("name", LARGEST)
def test_a_limit_is_reached_and_not_passed(name: str, tmp_path: Path) -> None:
    def findings(size: int) -> list[str]:
        text = LARGEST[name](size)
        (tmp_path / "lesson.yaml").write_text(text, "utf-8")
        heading = "\n## Words {#step}\n" + ("\n### Ask {#ask}\n" if "{id: ask" in text else "")
        options = "".join(f"- [o{each}] Text\n" for each in range(size)) if "kind: choice" in text else ""
        (tmp_path / "en.md").write_text(f"# T\n{heading}{options}", "utf-8")
        return [each.code for each in load(tmp_path).findings]

    limit = LIMITS[name]
    assert findings(limit) == []
    assert findings(limit + 1) != []
