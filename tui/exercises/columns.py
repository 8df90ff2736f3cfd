"""Marking a table's column and its total, which also passes when it fits the cells that the learner wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from engine.expression import QUERIES, Call, Constant, Expression, ExpressionError, Index, Name, parse
from engine.words import Sentence
from lessons.exercises import Tolerance
from lessons.marking import near
from tui.exercises import cells
from tui.exercises.progress import RIGHT, Verdict, wrong

Numbers = npt.NDArray[np.float64]
FindNumber = Callable[[str], float | None]  # an expression -> the number that it is, where that is known
Total = tuple[float, str, float | None]  # the right one, its dtype, and that of the learner's own cells
_COMPUTED: Mapping[tuple[str, int], Callable[..., Numbers]] = {  # operation, arguments: what totals are made of
    ("add", 2): np.add, ("sub", 2): np.subtract, ("mul", 2): np.multiply, ("div", 2): np.divide, ("pow", 2): np.power,
    ("neg", 1): np.negative, ("abs", 1): np.abs, ("sqrt", 1): np.sqrt, ("exp", 1): np.exp, ("log", 1): np.log,
    ("sum", 1): np.sum, ("mean", 1): np.mean, ("max", 1): np.max, ("min", 1): np.min, ("norm", 1): np.linalg.norm,
}  # fmt: skip


def of_own(then: str, column: str, own: Sequence[float], number: FindNumber) -> float | None:
    """`then` computed with the learner's numbers in place of `column`; `number` tells what else stands in it.

    None where the column does not stand in it, or something in it is not known.
    """
    try:
        tree, place = parse(then, queries=True), _plain(parse(column, queries=True))
    except ExpressionError:
        return None
    if not any(_plain(part) == place for part in _parts(tree)):
        return None
    with np.errstate(all="ignore"):
        found = _computed(tree, place, np.asarray(own, dtype="float64"), number)
    return None if found is None or found.size != 1 else float(found.reshape(-1)[0])


def besides(then: str, column: str) -> tuple[str, ...]:
    """What must be known for `of_own`."""
    try:
        tree, place = parse(then, queries=True), _plain(parse(column, queries=True))
    except ExpressionError:
        return ()
    return tuple(dict.fromkeys(_text(part) for part in _parts(tree, place) if _asks(part) and _plain(part) != place))


def _computed(tree: Expression, place: Expression, own: Numbers, number: FindNumber) -> Numbers | None:
    if _plain(tree) == place:
        return own
    if _asks(tree):
        known = number(_text(tree))
        return None if known is None else np.asarray(known)
    match tree:
        case Constant(value=int() | float() as value):
            return np.asarray(float(value))
        case Call(op=op, arguments=arguments, dim=None | 0) if (op, len(arguments)) in _COMPUTED:
            inner = [_computed(each, place, own, number) for each in arguments]
            return None if any(each is None for each in inner) else np.asarray(_COMPUTED[op, len(arguments)](*inner))
    return None


def _parts(tree: Expression, until: Expression | None = None) -> Iterator[Expression]:
    """The expression and what is in it, down to `until` and to what asks for a value."""
    yield tree
    if isinstance(tree, Call) and not _asks(tree) and _plain(tree) != until:
        for argument in tree.arguments:
            yield from _parts(argument, until)


def _asks(tree: Expression) -> bool:
    return isinstance(tree, Name | Index) or (isinstance(tree, Call) and tree.op in QUERIES)


def _plain(tree: Expression) -> Expression:
    """The expression without places, and names for their values, so that equal ones compare equal."""
    match tree:
        case Call(op="value", arguments=(Name(name=name) | Constant(value=str() as name),)):
            return Name(name)
        case Name(name=name):
            return Name(name)
        case Call(op=op, arguments=arguments, dim=dim):
            return Call(op, tuple(map(_plain, arguments)), dim)
        case Index(of=of, index=index):
            return Index(_plain(of), index)
        case Constant(value=value):
            return Constant(value)


def _text(tree: Expression) -> str:
    """What asks for a value, as it is written."""
    match tree:
        case Name(name=name):
            return name
        case Constant(value=str() as text):
            return f'"{text}"'
        case Call(op=op, arguments=arguments):
            return f"{op}({', '.join(map(_text, arguments))})"
        case Index(of=of, index=index):
            return f"{_text(of)}[{', '.join(map(str, index))}]"
    return ""


# ---------------------------------------------------------------- marking
def marks(
    given: Sequence[float], answers: Sequence[float], dtype: str, tolerance: Tolerance | None, total: Total | None
) -> list[bool]:
    """Of each cell whether it is right; last of the total, which may fit the right cells or the learner's own."""
    found = cells.all_near(given[: len(answers)], answers, dtype, tolerance)
    return found if total is None else [*found, _fits(given[-1], total, tolerance)]


def mark(
    given: Sequence[float], answers: Sequence[float], dtype: str, tolerance: Tolerance | None, total: Total | None
) -> Verdict:
    """Right in every cell and in the total; or so many cells wrong, and what is to be said of the total."""
    found = marks(given, answers, dtype, tolerance, total)
    if all(found):
        return RIGHT
    if total is None or not all(found[:-1]):
        own = total is not None and found[-1] and not near(given[-1], total[0], total[1], tolerance)
        if own:
            return Verdict(sentence=Sentence("ask.total_of_own", {"wrong": found.count(False)}))
        return cells.some_wrong(found)
    return wrong("ask.total_wrong")


def _fits(given: float, total: Total, tolerance: Tolerance | None) -> bool:
    right, dtype, own = total
    return near(given, right, dtype, tolerance) or (own is not None and near(given, own, dtype, tolerance))
