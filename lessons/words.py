"""The sentences about lessons, in the person's language, and the engine's that reach people through lessons."""

from __future__ import annotations

from pathlib import Path

from engine import words
from engine.words import Catalogue, Sentence, Value

CATALOGUE = Catalogue(Path(__file__).with_name("words"))


class Refused(words.Refused):
    """What was asked of the lessons cannot be done; `sentence` is one of ours."""

    def __init__(self, key: str, **values: Value) -> None:
        self.sentence = Sentence(key, values)
        Exception.__init__(self, say(self.sentence, "en"))


def say(sentence: Sentence, language: str) -> str:
    """A sentence of the lessons or of the engine, in `language` ("es" or "en")."""
    catalogue = CATALOGUE if sentence.key in CATALOGUE else words.CATALOGUE
    return catalogue.say(language, sentence.key, **sentence.values)
