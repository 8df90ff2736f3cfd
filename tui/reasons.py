"""Why a key of the lesson screen has nothing to do now: one table, for footer, palette and the key itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.keys import Key
from tui.speeds import SPEEDS

if TYPE_CHECKING:
    from tui.screens.lesson import LessonScreen

Why = Callable[["LessonScreen", Key], str]  # the key of a sentence, "" for none
WORK = ("steps", "time", "run", "weights")  # groups of keys that only an engine can answer
AFTER_READING = (*WORK, "lesson", "view")


def reason(screen: LessonScreen, key: Key) -> str:
    """The sentence, in the learner's language; "" where the key has something to do."""
    found = next((why for rule in (_nobody_there, _BY_GROUP.get(key.group), _BY_NAME.get(key.name))
                  if rule is not None and (why := rule(screen, key))), "")  # fmt: skip
    return screen.say(found, count=len(screen.panes)) if found else ""


def _nobody_there(screen: LessonScreen, key: Key) -> str:
    """The lesson is not read yet, its experiment cannot be begun, or the engine is gone."""
    if screen.opening is None:
        return "reason.reading" if key.group in AFTER_READING and key.name != "leave" else ""
    if key.group not in WORK:
        return ""
    if screen.ended is not None:
        return "reason.engine_ended"
    return "reason.refused" if screen.part is None or screen.part.graph is None else ""


def _nothing_to_write(screen: LessonScreen, key: Key) -> str:
    if screen.opening is None:
        return "reason.reading"
    return "reason.refused" if screen.part is None or screen.part.graph is None else ""


def _nothing_to_train(screen: LessonScreen, key: Key) -> str:
    return "engine.nothing_to_train" if screen.part is not None and not screen.part.trains else ""


def _not_again(screen: LessonScreen, key: Key) -> str:
    """Backward is not complete, or the step is done."""
    moment = screen.frame.moment if screen.frame else None
    done = moment is not None and moment.phase == "backward" and "backward" in moment.completed
    return "" if done or screen.frame is None else "reason.not_again"


def _nothing_to_undo(screen: LessonScreen, key: Key) -> str:
    return "reason.nothing_to_undo" if screen.frame is not None and screen.frame.undo is None else ""


def _nothing_to_redo(screen: LessonScreen, key: Key) -> str:
    return "reason.nothing_to_redo" if screen.frame is not None and screen.frame.redo is None else ""


def _nothing_to_mark(screen: LessonScreen, key: Key) -> str:
    return "" if screen.frame is not None else "engine.waiting"


def _nothing_asked(screen: LessonScreen, key: Key) -> str:
    elsewhere = key.name == "answer" and (screen.offer or screen.ended is not None)  # then Enter does that
    return "" if elsewhere or screen.asked is not None else "reason.nothing_asked"


def _no_tensors(screen: LessonScreen, key: Key) -> str:
    return "" if "tensors" in screen.panes else "reason.no_tensors"


def _no_pane(screen: LessonScreen, key: Key) -> str:
    return "reason.no_pane" if int(key.keys) > len(screen.panes) else ""


def _pane_has(what: str) -> Why:
    """That the current pane has nothing of this kind."""

    def why(screen: LessonScreen, key: Key) -> str:
        return "" if getattr(screen.current_pane, what, False) else f"reason.{what}"

    return why


_BY_GROUP: dict[str, Why] = {"run": _nothing_to_train}
_BY_NAME: dict[str, Why] = {
    "again": _not_again,
    "back": _nothing_to_undo,
    "phase_back": _nothing_to_undo,
    "reset": _nothing_to_undo,
    "redo": _nothing_to_redo,
    "phase_forth": _nothing_to_redo,
    "baseline": _nothing_to_mark,
    "drop_baseline": lambda screen, _: "" if screen.baseline is not None else "reason.no_baseline",
    "weights": _no_tensors,
    "answer": _nothing_asked,
    "hint": _nothing_asked,
    "vary": lambda screen, _: "" if screen.repeatable is not None else "reason.nothing_to_vary",
    "solution": _nothing_asked,
    "pane": _no_pane,
    "faster": lambda screen, _: "reason.fastest" if screen.speed == len(SPEEDS) - 1 else "",
    "slower": lambda screen, _: "reason.slowest" if screen.speed == 0 else "",
    "pane_view": _pane_has("has_views"),
    "pane_more": _pane_has("turns"),
    "pane_less": _pane_has("turns"),
    "pane_fold": _pane_has("folds"),
    "previous_step": lambda screen, _: "reason.first_step" if screen.cursor == 0 else "",
    "next_step": lambda screen, _: "reason.last_step" if screen.cursor >= len(screen.steps) - 1 else "",
    "begin_again": lambda screen, _: "" if screen.record is not None else "reason.not_kept",
    "export": _nothing_to_write,
    "findings": lambda screen, _: "" if getattr(screen, "findings", ()) else "reason.nothing_amiss",
    "revive": lambda screen, _: "reason.engine_runs" if screen.ended is None else "",
}
