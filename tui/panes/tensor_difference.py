"""The table of tensors beside the baseline: every value, and how far it is from that of the baseline."""

from __future__ import annotations

import msgspec

from engine.looks.records import Distant, SeenDifference
from engine.messages import Frame, Tensor
from tui import number
from tui.language import say
from tui.masks import HIDDEN, Masks
from tui.panes.tensor_table import Beside, Cell, Page, draw


def draw_difference(
    frame: Frame, seen: SeenDifference, language: str, width: int, cursor: Cell | None, masks: Masks
) -> Page:
    """Inputs and weights with `value - baseline` where gradients stand otherwise, and its 2-norm beside their names."""
    found = {each.name: each for each in seen.tensors}
    shown = tuple(_beside(each, found[each.name]) for each in frame.tensors if each.name in found)
    # What gives a value away is its difference as well.
    facts = {name: _facts(each, language, masks) for name, each in found.items()}
    compared = msgspec.structs.replace(frame, tensors=shown, touched_grads=())
    return draw(compared, language, width, cursor, _for_differences(masks), Beside("tensors.difference", "Δ", facts))


def _beside(tensor: Tensor, distant: Distant) -> Tensor:
    return msgspec.structs.replace(tensor, grad=distant.difference)


def _for_differences(masks: Masks) -> Masks:
    return Masks(masks.values, masks.values, masks.shapes, masks.dtypes, masks.locals, masks.metrics)


def _facts(distant: Distant, language: str, masks: Masks) -> str:
    """`‖Δ‖ 0.0123`, or that the bits are the same."""
    if masks.any_value(distant.name):
        return say(language, "tensors.norm", norm=HIDDEN)
    if distant.same:
        return say(language, "tensors.same")
    return say(language, "tensors.norm", norm=number.short(distant.norm).strip())
