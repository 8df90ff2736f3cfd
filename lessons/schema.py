"""What lesson.yaml may say, as strict records: a lesson, its experiments and its steps (format version 1)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from engine.messages import Unit
from engine.spec import Experiment, Expression, Graph, Net, Spec, Values
from lessons.exercises import Exercise, Id

Do = Literal["show", "forward", "loss", "backward", "step", "iteration", "epoch", "train"]
PaneName = Literal[
    "graph", "tensors", "jacobian", "loss", "boundary", "code", "table", "plot", "operation", "paths", "derivatives"
]
Language = Literal["es", "en"]


class Look(Spec):
    """What the panes are about on coming to a step: an operation, and with respect to what. Left out: the panes say."""

    node: str | None = None
    source: str | None = None


class Step(Spec):
    """One page of a lesson. use, set, do and until define the state of the experiment that it leads to."""

    id: Id
    use: str | None = None  # which of `experiments`; None stays with the one before
    set: dict[str, Values] = {}  # edits made on entering
    do: Do = "show"
    by: Unit = "phase"  # what the space key does here
    until: Expression | None = None  # a node, or a condition
    limit: Annotated[int, Field(ge=1, le=10_000_000)] | None = None  # iterations, for a condition; 5000 when not given
    times: Annotated[int, Field(ge=1, le=10_000_000)] | None = None  # units of `do`; one when not given
    panes: list[PaneName] = []
    look: Look | None = None  # None leaves the panes as the learner has them
    ask: list[Exercise] = []


class Lesson(Spec):
    """All of lesson.yaml."""

    format: Literal[1]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    unit: Id | None = None
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    after: list[str] = []
    languages: Annotated[list[Language], Field(min_length=1)]
    license: str | None = None
    authors: list[str] = []
    sources: list[str] = []
    covers: list[str] = []
    experiment: Experiment | None = None
    experiments: Annotated[dict[Id, Experiment], Field(min_length=1)] | None = None
    steps: Annotated[list[Step], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_way(self) -> Lesson:
        if (self.experiment is None) == (self.experiments is None):
            raise PydanticCustomError("one_experiment", "give either `experiment` or `experiments`")
        return self

    @property
    def named_experiments(self) -> dict[str, Graph | Net]:
        """Every experiment by its name; a single one is called ""."""
        return self.experiments or ({"": self.experiment} if self.experiment else {})

    def used_at(self, step: int) -> str:
        """The name of the experiment that step number `step` (from 0) works on: the last `use`, else the first one."""
        for each in reversed(self.steps[: step + 1]):
            if each.use is not None:
                return each.use
        return next(iter(self.named_experiments))

    def experiment_at(self, step: int) -> Graph | Net:
        """The experiment that step number `step` works on. Raises KeyError for a `use` that does not exist."""
        return self.named_experiments[self.used_at(step)]
