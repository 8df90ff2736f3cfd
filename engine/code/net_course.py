"""The script of a net and of what was done to it: a function that trains, called between the edits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine import spec
from engine.code import edits, net_script
from engine.code.course import Course, Leg, Training
from engine.code.remarks import Remarks
from engine.code.script import Line, plain
from engine.graph import Graph

BODY = "        "


def lines(given: spec.Net, graph: Graph, course: Course, remarks: Remarks) -> Iterator[Line]:
    """The whole script. Raises Refused for kinds that are not there yet."""
    yield from net_script.beginning(given, graph, remarks.threads())
    order = _Order(given, course) if course.iterations or course.rest else None
    if order is not None:
        yield from order.function(remarks)
    if course.iterations:
        yield from _train(given, graph, remarks)
    if order is not None:
        yield from plain("", "", f"coming = {order.call(course.legs[0].before, 0)}")
    for leg in course.legs:
        yield from _edited(given, leg, order, remarks)
        if leg.again:
            yield from plain("", *remarks.again(leg.first, leg.again), "batch = next(coming)")
            yield from net_script.iteration(given, graph, "", "[batch]", leg.again)
        elif leg.iterations:
            yield Line(f"loss = train({leg.iterations})")
    yield from _rest(given, graph, course, remarks)
    yield from _loss(given, graph, course)


def _edited(given: spec.Net, leg: Leg, order: _Order | None, remarks: Remarks) -> Iterator[Line]:
    """The edits of a leg, under a remark that says where in the run they were made."""
    made = list(_edits(given, leg, remarks))
    if order is not None and order.differs(leg):
        made.append(Line(f"coming = {order.call(leg.now, leg.first)}"))
    if made:
        yield from plain("", *remarks.edits(leg.first))
        yield from made


def _edits(given: spec.Net, leg: Leg, remarks: Remarks) -> Iterator[Line]:
    yield from plain(*(text for device in leg.devices for text in remarks.device(device)))
    if leg.begun_anew:
        yield from net_script.model(given, leg.now.seed)
    yield from edits.training(leg, net_script.PARAMETERS, net_script.climbs(given))
    yield from edits.values(leg.values, net_script.variable, lambda name: "float32")


class _Order:
    """`batches`, the function that says which samples come; it is given what differs from leg to leg."""

    def __init__(self, given: spec.Net, course: Course) -> None:
        self.samples = net_script.samples(given)
        used = [course.legs[0].before, *(leg.now for leg in course.legs)]
        self.orders = tuple(dict.fromkeys(each.batch.order for each in used))
        self.random = any(order in net_script.ORDERS for order in self.orders)
        self.seeds = tuple(dict.fromkeys(each.seed for each in used)) if self.random else ()

    def differs(self, leg: Leg) -> bool:
        """Whether other samples come from this leg on than would have come without its edits."""
        return self._of(leg.now, leg.first) != self._of(leg.before, leg.first)

    def _of(self, training: Training, iteration: int) -> tuple[object, ...]:
        seed = training.seed if training.batch.order in net_script.ORDERS else None
        return (training.batch.order, training.size, seed, training.place(iteration))

    def call(self, training: Training, iteration: int) -> str:
        """The call that gives what comes from this iteration on."""
        epoch, done = training.place(iteration)
        arguments = {
            "order": f'"{training.batch.order}"' if len(self.orders) > 1 else "",
            "seed": str(training.seed) if len(self.seeds) > 1 else "",
            "epoch": str(epoch) if epoch and self.random else "",
            "done": str(done) if done else "",
        }
        named = (f"{name}={value}" for name, value in arguments.items() if value)
        return f"batches({', '.join((str(training.size), *named))})"

    def function(self, remarks: Remarks) -> Iterator[Line]:
        """The definition of `batches`."""
        names = ["size", *(["order"] if len(self.orders) > 1 else []), *(["seed"] if len(self.seeds) > 1 else [])]
        names += [*(["epoch=0"] if self.random else []), "done=0"]
        yield from plain("", "", f"def batches({', '.join(names)}):", *remarks.batches(), "    while True:")
        yield from plain(*(f"{BODY}{text}" for text in self._body()))
        yield Line(f"{BODY}{'epoch, done = epoch + 1, 0' if self.random else 'done = 0'}")

    def _body(self) -> Iterator[str]:
        if self.random:
            seed = self.seeds[0] if len(self.seeds) == 1 else "seed"
            yield f"mixed = ({seed} * 1_000_003 + epoch) % 2**63"
            yield "generator = torch.Generator().manual_seed(mixed)"
        if len(self.orders) == 1:
            yield f"samples = {self._made(self.orders[0])}"
        else:
            for number, order in enumerate(self.orders):
                yield f'{"elif" if number else "if"} order == "{order}":'
                yield f"    samples = {self._made(order)}"
        yield "yield from samples.split(size)[done:]"

    def _made(self, order: str) -> str:
        return net_script.ORDERS.get(order, "torch.arange({n})").format(n=self.samples)


def _train(given: spec.Net, graph: Graph, remarks: Remarks) -> Iterator[Line]:
    yield from plain("", "", "def train(iterations):", *remarks.train(), "    for _ in range(iterations):")
    yield Line(f"{BODY}batch = next(coming)")
    yield from net_script.iteration(given, graph, BODY, "[batch]")
    yield Line("    return loss")


def _rest(given: spec.Net, graph: Graph, course: Course, remarks: Remarks) -> Iterator[Line]:
    """The phases that are begun of the iteration after the last whole one."""
    begun = {atom.phase for atom in graph.atoms[: course.rest]}
    if begun:
        yield from plain("", *remarks.rest(graph, course), "batch = next(coming)")
        body = net_script.iteration(given, graph, "", "[batch]", course.again)
        yield from (line for line in body if line.phase in begun)


def _loss(given: spec.Net, graph: Graph, course: Course) -> Iterator[Line]:
    """The last loss is printed; where there was none yet, that of all the data."""
    yield Line("")
    if course.iterations == 0 and "loss" not in {atom.phase for atom in graph.atoms[: course.rest]}:
        yield Line("with torch.no_grad():")
        whole = net_script.iteration(given, graph, "    ", "")
        yield from (replace(line, phase=None, op=None) for line in whole if line.phase in ("forward", "loss"))
    yield Line('print("loss:", loss.item())')
