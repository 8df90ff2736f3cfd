"""One operation taken apart: its inputs, what arrived from above, and what it passed to each input."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import torch
from torch import Tensor

from engine.graph import Atom, Node
from engine.kernels import TORCH_ERRORS
from engine.looks.opened import opened
from engine.looks.places import Index, put, unravel
from engine.looks.reach import LOSSES, Form, Reached, reach
from engine.looks.records import Argument, Operation, Passed, SeenOperation, Taken
from engine.looks.shares import LARGEST, Case, alone, share
from engine.looks.smaller import opens
from engine.looks.windows import number, window
from engine.session import Session
from engine.spec import Number
from engine.state import State
from engine.telling import operation_sentence
from engine.words import Sentence

Given = Tensor | Number | None  # None: not computed yet


def see(session: Session, look: Operation) -> SeenOperation:
    """The operation as far as this iteration has come."""
    state, graph = session.look(), session.experiment.graph
    name = look.node or last_operation(session)
    if name not in (node.name for node in graph.nodes):
        return SeenOperation(of=look, refused=Sentence("look.no_operation"))
    node = graph.node(name)
    inner = [each for each in graph.nodes if each.part_of == name]
    taken = take(session, state, node, look.element)
    parts: tuple[Taken, ...] = (taken,)
    if look.opened and inner:
        parts = (*(take(session, state, each, look.element) for each in inner), taken)
    elif look.opened:
        parts = opened(node, _inputs(session, state, node), taken, look.element)
    return SeenOperation(of=look, node=name, parts=parts, opens=bool(inner) or opens(node))


def last_operation(session: Session) -> str:
    """The operation done last; at the start and after the optimizer's step the one where backward begins, or began."""
    state, graph = session.state, session.experiment.graph
    done = graph.atoms[state.cursor - 1].op if state.cursor else None
    return done or graph.output


def take(session: Session, state: State, node: Node, element: int) -> Taken:
    """One operation of the graph, with the `element`-th of its result spelled out."""
    graph, name = session.experiment.graph, node.name
    paths = Counter(each for name in graph.backward_order for each in graph.node(name).sources)
    inputs, value, upstream = _inputs(session, state, node), state.values.get(name), state.grads.get(name)
    back = {each.position: each.value for each in state.contributions if each.source == name}
    form = _form(node, inputs, value)
    count = math.prod(form.space) if form is not None else 1
    index = unravel(element % count, form.space) if form is not None and count else None
    reached = _reached(form, inputs, index)
    case = None if form is None or value is None else Case(form, tuple(each for each in inputs if each is not None))
    of_result = () if node.op in LOSSES else index
    arrivals = _arrivals(session, state, name, of_result)
    arguments = [
        _argument(graph.differentiable, node, position, given, each, case, upstream, back)
        for position, (given, each) in enumerate(zip(inputs, reached, strict=True))
    ]
    return Taken(
        node=name,
        op=node.op,
        dim=node.dim,
        squeeze=node.squeeze,
        arguments=tuple(_met(session, state, paths, each) for each in arguments),
        value=None if value is None else window(value, of_result or ()),
        upstream=None if upstream is None else window(upstream, of_result or ()),
        arrivals=arrivals,
        complete=upstream is not None and all(each.contribution is not None for each in arrivals),
        done_backward=bool(back),
        index=index,
        elements=count,
        out=_out(case, value, index),
        upstream_element=None if upstream is None or of_result is None else number(upstream, of_result),
        sentence=_sentence(session, name, value is not None, bool(back)),
        **_counts(form),
    )


# ---------------------------------------------------------------- forward
def _inputs(session: Session, state: State, node: Node) -> tuple[Given, ...]:
    """What went into it or, where it has not been computed, what will; parameters as they were before the step."""
    tape = state.tapes.get(node.name)
    if tape is not None:
        return tape.inputs
    known = session.experiment.leaves(state) | dict(state.values)
    return tuple(known.get(each) if isinstance(each, str) else each for each in node.inputs)


def _form(node: Node, inputs: Sequence[Given], value: Tensor | None) -> Form | None:
    """The shapes, once they are known: those of numbers alone are known before anything is computed."""
    if any(each is None for each in inputs):
        return None
    shapes = tuple(tuple(each.shape) if isinstance(each, Tensor) else () for each in inputs)
    if value is not None:
        return Form(node, shapes, tuple(value.shape))
    form = Form(node, shapes, ())
    return form if form.elementwise and not any(shapes) else None


def _reached(form: Form | None, inputs: Sequence[Given], index: Index | None) -> tuple[Reached, ...]:
    if form is None or index is None:
        return tuple(Reached() for _ in inputs)
    return reach(form, index, _around(form, inputs, index))


def _around(form: Form, inputs: Sequence[Given], index: Index) -> int:
    """The true class of a sample in cross_entropy, and where a maximum or minimum was found; else the beginning."""
    first, targets, op = inputs[0], inputs[-1], form.node.op
    if op == "cross_entropy" and isinstance(targets, Tensor) and not targets.is_floating_point():
        return int(targets[index])
    if op in ("max", "min") and len(inputs) == 1 and isinstance(first, Tensor) and 0 < first.numel() <= LARGEST:
        whole = form.node.dim is None or not first.dim()
        along = first.detach().reshape(-1) if whole else first.detach()[put(index, form.dim, slice(None))]
        return int(along.argmax() if op == "max" else along.argmin())
    return 0


def _out(case: Case | None, value: Tensor | None, index: Index | None) -> float | None:
    """The element that is spelled out; of a loss, what this sample alone comes to."""
    if case is None or value is None or index is None:
        return None
    if case.form.node.op not in LOSSES:
        return number(value, index)
    try:
        return alone(case, index)
    except TORCH_ERRORS:
        return None


def _sentence(session: Session, name: str, forward: bool, backward: bool) -> Sentence | None:
    """What was done last of it; None before it is computed."""
    if not forward:
        return None
    return operation_sentence(session, Atom("backward" if backward else "forward", name))


def _counts(form: Form | None) -> dict[str, Any]:
    if form is None:
        return {}
    first, node = form.shapes[0], form.node
    if node.op in LOSSES:
        alike = node.op == "cross_entropy" and form.shapes[1] == first
        classes = first[form.classes_dim] if node.op == "cross_entropy" else None
        return {"mean_of": math.prod(form.space), "classes": classes, "probabilities": alike}
    whole = node.dim is None or not first
    return {"mean_of": math.prod(first) if whole else first[form.dim]}


# ---------------------------------------------------------------- backward
def _arrivals(session: Session, state: State, name: str, index: Index | None, whole: bool = True) -> tuple[Passed, ...]:
    """What each operation further on passed to this one, in the order in which it is added; what is still to come."""
    graph, found = session.experiment.graph, []
    came = [each for each in state.contributions if each.target == name]
    for source in graph.backward_order:
        node = graph.node(source)
        passed = [each for each in came if each.source == source]
        for place in range(node.sources.count(name) if name in graph.differentiable else 0):
            value = passed[place].value if place < len(passed) else None
            element = None if value is None or index is None else number(value, index)
            found.append(Passed(source, None if value is None or not whole else window(value, index or ()), element))
    return tuple(found)


def _argument(
    differentiable: frozenset[str],
    node: Node,
    position: int,
    given: Given,
    reached: Reached,
    case: Case | None,
    upstream: Tensor | None,
    back: Mapping[int, Tensor],
) -> Argument:
    name, passed = node.inputs[position], back.get(position)
    if not isinstance(name, str):
        return Argument("", window(torch.tensor(given)), (float(given),), (), 1)  # type: ignore[arg-type]
    if not isinstance(given, Tensor):
        return Argument(name, None, differentiable={name, node.name} <= differentiable)
    pivot = reached.places[reached.pivot] if reached.places else ()
    gets = {name, node.name} <= differentiable and given.is_floating_point()
    found = share(case, position, pivot, upstream, passed) if case and gets and reached.places else None
    return Argument(
        name,
        window(given, pivot),
        tuple(number(given, each) for each in reached.places),
        reached.places[0] if reached.places else (),
        reached.count,
        reached.pivot,
        gets,
        None if passed is None else window(passed, pivot),
        found,
    )


def _met(session: Session, state: State, paths: Counter[str], argument: Argument) -> Argument:
    """With what comes to its element on other paths, where there are others."""
    if not argument.differentiable or argument.share is None or paths[argument.name] < 2:
        return argument
    arrivals = _arrivals(session, state, argument.name, argument.share.place, whole=False)
    return msgspec.structs.replace(argument, met=arrivals)
