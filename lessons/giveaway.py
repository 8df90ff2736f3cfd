"""What a question gives away while it is asked: an answer that stands on a pane, or in the question's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.expression import METRICS, Call, Constant, Expression, ExpressionError, Index, Name, parse
from engine.messages import Answer
from lessons import marking
from lessons.answers import alone, shape_of
from lessons.findings import Finding, Place
from lessons.inline import pieces
from lessons.passages import Passage
from lessons.prose import Prose
from lessons.scene import Scene
from lessons.strict_yaml import Path

KINDS = ("number", "tensor")  # whose answer is looked for: a shape that can be seen may be asked of its gradient
_SHOWN = ("value", "shape", "ndim")  # of an input or weight, panes show these all the time
_MASKED = ("value", "grad", "local", "shape", "ndim", "dtype", "delta")  # what masks cover where it is asked
_NUMBER = re.compile(r"(?<![\w.,^_{])-?\d+(?:[.,]\d+)?(?![\w}]|[.,]\d)")
_CODE = re.compile(r"`[^`]*`")


def check(scene: Scene, path: Path, exercise: object, leaves: Sequence[str]) -> None:
    """An input, weight or shape of data stands on the panes, unless the step itself changes it."""
    text = getattr(exercise, "expect", None)
    if getattr(exercise, "kind", "") not in KINDS or text is None:
        return
    if _stands_on_panes(parse(text, queries=True), leaves) and _same(scene.before.get(text), scene.answer(text)):
        scene.say((*path, "expect"), "lint.visible", "warning", text=text)


def _stands_on_panes(expression: Expression, leaves: Sequence[str]) -> bool:
    match expression:
        case Index(of=of):
            return _stands_on_panes(of, leaves)
        case Name(name=name):
            return name in leaves and name not in METRICS
        case Call(op=op, arguments=(Name(name=name) | Constant(value=str() as name),)) if op in _SHOWN:
            return name in leaves
    return False


def _same(before: Answer | None, after: Answer) -> bool:
    if before is None or before.refused is not None:
        return False
    return alone(before) == alone(after) and shape_of(before) == shape_of(after)


def in_words(scene: Scene, exercise: object, prose: Prose) -> Iterator[Finding]:
    """The answer, computed or written out, in the question itself."""
    passage = prose.passages.get(getattr(exercise, "id", ""))
    answer = alone(scene.answer(getattr(exercise, "expect", ""))) if getattr(exercise, "kind", "") == "number" else None
    if passage is None or answer is None:
        return
    for text in _computed(passage):
        found = alone(scene.answer(text))
        if found is not None and marking.near(found[0], *answer, getattr(exercise, "tol", None)):
            slot = next(each for each in prose.slots if each.passage == passage.id and each.expression.strip() == text)
            place = Place(slot.line, slot.column, slot.column + len(slot.expression.split("\n")[0]))
            yield prose.source.finding(place, "lint.answer_in_question", severity="warning", text=text)
    for number, written in _written(passage, prose):
        if float(written[0].replace(",", ".")) == answer[0]:
            place = Place(number, written.start() + 1, written.end() + 1)
            yield prose.source.finding(place, "lint.answer_in_question", severity="warning", text=written[0])


def _computed(passage: Passage) -> Iterator[str]:
    """The values in the question that are more than a reference, which a mask would cover."""
    for part in (passage.heading, passage.markdown):
        for piece in pieces(part):
            if piece.kind == "value" and _computes(piece.text):
                yield piece.text.strip()


def _computes(text: str) -> bool:
    try:
        found = parse(text.strip(), queries=True)
    except ExpressionError:
        return False
    return isinstance(found, Call) and found.op not in _MASKED


def _written(passage: Passage, prose: Prose) -> Iterator[tuple[int, re.Match[str]]]:
    """The numbers of two digits or more in the question's lines, outside code, with the line they stand in."""
    wanted = {f"{passage.heading}", *passage.markdown.split("\n")}
    for number in range(passage.line, len(prose.source.lines) + 1):
        line = prose.source.lines[number - 1]
        if number > passage.line and line.startswith(("#", "> [!", "- [")):
            return
        shown = _CODE.sub(lambda match: " " * len(match[0]), line)
        if number == passage.line or line in wanted:
            for match in _NUMBER.finditer(shown):
                if sum(each.isdigit() for each in match[0]) > 1:
                    yield number, match
