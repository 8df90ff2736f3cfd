"""What expressions of exercises and conditions ask of a session: values, gradients, shapes, metrics."""

from __future__ import annotations

from collections.abc import Callable

import torch

from engine import evaluation, stepper
from engine.explaining import Explained, explain, no_gradient
from engine.expression import METRICS, Call, Constant, Expression, Index, Name
from engine.graph import Node
from engine.kernels import TORCH_ERRORS, apply
from engine.session import Session
from engine.state import State
from engine.words import Refused

Answer = torch.Tensor | float | tuple[int, ...] | str  # a text is a dtype's name


class RefusedByTorch(Refused):
    """Torch cannot compute what was asked; `explained` says what kind of failure it is."""

    def __init__(self, explained: Explained) -> None:
        self.explained = explained
        super().__init__(explained.sentence.key, **explained.sentence.values)


class Questions:
    """Answers expressions in the present state of a session. `before` is the state that `delta` measures from."""

    def __init__(self, session: Session, before: State | None = None) -> None:
        self.session = session
        self.before = before

    @property
    def state(self) -> State:
        """The present state with everything in it, which after whole iterations takes some work."""
        return self.session.look()

    def answer(self, expression: Expression) -> Answer:
        """The expression's value here. Raises Refused for what is not known yet, or cannot be computed."""
        match expression:
            case Constant(value=int() | float() as number):
                return float(number)
            case Name(name=name):
                return self.metric(name) if name in METRICS else self.value(name)
            case Index(of=of, index=index):
                return self.element(self.answer(of), index)
            case Call(op=op, arguments=arguments) if op in _QUERIES:
                return _QUERIES[op](self, *(_name(each) for each in arguments))
            case Call():
                return self.operation(expression)
        raise Refused("query.not_a_number")

    def holds(self, expression: Expression) -> bool:
        """Whether a condition is true here, in every element. Raises Refused as `answer` does."""
        found = self.answer(expression)
        return bool(found.all()) if isinstance(found, torch.Tensor) else bool(found)

    def operation(self, call: Call) -> Answer:
        """An operation of the table on answers; of numbers alone in float64."""
        inputs = [self.operand(each) for each in call.arguments]
        if not any(isinstance(each, torch.Tensor) for each in inputs):
            inputs[0] = torch.tensor(inputs[0], dtype=torch.float64)
        places = tuple(f"input {n}" if isinstance(each, torch.Tensor) else each for n, each in enumerate(inputs))
        node = Node(call.op, call.op, places, call.dim)
        try:
            with torch.no_grad():
                return apply(node, inputs)
        except TORCH_ERRORS as error:
            raise RefusedByTorch(explain(node, inputs, _reason(error))) from error

    def operand(self, expression: Expression) -> torch.Tensor | float | int:
        """An answer that can be computed with. Written whole numbers stay whole (`one_hot(y, 3)`)."""
        if isinstance(expression, Constant) and isinstance(expression.value, int):
            return expression.value
        found = self.answer(expression)
        if isinstance(found, torch.Tensor | float):
            return found
        raise Refused("query.not_a_number")

    def element(self, of: Answer, index: tuple[int, ...]) -> Answer:
        """One element of a tensor, or one length of a shape."""
        if isinstance(of, str | float):
            raise Refused("query.no_elements")
        try:
            return float(of[index[0]]) if isinstance(of, tuple) else of[index]
        except IndexError as error:
            raise Refused("query.index", index=str(list(index))) from error

    # ---------------------------------------------------------------- queries
    def value(self, name: str) -> torch.Tensor:
        """The value of a leaf or node."""
        found = self.session.experiment.leaves(self.state) | dict(self.state.values)
        if name not in found:
            raise Refused("query.no_value", name=name)
        return found[name]

    def grad(self, name: str) -> torch.Tensor:
        """The gradient of a leaf or node. Raises Refused while there is none."""
        found = self.state.grads.get(name)
        if found is None:
            if (explained := no_gradient(name, self.value(name))) is not None:
                raise RefusedByTorch(explained)
            raise Refused("query.no_grad", name=name)
        return found

    def local(self, output: str, source: str) -> torch.Tensor:
        """The local derivative of an operation to one of its direct inputs, summed where it takes that input twice."""
        tape = self.state.tapes.get(output)
        places = [n for n, each in enumerate(tape.node.inputs) if each == source] if tape else []
        found = [stepper.local(tape, place) for place in places] if tape else []
        known = [each for each in found if each is not None]
        if not known:
            raise Refused("query.no_local", output=output, source=source)
        return sum(known[1:], known[0])

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a leaf or node."""
        return tuple(self.value(name).shape)

    def delta(self, name: str) -> torch.Tensor:
        """What this step of the lesson changed of a leaf."""
        if self.before is None or name not in self.before.parameters:
            raise Refused("query.no_delta", name=name)
        return self.value(name) - self.before.parameters[name]

    def metric(self, name: str) -> float:
        """One of METRICS."""
        experiment = self.session.experiment
        if name.startswith(("train_", "test_")):  # of the weights alone
            measured = evaluation.metrics(experiment, self.session.state).get(name)
            if measured is None:
                raise Refused("query.no_value", name=name)
            return measured
        state = self.state
        if name in ("iteration", "epoch"):
            return float(state.iteration if name == "iteration" else experiment.epoch(state.iteration, state.settings))
        if name == "lr":
            return state.lr
        found = experiment.loss(state)
        if found is None:
            raise Refused("query.no_value", name=name)
        return found


def _reason(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def _name(expression: Expression) -> str:
    match expression:
        case Name(name=name):
            return name
        case Constant(value=str() as text):
            return text
    raise Refused("query.not_a_number")


_QUERIES: dict[str, Callable[..., Answer]] = {
    "value": Questions.value,
    "grad": Questions.grad,
    "local": Questions.local,
    "shape": Questions.shape,
    "ndim": lambda questions, name: float(questions.value(name).ndim),
    "dtype": lambda questions, name: str(questions.value(name).dtype).removeprefix("torch."),
    "delta": Questions.delta,
}
