"""The exercise that shows a line of the script with a gap, to be typed."""

from __future__ import annotations

from lessons.exercises import AskFill
from lessons.passages import Passage
from tui.exercises import fills
from tui.exercises.fill_field import FillField
from tui.exercises.kind import Kind
from tui.exercises.known import Known
from tui.exercises.progress import Verdict, unreadable
from tui.exercises.quoting import code


def _mark(exercise: AskFill, given: str, known: Known) -> Verdict:
    number = known.program.number(exercise.line)
    if number is None:
        return unreadable("ask.not_answerable")
    return fills.mark(given, known.program.lines[number - 1].text, known.program.names)


def _said(exercise: AskFill, passage: Passage, given: str, language: str) -> str:
    return code(given.strip()) if given.strip() else ""


def _solution(exercise: AskFill, passage: Passage, known: Known, language: str) -> str:
    number = known.program.number(exercise.line)
    return "" if number is None else code(known.program.lines[number - 1].text.strip())


KIND = Kind(
    field=lambda exercise, passage: FillField(),
    hides_lines=lambda exercise: (exercise.line,),
    mark=_mark,
    said=_said,
    solution=_solution,
    keys="ask.keys.fill",
    letters=True,
)
