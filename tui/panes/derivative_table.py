"""The table of the derivatives pane, the formula under it, and the steps of the chain rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.looks.records import ChainStep, SeenDerivatives, SeenSymbolic, Way
from engine.words import say as engine_says
from tui import number
from tui.canvas import Row, fit
from tui.formulas import FormulaError, display, inline
from tui.language import say
from tui.masks import HIDDEN
from tui.panes.graph_text import passed_text

NAME, VALUE, DIFFERENCE, ONE, EVERY, TIME = 18, 9, 9, 4, 6, 9  # columns; the last ones where there is room
SHORT_NAME = 14  # what a name is cut to rather than do without the costs
TALLEST = 8  # rows of a formula in two dimensions
LINES = 4  # of one that is written in lines
MANY = 1000  # ulps from which on a difference is told in proportion
PENDING = "…"


@dataclass(frozen=True)
class Table:
    """What is known, in a language and a width. `symbolic` is None until it is there; `masked` hides the numbers."""

    language: str
    width: int
    seen: SeenDerivatives
    symbolic: SeenSymbolic | None
    h: float
    masked: bool

    def rows(self) -> tuple[Row, ...]:
        """The table, the formula, and the steps."""
        return (
            self._title(),
            self._head(),
            *(self._way(way) for way in self._ways()),
            *(((line, "muted"),) for line in self._note()),
            (),
            *self._formula(),
            (),
            *self._steps(),
        )

    def _say(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)

    @property
    def name(self) -> str:
        """`∂J/∂W[0, 1]`"""
        places = ", ".join(map(str, self.seen.index))
        return f"∂{self.seen.output}/∂{self.seen.source}" + (f"[{places}]" if places else "")

    def _title(self) -> Row:
        value = HIDDEN if self.masked else number.short(self.seen.ways[0].value, 9).strip()
        step = f"h = {power(self.h)}"
        left = fit(f"{self.name} = {value}", max(0, self.width - len(step) - 1))
        return ((left, "title"), (step.rjust(self.width - len(left)), "parameter"))

    # ------------------------------------------------------------ the table
    def _head(self) -> Row:
        cells = (
            fit(self._say("derivatives.way"), self.name_width).ljust(self.name_width),
            self._say("derivatives.value").rjust(VALUE),
            self._say("derivatives.difference").rjust(DIFFERENCE),
            self._say("derivatives.one").rjust(ONE) if self.costed else "",
            self._say("derivatives.every").rjust(EVERY) if self.costed else "",
            self._say("derivatives.time").rjust(TIME) if self.roomy else "",
        )
        return ((fit("".join(cells), self.width), "muted"),)

    def _note(self) -> list[str]:
        if not self.costed:
            return []
        key = "derivatives.note" if self.seen.parameters > 1 else "derivatives.note_alone"
        return _wrapped(self._say(key, count=self.seen.parameters), self.width)

    @property
    def name_width(self) -> int:
        """Of the first column; in a narrow pane it leaves room for the numbers."""
        return max(8, min(NAME, self.width - VALUE - DIFFERENCE - self.costed * (ONE + EVERY)))

    @property
    def costed(self) -> bool:
        """Whether the operations have their columns."""
        return self.width >= SHORT_NAME + VALUE + DIFFERENCE + ONE + EVERY

    @property
    def roomy(self) -> bool:
        """Whether the time has its column."""
        return self.width >= NAME + VALUE + DIFFERENCE + ONE + EVERY + TIME

    def _ways(self) -> list[Way | None]:
        autograd, rule, *differences = self.seen.ways
        return [autograd, rule, self.symbolic.way if self.symbolic else None, *differences]

    def _way(self, way: Way | None) -> Row:
        if way is None:
            reason = PENDING if self.symbolic is None or self.symbolic.refused is None else "-"
            name = fit(self._say("derivatives.symbolic"), self.name_width).ljust(self.name_width)
            return ((name, ""), (reason.rjust(VALUE), "muted"))
        value, difference = number.fixed(way.value, VALUE - 1).rjust(VALUE), self._difference(way)
        if self.masked:
            value, difference = HIDDEN.rjust(VALUE), "" if way.name == "autograd" else HIDDEN
        costs = _cost(way.one, ONE) + _cost(way.every, EVERY) if self.costed else ""
        costs += _time(way.seconds) if self.roomy else ""
        look = "gradient" if way.name == "autograd" else ""
        name = fit(self._say(f"derivatives.{way.name}", dtype=way.dtype), self.name_width).ljust(self.name_width)
        return ((name, look), (value, look), (difference.rjust(DIFFERENCE), ""), (costs, "muted"))

    def _difference(self, way: Way) -> str:
        """From autograd: in ulp of the graph's dtype where it is small, else in proportion."""
        if way.name == "autograd":
            return ""
        reference = self.seen.ways[0].value
        apart = abs(way.value - reference)
        if apart == 0 or not np.isfinite(apart):
            return "0" if apart == 0 else "nan"
        ulps = apart / float(np.spacing(np.abs(np.array(reference, self.seen.dtype))))
        if reference and ulps < MANY:
            return "<0.1 ulp" if ulps < 0.1 else f"{ulps:.{1 if ulps < 1 else 0}f} ulp"
        return number.fixed(apart / abs(reference) if reference else apart, 7).strip()

    # ------------------------------------------------------------ the formula
    def _formula(self) -> list[Row]:
        head: Row = ((self._say("derivatives.formula", name=self.name), "title"),)
        return [head, *(((f"  {line}", ""),) for line in self._written())]

    def _written(self) -> list[str]:
        if self.masked:
            return _wrapped(self._say("derivatives.masked"), self.width - 2)
        if self.symbolic is None:
            return [PENDING]
        if self.symbolic.refused is not None:
            return _wrapped(engine_says(self.symbolic.refused, self.language), self.width - 2)
        if not self.symbolic.formula:
            count = self.symbolic.way.one if self.symbolic.way else 0
            return _wrapped(self._say("derivatives.long", count=count), self.width - 2)
        return formula_lines(self.symbolic.formula, self.width - 2)

    # ------------------------------------------------------------ the steps
    def _steps(self) -> list[Row]:
        head: Row = ((self._say("derivatives.steps"), "title"),)
        if self.masked:
            return [head, (("  " + HIDDEN, ""),)]
        ways = max((len(f"{each.source} → {each.target}") for each in self.seen.steps), default=0)
        return [head, *(self._step(each, min(ways, self.width // 3)) for each in self.seen.steps)]

    def _step(self, step: ChainStep, width: int) -> Row:
        way = fit(f"{step.source} → {step.target}", width).ljust(width)
        value = passed_text(step.value)
        room = self.width - width - len(value) - 6
        text = fit(step.text, room).ljust(max(0, room) + 1)
        return (("  " + way + "  ", "flow"), (text, ""), (value, "contribution"))


def formula_lines(latex: str, width: int) -> list[str]:
    """A formula in two dimensions where there is room, else in lines, and cut with … where these are too many."""
    try:
        rows = display(latex, width)
        if len(rows) <= TALLEST and all(len(row) <= width for row in rows):
            return [row.rstrip() for row in rows]
        lines = _wrapped(inline(latex), width)
    except FormulaError:
        lines = _wrapped(latex, width)
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], lines[LINES - 1][: width - 2] + " …"]


def foot(language: str, width: int, seen: SeenDerivatives) -> Row:
    """The keys that this pane has."""
    keys = [say(language, "derivatives.keys_h"), say(language, "derivatives.keys_view")]
    if seen.shape and seen.shape != (1,):
        keys.insert(1, say(language, "derivatives.keys_element"))
    return ((fit("  ".join(keys), width).ljust(width), "hint"),)


def power(h: float) -> str:
    """`1e-3`"""
    return f"{h:.0e}".replace("e-0", "e-").replace("e+0", "e")


def _cost(count: int | None, width: int) -> str:
    text = "·" if count is None else str(count)
    return (text if len(text) < width else f"{count:.0e}".replace("e+", "e").replace("e0", "e")).rjust(width)


def _time(seconds: float) -> str:
    unit, size = next((each for each in (("s", 1.0), ("ms", 1e-3)) if seconds >= 0.9995 * each[1]), ("µs", 1e-6))
    return f"{seconds / size:.3g} {unit}".rjust(TIME)


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells; a word that is longer is cut."""
    lines = [""]
    for word in text.split(" "):
        while len(word) > width > 0:
            lines += [word[:width]]
            word = word[width:]
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [line for line in lines if line]
