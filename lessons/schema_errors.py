"""What pydantic refuses, told to people: one finding per mistake, at its place, with the way out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from engine.words import Sentence, Value
from lessons.codes import CODES
from lessons.findings import Finding, nearest, suggest
from lessons.schema import Lesson
from lessons.strict_yaml import Document, Path

_LONGEST_VALUE = 50
_MOST = 500  # mistakes that are looked at
# pydantic's name of a type error -> the kind of value that was wanted
_WANTED = {
    "int_type": "whole", "int_from_float": "whole", "float_type": "number", "bool_type": "boolean",
    "string_type": "text", "list_type": "list",
    "dict_type": "mapping", "model_type": "mapping", "model_attributes_type": "mapping",
}  # fmt: skip
# several kinds of value that one place takes -> how that is said
_TOGETHER = (({"list", "number"}, "values"), ({"list", "text"}, "text_or_list"), ({"number", "whole"}, "number"))
_LIMITS = {
    "greater_than": ("limit.above", "gt"),
    "greater_than_equal": ("limit.at_least", "ge"),
    "less_than": ("limit.below", "lt"),
    "less_than_equal": ("limit.at_most", "le"),
    "finite_number": ("limit.finite", ""),
    "too_long": ("length.at_most", "max_length"),
    "string_too_long": ("length.at_most", "max_length"),
    "too_short": ("length.at_least", "min_length"),
    "string_too_short": ("length.at_least", "min_length"),
}


@dataclass(frozen=True)
class _Mistake:
    """One of pydantic's errors, found again in the data. `models`: the records that could stand around it."""

    path: Path
    value: Any
    kind: str
    last: str  # the last word of pydantic's own location
    context: dict[str, Any]
    message: str
    models: tuple[type[BaseModel], ...]

    @property
    def wanted(self) -> str | None:
        return _WANTED.get(self.kind)

    @property
    def where(self) -> str:
        """`steps[0].id`"""
        words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return words.lstrip(".") or "lesson"


def findings(error: ValidationError, document: Document) -> list[Finding]:
    """Every mistake once, in the order of the file."""
    errors = error.errors(include_url=False)[:_MOST]
    mistakes = _without_consequences([_locate(each, document.data) for each in errors])
    groups: dict[Path, list[_Mistake]] = {}
    for mistake in mistakes:
        extra = (f"{mistake.last}\0missing",) if mistake.kind == "missing" else ()
        groups.setdefault((*mistake.path, *extra), []).append(mistake)
    holders = {path[:length] for path in groups for length in range(len(path))}
    found = [
        _finding(group, document)
        for path, group in groups.items()
        # A value is also called of a wrong type where a deeper mistake made its right type fail.
        if path not in holders or not all(each.wanted for each in group)
    ]
    return sorted(found, key=lambda each: each.order)


# ---------------------------------------------------------------- from pydantic's locations to places
def _locate(error: Any, data: Any) -> _Mistake:
    """Walks pydantic's location through the data; words that are not in the data name a branch of a union."""
    path: Path = ()
    types: list[Any] = [Lesson]
    holders: tuple[type[BaseModel], ...] = ()
    for part in error["loc"]:
        here = (isinstance(data, dict) and part in data) or (isinstance(data, list) and part in range(len(data)))
        if not here:
            types = [each for each in types if _is_branch(each, part)] or types
            continue
        holders = tuple(each for each in types if _is_model(each))
        types = [inner for each in types for inner in _inner(each, part)]
        path, data = (*path, part), data[part]
    models = holders if error["type"] == "extra_forbidden" else tuple(each for each in types if _is_model(each))
    last = str(error["loc"][-1]) if error["loc"] else ""
    return _Mistake(path, data, error["type"], last, error.get("ctx", {}), error["msg"], models)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_branch(kind: Any, word: Any) -> bool:
    if not _is_model(kind):
        return False
    tag = kind.model_fields.get("kind")
    return kind.__name__ == word or (tag is not None and word in get_args(tag.annotation))


def _inner(kind: Any, part: str | int) -> list[Any]:
    """The types that may stand at `part` of a value of type `kind`."""
    if _is_model(kind):
        return _members(kind.model_fields[part].annotation) if part in kind.model_fields else []
    arguments = get_args(kind)
    if (get_origin(kind) is list and isinstance(part, int)) or (get_origin(kind) is dict and isinstance(part, str)):
        return _members(arguments[-1])
    return []


def _members(kind: Any) -> list[Any]:
    """The branches of a union, without annotations."""
    if get_origin(kind) is Annotated:
        return _members(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return [member for each in get_args(kind) for member in _members(each)]
    return [kind]


# ---------------------------------------------------------------- one message per mistake
def _without_consequences(mistakes: list[_Mistake]) -> list[_Mistake]:
    """A misspelt key is not also a missing one."""
    unknown = [each for each in mistakes if each.kind == "extra_forbidden"]

    def misspelt(missing: _Mistake) -> bool:
        return any(each.path[:-1] == missing.path and nearest(each.last, [missing.last]) for each in unknown)

    return [each for each in mistakes if each.kind != "missing" or not misspelt(each)]


def _finding(group: Sequence[_Mistake], document: Document) -> Finding:
    mistake = next((each for each in group if not each.wanted), group[0])
    place = document.value(mistake.path)
    sentence, hint = _say(mistake, group)
    if mistake.kind in ("extra_forbidden", "missing") or mistake.last == "[key]":
        place = document.key(mistake.path)
    elif mistake.kind == "union_tag_invalid":
        place = document.value((*mistake.path, "kind"))
    return document.source.told(place, sentence, hint)


def _say(mistake: _Mistake, group: Sequence[_Mistake]) -> tuple[Sentence, Sentence | None]:
    where, given = mistake.where, _written(mistake.value)
    if mistake.kind == "extra_forbidden":
        return Sentence("schema.unknown_key", {"name": mistake.last}), _hint_unknown(mistake)
    if mistake.kind == "missing":
        return Sentence("schema.missing_key", {"where": where, "name": mistake.last}), None
    if mistake.kind == "union_tag_not_found":
        return Sentence("schema.missing_key", {"where": where, "name": "kind"}), suggest("", _kinds(mistake))
    if mistake.kind in ("literal_error", "union_tag_invalid"):
        return _say_choice(mistake, group)
    if mistake.kind == "string_pattern_mismatch":
        key = "schema.name" if r"\w" in mistake.context["pattern"] else "schema.id"
        return Sentence(key, {"name": str(mistake.path[-1]) if mistake.last == "[key]" else str(mistake.value)}), None
    if mistake.kind in _LIMITS:
        key, name = _LIMITS[mistake.kind]
        limit: Value = mistake.context.get(name, "")
        if isinstance(limit, float) and limit.is_integer():
            limit = int(limit)
        return Sentence(f"schema.{key}", {"where": where, "limit": limit, "given": given}), None
    if mistake.wanted:
        return Sentence(f"schema.type.{_together(group)}", {"where": where, "given": given}), _hint_type(mistake)
    if f"schema.rule.{mistake.kind}" in CODES:
        return Sentence(f"schema.rule.{mistake.kind}", {"where": where}), None
    return Sentence("schema.other", {"where": where, "message": mistake.message}), None


def _say_choice(mistake: _Mistake, group: Sequence[_Mistake]) -> tuple[Sentence, Sentence | None]:
    expected = str(mistake.context.get("expected") or mistake.context.get("expected_tags"))
    known = re.findall(r"'([^']*)'", expected) or [expected]
    value = mistake.context.get("tag", mistake.value)
    where = mistake.where + (".kind" if "tag" in mistake.context else "")
    values: dict[str, Value] = {"where": where, "given": _written(value), "known": ", ".join(known)}
    near = nearest(str(value), known)
    hint = Sentence("hint.meant", {"word": near}) if near else None
    return Sentence("schema.whole_or" if any(each.wanted for each in group) else "schema.not_one_of", values), hint


def _together(group: Sequence[_Mistake]) -> str:
    wanted = [each.wanted for each in group if each.wanted]
    for kinds, name in _TOGETHER:
        if kinds <= set(wanted):
            return name
    return wanted[0]


def _kinds(mistake: _Mistake) -> list[str]:
    fields = [each.model_fields["kind"] for each in mistake.models if "kind" in each.model_fields]
    return [word for each in fields for word in get_args(each.annotation)]


def _hint_unknown(mistake: _Mistake) -> Sentence | None:
    if mistake.value is None and mistake.last.isdigit():
        return Sentence("hint.comma_in_braces")
    known = sorted({name for model in mistake.models for name in model.model_fields})
    return suggest(mistake.last, known)


def _hint_type(mistake: _Mistake) -> Sentence | None:
    text = mistake.value
    if isinstance(text, str) and re.fullmatch(r"[-+]?\d+,\d+", text):
        return Sentence("hint.comma", {"number": text.replace(",", ".")})
    if mistake.wanted == "text" and isinstance(text, int | float):
        return Sentence("hint.quotes", {"text": _written(text)})
    if mistake.wanted == "boolean" and str(text).lower() in ("yes", "no", "on", "off"):
        return Sentence("hint.true_false")
    return None


def _written(value: Any) -> str:
    """The value as it could be written, cut when it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
