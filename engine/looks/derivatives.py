"""One derivative in four ways: by autograd, the chain rule and differences at once; by sympy when there is time."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from engine.chain_rule import Step, walk
from engine.finite_differences import DIFFERENCES, STEPS, central_difference, evaluations, forward_difference
from engine.kernels import TORCH_ERRORS
from engine.looks.records import (
    ChainStep,
    Derivatives,
    DifferenceErrors,
    SeenDerivatives,
    SeenDifferenceErrors,
    SeenSymbolic,
    SymbolicDerivative,
    Way,
)
from engine.records import record
from engine.restriction import Index, Restriction
from engine.session import Session
from engine.words import Refused

if TYPE_CHECKING:
    from engine.symbolic import Formula

T = TypeVar("T")
PASSED = 64  # elements of a step that are sent
LONGEST = 3000  # letters of a formula's LaTeX
COUNTED = 64  # parameters whose formulas are all written down, to count their operations
LATE = 0.05  # seconds
WORK = 60_000  # operations, of a formula at all samples


def see(session: Session, look: Derivatives) -> SeenDerivatives:
    """What can be known at once."""
    try:
        return _seen(session, look)
    except Refused as refused:
        return SeenDerivatives(of=look, refused=refused.sentence)


def see_symbolic(session: Session, look: SymbolicDerivative) -> Generator[None, None, SeenSymbolic]:
    """The formula by sympy, and its value."""
    try:
        return (yield from _symbolic(session, look))
    except Refused as refused:
        return SeenSymbolic(of=look, refused=refused.sentence)


def see_errors(session: Session, look: DifferenceErrors) -> Generator[None, None, SeenDifferenceErrors]:
    """The errors of differences, one h after another."""
    try:
        return (yield from _errors(session, look))
    except Refused as refused:
        return SeenDifferenceErrors(of=look, refused=refused.sentence)


def function_of(
    session: Session, look: Derivatives | SymbolicDerivative | DifferenceErrors
) -> tuple[Restriction, Index]:
    """What is differentiated, and to which element. After the step it is with the weights that the gradients are of."""
    state = session.look().start
    found = Restriction.of(session.experiment.graph, session.experiment.leaves(state), look.output, look.source)
    return found, found.place(look.index)


# ---------------------------------------------------------------- at once
def _seen(session: Session, look: Derivatives) -> SeenDerivatives:
    if not 0 < look.h <= 1:
        raise Refused("look.step", h=look.h)
    function, index = function_of(session, look)
    try:
        steps, rule = _rule(function, index)
        ways = (_autograd(function, index), rule, *_differences(function, index, look.h))
    except TORCH_ERRORS as error:
        raise Refused("look.not_computed", reason=str(error).strip().split("\n")[0]) from error
    return SeenDerivatives(
        of=look,
        output=function.output,
        source=function.source,
        index=index,
        shape=tuple(function.value.shape),
        dtype=_dtype(function),
        parameters=function.count,
        ways=ways,
        steps=tuple(ChainStep(each.source, each.target, each.text, record(each.value, PASSED)) for each in steps),
    )


def _autograd(function: Restriction, index: Index) -> Way:
    """All gradients at once: it costs the same as one."""
    found, seconds = _timed(lambda: function.gradients(function.parameters))
    cost = len(function.nodes) + _backward(function)
    return Way("autograd", _dtype(function), float(found[function.source][index]), seconds, cost, cost)


def _rule(function: Restriction, index: Index) -> tuple[tuple[Step, ...], Way]:
    (found, steps), seconds = _timed(lambda: walk(function))
    if seconds > LATE:  # torch loads some of itself when it is first needed
        (found, steps), seconds = _timed(lambda: walk(function))
    forward = len(function.nodes)
    one, every = forward + len(function.on_the_way), forward + _backward(function)
    return steps, Way("rule", _dtype(function), float(found[index]), seconds, one, every)


def _differences(function: Restriction, index: Index, h: float) -> list[Way]:
    """In the graph's own dtypes and, where that is another, in float64."""
    functions = [function] if _dtype(function) == "float64" else [function, function.precise()]
    found = []
    for name, difference in reversed(DIFFERENCES.items()):
        for each in functions if name == "central" else functions[:1]:
            value, seconds = _timed(partial(difference, each, index, h))
            one, every = (count * len(each.nodes) for count in (evaluations(name, 1), evaluations(name, each.count)))
            found.append(Way(name, _dtype(each), value, seconds, one, every))
    return found


def _backward(function: Restriction) -> int:
    """How many operations backward goes through, for all parameters."""
    return sum(node.name in function.graph.differentiable for node in function.nodes)


def _dtype(function: Restriction) -> str:
    return str(function.value.dtype).removeprefix("torch.")


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    return work(), time.perf_counter() - begin


# ---------------------------------------------------------------- when there is time
def _symbolic(session: Session, look: SymbolicDerivative) -> Generator[None, None, SeenSymbolic]:
    from engine.symbolic import formula

    yield
    function, index = function_of(session, look)
    begin = time.perf_counter()
    found = formula(function)
    yield
    derivative = found.derivative(function.source, index)
    cost = int(derivative.count_ops())
    if cost * max(1, found.samples) > WORK:
        raise Refused("look.too_large_to_write", count=cost * max(1, found.samples), limit=WORK)
    yield
    value = 0.0
    for part in found.values(derivative, function.known):
        value += part
        yield
    value *= float(found.share)
    seconds = time.perf_counter() - begin
    every = yield from _count(function, found)
    written = found.latex(derivative)
    return SeenSymbolic(
        of=look,
        autograd=float(function.gradients(())[function.source][index]),
        way=Way("symbolic", "", value, seconds, cost, every),
        formula=written if len(written) <= LONGEST else "",
        samples=found.samples,
    )


def _count(function: Restriction, found: Formula) -> Generator[None, None, int | None]:
    """The operations of all parameters' formulas together; None where these are many, or hidden by the source."""
    if function.count > COUNTED or function.source not in function.parameters:
        return None
    total = 0
    for name in function.parameters:
        for each in found.symbols:
            if each.name == name:
                total += int(found.derivative(name, each.index).count_ops())
                yield
    return total


def _errors(session: Session, look: DifferenceErrors) -> Generator[None, None, SeenDifferenceErrors]:
    function, index = function_of(session, look)
    precise = function.precise()
    exact = float(precise.gradients(())[function.source][index])
    forward, central, double = list[float](), list[float](), list[float]()
    for h in STEPS:
        yield
        forward.append(abs(forward_difference(function, index, h) - exact))
        central.append(abs(central_difference(function, index, h) - exact))
        double.append(abs(central_difference(precise, index, h) - exact))
    return SeenDifferenceErrors(
        of=look,
        autograd=float(function.gradients(())[function.source][index]),
        exact=exact,
        dtype=_dtype(function),
        steps=STEPS,
        forward=tuple(forward),
        central=tuple(central),
        precise=tuple(double),
        best=_best(central),
    )


def _best(errors: list[float]) -> float:
    """The h whose error is least, its neighbours' counted in: a single one may be small by luck."""
    around = [max(errors[max(0, place - 1) : place + 2]) for place in range(len(errors))]
    return STEPS[around.index(min(around))]
