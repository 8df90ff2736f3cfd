"""The installed tutor in a real terminal: both lessons opened, stepped, gone back in, edited and run."""

from __future__ import annotations

import math

import pytest

from lessons.catalog import entries
from tests.terminal.terminal import Terminal
from tests.terminal.tutor import (
    LARGE,
    SMALL,
    beginning,
    count_of,
    lesson,
    net,
    percent_of,
    picture_of,
    tutor,
    wait_for_numbers,
)
from tui.language import say
from tui.panes import PANES

pytestmark = pytest.mark.terminal

A, B, C = 3.0, 1.0, -2.0  # the inputs of graph-j
BATCHES = math.ceil(2500 / 128)  # of an epoch of xor
PHASES = ("forward", "loss", "backward", "step")


def j(a: float, b: float, c: float) -> float:
    return (a + 2 * b) * c


def press_and_wait(terminal: Terminal, key: str, text: str) -> None:
    terminal.press(key)
    terminal.wait_for(text)


# ---------------------------------------------------------------- the course map
@pytest.mark.parametrize(("language", "size"), [("es", SMALL), ("en", LARGE)])
def test_the_map_shows_the_lessons_and_enter_opens_one_and_escape_comes_back(
    language: str, size: tuple[int, int]
) -> None:
    titles = [entry.title(language)[:30] for entry in entries()][:2]  # what there is room for
    with tutor(language=language, size=size) as t:
        t.wait_until(lambda screen: all(title in screen for title in titles), what="the first two lessons")
        t.press("down", "enter")
        t.wait_for(beginning(language))
        t.wait_until(lambda screen: titles[1] in screen and titles[0] not in screen, what="the second lesson")
        press_and_wait(t, "escape", titles[0])
        t.press("up", "enter")
        t.wait_for(beginning(language))
        t.wait_until(lambda screen: titles[0] in screen and titles[1] not in screen, what="the first lesson")


# ---------------------------------------------------------------- J = (a + 2b)c
def test_space_goes_forward_through_the_graph_and_back_one_operation_at_a_time() -> None:
    g = A + 2 * B
    with lesson("graph-j") as t:
        wait_for_numbers(t, {"a": A, "b": B, "c": C, "h = 2·b": None, "g = a + h": None, "J = g·c": None})
        t.press("space")
        wait_for_numbers(t, {"h = 2·b": 2 * B, "g = a + h": None})
        t.press("space")
        wait_for_numbers(t, {"g = a + h": g, "J = g·c": None})
        t.press("space")
        wait_for_numbers(t, {"J = g·c": j(A, B, C), "∂J/∂g": None})
        t.press("space")
        wait_for_numbers(t, {"∂J/∂g": C, "∂J/∂c": g, "∂J/∂a": None})
        t.press("space")
        wait_for_numbers(t, {"∂J/∂a": C, "∂J/∂h": C, "∂J/∂b": None})
        t.press("space")
        wait_for_numbers(t, {"∂J/∂b": 2 * C})


def test_time_goes_both_ways_by_command_and_by_phase() -> None:
    before, forward, done = {"J = g·c": None}, {"J = g·c": j(A, B, C), "∂J/∂g": None}, {"∂J/∂b": 2 * C}
    with lesson("graph-j", "en") as t:
        t.press(*["space"] * 6)
        wait_for_numbers(t, done)
        t.press("backspace")
        wait_for_numbers(t, {"∂J/∂h": C, "∂J/∂b": None})
        t.press("u")
        wait_for_numbers(t, done)
        for key, numbers in (("[", forward), ("[", before), ("]", forward), ("]", done), ("0", before)):
            t.press(key)
            wait_for_numbers(t, numbers)


def test_an_input_that_is_edited_counts_in_the_next_forward() -> None:
    with lesson("graph-j") as t:
        t.press("space", "space", "space")
        wait_for_numbers(t, {"J = g·c": j(A, B, C)})
        press_and_wait(t, "w", say("es", "tensors.hint_cell"))
        t.press("down")
        t.type("-8")
        t.wait_for(say("es", "tensors.hint_field"))
        t.press("enter")
        t.wait_for("-8.0000")
        t.press("escape", "1")
        wait_for_numbers(t, {"b": -8.0, "J = g·c": None})
        t.press("space", "space", "space")
        wait_for_numbers(t, {"J = g·c": j(A, -8, C)})


# ---------------------------------------------------------------- XOR
def test_space_does_one_phase_of_the_net_and_o_i_and_e_less_and_more() -> None:
    with net() as t:
        for done, phase in enumerate(PHASES):
            marks = ["●"] * done + ["◉"] + ["○"] * (len(PHASES) - 1 - done)
            line = "  ".join(f"{mark} {name}" for mark, name in zip(marks, PHASES, strict=True))
            press_and_wait(t, "space", line)
            assert count_of("iteration", t.text(), "es") == 0, phase
        press_and_wait(t, "o", "◐ forward")
        t.press("i")
        t.wait_until(lambda screen: "◉ step" in screen and count_of("iteration", screen, "es") == 1)
        t.press("e")
        t.wait_until(lambda screen: count_of("iteration", screen, "es") == BATCHES - 1)
        t.press("e")
        t.wait_until(lambda screen: count_of("iteration", screen, "es") == 2 * BATCHES - 1)
        assert count_of("epoch", t.text(), "es") == 1


def test_a_run_pauses_and_in_the_end_gets_all_of_the_test_points_right() -> None:
    with net("en") as t:
        press_and_wait(t, "r", "▶")
        t.wait_until(lambda screen: (count_of("iteration", screen, "en") or 0) > 3)
        press_and_wait(t, "r", "⏸")
        t.pump_for(0.3)  # a frame that was under way
        paused = count_of("iteration", t.text(), "en")
        t.pump_for(0.3)
        assert count_of("iteration", t.text(), "en") == paused
        t.press("+", "+", "+")
        press_and_wait(t, "+", say("en", "status.speed_free"))
        t.press("r")
        t.wait_until(lambda screen: percent_of("test_accuracy", screen, "en") == 100.0, what="test accuracy of 100 %")


def test_a_weight_that_is_edited_is_followed_at_once_by_loss_accuracy_and_boundary() -> None:
    with net("en", LARGE) as t:
        t.press("+", "+", "+", "+", "r")
        t.wait_until(lambda screen: count_of("iteration", screen, "en") == 100 * BATCHES - 1 and "⏸" in screen)
        t.wait_until(lambda screen: percent_of("test_accuracy", screen, "en") == 100.0)
        t.press("w")
        t.wait_for(say("en", "tensors.hint_cell"))
        t.wait_until(lambda screen: len(picture_of(screen).replace("\n", "")) > 50, what="a boundary")
        trained = picture_of(t.text())
        t.type("5")
        t.press("enter")
        t.wait_until(lambda screen: (percent_of("test_accuracy", screen, "en") or 100.0) < 95.0)
        t.wait_for(say("en", "metric.train_loss", value="").strip())
        t.wait_until(lambda screen: picture_of(screen) != trained, what="another boundary")
        t.press("backspace")
        t.wait_until(lambda screen: percent_of("test_accuracy", screen, "en") == 100.0)
        t.wait_until(lambda screen: picture_of(screen) == trained, what="the trained boundary")


def test_g_goes_to_an_iteration_forward_and_back() -> None:
    with net() as t:
        for wanted in (7, 2):
            press_and_wait(t, "g", say("es", "goto.title"))
            t.type(str(wanted))
            t.press("enter")
            t.wait_until(lambda screen, last=wanted - 1: count_of("iteration", screen, "es") == last)  # type: ignore[misc]


# ---------------------------------------------------------------- what is shown
def test_numbers_choose_panes_m_enlarges_one_and_n_and_p_turn_pages() -> None:
    with lesson("xor") as t:
        names = {name: say("es", f"pane.{name}") for name in PANES}
        for number, name in enumerate(list(PANES)[:9], 1):
            press_and_wait(t, str(number), f"▸{number} {names[name]}")
        for name in list(PANES)[9:]:  # these have no number of their own
            press_and_wait(t, ".", f"▸{names[name]}")
        press_and_wait(t, "1", f"▸1 {names['graph']}")
        beside = next(line for line in t.text().split("\n") if "▏" in line).split("▏")[0].strip()
        t.press("m")
        t.wait_until(lambda screen: beside not in screen, what="a pane without the text beside it")
        press_and_wait(t, "escape", beside)
        first, second = (say("es", "lesson.step", number=number, count="").strip() for number in (1, 2))
        press_and_wait(t, "n", second)
        press_and_wait(t, "p", first)


def test_help_language_and_palette_are_a_key_away() -> None:
    with lesson("graph-j") as t:
        press_and_wait(t, "?", say("es", "group.steps"))
        press_and_wait(t, "l", say("en", "group.steps"))
        press_and_wait(t, "escape", beginning("en"))
        press_and_wait(t, "ctrl+p", say("en", "palette.placeholder"))
        title = say("en", "palette.pane", name=say("en", "pane.code"))
        t.type(say("en", "pane.code"))
        t.wait_for(title)
        t.press("enter")
        t.wait_for("import torch")
