"""The exercise that shows a program with a mistake, whose line is to be found."""

from __future__ import annotations

from engine.words import Sentence
from engine.words import say as engine_says
from lessons.exercises import AskSpot
from lessons.passages import Passage
from tui.exercises.kind import Kind
from tui.exercises.known import Known
from tui.exercises.progress import RIGHT, Verdict, unreadable, wrong
from tui.exercises.quoting import code
from tui.exercises.spot_field import SpotField
from tui.language import say


def _number(given: str) -> int:
    return int(given) if given.isdecimal() else 0


def _mark(exercise: AskSpot, given: str, known: Known) -> Verdict:
    """Whether the mistake can be put right there; of another line what it does."""
    if not known.program.wrong:
        return unreadable("ask.not_answerable")
    line = known.program.line(_number(given))
    if line is None:
        return unreadable("ask.spot.no_line")
    return RIGHT if _number(given) in known.program.wrong else wrong(f"ask.line.{line.does}", of=line.of)


def _said(exercise: AskSpot, passage: Passage, given: str, language: str) -> str:
    return say(language, "ask.spot.line", number=given) if given else ""


def _solution(exercise: AskSpot, passage: Passage, known: Known, language: str) -> str:
    """The lines, what is wrong there, and how it is right."""
    program = known.program
    lines = ", ".join(map(str, sorted(program.wrong)))
    mistake = engine_says(Sentence(f"mutation.{program.mistake}"), language) if program.mistake else ""
    right = say(language, "ask.spot.right", line=code(program.restored)) if program.restored else ""
    where = say(language, "ask.spot.lines" if len(program.wrong) > 1 else "ask.spot.line", number=lines)
    return " ".join(part for part in (f"{where}.", mistake, right) if part)


KIND = Kind(
    field=lambda exercise, passage: SpotField(),
    mark=_mark,
    said=_said,
    solution=_solution,
    explains=True,
    keys="ask.keys.spot",
)
