"""Spanish and English: no words outside the catalogues, none unused, and everything on the screen switches live."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.screen import Screen
from textual.widgets import Input

from engine import messages as m
from engine.words import CATALOGUE as ENGINE
from engine.words import LANGUAGES, Catalogue, Sentence
from lessons.words import CATALOGUE as LESSONS
from tests.tui.conftest import PROSE, settle
from tests.tui.test_course_map import row_of
from tui import keys
from tui.language import CATALOGUE, say
from tui.panes import PANES
from tui.screens.base import Speaker

ROOT = Path(__file__).parents[2]
SOURCES = {path: ast.parse(path.read_text("utf-8")) for name in ("tui", "lessons", "engine")
           for path in sorted((ROOT / name).rglob("*.py"))}  # fmt: skip

# ---------------------------------------------------------------- no words outside the catalogues
SENTENCE = re.compile(r"[^\W\d_]{2,}[,.:;]? +[^\W\d_]{2,}")  # two words in a row
WORD = re.compile(r"[^\W\d_]{2,}")
SHOWS = {"Static", "Label", "Text", "Content", "assemble", "notify", "update", "print", "add_option", "exit", "tell"}
SHOWN = {"placeholder", "tooltip", "border_title", "border_subtitle", "title", "sub_title", "label", "description"}
ELSEWHERE = {  # file or folder -> why what stands there is not for people, or comes to them in other words
    "engine/code": "Python, which the code pane shows",
    "engine/spec.py": "lessons/schema_errors says it in the person's language",
    "lessons/schema.py": "lessons/schema_errors says it",
    "lessons/exercises.py": "lessons/schema_errors says it",
    "lessons/strict_yaml.py": "what PyYAML says, by which a problem is recognised",
    "lessons/inline.py": "a regular expression",
    "engine/explaining.py": "what torch says, by which a failure is recognised",
    "tui/formulas/symbols.py": "names of LaTeX operators, the same in any language",
    "engine/messages.py": "an end of the pipe, for the log",
    "tui/graph_layout.py": "cannot happen to what the engine accepts",
}
NO_WORDS = {"at once", "after the step", "when it holds", "dltutor ", "mod "}  # values of a Literal; names


def documentation(tree: ast.AST) -> set[ast.AST]:
    """The docstrings, and what is CSS."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(node.value)
        elif isinstance(node, ast.Assign) and "CSS" in ast.unparse(node.targets[0]):
            found |= set(ast.walk(node))
    return found


def texts(node: ast.AST) -> Iterator[str]:
    """The literal text in an argument: itself, the literal parts of an f-string, the text of a (text, style) pair."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from texts(part)
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))
    elif isinstance(node, ast.Tuple) and node.elts:
        yield from texts(node.elts[0])


def shown(node: ast.AST) -> Iterator[str]:
    """What a call or an assignment shows as it stands."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        for argument in node.args if name in SHOWS else ():
            yield from texts(argument)
        for keyword in node.keywords:
            if keyword.arg in SHOWN:
                yield from texts(keyword.value)
    elif isinstance(node, ast.Assign) and getattr(node.targets[0], "attr", "") in SHOWN:
        yield from texts(node.value)


def strays(path: Path, tree: ast.AST) -> list[str]:
    place = path.relative_to(ROOT).as_posix()
    if place.startswith(tuple(ELSEWHERE)):
        return []
    silent = documentation(tree)
    found = [text for node in ast.walk(tree) for text in shown(node) if WORD.search(text)]
    found += [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent
        if SENTENCE.search(node.value)
    ]
    return [text for text in found if text not in NO_WORDS and not STYLE.fullmatch(text)]


STYLE = re.compile(r"(bold |dim |italic |not )*\$[\w-]+")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_words_stand_outside_the_catalogues(path):
    assert strays(path, SOURCES[path]) == []


@pytest.mark.parametrize(
    "line",
    [
        'x = "Press space to go on"',
        'yield Static("Ready")',
        'self.notify(f"Saved {name}")',
        'Content.assemble(("Loading", "bold"), other)',
        'widget.border_title = "Tensors"',
        'Input(placeholder="Search")',
        'raise ValueError("this is wrong")',
    ],
)
def test_words_outside_the_catalogues_would_be_found(line):
    assert strays(ROOT / "tui/some.py", ast.parse(f"def f():\n    {line}"))


# ---------------------------------------------------------------- every key exists, and every sentence is used
def literals(package: str) -> set[str]:
    """The texts that stand in the code whole, not as a part of an f-string."""
    nodes = [node for path, tree in SOURCES.items() if path.is_relative_to(ROOT / package) for node in ast.walk(tree)]
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    constants = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in parts]
    return {node.value for node in constants if isinstance(node.value, str)}


def patterns(package: str) -> set[str]:
    """The keys that f-strings make, as regular expressions."""
    found = set()
    for path, tree in SOURCES.items():
        for node in ast.walk(tree) if path.is_relative_to(ROOT / package) else ():
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values]
                found.add("".join(parts))
    return {pattern for pattern in found if re.match(r"[a-z_]+\\\.", pattern)} | {r"metric(_short)?\..+"}


CATALOGUES = {"tui": CATALOGUE, "engine": ENGINE, "lessons": LESSONS}
ACTIONS = {key.action for key in keys.KEYS}  # `app.language` is one, and `app` a table of words


@pytest.mark.parametrize("package", ["tui"])
def test_every_key_in_the_code_exists(package):
    catalogue: Catalogue = CATALOGUES[package]
    tables = {key.partition(".")[0] for key in catalogue.languages["en"]}
    dotted = {text for text in literals(package) if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", text)}
    asked = {text for text in dotted if text.partition(".")[0] in tables} - ACTIONS
    assert sorted(text for text in asked if text not in catalogue and text not in ENGINE and text not in LESSONS) == []


@pytest.mark.parametrize("package", CATALOGUES)
def test_every_sentence_is_used(package):
    used, made = set().union(*map(literals, CATALOGUES)), set().union(*map(patterns, CATALOGUES))
    known = CATALOGUES[package].languages["en"]
    assert [key for key in known if key not in used and not any(re.fullmatch(each, key) for each in made)] == []


def test_words_of_keys_groups_and_panes_are_those_of_the_tables():
    def under(table: str) -> set[str]:
        return {key.split(".")[1] for key in CATALOGUE.languages["en"] if key.startswith(f"{table}.")}

    assert under("key") == {key.name for key in keys.KEYS}
    assert under("group") == set(keys.GROUPS)
    assert under("pane") == set(PANES)
    assert under("keycap") <= {key.shown for key in keys.KEYS}


# ---------------------------------------------------------------- the switch
PLACE = re.compile(r"\{[^}]*\}")


def said(language: str) -> dict[str, str]:
    """Long enough words of one language that the other does not have: catalogues and the lesson's prose."""
    other = next(each for each in LANGUAGES if each != language)
    texts = [text for each in CATALOGUES.values() for text in each.languages[language].values()]
    words = {word: text for text in texts for word in tokens(PLACE.sub(" ", text))}
    words |= {word: "prose" for word in tokens(PROSE[language])}
    known = {word for catalogue in CATALOGUES.values() for text in catalogue.languages[other].values()
             for word in tokens(PLACE.sub(" ", text))} | set(tokens(PROSE[other]))  # fmt: skip
    return {word: text for word, text in words.items() if word not in known}


def tokens(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]{4,}", text.casefold())


def on_screen(app) -> str:
    """All that is painted, as text."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def foreign(app, language: str, apart_from: str = "") -> dict[str, str]:
    """Words on the screen that belong to the other language only."""
    other = next(each for each in LANGUAGES if each != language)
    strange, text = said(other), on_screen(app).replace(apart_from, "")
    names = {"español", "english", "little", "lección"}  # what the switch itself is called; ids of the test's lessons
    names |= {"batch", "module", "order", "range", "split", "zero"}  # of torch, in the code pane
    return {word: strange[word] for word in tokens(text) if word in strange and word not in names}


PLACES = {
    "the map": (None, [], "l"),
    "help": (None, ["question_mark"], "l"),
    "the palette": (None, ["ctrl+p"], "ctrl+l"),
    "the palette with a search": ("little-net", ["ctrl+p", "p", "a"], "ctrl+l"),
    "the palette in vain": (None, ["ctrl+p", "z", "q"], "ctrl+l"),
    "a graph": ("little-graph", ["space"], "l"),
    "a net": ("little-net", ["i"], "l"),
    "tensors": ("little-net", ["i", "2"], "l"),
    "code": ("little-net", ["i", "5"], "l"),
    "loss": ("little-net", ["i", "3"], "l"),
    "the text": ("little-graph", ["n", "m"], "l"),
    "the window of iterations": ("little-net", ["g"], "ctrl+l"),
    "a weight being edited": ("little-net", ["w", "1"], "ctrl+l"),
    "a key that had nothing to do": ("little-graph", ["u"], "l"),
}


@pytest.mark.parametrize("size", [(80, 24), (140, 44)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("place", PLACES)
async def test_after_the_switch_no_word_of_the_other_language_is_left(local, place, size):
    lesson, way, switch = PLACES[place]
    stage = local(lesson)
    async with stage.app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        await pilot.press(*way)
        await settle(pilot)
        assert foreign(stage.app, "es") == {}
        assert foreign(stage.app, "en") != {}, "nothing in Spanish to begin with"
        await pilot.press(switch)
        await settle(pilot)
        assert stage.app.language == "en"
        assert foreign(stage.app, "en") == {}
        await pilot.press(switch)
        await settle(pilot)
        assert foreign(stage.app, "es") == {}


async def test_what_is_wrong_with_a_lesson_is_told_in_the_other_language_too(fake, lessons):
    stage = fake()
    async with stage.app.run_test(size=(200, 40)) as pilot:
        await settle(pilot)
        stage.app.screen.query_one("#lessons").highlighted = row_of(stage.app, "broken")
        await pilot.press("enter")
        await settle(pilot)
        assert foreign(stage.app, "en", str(lessons)) and not foreign(stage.app, "es", str(lessons))
        await pilot.press("l")
        await settle(pilot)
        assert not foreign(stage.app, "en", str(lessons))


async def test_what_the_engine_refused_is_told_in_the_other_language_too(fake):
    stage = fake("little-net")
    async with stage.app.run_test(notifications=True) as pilot:
        await settle(pilot)
        stage.engine.report(m.Failed(stage.app.generation, Sentence("goto.negative")))
        await settle(pilot)
        await pilot.press("l")
        await settle(pilot)
        assert "iterations are counted" in on_screen(stage.app) and foreign(stage.app, "en") == {}


def test_every_screen_and_window_can_change_its_language():
    for path in (ROOT / "tui/screens").glob("*.py"):
        importlib.import_module(f"tui.screens.{path.stem}")
    found, rest = set(), [Screen]
    while rest:
        found |= (new := set(rest.pop().__subclasses__()) - found)
        rest += new
    ours = [each for each in found if each.__module__.startswith("tui.")]
    assert len(ours) > 5 and [each for each in ours if not issubclass(each, Speaker)] == []


async def test_an_l_in_a_text_field_is_a_letter(fake):
    stage = fake()
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("ctrl+p", "l")
        await settle(pilot)
        assert stage.app.screen.query_one(Input).value == "l" and stage.app.language == "es"


async def test_what_was_typed_stays_when_the_language_changes(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("g", "4", "2", "ctrl+l")
        await settle(pilot)
        assert stage.app.screen.query_one(Input).value == "42"
        assert say("en", "goto.title") in on_screen(stage.app)
