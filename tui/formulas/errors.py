"""What is said of a formula that cannot be read."""

from __future__ import annotations

from engine.words import Sentence, Value


class FormulaError(Exception):
    """A formula that cannot be read; `column` counts from 0 in its text, `sentence` is of the interface's catalogue."""

    def __init__(self, column: int, key: str, **values: Value) -> None:
        self.column = column
        self.sentence = Sentence(f"formula.{key}", {"column": column + 1, **values})
        super().__init__(f"{self.sentence.key} {self.sentence.values}")
