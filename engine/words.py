"""Word catalogues: one TOML file of sentences per language, looked up by key and filled with values."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

LANGUAGES = ("es", "en")
Value = str | int | float


class Sentence(msgspec.Struct, frozen=True):
    """Something to tell a person, before it is known in which language: a key of a catalogue and its values."""

    key: str
    values: dict[str, Value] = {}


class Refused(Exception):
    """What was asked cannot be done, for a reason that `sentence` says in the person's language."""

    def __init__(self, key: str, **values: Value) -> None:
        self.sentence = Sentence(key, values)
        super().__init__(say(self.sentence, "en"))


class _Languages(dict[str, dict[str, str]]):
    """Language -> its sentences by key. Each is read when it is first spoken: the first frame waits for one only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        super().__init__()

    def __missing__(self, name: str) -> dict[str, str]:
        if name not in LANGUAGES:
            raise KeyError(name)
        self[name] = dict(_flatten(tomllib.loads((self._folder / f"{name}.toml").read_text("utf-8"))))
        return self[name]


class Catalogue:
    """The sentences of one package, from `FOLDER/es.toml` and `FOLDER/en.toml`; tables nest and keys join with dots."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.languages = _Languages(folder)

    def __contains__(self, key: object) -> bool:
        return key in self.languages[next(iter(self.languages), LANGUAGES[0])]

    def say(self, language: str, key: str, **values: Any) -> str:
        """The sentence `key` in `language`. Raises KeyError for a key or value that does not exist."""
        return self.languages[language][key].format(**values)


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


CATALOGUE = Catalogue(Path(__file__).with_name("words"))


def say(sentence: Sentence, language: str) -> str:
    """A sentence of the engine in `language` ("es" or "en")."""
    return CATALOGUE.say(language, sentence.key, **sentence.values)
