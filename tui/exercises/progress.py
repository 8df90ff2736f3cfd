"""How far a learner has come with an exercise, and what marking says of an answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.words import Sentence


@dataclass(frozen=True)
class Verdict:
    """What is said of one answer. `trap` names a mistake that the lesson knows; `sentence` says more of any other."""

    right: bool = False
    sentence: Sentence | None = None
    trap: str | None = None
    readable: bool = True  # what cannot be read does not count as an attempt


RIGHT = Verdict(right=True)


def wrong(key: str, **values: str | int | float) -> Verdict:
    """A wrong answer, and a sentence of the interface about it."""
    return Verdict(sentence=Sentence(key, values))


def unreadable(key: str) -> Verdict:
    """No answer at all."""
    return Verdict(sentence=Sentence(key), readable=False)


@dataclass(frozen=True)
class Progress:
    """One learner, one exercise. Replaced, never changed."""

    given: str = ""  # what was answered last
    verdict: Verdict | None = None  # of that
    attempts: int = 0
    hints: int = 0  # that have been shown
    solved: bool = False
    given_up: bool = False
    locked: bool = False  # a prediction is made, and the step not yet done
    changed: bool = False  # it is another exercise than the one that was answered
    wants_solution: bool = field(default=False, compare=False)  # asked for once; asked again it is shown

    @property
    def done(self) -> bool:
        """Whether nothing is asked any more."""
        return self.solved or self.given_up

    def answered(self, given: str, verdict: Verdict) -> Progress:
        """After an answer."""
        attempts = self.attempts + verdict.readable
        return replace(
            self, given=given, verdict=verdict, attempts=attempts, solved=verdict.right, wants_solution=False
        )

    def predicted(self, given: str) -> Progress:
        """After a prediction, which stays as it is."""
        return replace(self, given=given, verdict=None, attempts=1, locked=True, wants_solution=False)

    def came_out(self, verdict: Verdict) -> Progress:
        """After the step that was predicted: right or not, it is answered."""
        return replace(self, verdict=verdict, solved=verdict.right, given_up=not verdict.right, locked=False)

    def hinted(self, known: int) -> Progress:
        """With one hint more, of as many as the lesson has."""
        return replace(self, hints=min(self.hints + 1, known), wants_solution=False)

    def gave_up(self) -> Progress:
        """Asked for the solution: the first time it is asked whether that is meant."""
        return replace(self, given_up=self.wants_solution, wants_solution=not self.wants_solution, locked=False)
