"""What the lines of the lesson screen say: title, phases, numbers, tabs, and what happened last."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from textual.content import Content

from engine.messages import Baseline, Frame
from engine.words import say as engine_says
from tui import comparing, readout
from tui.speeds import SPEEDS
from tui.widgets import numbers
from tui.widgets.phase_bar import phase_bar

if TYPE_CHECKING:
    from tui.screens.lesson import LessonScreen


def title(screen: LessonScreen) -> Content:
    """`XOR con un MLP · paso 3 de 7`"""
    if screen.opening is None:
        return Content.styled(screen.path.stem, "bold")
    step = screen.say("lesson.step", number=screen.cursor + 1, count=len(screen.steps))
    return Content.assemble((screen.opening.title(screen.language), "bold"), (f" · {step}", "$muted"))


def circumstances(screen: LessonScreen) -> list[Content]:
    """`es · cuda:0 3/140 GB  87 % · plan · semilla 7 · ▶ 100 it/s`, and shorter."""
    frame, settings = screen.frame, screen.frame.settings if screen.frame else {}
    device = settings.get("run.device") or (screen.opened.device if screen.opened else screen.tutor.choices.device)
    seed = settings.get("run.seed", screen.opened.seed if screen.opened else None)
    seed = "" if seed is None else screen.say("lesson.seed", seed=seed)
    way = screen.say(f"status.{frame.way}") if frame and frame.way else ""
    told = frame.device_use if frame and str(device).startswith("cuda") else None
    use = readout.use(told, screen.running) if told else ""
    return readout.circumstances(screen.language, str(device), seed, _paces(screen), way, use)


def _paces(screen: LessonScreen) -> tuple[str, ...]:
    """How fast training goes and may go, and shorter; `("",)` where there is nothing to train."""
    if screen.part is None or not screen.part.trains:
        return ("",)
    limit = SPEEDS[screen.speed]
    most = screen.say("status.speed", rate=numbers.rate(limit)) if limit else screen.say("status.speed_free")
    if not screen.running:
        return (f"⏸ {most}",)
    rate = numbers.rate(screen.frame.rate if screen.frame else 0.0)
    going = f"▶ {screen.say('status.rate', rate=f'{rate:>5}')}"
    return (f"{going} · {most}", going)


def phases(screen: LessonScreen, wide: bool) -> Content:
    """The phases of the experiment; nothing until it is known."""
    if screen.part is None or screen.part.graph is None:
        return Content("")
    return phase_bar(screen.part.graph.phases, screen.frame.moment if screen.frame else None, wide)


def work(screen: LessonScreen, wide: bool) -> list[Content]:
    """How far training has come, in ever shorter forms; of a graph that does not train, what it comes to."""
    if screen.frame is None or screen.part is None or screen.part.graph is None:
        return []
    if not screen.part.trains:
        return readout.output(screen.frame, screen.part.graph.output, screen.masks)
    choices = (*readout.ALL, *readout.WORK) if wide else readout.WORK
    return readout.metrics(screen.frame, choices, screen.language, screen.masks)


def results(screen: LessonScreen, wide: bool) -> list[Content]:
    """How good it is, where that does not stand beside the phases."""
    if wide or screen.frame is None or screen.part is None or not screen.part.trains:
        return []
    return readout.metrics(screen.frame, readout.RESULTS, screen.language, screen.masks)


LETTERS = 4  # that a name has at least, where all have names
LAST_NUMBER = 9  # panes after it have no key of their own: they are clicked, or chosen in the palette
LONG = 1.0  # seconds after which a command that is under way is told with its time


def tabs(screen: LessonScreen, on_show: Sequence[str], beside: int = 0) -> Content:
    """The panes with their numbers; the current one stands out, those that cannot be seen are pale.

    Where they are too many for the window, less `beside` cells on the right, names are cut; then only the panes of this
    step have names.
    """
    room = screen.size.width - 2 - beside
    names = tuple((name, screen.say(f"pane.{name}")) for name in screen.panes)
    wanted = screen.steps[screen.cursor].panes if screen.opening is not None else ()
    return _fitted(names, (*wanted, screen.current), screen.current, tuple(on_show), room)


@lru_cache(16)
def _fitted(
    panes: tuple[tuple[str, str], ...], named: tuple[str, ...], current: str, on_show: tuple[str, ...], room: int
) -> Content:
    names = dict(panes)
    few = {name: text if name in named else "" for name, text in panes}
    longest = max(map(len, names.values()), default=0)
    cut = ({name: _cut(text, letters) for name, text in panes} for letters in range(longest, LETTERS - 1, -1))
    fewer = ({name: _cut(text, letters) for name, text in few.items()} for letters in range(longest, 0, -1))
    found = Content("")
    for forms in (*cut, *fewer):
        found = _tabs({**forms, current: names[current]} if current in names else forms, current, on_show)
        if found.cell_length <= room:
            break
    return found


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}."


def _tabs(names: dict[str, str], current: str, on_show: tuple[str, ...]) -> Content:
    parts = []
    for number, (name, word) in enumerate(names.items(), 1):
        style = "bold $accent" if name == current else "" if name in on_show else "$muted"
        mark = "▸" if name == current else " "
        words = (str(number) if number <= LAST_NUMBER else "" if word else "·", word)
        text = mark + " ".join(each for each in words if each)
        parts.append(Content.styled(text, f"{style} @do=screen.pane({number})"))
    return Content(" ").join(parts)


def happened(screen: LessonScreen) -> Content:
    """What the last command did; or why nothing happens."""
    if screen.ended is not None:
        key = "engine.vanished" if screen.ended.code is None else "engine.ended"
        return Content.styled(f"⚠ {screen.say(key, code=screen.ended.code)}", "bold $error")
    if screen.refusal is not None:
        return Content.styled(f"⚠ {engine_says(screen.refusal, screen.language)}", "bold $warning")
    if screen.note is not None:
        return Content.styled(f"✋ {screen.say(screen.note.key, **screen.note.values)}", "bold $warning")
    if screen.offer:
        return Content.styled(f"↪ {screen.say('lesson.offer')}", "bold $accent")
    if screen.waiting > LONG and not screen.running:
        return Content.styled(f"… {screen.say('engine.working', seconds=int(screen.waiting))}", "bold $accent")
    if screen.asked_to_run:
        return Content.styled(screen.say("engine.running"), "bold $accent")
    if screen.frame is None:
        waiting = "engine.waiting" if screen.tutor.engine_ready else "engine.loading"
        return Content.styled(screen.say("lesson.loading" if screen.opening is None else waiting), "$muted")
    done = readout.happened(screen.frame, screen.language, _equation(screen), screen.masks)
    parts = [done]
    if screen.reached:
        end = "reached" if screen.cursor < len(screen.steps) - 1 else "finished"
        parts.append(Content.styled(f"✓ {screen.say(f'lesson.{end}')}", "bold $success"))
    if screen.baseline is not None:
        parts.append(Content.styled(f"⚑ {_baseline(screen, screen.baseline, screen.frame)}", "$accent"))
    return Content("   ").join(parts)


def _baseline(screen: LessonScreen, baseline: Baseline, frame: Frame) -> str:
    """`baseline @ iteration 200, loss 0.41 → now 0.29`"""
    graph = screen.part.graph if screen.part else None
    name = screen.say("loss.name") if graph is None or graph.loss else graph.output
    return comparing.status(baseline, frame, name, screen.language, screen.masks)


def _equation(screen: LessonScreen) -> str:
    """The operation last done as formulas have it: `J = g·c`."""
    if screen.frame is None or screen.part is None or screen.part.graph is None or screen.frame.moment.op is None:
        return ""
    from tui.graph_shown import equation, larger_tensors

    graph = screen.part.graph
    return equation(graph.node(screen.frame.moment.op), larger_tensors(graph))
