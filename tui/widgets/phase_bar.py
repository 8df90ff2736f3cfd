"""The phases of an iteration in a row: done, just done, partly done, still to come."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from engine.messages import Moment, Phase

DONE, JUST_DONE, PARTLY, TO_COME = "●", "◉", "◐", "○"


def mark(phase: Phase, moment: Moment | None) -> str:
    """The sign of one phase: colour is not the only one that tells."""
    if moment is None or (phase != moment.phase and phase not in moment.completed):
        return TO_COME
    if phase not in moment.completed:
        return PARTLY
    return JUST_DONE if phase == moment.phase else DONE


_STYLES = {DONE: "$success", JUST_DONE: "bold $accent", PARTLY: "bold $accent", TO_COME: "$muted"}


def phase_bar(phases: Sequence[Phase], moment: Moment | None, wide: bool) -> Content:
    """`● forward ── ◉ loss ── ○ backward ── ○ step`; a click goes on, or back, to where that phase is done."""
    parts = []
    for phase in phases:
        sign = mark(phase, moment)
        parts.append(Content.styled(f"{sign} {phase}", f"{_STYLES[sign]} @do=screen.to_phase('{phase}')"))
    return Content.styled(" ── " if wide else "  ", "$muted").join(parts)


def steps_to(phases: Sequence[Phase], moment: Moment | None, wanted: Phase) -> int:
    """By how many phases to go on (or back, where negative) until `wanted` has just been done, and no more."""
    completed = moment.completed if moment else ()
    return phases.index(wanted) + 1 - len(completed)
