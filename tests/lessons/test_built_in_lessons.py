"""The lessons that come along: they load without a finding, and both languages say the same."""

from __future__ import annotations

import re

import pytest

from lessons import catalog
from lessons.loader import load

LESSONS = [entry.path for entry in catalog.entries()]
by_name = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)


@by_name
def test_it_loads_without_a_finding(path: catalog.Path) -> None:
    loaded = load(path)
    assert loaded.findings == ()
    assert loaded.lesson is not None
    assert loaded.lesson.id == path.name


@by_name
def test_both_languages_have_the_same_passages_in_the_order_of_steps_and_exercises(path: catalog.Path) -> None:
    loaded = load(path)
    assert loaded.lesson is not None
    ids = [each for step in loaded.lesson.steps for each in (step.id, *(exercise.id for exercise in step.ask))]
    assert {language: list(page.passages) for language, page in loaded.prose.items()} == {"es": ids, "en": ids}


@by_name
def test_both_languages_name_the_same_keys_in_every_passage(path: catalog.Path) -> None:
    keys = {"espacio": "space", "retroceso": "backspace", "Intro": "Enter"}
    prose = load(path).prose

    def named(language: str, passage: str) -> list[str]:
        bold = re.findall(r"\*\*(\S{1,9})\*\*", prose[language].passages[passage].markdown)
        words = [keys.get(word, keys.get(word.lower(), word)).lower() for word in bold]
        return sorted(word for word in words if len(word) <= 3 or word in ("space", "backspace", "enter"))

    for passage in prose["es"].passages:
        assert named("es", passage) == named("en", passage), passage


@by_name
def test_its_code_words_are_the_same_in_both_languages(path: catalog.Path) -> None:
    prose = load(path).prose
    for passage in prose["es"].passages:
        spans = [re.findall(r"`[^`]+`", prose[name].passages[passage].markdown) for name in ("es", "en")]
        assert [span for span in spans[0] if "←" not in span] == [span for span in spans[1] if "←" not in span]


@by_name
def test_its_paragraphs_are_short_enough_for_a_narrow_screen(path: catalog.Path) -> None:
    for page in load(path).prose.values():
        for passage in page.passages.values():
            parts = passage.markdown.split("\n\n")
            assert all(len(part) < 300 for part in parts if not part.startswith(("-", "1.", "$$")))


@by_name
def test_both_languages_have_the_same_options_hints_traps_and_values(path: catalog.Path) -> None:
    prose = load(path).prose

    def parts(language: str) -> list[object]:
        page = prose[language]
        return [
            (name, list(each.options), len(each.hints), sorted(each.traps), each.explain is None)
            for name, each in page.passages.items()
        ]

    def values(language: str) -> list[object]:
        return sorted((slot.passage or "", slot.expression, slot.formula) for slot in prose[language].slots)

    assert parts("es") == parts("en")
    assert values("es") == values("en")
