"""Marking a line of code that was typed into a gap: as what it means, and if it is wrong, by what is missing."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher

from tui.exercises import code_forms
from tui.exercises.progress import RIGHT, Verdict, unreadable, wrong

GAP = "▁▁▁▁▁▁"
CLOSE = 0.75  # how alike two names are that are one with a slip


def answer(line: str) -> str:
    """What belongs into the gap of a line: what an assignment assigns, or the whole of it."""
    statement = code_forms.read(line)
    found = code_forms.value(statement)
    assert found is not None  # the lesson's check sees to it
    text = line.strip()
    return text[text.index("=") + 1 :].strip() if code_forms.target(statement) else text


def with_gap(line: str) -> str:
    """The line with the gap in it."""
    return line.removesuffix(answer(line)) + GAP


def can_be_asked(line: str) -> bool:
    """Whether a line is one assignment or call."""
    try:
        return code_forms.value(code_forms.read(line)) is not None
    except code_forms.UNREADABLE:
        return False


def mark(given: str, line: str, known: Mapping[str, str]) -> Verdict:
    """Whether `given`, the gap's text or the whole line, means what `line` means; `known`: what names were set to."""
    if not given.strip():
        return unreadable("ask.fill.empty")
    try:
        return _marked(code_forms.read(given), line, known)
    except code_forms.UNREADABLE:
        return _unreadable(given)


def _marked(statement: ast.stmt | None, line: str, known: Mapping[str, str]) -> Verdict:
    found, wanted = code_forms.value(statement), code_forms.value(code_forms.read(line))
    if found is None or wanted is None:
        return unreadable("ask.fill.one_line")
    target = code_forms.target(statement)
    if target and target != code_forms.target(code_forms.read(line)):
        return wrong("ask.fill.target", given=target)
    if code_forms.alike(found, wanted, known):
        return RIGHT
    return next((verdict for near in NEAR if (verdict := near(found, wanted, known))), Verdict())


def _unreadable(given: str) -> Verdict:
    """It is no Python: most often for want of a bracket."""
    for opening, closing in ("()", "[]"):
        if given.count(opening) != given.count(closing):
            return unreadable("ask.fill.bracket")
    return unreadable("ask.fill.syntax")


# ---------------------------------------------------------------- what is missing
Near = Callable[[ast.expr, ast.expr, Mapping[str, str]], Verdict | None]


def _not_called(found: ast.expr, wanted: ast.expr, known: Mapping[str, str]) -> Verdict | None:
    """A name without the brackets that call it."""
    if isinstance(found, ast.Call) or not isinstance(wanted, ast.Call):
        return None
    as_call = ast.Call(found, [], [])
    named = code_forms.called(wanted).rpartition(".")[2] == ast.unparse(found).rpartition(".")[2]
    return wrong("ask.fill.call") if named or code_forms.alike(as_call, wanted, known) else None


def _other_arguments(found: ast.expr, wanted: ast.expr, known: Mapping[str, str]) -> Verdict | None:
    """The right thing is called, with something else."""
    one, other = (code_forms.called(code_forms.normal(each, known)) for each in (found, wanted))
    return wrong("ask.fill.arguments", name=one) if one and one == other else None


def _a_part(found: ast.expr, wanted: ast.expr, known: Mapping[str, str]) -> Verdict | None:
    """All of it is right, and something is missing around it."""
    inside = not isinstance(found, ast.Constant | ast.Name) and code_forms.part(found, wanted, known)
    return wrong("ask.fill.part") if inside else None


def _no_owner(found: ast.expr, wanted: ast.expr, known: Mapping[str, str]) -> Verdict | None:
    """The right method, of nothing or of something else."""
    one, other = code_forms.called(found), code_forms.called(wanted)
    (owner, _, name), (_, dot, method) = one.rpartition("."), other.rpartition(".")
    if not dot or name != method:
        return None
    return wrong("ask.fill.other_owner", name=name, owner=owner) if owner else wrong("ask.fill.owner", name=name)


def _slip(found: ast.expr, wanted: ast.expr, known: Mapping[str, str]) -> Verdict | None:
    """A name that is nearly right."""
    one, other = (code_forms.called(each) or ast.unparse(each) for each in (found, wanted))
    if one != other and SequenceMatcher(None, one.lower(), other.lower()).ratio() >= CLOSE:
        return wrong("ask.fill.slip", name=one)
    return None


NEAR: tuple[Near, ...] = (_not_called, _other_arguments, _a_part, _no_owner, _slip)
