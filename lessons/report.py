"""Where the checks of a lesson put what they find: each finding at a path of lesson.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.expression import Expression, ExpressionError, names, nearest, parse
from engine.words import Refused, Sentence, Value
from lessons.findings import Finding, Place, Severity
from lessons.strict_yaml import Document, Path


@dataclass
class Report:
    """Collects findings about one document."""

    document: Document
    findings: list[Finding] = field(default_factory=list)
    known: set[tuple[Place, str]] = field(default_factory=set)  # what has been said

    def value(
        self, path: Path, key: str, advice: Sentence | None = None, severity: Severity = "error", **values: Value
    ) -> None:
        """Something is wrong with the value at `path`."""
        self.add(self.document.value(path), Sentence(key, values), advice, severity)

    def key(self, path: Path, key: str, advice: Sentence | None = None, **values: Value) -> None:
        """Something is wrong with the key at `path`."""
        self.add(self.document.key(path), Sentence(key, values), advice)

    def refused(self, path: Path, error: Refused, on_key: bool = False) -> None:
        """The engine refuses what stands at `path`."""
        self.add(self.document.key(path) if on_key else self.document.value(path), error.sentence)

    def expression(self, path: Path, text: str, error: ExpressionError) -> None:
        """The engine refuses an expression: at its place inside the text."""
        self.add(self.document.inside(path, text, error.column, length_of(error)), error.sentence)

    def add(
        self, place: Place, sentence: Sentence, advice: Sentence | None = None, severity: Severity = "error"
    ) -> None:
        """One more finding, unless it has been said."""
        if (place, str(sentence)) not in self.known:
            self.known.add((place, str(sentence)))
            self.findings.append(self.document.source.told(place, sentence, advice, severity))

    def parse(self, path: Path, text: str, known: tuple[str, ...] | None) -> Expression | None:
        """The expression at `path`, which may use `known` names (None: any); None where it is refused."""
        try:
            expression = parse(text, queries=True)
        except ExpressionError as error:
            self.expression(path, text, error)
            return None
        for sentence, column in unknown_names(expression, known):
            name = str(sentence.values["name"])
            self.add(self.document.inside(path, text, column, len(name)), sentence)
        return expression


def length_of(error: ExpressionError) -> int:
    """How many characters of an expression the error is about, as far as it names them."""
    return len(str(error.sentence.values.get("name", " ")))


def unknown_names(expression: Expression, known: tuple[str, ...] | None) -> list[tuple[Sentence, int]]:
    """Every name of the expression that is not `known` (None: all are), with its column."""
    if known is None:
        return []
    unknown = [each for each in names(expression) if each.name not in known]
    return [
        (Sentence("expression.unknown_name", {"name": each.name, "hint": nearest(each.name, known)}), each.column)
        for each in unknown
    ]
