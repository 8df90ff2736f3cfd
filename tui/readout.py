"""What the lines around the panes say of a moment: numbers of a fixed width, fewer of them where room is short."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from engine.messages import DeviceUse, Frame
from engine.words import Sentence
from engine.words import say as engine_says
from tui.language import say
from tui.masks import HIDDEN, NOTHING, Masks
from tui.widgets import numbers

SEPARATOR = " · "
# From the most to the least that may fit.
# Where `ALL` is too wide, `WORK` stands beside the phases and `RESULTS` beside the tabs.
WORK = (("epoch", "iteration", "loss", "train_loss"), ("iteration", "loss", "train_loss"), ("loss", "train_loss"))
RESULTS = (("train_accuracy", "test_accuracy"), ("test_accuracy",))
ALL = (
    ("epoch", "iteration", "loss", "train_loss", "train_accuracy", "test_accuracy"),
    ("epoch", "iteration", "loss", "train_loss", "test_accuracy"),
)


def output(frame: Frame, name: str, masks: Masks = NOTHING) -> list[Content]:
    """The number of a graph that does not train: what it comes to."""
    if frame.loss is None:
        return []
    return [Content(f"{name} = {HIDDEN if 'loss' in masks.metrics else numbers.loss(frame.loss)}")]


def metrics(frame: Frame, choices: Sequence[Sequence[str]], language: str, masks: Masks = NOTHING) -> list[Content]:
    """The numbers of the moment, in ever shorter forms."""
    values = _values(frame)
    values |= {name: HIDDEN.center(len(text)) for name, text in values.items() if name in masks.metrics}
    forms = []
    for choice in choices:
        for table in ("metric", "metric_short"):
            parts = [say(language, f"{table}.{name}", value=values[name]) for name in choice if name in values]
            forms.append(Content(SEPARATOR.join(parts)))
    return forms


def _values(frame: Frame) -> dict[str, str]:
    values = {"epoch": f"{frame.moment.epoch:>3}", "iteration": f"{frame.moment.iteration:>4}"}
    if frame.loss is not None:
        values["loss"] = f"{numbers.loss(frame.loss):>6}"
    elif frame.sentence is not None and frame.sentence.key == "did.edit" and "train_loss" in frame.metrics:
        # An edit takes the batch's loss away; that of all training data follows the edit at once.
        values["train_loss"] = f"{numbers.loss(frame.metrics['train_loss']):>6}"
    for name in ("train_accuracy", "test_accuracy"):
        if name in frame.metrics:
            values[name] = numbers.percent(frame.metrics[name])
    return values


def circumstances(
    language: str, device: str, seed: str, paces: Sequence[str], way: str = "", use: str = ""
) -> list[Content]:
    """`es · cpu · plan · semilla 7 · ▶ 200 it/s`, and shorter; the device stays to the last.

    `way`: how whole iterations were trained last, where any were. `use`: how full and busy the device is, where it is a
    GPU.
    """
    pace, full = paces[0], f"{device} {use}".rstrip()
    forms = ((language, full, way, seed, pace), *((full, way, seed, each) for each in paces),
             *((full, way, each) for each in paces), *((full, each) for each in paces),
             *((device, each) for each in paces), (device,))  # fmt: skip
    return [Content.styled(SEPARATOR.join(part for part in form if part), "$muted") for form in forms]


def use(told: DeviceUse, running: bool) -> str:
    """`3/140 GB  87 %`; how busy it is only while training goes on: at rest nobody looks."""
    used, total = (round(count / (1 << 30)) for count in (told.used, told.total))
    return f"{used}/{total} GB" + (f" {told.busy:>3} %" if told.busy is not None and running else "")


def happened(frame: Frame, language: str, equation: str = "", masks: Masks = NOTHING) -> Content:
    """What the last command did, or why it did not. `equation`: the operation last done, as formulas have it."""
    if frame.message is not None and (op := frame.message.values.get("op")) in masks.shapes:
        return Content.styled(f"⚠ {say(language, 'ask.outcome_hidden', op=op)}", "bold $warning")
    if frame.message is not None:
        return Content.styled(f"⚠ {engine_says(frame.message, language)}", "bold $warning")
    formula = Content.styled(equation or frame.formula, "bold $accent") if frame.formula else None
    sentence = Content(_told(frame, language, equation, masks)) if frame.sentence else None
    return Content("   ").join(part for part in (formula, sentence) if part)


def _told(frame: Frame, language: str, equation: str, masks: Masks) -> str:
    """The sentence, with the operation in it as it is written in formulas."""
    assert frame.sentence is not None
    sentence = frame.sentence
    if sentence.key == "did.again_sums" and (masks.grads or masks.shapes or masks.locals):
        sentence = Sentence("did.again")  # the numbers may be what is asked
    if equation and sentence.values.get("formula") == frame.formula:
        sentence = Sentence(sentence.key, {**sentence.values, "formula": equation})
    return engine_says(sentence, language)
