"""What was done in an experiment, from its history: runs of iterations, and every edit with its values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from engine.graph import Graph
from engine.messages import Change, Done, Log
from tui.exercises.known import spoken
from tui.language import say

MOST = 8  # numbers of an edit that are written out; of more only how many


def deeds(log: Log, graph: Graph, language: str) -> list[str]:
    """One line for each edit, and for all that was done between two; what was undone is left out."""
    length = len(graph.atoms)
    past = [each for each in log.entries[: log.entry + 1] if not each.note]
    found: list[str] = []
    for kind, entries in groupby(past, key=_kind):
        group = list(entries)
        if kind == "advance":
            last = min(group[-1].end, log.time) if group[-1] is past[-1] else group[-1].end
            found.append(_advanced(group[0].start, last, length, language))
        elif kind == "again":
            found += [say(language, "log.again", iteration=each.start // length) for each in group]
        else:
            found += [line for each in group for line in _edited(each, length, language)]
    return found


def _kind(done: Done) -> str:
    if done.changes is None:
        return "advance"
    return "edit" if done.changes else "again"


def _advanced(start: int, end: int, length: int, language: str) -> str:
    """In whole iterations, and the operations of one that is not complete."""
    begun, rest = divmod(end, length)
    if not rest:
        return say(language, "log.iterations", first=start // length, last=begun)
    return say(language, "log.operations", first=start // length, last=begun, count=rest, of=length)


def _edited(done: Done, length: int, language: str) -> Iterator[str]:
    for change in done.changes or ():
        edit = f"{_name(change)} = {_value(change, language)}"
        yield say(language, "log.edit", iteration=done.start // length, edit=edit)


def _name(change: Change) -> str:
    return change.name if change.index is None else f"{change.name}[{', '.join(map(str, change.index))}]"


def _value(change: Change, language: str) -> str:
    if isinstance(change.value, str):
        return change.value
    if not isinstance(change.value, list):
        return spoken(float(change.value), "float32", language)
    count = _count(change.value)
    return _listed(change.value, language) if count <= MOST else say(language, "log.numbers", count=count)


def _listed(value: object, language: str) -> str:
    if isinstance(value, list):
        return f"[{'; '.join(_listed(each, language) for each in value)}]"
    return spoken(float(value), "float32", language)  # type: ignore[arg-type]


def _count(value: object) -> int:
    return sum(map(_count, value)) if isinstance(value, list) else 1
