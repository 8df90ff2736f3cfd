"""What a step may ask: one strict record per kind of exercise. The engine computes every answer; none is typed here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from engine.spec import Expression, NotNegative, Number, Spec, Values

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]


def _rising(ends: list[Number]) -> list[Number]:
    if ends[0] >= ends[1]:
        raise PydanticCustomError("interval", "the first end of an interval lies below the second")
    return ends


Interval = Annotated[list[Number], Field(min_length=2, max_length=2), AfterValidator(_rising)]
Traps = dict[Id, Expression]
Cells = list[list[int]]  # indices of the cells of a tensor


class Tolerance(Spec):
    """How far an answer may lie from the engine's, whichever allows more."""

    abs: NotNegative = 0.0
    rel: NotNegative = 0.0


class Asked(Spec):
    """What every exercise has. `vary` draws new inputs for a retry."""

    id: Id
    vary: dict[str, Interval] = {}


class AskNumber(Asked):
    """One number: 0.45, 0,45, 9/20, -2, 1e-3."""

    kind: Literal["number"]
    expect: Expression
    tol: Tolerance | None = None
    traps: Traps = {}


class AskTensor(Asked):
    """A tensor, cell by cell; `blank` says which cells are asked, all when not given."""

    kind: Literal["tensor"]
    expect: Expression
    blank: Annotated[Cells, Field(min_length=1)] | None = None
    tol: Tolerance | None = None
    traps: Traps = {}


class AskComplete(Asked):
    """A column of a table, then a total of it."""

    kind: Literal["complete"]
    column: Expression
    blank: list[int] | None = None
    then: Expression | None = None
    tol: Tolerance | None = None


class AskShape(Asked):
    """The shape of a tensor."""

    kind: Literal["shape"]
    expect: Expression
    traps: Traps = {}


class AskPredict(Asked):
    """A number, a sign or a direction, before the step key works."""

    kind: Literal["predict"]
    expect: Expression
    give: Literal["number", "sign", "direction"] = "number"
    tol: Tolerance | None = None
    traps: Traps = {}


class AskExpression(Asked):
    """A formula, compared with `expect` at random inputs."""

    kind: Literal["expression"]
    expect: Expression
    tol: Tolerance | None = None
    traps: Traps = {}


class AskChoice(Asked):
    """One or several options of the prose: `answer` names them, or `answer_when` holds for them."""

    kind: Literal["choice"]
    options: Annotated[list[Id], Field(min_length=2, max_length=8)] | None = None
    answer: Id | list[Id] | None = None
    answer_when: dict[Id, Expression] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> AskChoice:
        if (self.answer is None) == (self.answer_when is None):
            raise PydanticCustomError("answer_once", "give either `answer` or `answer_when`")
        return self

    @property
    def answers(self) -> list[str]:
        """The options that are named as answers."""
        if isinstance(self.answer, str):
            return [self.answer]
        return list(self.answer or self.answer_when or [])


class AskOrder(Asked):
    """Lines to be put in order: any that respects the pairs of `before` (line numbers from 0).

    A line is code, or the id of a text in the prose.
    """

    kind: Literal["order"]
    lines: Annotated[list[str], Field(min_length=2, max_length=12)]
    before: list[Annotated[list[int], Field(min_length=2, max_length=2)]] = []

    @property
    def pairs(self) -> list[list[int]]:
        """The pairs that an order must respect; without any the lines are right only as they stand."""
        return self.before or [[line, line + 1] for line in range(len(self.lines) - 1)]


class AskMatch(Asked):
    """Pairs to be found; the prose has a text for each id."""

    kind: Literal["match"]
    pairs: Annotated[dict[Id, Id], Field(min_length=2, max_length=8)]


class AskFill(Asked):
    """A line of the script with a gap. `line` is its name: zero_grad, backward, linear1, ... (engine/code)."""

    kind: Literal["fill"]
    line: str


class AskSpot(Asked):
    """The wrong line of a program; `mutation` is the mistake that the experiment has."""

    kind: Literal["spot"]
    mutation: str


class AskGoal(Asked):
    """Edits until a condition holds. `witness` reaches it; where it cannot be reached, one option says why."""

    kind: Literal["goal"]
    edit: Annotated[list[str], Field(min_length=1)]
    reach: Expression
    within: Annotated[int, Field(ge=1)] | None = None  # iterations that may be trained
    witness: dict[str, Values] = {}
    impossible: bool = False
    answer: Id | None = None

    @model_validator(mode="after")
    def _reachable(self) -> AskGoal:
        if bool(self.witness) == self.impossible:
            raise PydanticCustomError("witness", "a goal has a `witness`, or is `impossible: true`")
        if self.impossible != (self.answer is not None):
            raise PydanticCustomError("witness", "`answer` says why a goal is `impossible`, and belongs to it alone")
        return self


class AskOutcome(Asked):
    """Whether something works, and with which shape or error."""

    kind: Literal["outcome"]
    expect: Expression


class AskThink(Asked):
    """Free text, kept and not marked."""

    kind: Literal["think"]


Exercise = Annotated[
    AskNumber | AskTensor | AskComplete | AskShape | AskPredict | AskExpression | AskChoice | AskOrder | AskMatch
    | AskFill | AskSpot | AskGoal | AskOutcome | AskThink,
    Field(discriminator="kind"),
]  # fmt: skip
