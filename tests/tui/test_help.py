"""Help, palette and the key table: one table, told in both languages."""

from __future__ import annotations

import pytest

from engine.words import LANGUAGES
from tests.tui.conftest import settle
from tui import keys
from tui.language import CATALOGUE, say
from tui.revival import DEATHS
from tui.screens.help import INDENT, help_text
from tui.screens.page import Page
from tui.screens.palette import UNLISTED, Action, Palette, actions, matching
from tui.widgets.key_bar import KeyBar


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
    text = " ".join(help_text(language).plain.split())
    for key in keys.KEYS:
        if key.shown:
            assert keys.keycap(key, language) in text and keys.explained(key, language) in text


def test_no_key_is_bound_twice_on_one_screen():
    for where in ("lesson", "map", "page"):
        rows = (key for key in keys.keys_of(where) if key.name not in keys.QUIET)  # Enter means what there is to do
        bound = [each for key in rows for each in key.keys.split(",") if each]
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


def rows(app) -> list[str]:
    """The palette's rows, as they are shown."""
    return [str(option.prompt) for option in app.screen.query_one("#actions").options]


async def test_the_palette_lists_the_actions_of_the_screen(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert isinstance(stage.app.screen, Palette)
        titles = [row.partition("\n")[0] for row in rows(stage.app)]
        assert {"Correr  (r)", "Tema", "Panel: Frontera"} <= set(titles)


async def test_every_key_of_the_screen_is_in_the_palette(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        listed = {row.action for row in actions(stage.lesson)}
        missing = [key.name for key in keys.keys_of("lesson") if key.action not in listed]
        assert set(missing) <= set(UNLISTED)


async def test_typing_finds_an_action_and_enter_does_it(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p", *"frontera")
        await pilot.pause()
        assert rows(stage.app)[0].startswith("Panel: Frontera")
        await pilot.press("enter")
        await pilot.pause()
        assert stage.lesson.current == "boundary"


async def test_arrows_move_in_the_palette_and_escape_leaves_it(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p", "down")
        assert stage.app.screen.query_one("#actions").highlighted > 0
        await pilot.press("escape")
        await pilot.pause()
        assert stage.lesson.is_current


def test_what_is_typed_is_found_without_its_accents_and_first_in_titles():
    found = [Action("Pausa", "Va a la operación.", "a", ""), Action("Operación", "Hace una.", "b", "")]
    assert [row.action for row in matching(found, "OPERACION")] == ["b", "a"]
    assert [row.action for row in matching(found, "una hace")] == ["b"]
    assert matching(found, "nada") == []


async def test_where_nothing_is_found_the_palette_says_so(fake):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p", *"zzz")
        await pilot.pause()
        assert rows(stage.app) == [say("es", "palette.none")]
        await pilot.press("enter")
        assert isinstance(stage.app.screen, Palette)


async def test_what_cannot_be_done_now_is_grey_in_the_palette_with_its_reason(local):
    stage = local("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p", *"atras")
        await pilot.pause()
        options = stage.app.screen.query_one("#actions").options
        (back,) = [option for option in options if str(option.prompt).startswith("Atrás  ")]
        assert back.disabled and say("es", "reason.nothing_to_undo") in str(back.prompt)


@pytest.mark.parametrize(
    ("key", "name", "why"),
    [
        ("backspace", "back", "reason.nothing_to_undo"),
        ("u", "redo", "reason.nothing_to_redo"),
        ("r", "run", "engine.nothing_to_train"),
        ("p", "previous_step", "reason.first_step"),
    ],
)
async def test_a_key_that_has_nothing_to_do_is_grey_and_says_why_when_pressed(local, key, name, why):
    stage = local("little-graph")
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        row = next(each for each in keys.KEYS if each.name == name)
        assert not stage.lesson.possible(row)
        before = len(stage.engine.commands)
        await pilot.press(key)
        await pilot.pause()
        assert [each.message for each in stage.app._notifications] == [say("es", why)]
        assert len(stage.engine.commands) == before


async def test_a_key_is_possible_again_when_there_is_something_to_do(local):
    stage = local("little-graph")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        back, redo = (next(key for key in keys.KEYS if key.name == name) for name in ("back", "redo"))
        await pilot.press("space")
        await settle(pilot)
        assert stage.lesson.possible(back) and not stage.lesson.possible(redo)
        await pilot.press("backspace")
        await settle(pilot)
        assert stage.lesson.possible(redo) and not stage.lesson.possible(back)


async def test_when_the_engine_is_gone_its_keys_say_so(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        for _ in range(DEATHS):
            stage.engine.end(-9)
            await settle(pilot)
        for key in keys.keys_of("lesson"):
            if key.group in ("steps", "time", "run", "weights"):
                assert stage.lesson.reason(key) == say("es", "reason.engine_ended")


async def test_the_footer_explains_the_key_under_the_mouse_and_why_not_now(local):
    stage = local("little-graph")
    async with stage.app.run_test(size=(120, 40), tooltips=True) as pilot:
        await settle(pilot)
        bar = stage.app.screen.query_one(KeyBar)
        text = bar.render().plain
        for word, expected in (("atrás", "reason.nothing_to_undo"), ("ayuda", "key.help.long")):
            await pilot.hover(KeyBar, offset=(text.index(word) + 2, 0))
            await pilot.pause()
            assert say("es", expected) in str(bar.tooltip)


@pytest.mark.parametrize("columns", [40, 57, 76, 100])
@pytest.mark.parametrize("language", LANGUAGES)
def test_help_fits_its_width_with_sentences_under_one_another(language, columns):
    lines = help_text(language, columns).plain.split("\n")
    assert max(map(len, lines)) <= columns
    caps = [keys.keycap(key, language) for key in keys.KEYS if key.shown]
    inside = [line for line in lines if line.startswith(" ") and line[:INDENT].strip() not in caps]
    assert all(line[: INDENT + 2].strip() == "" for line in inside)


async def test_the_first_line_of_help_is_whole(fake):
    stage = fake()
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        text = stage.app.screen.query_one("#text")
        first = str(text.render()).split("\n")[0]
        assert text.region.y > stage.app.screen.query_one("#status").region.y and len(first) <= text.size.width
