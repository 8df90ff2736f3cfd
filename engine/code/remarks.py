"""What an exported script says in comments, in the language of the person who asked for it."""

from __future__ import annotations

from textwrap import wrap

from engine.code.course import Course
from engine.code.script import WIDTH
from engine.graph import Graph
from engine.words import CATALOGUE, Value


class Remarks:
    """Comments and docstrings, each as the lines that it takes."""

    def __init__(self, language: str) -> None:
        self._language = language

    def _say(self, key: str, **values: Value) -> str:
        return CATALOGUE.say(self._language, key, **values)

    def _comment(self, key: str, **values: Value) -> tuple[str, ...]:
        return tuple(f"# {line}" for line in wrap(self._say(key, **values), WIDTH - 2))

    def _docstring(self, key: str) -> tuple[str, ...]:
        first, *rest = wrap(f'"""{self._say(key)}"""', WIDTH - 4)
        return tuple(f"    {line}" for line in (first, *rest))

    def threads(self) -> tuple[str, ...]:
        """One thread, and why."""
        return (*self._comment("script.threads"), "torch.set_num_threads(1)", "")

    def batches(self) -> tuple[str, ...]:
        """What the function `batches` gives."""
        return self._docstring("script.batches")

    def train(self) -> tuple[str, ...]:
        """What the function `train` does."""
        return self._docstring("script.train")

    def edits(self, iteration: int) -> tuple[str, ...]:
        """Where in the run the edits that follow were made."""
        return self._comment("script.edits", iteration=iteration)

    def device(self, device: str) -> tuple[str, ...]:
        """That the session went on elsewhere."""
        return self._comment("script.device", device=device)

    def whole(self) -> tuple[str, ...]:
        """That a whole iteration follows."""
        return self._comment("script.whole")

    def again(self, iteration: int, count: int) -> tuple[str, ...]:
        """That backward was done once more, or more often, in an iteration."""
        return self._comment("script.again", iteration=iteration, count=count)

    def rest(self, graph: Graph, course: Course) -> tuple[str, ...]:
        """How far the iteration has come in which the session stands."""
        last = graph.atoms[course.rest - 1]
        within = course.rest < len(graph.atoms) and graph.atoms[course.rest].phase == last.phase
        key = "script.within" if within else "script.rest"
        return self._comment(key, iteration=course.iterations, phase=last.phase)
