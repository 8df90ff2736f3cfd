"""Every key in one table, from which bindings, footer, help and command palette are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingsMap

from tui.language import CATALOGUE, say

GROUPS = ("steps", "time", "run", "weights", "lesson", "view", "general")


@dataclass(frozen=True, slots=True)
class Key:
    """One row. `where` is the screen that has it (`app`: all of them), `name` its words: [key.NAME] short, long."""

    name: str
    keys: str  # as Textual names them, separated by commas; "" for an action that only the palette lists
    shown: str  # as a keyboard shows it
    action: str  # with the namespace in which Textual looks for it
    where: str
    group: str
    footer: int = 0  # how much it is wanted in the footer: 1 first, 0 never
    priority: bool = False  # works inside a text field too


def _lesson(name: str, keys: str, shown: str, action: str, group: str, footer: int = 0) -> Key:
    return Key(name, keys, shown, f"screen.{action}", "lesson", group, footer)


KEYS = (
    _lesson("next", "space", "space", "next", "steps", 1),
    _lesson("op", "o", "o", "advance('op')", "steps", 4),
    _lesson("iteration", "i", "i", "advance('iteration')", "steps"),
    _lesson("epoch", "e", "e", "advance('epoch')", "steps"),
    _lesson("again", "a", "a", "again", "steps"),
    _lesson("back", "backspace", "⌫", "travel('back', 'command')", "time", 3),
    _lesson("redo", "u", "u", "travel('forth', 'command')", "time", 9),
    _lesson("phase_back", "left_square_bracket", "[", "travel('back', 'phase')", "time"),
    _lesson("phase_forth", "right_square_bracket", "]", "travel('forth', 'phase')", "time"),
    _lesson("goto", "g", "g", "goto", "time"),
    _lesson("reset", "0", "0", "travel('start', 'command')", "time", 11),
    _lesson("baseline", "b", "b", "baseline", "time", 13),
    _lesson("drop_baseline", "", "", "drop_baseline", "time"),
    _lesson("run", "r", "r", "run", "run", 5),
    _lesson("faster", "plus,equals_sign", "+", "speed(1)", "run"),
    _lesson("slower", "minus", "-", "speed(-1)", "run"),
    _lesson("settings", "comma", ",", "settings", "weights"),
    _lesson("weights", "w", "w", "weights", "weights", 6),
    _lesson("save_weights", "", "", "save_weights", "weights"),
    _lesson("load_weights", "", "", "load_weights", "weights"),
    _lesson("next_step", "n", "n", "step(1)", "lesson", 2),
    _lesson("previous_step", "p", "p", "step(-1)", "lesson"),
    _lesson("answer", "enter", "Enter", "answer", "lesson", 2),
    _lesson("answer_next", "tab", "Tab", "answer_or_next", "lesson"),
    _lesson("hint", "h", "h", "hint", "lesson", 12),
    _lesson("solution", "s", "s", "solution", "lesson"),
    _lesson("vary", "y", "y", "vary", "lesson"),
    _lesson("text_down", "pagedown", "page_down", "scroll_text(1)", "lesson"),
    _lesson("text_up", "pageup", "page_up", "scroll_text(-1)", "lesson"),
    *(_lesson("pane", str(number), "1-9", f"pane({number})", "view") for number in range(1, 10)),
    _lesson("next_pane", "full_stop", ".", "next_pane", "view"),
    _lesson("choose", "j", "j", "choose(1)", "view"),
    _lesson("choose_back", "k", "k", "choose(-1)", "view"),
    _lesson("source", "J", "J", "choose_source(1)", "view"),
    _lesson("source_back", "K", "K", "choose_source(-1)", "view"),
    _lesson("pane_view", "v", "v", "pane_view", "view"),
    _lesson("pane_more", "greater_than_sign", ">", "pane_turn(1)", "view"),
    _lesson("pane_less", "less_than_sign", "<", "pane_turn(-1)", "view"),
    _lesson("pane_fold", "f", "f", "pane_fold", "view"),
    _lesson("maximise", "m", "m", "maximise", "view", 10),
    _lesson("leave", "escape", "Esc", "leave", "view"),
    _lesson("revive", "enter", "Enter", "revive", "general"),
    _lesson("export", "x", "x", "export", "general"),
    Key("findings", "E", "E", "screen.findings", "preview", "lesson", 2),
    _lesson("begin_again", "", "", "begin_again", "lesson"),
    Key("continue", "c", "c", "screen.continue", "map", "lesson", 2),
    Key("search", "slash", "/", "screen.search", "map", "lesson", 3),
    Key("unsearch", "escape", "Esc", "screen.unsearch", "map", "view"),
    Key("open", "", "Enter", "screen.open", "map", "lesson", 1),  # the list has the key
    Key("close", "escape", "Esc", "screen.close", "page", "view", 1),
    Key("language", "l", "l", "app.language", "app", "general", 9),
    Key("language_anywhere", "ctrl+l", "Ctrl+L", "app.language", "app", "general", priority=True),
    Key("theme", "", "", "app.theme", "app", "general"),
    Key("help", "question_mark", "?", "app.help", "app", "general", 7),
    Key("palette", "ctrl+p", "Ctrl+P", "app.command_palette", "app", "general", priority=True),
    Key("quit", "q", "q", "app.quit", "app", "general", 8),
    Key("interrupt", "ctrl+c,ctrl+q", "Ctrl+C", "app.quit", "app", "general", priority=True),
)

QUIET = ("revive",)  # Enter means other things too: where there is nothing to start, it says nothing
_ALSO = {"preview": "lesson"}  # a screen that has the keys of another one too
PANE = next(key for key in KEYS if key.name == "pane")


def keys_of(where: str) -> tuple[Key, ...]:
    """The rows that hold on one screen, those of the whole app after its own."""
    own = tuple(key for key in KEYS if key.where in (where, _ALSO.get(where)))
    return own if where == "app" else (*own, *keys_of("app"))


def of_action(where: str, action: str) -> Key | None:
    """The first row of a screen that does this."""
    return next((key for key in keys_of(where) if key.action == action), None)


def label(key: Key, language: str) -> str:
    """The word or two that stand in the footer."""
    return say(language, f"key.{key.name}.short")


def explained(key: Key, language: str) -> str:
    """What the key does, as a sentence for help, palette and tooltip."""
    return say(language, f"key.{key.name}.long")


def keycap(key: Key, language: str) -> str:
    """The key as a keyboard of that language shows it."""
    named = f"keycap.{key.shown}"
    return say(language, named) if named in CATALOGUE else key.shown


def bindings(where: str, language: str) -> BindingsMap:
    """The bindings of one screen, or of the app (`app`), described in `language`."""
    return BindingsMap(
        Binding(
            key.keys,
            key.action,
            label(key, language),
            show=key.footer > 0,
            key_display=keycap(key, language),
            tooltip=explained(key, language),
            priority=key.priority,
        )
        for key in KEYS
        if key.where in (where, _ALSO.get(where)) and key.keys
    )
