"""The JSON Schema of lesson.yaml, for editors: what the records say, with a description of every key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from lessons.schema import Lesson

_KEYS = Path(__file__).with_name("keys.toml")
_EXERCISE = "Asked"  # the table of what all exercises have
# Records of which exactly one of some keys is given. (pydantic checks it, but does not write it into the schema.)
_EITHER = {
    "Lesson": ("experiment", "experiments"),
    "Optimizer": ("kind", "rule"),
    "AskChoice": ("answer", "answer_when"),
}
# In Python \w means letters of all scripts, in an editor's JavaScript those of English alone.
_WORD = {r"^[^\W\d]\w*$": "^[A-Za-z_\u00aa-\uffff][0-9A-Za-z_\u00aa-\uffff]*$"}
_NOISE = ("title", "discriminator")  # what pydantic adds, and no editor needs


def json_schema() -> dict[str, Any]:
    """The schema as plain data, in the dialect of 2020-12 without what draft 7 lacks but `$defs`."""
    found = Lesson.model_json_schema()
    records = found.pop("$defs")
    described = {name: _record(name, record, _descriptions()) for name, record in records.items()}
    lesson = _record("Lesson", found, _descriptions())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lesson.yaml",
        **_cleaned(lesson),
        "$defs": {name: _cleaned(record) for name, record in described.items()},
    }


def _descriptions() -> dict[str, dict[str, str]]:
    return tomllib.loads(_KEYS.read_text("utf-8"))


def _record(name: str, record: dict[str, Any], told: dict[str, dict[str, str]]) -> dict[str, Any]:
    """One record, its keys described. Raises KeyError for one that nothing is said about."""
    own = {**(told[_EXERCISE] if name.startswith("Ask") else {}), **told[name]}
    properties = {key: {**value, "description": own[key]} for key, value in record["properties"].items()}
    either = {"oneOf": [{"required": [key]} for key in _EITHER[name]]} if name in _EITHER else {}
    return {**record, "properties": properties, **either}


def _cleaned(value: Any) -> Any:
    """Without noise; names in any script; no keys but those that a pattern allows."""
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _cleaned(each) for key, each in value.items() if not _is_noise(key, each)}
    if "pattern" in kept and isinstance(kept["pattern"], str):
        kept["pattern"] = _WORD.get(kept["pattern"], kept["pattern"])
    if "patternProperties" in kept:
        named = kept["patternProperties"].items()
        kept |= {"patternProperties": {_WORD.get(key, key): each for key, each in named}, "additionalProperties": False}
    return kept


def _is_noise(key: str, value: Any) -> bool:
    """`title` is also a word that a key may bear: then it has a schema, and is none of pydantic's texts."""
    return (key in _NOISE and not (key == "title" and isinstance(value, dict))) or (key == "default" and value is None)
