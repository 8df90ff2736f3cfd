"""What there is to say of a baseline beside the present moment: where it is, what differs, and whether the bits do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.messages import NOTES, Baseline, Comparison, Frame, Log, Setting
from tui import number
from tui.language import say
from tui.masks import HIDDEN, NOTHING, Masks
from tui.widgets import numbers

MOST = 3  # differences that are told
SHORT = ("lr",)  # settings that everybody knows by this name


@dataclass(frozen=True)
class Edit:
    """One value that was set by hand (None: backward was done again), before the forward pass of `iteration`."""

    iteration: int
    name: str
    index: tuple[int, ...] | None = None
    value: object = None


def edits(log: Log, length: int, until: int) -> list[Edit]:
    """What was changed by hand up to the time `until`, in order; an iteration has `length` operations."""
    past = (entry for entry in log.entries[: log.entry + 1] if entry.changes is not None and entry.end <= until)
    found = []
    for entry in past:
        changes = [Edit(entry.end // length, each.name, each.index, each.value)
                   for each in entry.changes or () if each.name not in NOTES]  # fmt: skip
        found += changes or ([] if entry.note and entry.changes else [Edit(entry.end // length, "")])
    return found


# ---------------------------------------------------------------- what differs
def differing(baseline: Baseline, frame: Frame) -> dict[str, tuple[Setting, Setting]]:
    """The settings that are others now: what the baseline had, and what holds."""
    pairs = ((name, had, frame.settings.get(name, had)) for name, had in baseline.settings.items())
    return {name: (had, now) for name, had, now in pairs if had != now}


def differences(baseline: Baseline, frame: Frame, length: int, language: str, masks: Masks = NOTHING) -> list[str]:
    """What differs, in words: settings by name, then edits that only one of the two has."""
    settings = differing(baseline, frame)
    told = [say(language, "baseline.setting", name=_label(name, language), had=_setting(name, had, language, masks),
                now=_setting(name, now, language, masks))
            for name, (had, now) in settings.items()]  # fmt: skip
    if frame.log is None:
        return told
    now = edits(frame.log, length, frame.log.time)
    then = edits(baseline.log, length, frame.log.time)
    told += _only("baseline.here", now, then, settings, language, masks)
    return told + _only("baseline.there", then, now, settings, language, masks)


def _only(
    key: str, one: list[Edit], other: list[Edit], told: dict[str, tuple[Setting, Setting]], language: str, masks: Masks
) -> list[str]:
    """The edits of one that the other lacks; settings that are told already left out."""
    left = [each for each in one if each not in other and each.name not in told]
    return list(dict.fromkeys(say(language, key, what=_written(each, language, masks)) for each in left))


def _written(edit: Edit, language: str, masks: Masks) -> str:
    """`linear1.weight[0, 1] = 0.5 (it 3)`"""
    if not edit.name:
        return say(language, "baseline.again", iteration=edit.iteration)
    value = edit.value
    if masks.any_value(edit.name):
        value = HIDDEN
    elif isinstance(value, list):
        value = "…"
    elif isinstance(value, float):
        value = f"{value:.6g}"
    index = list(edit.index) if edit.index is not None else ""
    name = _label(edit.name, language)
    return say(language, "baseline.edit", what=f"{name}{index} = {value}", iteration=edit.iteration)


def _label(name: str, language: str) -> str:
    key = f"settings.{name.replace('.', '_')}"
    return name if name in SHORT or key not in SETTINGS else say(language, key)


def _setting(name: str, value: Setting, language: str, masks: Masks) -> str:
    from tui.screens.settings import written  # here: the first paint can do without text fields

    return HIDDEN if name in masks.metrics else written(value, language)


SETTINGS = tuple(
    f"settings.{name}" for name in ("optimizer_kind", "optimizer_momentum", "batch_size", "batch_order",
                                    "run_seed", "run_device")
)  # fmt: skip


# ---------------------------------------------------------------- sentences
def legend(baseline: Baseline, frame: Frame, language: str, masks: Masks = NOTHING) -> str:
    """`baseline: lr 0.1`: by what of its settings it is told from the present run."""
    found = [f"{_label(name, language)} {_setting(name, had, language, masks)}"
             for name, (had, _) in differing(baseline, frame).items()]  # fmt: skip
    return say(language, "baseline.legend_of", what=", ".join(found)) if found else say(language, "baseline.legend")


def status(baseline: Baseline, frame: Frame, name: str, language: str, masks: Masks = NOTHING) -> str:
    """`baseline @ iteration 200, loss 0.41 → now 0.29`"""
    where = say(language, "baseline.status", iteration=baseline.iteration)
    if baseline.loss is None or "loss" in masks.metrics:
        return where
    then, now = (numbers.loss(each) if each is not None else "" for each in (baseline.loss, frame.loss))
    text = f"{where}, {name} {then}"
    if not now:
        return text
    return f"{text} → {say(language, 'baseline.now')} {now}{_accuracy(baseline, frame, language, masks)}"


def _accuracy(baseline: Baseline, frame: Frame, language: str, masks: Masks) -> str:
    """`, acc 75.0 % → 100.0 %`, where it is known of both."""
    name = "train_accuracy"
    if name in masks.metrics or name not in baseline.metrics or name not in frame.metrics:
        return ""
    then, now = (numbers.percent(each.metrics[name]).strip() for each in (baseline, frame))
    return f", {say(language, f'metric_short.{name}', value=f'{then} → {now}')}"


def sentence(baseline: Baseline, frame: Frame, length: int, language: str, masks: Masks = NOTHING) -> str:
    """What differs, and whether the bits do."""
    return " ".join(_sentences(baseline, frame, length, language, masks))


def _sentences(baseline: Baseline, frame: Frame, length: int, language: str, masks: Masks) -> Iterator[str]:
    found = differences(baseline, frame, length, language, masks)
    shown = found[:MOST] + ([say(language, "baseline.more", count=len(found) - MOST)] if len(found) > MOST else [])
    if shown:
        yield say(language, "baseline.differs", what="; ".join(shown))
    compared = frame.comparison if frame.comparison and frame.comparison.number == baseline.number else None
    if compared is not None and (key := _bits(compared, bool(found))):
        yield say(language, key, distance=_distance(compared, masks))
    elif not found:
        yield say(language, "baseline.nothing")


def _bits(compared: Comparison, differs: bool) -> str:
    """The key of the sentence about the bits."""
    if compared.losses is not False and compared.weights:
        return "baseline.same"
    if compared.losses and compared.weights is None:
        return "baseline.same_so_far"
    if compared.weights is False:
        return "baseline.apart" if differs else "baseline.unexplained"
    return ""


def _distance(compared: Comparison, masks: Masks) -> str:
    return HIDDEN if masks.values or masks.shapes else number.short(compared.distance).strip()
