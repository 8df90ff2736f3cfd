"""The JSON Schema for editors: it takes what the tutor takes, refuses what it refuses, and explains every key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from lessons import catalog, strict_yaml
from lessons.json_schema import json_schema
from lessons.schema import Lesson
from lessons.source import Source
from tests.lessons.authoring import examples, lesson
from tests.lessons.writing import GRAPH, NET

SCHEMA = json_schema()
GOOD = {
    **{entry.id: (entry.path / "lesson.yaml").read_text("utf-8") for entry in catalog.entries()},
    **{f"line-{each.line}": lesson(each) for each in examples() if "units" not in each.data and not each.refused},
}
BAD = {
    "unknown key": GRAPH.replace("    by: op", "    bye: op"),
    "no steps": GRAPH[: GRAPH.index("steps:")],
    "no experiment": GRAPH.replace(GRAPH[GRAPH.index("experiment:") : GRAPH.index("steps:")], ""),
    "two experiments": GRAPH + "experiments: {other: {kind: graph, inputs: {x: 1}, nodes: {y: x}}}\n",
    "another format": GRAPH.replace("format: 1", "format: 2"),
    "a large id": GRAPH.replace("id: try-me", "id: Try-Me"),
    "text for a number": GRAPH.replace("minutes: 5", "minutes: five"),
    "too long a lesson": GRAPH.replace("minutes: 5", "minutes: 1000"),
    "an unknown pane": GRAPH.replace("[graph, code]", "[graph, codes]"),
    "an unknown kind of exercise": GRAPH.replace("kind: number", "kind: numbers"),
    "a choice without an answer": GRAPH.replace(", answer: two", ""),
    "one option": GRAPH.replace("[one, two]", "[two]"),
    "a name that is none": GRAPH.replace("    h: 2 * b", "    2h: 2 * b"),
    "an unknown layer": NET.replace("kind: tanh", "kind: tan"),
    "an optimizer twice": NET.replace("{kind: sgd, lr: 0.1}", "{kind: sgd, rule: perceptron}"),
    "a rate of nothing": NET.replace("lr: 0.1", "lr: 0"),
    "a batch of nothing": NET.replace("size: 2", "size: 0"),
    "too many layers": NET.replace("    - {name: act, kind: tanh}\n", "    - {name: act, kind: tanh}\n" * 30),
}


def read(text: str) -> Any:
    document = strict_yaml.read(Source("lesson.yaml", text))
    assert document.findings == []
    return document.data


# ---------------------------------------------------------------- a validator for what the schema uses
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
KNOWN = {
    "$ref", "anyOf", "oneOf", "type", "const", "enum", "properties", "required", "additionalProperties",
    "patternProperties", "propertyNames", "minProperties", "maxProperties", "items", "minItems", "maxItems",
    "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
}  # fmt: skip
SILENT = {"$schema", "$defs", "title", "description", "default"}


def valid(value: Any, schema: Any) -> bool:
    """Whether the schema takes the value."""
    if isinstance(schema, bool):
        return schema
    unknown = set(schema) - KNOWN - SILENT
    assert not unknown, f"the validator does not know {unknown}"
    return all(holds(value, schema, word) for word in schema if word in KNOWN)


def holds(value: Any, schema: dict[str, Any], word: str) -> bool:
    said = schema[word]
    size = len(value) if isinstance(value, str | list | dict) else 0
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match word:
        case "$ref":
            return valid(value, SCHEMA["$defs"][said.removeprefix("#/$defs/")])
        case "anyOf":
            return any(valid(value, each) for each in said)
        case "oneOf":
            return sum(valid(value, each) for each in said) == 1
        case "type":
            return isinstance(value, TYPES[said]) and (not isinstance(value, bool) or said == "boolean")
        case "const":
            return type(value) is type(said) and value == said
        case "enum":
            return value in said
        case "required":
            return not isinstance(value, dict) or set(said) <= set(value)
        case "properties" | "patternProperties" | "additionalProperties" | "propertyNames":
            return not isinstance(value, dict) or keys_hold(value, schema, word)
        case "items":
            return not isinstance(value, list) or all(valid(each, said) for each in value)
        case "minProperties":
            return not isinstance(value, dict) or size >= said
        case "maxProperties":
            return not isinstance(value, dict) or size <= said
        case "minItems":
            return not isinstance(value, list) or size >= said
        case "maxItems":
            return not isinstance(value, list) or size <= said
        case "minLength":
            return not isinstance(value, str) or size >= said
        case "maxLength":
            return not isinstance(value, str) or size <= said
        case "pattern":
            return not isinstance(value, str) or re.search(said, value) is not None
        case "minimum":
            return not is_number or value >= said
        case "maximum":
            return not is_number or value <= said
        case "exclusiveMinimum":
            return not is_number or value > said
        case _:
            return not is_number or value < said


def keys_hold(value: dict[str, Any], schema: dict[str, Any], word: str) -> bool:
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    if word == "propertyNames":
        return all(valid(key, schema[word]) for key in value)
    if word == "properties":
        return all(valid(each, named[key]) for key, each in value.items() if key in named)
    if word == "patternProperties":
        return all(
            valid(each, said) for key, each in value.items() for name, said in patterns.items() if re.search(name, key)
        )
    others = (key for key in value if key not in named and not any(re.search(name, key) for name in patterns))
    return all(valid(value[key], schema[word]) for key in others)


# ---------------------------------------------------------------- what it takes
@pytest.mark.parametrize("name", GOOD)
def test_it_takes_every_lesson_that_loads(name: str) -> None:
    data = read(GOOD[name])
    Lesson.model_validate(data)
    assert valid(data, SCHEMA)


@pytest.mark.parametrize("name", BAD)
def test_it_refuses_what_the_tutor_refuses(name: str) -> None:
    data = read(BAD[name])
    with pytest.raises(ValidationError):
        Lesson.model_validate(data)
    assert not valid(data, SCHEMA)


@pytest.mark.parametrize("name", ["W1", "ñu", "_", "σ", "été"])
def test_names_may_be_of_any_script(name: str) -> None:
    assert valid(read(GRAPH.replace("    h: 2 * b", f"    {name}: 2 * b")), SCHEMA)


# ---------------------------------------------------------------- what it says
def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for each in schema.values():
            yield from objects(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from objects(each)


def test_every_key_of_every_record_is_described() -> None:
    found = list(objects(SCHEMA))
    assert len(found) == 1 + len(SCHEMA["$defs"])
    for record in found:
        for key, value in record["properties"].items():
            assert re.fullmatch(r"[A-Z0-9`].{8,}[.:]?", value["description"]), key


def test_no_description_is_left_of_a_key_that_is_gone() -> None:
    import tomllib

    from lessons import json_schema as module

    told = tomllib.loads(module._KEYS.read_text("utf-8"))
    records = {"Lesson": SCHEMA, **SCHEMA["$defs"]}
    shared = {key for name, record in records.items() if name.startswith("Ask") for key in record["properties"]}
    assert set(told.pop("Asked")) <= shared
    assert {name: set(keys) - set(records[name]["properties"]) for name, keys in told.items()} == {
        name: set() for name in told
    }


def test_it_is_plain_json() -> None:
    import json

    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert yaml.safe_load(json.dumps(SCHEMA)) == SCHEMA
