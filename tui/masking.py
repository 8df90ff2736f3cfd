"""What exercises ask for, read off their expressions: the masks that hide it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from engine.expression import METRICS, Call, Constant, Expression, ExpressionError, Index, Name, parse
from engine.graph import Graph
from tui.masks import NOTHING, Masks, overlap


def gives_away(expression: str, masks: Masks) -> bool:
    """Whether the value of an expression in the lesson's text would show what is hidden."""
    if masks == NOTHING:
        return False
    try:
        return overlap(masks, asked_in(expression))
    except ExpressionError:
        return False


def asked_in(expression: str) -> Masks:
    """All that an expression asks of the experiment."""
    found = NOTHING
    for each in _queries(parse(expression, queries=True), ()):
        found = found | each
    return found


def masks(expressions: Iterable[str], graph: Graph, moved: bool) -> Masks:
    """What is hidden while these are asked.

    Inputs and weights can be seen until the step changes them (`moved`): they are what one computes with. A graph's
    output is its loss.
    """
    found = NOTHING
    for expression in expressions:
        try:
            found = found | asked_in(expression)
        except ExpressionError:
            continue  # then the engine says why it cannot be answered
    leaves = {leaf.name for leaf in graph.leaves}
    kept = frozenset(place for place in found.values if place[0] not in leaves or moved)
    shapes = frozenset(name for name in found.shapes if name not in leaves)
    metrics, loss = set(found.metrics), graph.loss or graph.output
    if any(name == loss for name, _ in kept):
        metrics.add("loss")
    if "loss" in metrics:
        kept |= {(loss, ())}
    return Masks(kept, found.grads, shapes, found.dtypes, found.locals, frozenset(metrics))


def _queries(expression: Expression, index: tuple[int, ...]) -> Iterator[Masks]:
    """What each part asks; `index` is the element that is taken of it."""
    match expression:
        case Index(of=of, index=inner):
            yield from _queries(of, (*inner, *index))
        case Name(name=name) if name in METRICS:
            yield Masks(metrics=frozenset([name]))
        case Name(name=name):
            yield Masks(values=frozenset([(name, index)]))
        case Call(op=op, arguments=arguments) if op in _ASKS:
            yield _ASKS[op](*(_named(each) for each in arguments), index)
        case Call(arguments=arguments):
            for argument in arguments:
                yield from _queries(argument, ())


def _named(expression: Expression) -> str:
    match expression:
        case Name(name=name):
            return name
        case Constant(value=str() as text):
            return text
    return ""


_ASKS: dict[str, Callable[..., Masks]] = {
    "value": lambda name, index: Masks(values=frozenset([(name, index)])),
    "delta": lambda name, index: Masks(values=frozenset([(name, index)])),
    "grad": lambda name, index: Masks(grads=frozenset([(name, index)])),
    "shape": lambda name, index: Masks(shapes=frozenset([name])),
    "ndim": lambda name, index: Masks(shapes=frozenset([name])),
    "dtype": lambda name, index: Masks(dtypes=frozenset([name])),
    "local": lambda output, source, index: Masks(locals=frozenset([(output, source)])),
}
