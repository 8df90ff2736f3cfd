"""What scripts are written with: lines, folded where they are too long, numbers and optimizers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from textwrap import wrap

from engine import spec
from engine.code.expressions import number
from engine.messages import Phase
from engine.words import Refused

WIDTH = 76  # columns that a line may take, where its names allow it


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the script. `op`: the operation that it computes, if it computes just one.

    `does` says what kind of line it is (zero_grad, backward, layer, ...), `of` which layer, node or input it is about.
    """

    text: str
    phase: Phase | None = None
    op: str | None = None
    does: str = ""
    of: str = ""

    @property
    def name(self) -> str:
        """How lessons call it: what it does, or what it is about; a layer's line in `forward` is `linear1.forward`."""
        return f"{self.of}.forward" if self.does == "layer_forward" else self.of or self.does


def plain(*texts: str) -> Iterator[Line]:
    """Lines that belong to no phase."""
    for text in texts:
        yield Line(text)


def doing(does: str, lines: Iterable[Line], of: str = "") -> Iterator[Line]:
    """The same lines, with what they do where nothing says it yet."""
    for line in lines:
        yield line if line.does or not line.text else replace(line, does=does, of=of)


def folded(
    before: str,
    inside: str,
    after: str = "",
    brackets: bool = True,
    phase: Phase | None = None,
    op: str | None = None,
) -> Iterator[Line]:
    """`before(inside)after`, on several lines where one is too long; without `brackets` only those have them."""
    whole = f"{before}({inside}){after}" if brackets else f"{before}{inside}{after}"
    if len(whole) <= WIDTH:
        yield Line(whole, phase, op)
        return
    indent = " " * (len(before) - len(before.lstrip()))
    yield Line(f"{before}(", phase, op)
    for text in wrap(inside, WIDTH - len(indent) - 4, break_long_words=False, break_on_hyphens=False):
        yield Line(f"{indent}    {text}", phase, op)
    yield Line(f"{indent}){after}", phase, op)


def literal(values: spec.Values, kind: type = float) -> str:
    """A number or nested lists of them, each made a `kind`."""
    if isinstance(values, list):
        return f"[{', '.join(literal(value, kind) for value in values)}]"
    return number(kind(values))


OPTIMIZERS: dict[str, tuple[str, tuple[str, ...]]] = {  # kind -> torch.optim's class, what it may be given besides lr
    "sgd": ("SGD", ("momentum", "nesterov", "weight_decay")),
    "adam": ("Adam", ("weight_decay",)),
}


def optimizer(given: spec.Optimizer, parameters: str, climbs: bool = False) -> str:
    """The call that makes the optimizer of `parameters`; one that `climbs` goes along the gradient.

    Raises Refused for one that is not there yet.
    """
    if given.kind not in OPTIMIZERS:
        raise Refused("net.optimizer_not_yet", kind=str(given.kind or given.rule))
    name, options = OPTIMIZERS[given.kind]
    chosen = [f"{option}={getattr(given, option)!r}" for option in options if getattr(given, option)]
    chosen += ["maximize=True"] if climbs else []
    return f"torch.optim.{name}({', '.join((parameters, f'lr={given.lr!r}', *chosen))})"
