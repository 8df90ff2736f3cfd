"""The pane of paths: from one tensor to another, the product along each path, those that vanish, and the sum."""

from __future__ import annotations

from engine.looks.records import Link, Path, Paths, SeenPaths
from engine.looks.reveals import read_off
from engine.messages import Array
from engine.words import say as engine_says
from tui import number
from tui.canvas import Row, Span
from tui.language import say
from tui.masks import HIDDEN
from tui.panes.graph_text import single
from tui.panes.pane import Needs
from tui.panes.paragraph import paragraph
from tui.panes.rows import RowsPane
from tui.panes.tensor_table import statistics
from tui.view import View, numbers

FEW = 6  # numbers that are written out
INDENT = "     "
LEAST = 12  # cells that paths are given at least


class PathsPane(RowsPane):
    """A line for each path. `v`: numbers or symbols. `<` and `>` go through the samples of a batch."""

    name_key = "pane.paths"
    has_views = True
    turns = True

    sample = 0
    symbols = False
    _samples = 0
    _kept: object = None

    def needs(self) -> Needs:
        return Needs(looks=(self.wanted,))

    @property
    def wanted(self) -> Paths:
        """What the engine is asked for."""
        choice = self.view.choice if self.view else None
        return Paths(choice.node, choice.source, self.sample) if choice else Paths()

    def other_view(self) -> None:
        self.symbols = not self.symbols
        self.redraw()

    def turn(self, by: int) -> None:
        if self._samples:
            self.sample = (self.sample + by) % self._samples
            self.post_message(self.NeedsChanged())

    def watch_view(self, before: View | None, view: View | None) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()
        super().on_resize()

    def redraw(self) -> None:
        """Draw what was seen; while something else is awaited, what stands there stays, unless it may not be seen."""
        view, width = self.view, self.content_region.width
        if view is None or not width:
            self.show_rows((), 0)
            return
        seen = view.seen(SeenPaths)
        circumstances = (view.masks, view.language, view.frame.generation if view.frame else None)
        if seen is None or seen.of != self.wanted:
            if self._kept != circumstances:
                self.show_rows((), 0)
            return
        self._kept, self._samples = circumstances, seen.samples
        rows = page(view, seen, self.symbols, width)
        self.show_rows(rows, max((sum(len(text) for text, _ in row) for row in rows), default=0))


def page(view: View, seen: SeenPaths, symbols: bool, width: int) -> tuple[Row, ...]:
    """Everything there is to be read, on rows of that width."""
    if seen.refused is not None:
        return paragraph(engine_says(seen.refused, view.language), width)
    if not view.masks.shapes.isdisjoint({seen.output, seen.source, *(link.target for link in seen.links)}):
        return paragraph(say(view.language, "paths.masked"), width)
    return _Page(view, seen, symbols, width).rows()


class _Page:
    """One set of paths, with what may be seen of it."""

    def __init__(self, view: View, seen: SeenPaths, symbols: bool, width: int) -> None:
        self.view, self.seen, self.symbols, self.width = view, seen, symbols, width
        masks = view.masks
        self.hides_total = (seen.output, seen.source) in masks.locals or (
            seen.output == view.graph.output and masks.any_grad(seen.source)
        )
        self.routes = [self._route(path) for path in seen.paths]
        room = width - max((len(self._plain(path)) for path in seen.paths), default=0) - 5
        longest = max((len(route) for route in self.routes), default=0)
        self.column = longest if longest <= max(room, LEAST) else None  # None: the product stands under its path

    def say(self, key: str, **values: object) -> str:
        return say(self.view.language, f"paths.{key}", **values)

    def rows(self) -> tuple[Row, ...]:
        seen = self.seen
        if not seen.count:
            return paragraph(self.say("none", source=seen.source, output=seen.output), self.width)
        key = "title_one" if seen.count == 1 else "title"
        title: Row = ((self.say(key, count=f"{seen.count:,}".replace(",", " "), source=seen.source, output=seen.output),
                       "title"),)  # fmt: skip
        shown = [path for path in seen.paths if path.leaf == seen.source]
        body = [row for path, route in zip(seen.paths, self.routes, strict=True) for row in self._lines(path, route)]
        more = seen.count - len(shown)
        tail = list(paragraph(self.say("more", count=f"{more:,}".replace(",", " ")), self.width)) if more else []
        return (title, *self._notes(), *body, *tail, ((" ", ""),), *self._sum(shown, more))

    def _notes(self) -> tuple[Row, ...]:
        seen, notes = self.seen, list[str]()
        if seen.sample is not None:
            notes.append(self.say("sample", sample=seen.sample, samples=seen.samples))
        if not self.symbols and any(link.shape != (1, 1) for link in seen.links):
            notes.append(self.say("order"))
        return tuple(row for note in notes for row in paragraph(note, self.width))

    # ---------------------------------------------------------------- one path
    def _route(self, path: Path) -> str:
        """`b → h → g → J`; from a leaf that does not hang on the source, that too: `a ⇢ b → h → g → J`."""
        names = (path.leaf, *(self.seen.links[each].target for each in path.links))
        start = f"{self.seen.source} ⇢ " if path.leaf != self.seen.source else ""
        return start + " → ".join(names)

    def _lines(self, path: Path, route: str) -> list[Row]:
        pale = bool(path.zeros) or path.leaf != self.seen.source
        first: Row = ((f" {route}", "muted" if pale else ""),)
        spans = self._product(path, pale)
        if self.column is not None:
            return [(*first, (" " * (self.column - len(route) + 3), ""), *spans)]
        return [first, *wrapped(spans, self.width)]

    def _product(self, path: Path, pale: bool) -> tuple[Span, ...]:
        """`1 · (−2) = −2`, or `∂g/∂a · ∂J/∂g`."""
        factors = self._factors(path)
        look = "muted" if pale else ""
        spans = list[Span]()
        for at, (text, zero) in enumerate(factors):
            spans += [(" · ", "muted")] if at else []
            spans.append((text, "error" if zero else look))
        if self.symbols and not pale:
            return tuple(spans)
        return (*spans, (" = ", "muted"), (self._result(path), "muted" if pale else "contribution"))

    def _factors(self, path: Path) -> list[tuple[str, bool]]:
        """Each factor as text, and whether it is what makes the path vanish."""
        seen, found = self.seen, list[tuple[str, bool]]()
        if path.leaf != seen.source:
            found.append((f"∂{path.leaf}/∂{seen.source}" if self.symbols else "0", True))
        for at, link in enumerate(seen.links[each] for each in path.links):
            hidden = self._hides(link)
            text = f"∂{link.target}/∂{link.source}" if self.symbols else self._factor(link, hidden)
            found.append((text, at in path.zeros and not hidden))
        return found

    def _factor(self, link: Link, hidden: bool) -> str:
        """A number, or the shape of the matrix."""
        if link.shape != (1, 1):
            return f"({link.shape[1]}×{link.shape[0]})"
        alone = None if link.local is None else numbers(link.local)
        return HIDDEN if hidden or alone is None else bracketed(float(alone.reshape(-1)[0].item()))

    def _result(self, path: Path) -> str:
        if path.leaf != self.seen.source:
            return "0"
        return self._whole(path.product, self.hides_total or self._any_hidden(path))

    def _whole(self, array: Array | None, hidden: bool) -> str:
        """A number, a few numbers, or shape and norm of more."""
        if array is None or hidden:
            return HIDDEN
        return amount(array)

    def _plain(self, path: Path) -> str:
        return "".join(text for text, _ in self._product(path, False)) if path.links else ""

    # ---------------------------------------------------------------- all of them
    def _sum(self, shown: list[Path], more: int) -> tuple[Row, ...]:
        """`∂J/∂b = 3 + 2 = 5`; the paths that vanish are zeros in it."""
        seen = self.seen
        name = f"∂{seen.output}/∂{seen.source}"
        hidden = self.hides_total or any(self._any_hidden(path) for path in shown)
        total = self._whole(seen.total, hidden)
        of_numbers = seen.total is not None and seen.total.shape == (1, 1)
        terms = [self._term(path, at == 0) for at, path in enumerate(seen.paths)]
        written = name + " = "
        if len(terms) > 1 and (of_numbers or self.symbols):
            written += " + ".join(terms) + (" + …" if more else "") + " = "
        return tuple(((text, "contribution"),) for ((text, _),) in paragraph(written + total, self.width))

    def _term(self, path: Path, first: bool) -> str:
        if self.symbols:
            text = " · ".join(text for text, _ in self._factors(path))
            return "0" if path.leaf != self.seen.source else text
        result = self._result(path)
        return f"({result})" if result.startswith("−") and not first else result

    # ---------------------------------------------------------------- what an exercise asks
    def _any_hidden(self, path: Path) -> bool:
        return any(self._hides(self.seen.links[each]) for each in path.links)

    def _hides(self, link: Link) -> bool:
        """Whether this factor is asked, or is all of a gradient that is, or shows a value that is."""
        masks = self.view.masks
        if (link.target, link.source) in masks.locals:
            return True
        if link.target == self.view.graph.output and masks.any_grad(link.source):
            return True
        return any(masks.any_value(name) for name in read_off([self.view.graph.node(link.target)]))


def wrapped(spans: tuple[Span, ...], width: int) -> list[Row]:
    """A product on rows of their own, broken between its factors."""
    rows: list[list[Span]] = [[(INDENT, "")]]
    for span in spans:
        if sum(len(text) for text, _ in (*rows[-1], span)) > width and len(rows[-1]) > 1:
            rows.append([(INDENT, "")])
        rows[-1].append(span)
    return [tuple(row) for row in rows]


def bracketed(value: float) -> str:
    """A number as a factor: `(−2)`."""
    text = plain(value)
    return f"({text})" if text.startswith("−") else text


def plain(value: float) -> str:
    """A number without blanks, with a minus sign: `−2`, `0.25`."""
    text = number.short(value).strip().removesuffix(".0").removesuffix(".")
    return f"−{text[1:]}" if text.startswith("-") else text


def amount(array: Array) -> str:
    """A number; a few numbers; of more the shape (inputs × outputs) and the norm."""
    alone = single(Array((), array.dtype, array.data)) if array.shape == (1, 1) else None
    if alone is not None:
        return plain(alone)
    rows, columns = array.shape
    values = numbers(array)
    if values is not None and values.size <= FEW and rows == 1:
        return f"({', '.join(plain(float(each)) for each in values.reshape(-1))})"
    return f"({columns}×{rows})  ‖{plain(statistics(array)[3])}‖"
