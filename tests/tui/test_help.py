"""Help, palette and the key table: one table, told in both languages."""

from __future__ import annotations

import pytest

from engine.words import LANGUAGES
from tests.tui.conftest import settle
from tui import keys
from tui.language import CATALOGUE
from tui.screens.help import help_text
from tui.screens.page import Page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", keys.KEYS, ids=lambda key: f"{key.name}-{key.keys}")
def test_every_key_has_its_words(key, language):
    assert keys.label(key, language).strip() and keys.explained(key, language).strip()


def test_both_languages_have_the_same_words_with_the_same_fields():
    import string

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    first, second = (CATALOGUE.languages[language] for language in LANGUAGES)
    assert first.keys() == second.keys()
    assert [key for key in first if fields(first[key]) != fields(second[key])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_lists_every_key_of_the_table(language):
    text = help_text(language).plain
    for key in keys.KEYS:
        if key.shown:
            assert keys.keycap(key, language) in text and keys.explained(key, language) in text


def test_no_key_is_bound_twice_on_one_screen():
    for where in ("lesson", "map", "page"):
        bound = [each for key in keys.keys_of(where) for each in key.keys.split(",") if each]
        assert len(bound) == len(set(bound))


async def test_question_mark_opens_help_and_escape_closes_it(fake):
    stage = fake("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        lesson = stage.app.screen
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(stage.app.screen, Page)
        await pilot.press("escape")
        await pilot.pause()
        assert stage.app.screen is lesson


async def test_every_binding_of_the_lesson_has_a_description_and_a_tooltip(fake):
    stage = fake("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        named = {"tab", "shift+tab", "super+c"}  # Textual's own
        for key, active in stage.app.screen.active_bindings.items():
            if key not in named and active.node is not stage.app.focused:
                assert active.binding.description and active.binding.tooltip, key


async def test_the_palette_lists_the_actions_of_the_screen(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        titles = [command.title for command in stage.app.get_system_commands(stage.app.screen)]
        assert "Correr  (r)" in titles and "Tema" in titles and "Panel: Frontera" in titles
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert stage.app.screen.has_class("--textual-command-palette")


async def test_an_action_of_the_palette_does_what_the_key_does(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        commands = {command.title: command.callback for command in stage.app.get_system_commands(stage.app.screen)}
        await commands["Panel: Frontera"]()
        await pilot.pause()
        assert stage.lesson.current == "boundary"
