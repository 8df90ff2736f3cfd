"""What a robot learner answers: the right thing to every kind of exercise, and wrong ones that a person might give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lessons.answers import OUTCOMES, numbers
from lessons.grids import rows_asked
from tui.exercises import cells, choice, fills, orders, pairings, predict, tensors
from tui.exercises.known import Known

Given = Iterator[str]
BESIDE = 1.5  # how far beside the right number a wrong one lies, and more for large ones


def _beside(value: float) -> str:
    return repr(float(value) + BESIDE + abs(value) if np.isfinite(value) else 1.0)


def _values(exercise: Any, expression: str, known: Known) -> list[float]:
    """The cells of a tensor that are asked."""
    values = numbers(known.answers[expression].array)
    assert values is not None
    return tensors.of_cells(values, exercise.blank)


# ---------------------------------------------------------------- right
def _number(exercise: Any, known: Known) -> str:
    found = known.number(exercise.expect)
    assert found is not None, exercise.id
    return repr(found[0])


def _predicted(exercise: Any, known: Known) -> str:
    word = predict.outcome(exercise, known) if exercise.give in predict.WORDS else None
    return word or _number(exercise, known)


def _tensor(exercise: Any, known: Known) -> str:
    return cells.joined([repr(each) for each in _values(exercise, exercise.expect, known)])


def _complete(exercise: Any, known: Known) -> str:
    values = numbers(known.answers[exercise.column].array)
    assert values is not None
    column = values.reshape(-1).tolist()
    total = known.number(exercise.then) if exercise.then is not None else None
    asked = [column[row] for row in rows_asked(len(column), exercise.blank)]
    return cells.joined([repr(each) for each in (*asked, *(total[:1] if total else ()))])


def _outcome(exercise: Any, known: Known) -> str:
    found = known.outcome(exercise.expect)
    shape = known.shape(exercise.expect)
    return f"{found} {shape}" if shape is not None and found == OUTCOMES[0] else str(found)


def _order(exercise: Any, known: Known) -> str:
    found = orders.some_right(len(exercise.lines), exercise.pairs)
    assert found is not None, exercise.id
    return orders.written(found)


def _line(exercise: Any, known: Known) -> str:
    number = known.program.number(exercise.line)
    assert number is not None, exercise.id
    return known.program.lines[number - 1].text.strip()


RIGHT: dict[str, Callable[[Any, Known], str]] = {
    "number": _number,
    "predict": _predicted,
    "tensor": _tensor,
    "complete": _complete,
    "shape": lambda exercise, known: str(known.shape(exercise.expect)),
    "expression": lambda exercise, known: exercise.expect,
    "choice": lambda exercise, known: " ".join(choice.answers(exercise, known)),
    "order": _order,
    "match": lambda exercise, known: pairings.written(exercise.pairs),
    "fill": _line,
    "spot": lambda exercise, known: str(min(known.program.wrong)),
    "goal": lambda exercise, known: exercise.answer or "",
    "outcome": _outcome,
    "think": lambda exercise, known: "¿Por qué? Because.",
}


def right(exercise: Any, known: Known) -> str:
    """The answer, as its field would give it; of a goal that can be reached nothing: it is answered by deeds."""
    return RIGHT[exercise.kind](exercise, known)


# ---------------------------------------------------------------- traps
def trapped(exercise: Any, known: Known) -> Iterator[tuple[str, str]]:
    """Each known mistake of an exercise, by name, as its field would give it."""
    for name, text in getattr(exercise, "traps", {}).items():
        if exercise.kind == "expression":
            yield name, text
        elif exercise.kind == "tensor":
            yield name, cells.joined([repr(each) for each in _values(exercise, text, known)])
        elif exercise.kind == "shape":
            yield name, str(known.shape(text))
        elif (found := known.number(text)) is not None:
            yield name, repr(found[0])


# ---------------------------------------------------------------- wrong
def _wrong_number(exercise: Any, known: Known) -> Given:
    found = known.number(exercise.expect)
    assert found is not None
    yield _beside(found[0])


def _wrong_prediction(exercise: Any, known: Known) -> Given:
    if exercise.give not in predict.WORDS:
        yield from _wrong_number(exercise, known)
        return
    yield next(word for word in predict.WORDS[exercise.give] if word != predict.outcome(exercise, known))


def _wrong_cells(exercise: Any, known: Known) -> Given:
    yield cells.joined([_beside(float(each)) for each in right(exercise, known).split(cells.BETWEEN)])


def _wrong_choice(exercise: Any, known: Known, options: tuple[str, ...]) -> Given:
    answers = choice.answers(exercise, known)
    yield next((name for name in options if name not in answers), answers[0])


def _wrong_order(exercise: Any, known: Known) -> Given:
    yield orders.written(orders.shuffled(exercise.id, len(exercise.lines), exercise.pairs, exercise.lines))


def _wrong_pairs(exercise: Any, known: Known) -> Given:
    sides = list(exercise.pairs.values())
    yield pairings.written(dict(zip(exercise.pairs, (*sides[1:], sides[0]), strict=True)))


def _wrong_line(exercise: Any, known: Known) -> Given:
    yield f"nothing_like({fills.answer(_line(exercise, known))})"


def _wrong_spot(exercise: Any, known: Known) -> Given:
    lines = range(1, len(known.program.lines) + 1)
    yield str(next(each for each in lines if known.program.line(each) and each not in known.program.wrong))


WRONG: dict[str, Callable[[Any, Known], Given]] = {
    "number": _wrong_number,
    "predict": _wrong_prediction,
    "tensor": _wrong_cells,
    "complete": _wrong_cells,
    "shape": lambda exercise, known: iter([str((*(known.shape(exercise.expect) or ()), 7))]),
    "order": _wrong_order,
    "match": _wrong_pairs,
    "fill": _wrong_line,
    "spot": _wrong_spot,
    "outcome": lambda exercise, known: iter(
        [next(f"{name} (9, 9)".removesuffix(" (9, 9)" if name != OUTCOMES[0] else "")
              for name in OUTCOMES if name != known.outcome(exercise.expect))]
    ),
}  # fmt: skip


def wrong(exercise: Any, known: Known, options: tuple[str, ...]) -> list[str]:
    """Wrong answers, the known mistakes first; none to what cannot be answered wrongly."""
    if exercise.kind == "choice":
        return list(_wrong_choice(exercise, known, options))
    if exercise.kind == "goal":
        return [name for name in options if exercise.answer and name != exercise.answer][:1]
    others = WRONG[exercise.kind](exercise, known) if exercise.kind in WRONG else ()
    return [*(given for _, given in trapped(exercise, known)), *others]
