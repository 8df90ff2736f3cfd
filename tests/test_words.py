"""The word catalogues: both languages know the same sentences, with the same places for values."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from engine.words import CATALOGUE as ENGINE
from engine.words import Catalogue
from lessons.codes import CODES
from lessons.words import CATALOGUE as LESSONS
from tui.language import CATALOGUE as TUI

CATALOGUES = {"engine": ENGINE, "lessons": LESSONS, "tui": TUI}
each_catalogue = pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=CATALOGUES)


def fields(sentence: str) -> set[str]:
    """The names of the values in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@each_catalogue
def test_both_languages_know_the_same_sentences(catalogue: Catalogue) -> None:
    assert set(catalogue.languages["es"]) == set(catalogue.languages["en"])


@each_catalogue
def test_both_languages_have_the_same_values_in_every_sentence(catalogue: Catalogue) -> None:
    spanish, english = catalogue.languages["es"], catalogue.languages["en"]
    assert {key: fields(spanish[key]) for key in english} == {key: fields(english[key]) for key in english}


@each_catalogue
def test_no_sentence_is_left_in_the_other_language(catalogue: Catalogue) -> None:
    spanish, english = catalogue.languages["es"], catalogue.languages["en"]
    same = [key for key in english if english[key] == spanish[key]]
    assert [key for key in same if len(re.findall(r"[^\W\d]{2,}", re.sub(r"\{[^}]*\}", "", english[key]))) > 3] == []


def test_no_sentence_has_the_same_key_in_the_engine_and_the_lessons() -> None:
    """So that a sentence's key alone says whose it is."""
    assert set(ENGINE.languages["en"]) & set(LESSONS.languages["en"]) == set()


def test_every_code_of_a_finding_has_its_sentence() -> None:
    assert [key for key in CODES if key not in LESSONS and key not in ENGINE] == []


def test_every_sentence_about_a_lesson_has_a_code() -> None:
    elsewhere = ("severity.", "hint.", "catalog.", "starter.")
    assert [key for key in LESSONS.languages["en"] if key not in CODES and not key.startswith(elsewhere)] == []


def test_what_the_engine_refuses_in_expressions_graphs_and_nets_has_a_code() -> None:
    about = ("expression.", "graph.", "net.")
    refusals = [key for key in ENGINE.languages["en"] if key.startswith(about) and not key.endswith("_not_yet")]
    assert [key for key in refusals if key not in CODES] == []


def test_the_catalogues_lie_in_their_packages() -> None:
    assert {Path(each.folder).parent.name for each in CATALOGUES.values()} == set(CATALOGUES)
