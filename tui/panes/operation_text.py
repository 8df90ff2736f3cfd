"""What one operation did, in rows: its formula with live numbers, what came from above, and what it passed on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from engine.graph import Node
from engine.looks.records import Argument, Share, Taken, Window
from engine.operations import OPERATIONS
from engine.words import say as engine_says
from tui.canvas import Row, Span
from tui.language import say
from tui.masks import HIDDEN
from tui.panes.operation_formulas import NOT_YET, Formulas, bracketed, is_loss, plain, products, total
from tui.panes.operation_masks import Veil

MATRIX = ("linear", "matmul")


@dataclass(frozen=True)
class Part:
    """One operation, to be written in `width` columns; gradients are those of `output`."""

    taken: Taken
    node: Node
    veil: Veil
    formulas: Formulas
    output: str
    language: str
    width: int

    # ---------------------------------------------------------------- the whole
    def rows(self) -> tuple[Row, ...]:
        """All of it, the most important first."""
        return (*self.forward(), *self.backward(), *self.sentence(), *self.shapes())

    @property
    def alone(self) -> bool:
        """Whether every tensor here is a number."""
        windows = [self.taken.value, *(each.value for each in self.taken.arguments)]
        return self.taken.elements == 1 and all(each is None or each.numbers.shape == (1, 1) for each in windows)

    @property
    def elementwise(self) -> bool:
        """Whether an element of the result comes from one element of each input."""
        pair = self.node.op in ("max", "min") and len(self.node.inputs) == 2
        return OPERATIONS[self.node.op].elementwise or pair

    def say(self, key: str, **values: str | int) -> str:
        """A few words of the interface."""
        return say(self.language, f"operation.{key}", **values)

    def flow(self, *pieces: Span, indent: int = 4) -> Iterator[Row]:
        """The pieces one after another, on as many rows as they need."""
        row: list[Span] = []
        used = 0
        for text, look in pieces:
            if row and used + cell_len(text) > self.width:
                yield tuple(row)
                row, used, text = [(" " * indent, "")], indent, text.lstrip()
            row.append((text, look))
            used += cell_len(text)
        yield tuple(row)

    # ---------------------------------------------------------------- forward
    def forward(self) -> Iterator[Row]:
        """`g = a + h = 3 + 2 = 5`; of tensors the formula, and below it the element that is spelled out."""
        symbols = f"{self.node.name} = {self.formulas.symbols(self.formulas.expression())}"
        spelled, out = self.formulas.spelled(self.elementwise), self.formulas.out()
        if self.alone and not is_loss(self.node.op):
            known = any(each.numbers for each in self.taken.arguments if each.name)
            equal = [(f" = {spelled}", "")] if known and spelled not in (out, symbols.partition(" = ")[2]) else []
            yield from self.flow((f" {symbols}", "title"), *equal, (f" = {out}", "touched-line"))
            return
        yield from self.flow((f" {symbols}", "title"))
        if self.taken.index is None or self.taken.value is None or self.veil.shapes:
            return
        result = self.node.name + self._at(self.taken.index)
        if is_loss(self.node.op):
            result = self.say("sample_alone", number=", ".join(map(str, self.taken.index)) or "0")
        moved = pieces_of(f" {spelled}") if spelled != out else []
        equal = [(" = ", ""), (out, "touched-line")] if moved else [(f" {out}", "touched-line")]
        yield from self.flow((f"   {result}:", "muted"), *moved, *equal)
        if is_loss(self.node.op):
            yield from self._loss()

    def _loss(self) -> Iterator[Row]:
        """What all samples come to together."""
        value = self.taken.value
        whole = HIDDEN if self.veil.out else plain(_first(value), value.dtype) if value else NOT_YET
        key = "sum_of" if self.node.op in ("sse", "half_sse") else "mean_of"
        text = self.say(key, count=HIDDEN if self.veil.shapes else self.taken.elements)
        yield from self.flow((f"   {self.node.name} = ", "muted"), (text, "muted"), (f" = {whole}", "touched-line"))

    # ---------------------------------------------------------------- backward
    def backward(self) -> Iterator[Row]:
        """From above, and what goes on to each input; nothing where no gradient passes."""
        if not any(each.differentiable for each in self.taken.arguments):
            return
        yield from self.above()
        for position, argument in enumerate(self.taken.arguments):
            if argument.differentiable:
                yield from self.passed(position, argument)

    def above(self) -> Iterator[Row]:
        """`from above  ∂J/∂b = 3 + 2 = 5   from d: 3 · from e: 2`"""
        own = f"∂{self.output}/∂{self.node.name}"
        element = "" if self.alone or self._scalar(self.taken.upstream) else self._at(self.taken.index or ())
        letter = f"{self.formulas.above} = " if self._by_rules() else ""
        pieces: list[Span] = [(f" {self.say('above')}  ", "muted"), (f"{letter}{own}{element}", "gradient")]
        yield from self.flow(*pieces, *self._arrived())

    def _by_rules(self) -> bool:
        """Whether what is passed on is told by a rule, in which the gradient from above has its letter."""
        given = enumerate(self.taken.arguments)
        return any(each.differentiable and self.formulas.local(number) is None for number, each in given)

    def _arrived(self) -> list[Span]:
        """The terms of the gradient, with where each comes from; of one alone no sum is made."""
        hidden, arrivals, like = self.veil.upstream, self.taken.arrivals, self.taken.upstream
        terms = [HIDDEN if hidden else self.formulas.of(each.element, like) for each in arrivals]
        come = [term for term, each in zip(terms, arrivals, strict=True) if each.element is not None]
        pieces: list[Span] = []
        if len(come) > 1:
            pieces.append((f" = {total(come, len(come))}", ""))
        pieces.append((f" = {self.formulas.upstream()}", "contribution"))
        if self.node.name == self.output and not arrivals:
            pieces.append((f"   {self.say('begin')}", "muted"))
        named = [self.say("from", name=each.source, value=term) for each, term in zip(arrivals, terms, strict=True)]
        if len(arrivals) == 1:
            named = [self.say("only_from", name=arrivals[0].source)]
        return [*pieces, *((f"{'   ' if n == 0 else ' · '}{text}", "muted") for n, text in enumerate(named))]

    def passed(self, position: int, argument: Argument) -> Iterator[Row]:
        """The local derivative, and upstream times local, for one input."""
        name, local = self.formulas.name(argument.name), self.formulas.local(position)
        into = f"{self.node.name}/∂{name}"
        if local is not None:
            symbols, live = local
            value = symbols if live == symbols else self._local_value(position, argument)
            known = [each for each in dict.fromkeys((symbols, live, value)) if each != NOT_YET]
            equal = "".join(f" = {each}" for each in known)
            yield from self.flow((f" {self.say('to', name=name)}", "flow"), (f"  ∂{into}", ""), (equal, ""))
        else:
            yield from self._rule(position, name, argument)
        yield from self._product(position, argument, name)
        yield from self._meeting(argument, name)

    def _local_value(self, position: int, argument: Argument) -> str:
        if self.veil.local(position):
            return HIDDEN
        share = argument.share
        return plain(share.local[0]) if share and share.local else NOT_YET

    def _rule(self, position: int, name: str, argument: Argument) -> Iterator[Row]:
        """`to W  uᵀ x    (4, 2) = (4, 128) (128, 2), summed over 128 samples`"""
        yield from self.flow(
            (f" {self.say('to', name=name)}", "flow"),
            (f"  ∂{self.output}/∂{name} = {self.formulas.rule(position) or ''}", ""),
            *((text, "muted") for text in self._fitting(position, argument)),
        )

    def _fitting(self, position: int, argument: Argument) -> list[str]:
        """The shapes of a product, as they fit together, and over what it is summed."""
        if self.veil.shapes or argument.value is None or self.alone:
            return []
        windows = [self.taken.value, *(each.value for each in self.taken.arguments)][:3]
        if self.node.op not in MATRIX or any(each is None or len(each.shape) != 2 for each in windows):
            return [f"   {shape_text(argument.value.shape)}"]
        u, x, w = (each.shape for each in windows if each is not None)
        pairs = {("linear", 0): (u, w), ("linear", 1): (u[::-1], x)} | {
            ("matmul", 0): (u, w[::-1]), ("matmul", 1): (x[::-1], u)}  # fmt: skip
        factors = pairs.get((self.node.op, position))
        text = shape_text(argument.value.shape)
        fit = f" = {shape_text(factors[0])} {shape_text(factors[1])}" if factors else ""
        summed = self.node.op == "linear" and position > 0
        return [f"   {text}{fit}", *([f" · {self.say('over_samples', count=u[0])}"] if summed else [])]

    def _product(self, position: int, argument: Argument, name: str) -> Iterator[Row]:
        """`∂J/∂g · ∂g/∂a = −2 · 1 = −2`, over all the results that this element went into."""
        share, local = argument.share, self.formulas.local(position)
        if share is None:
            return
        pieces: list[Span] = [("    ", "")]
        if self.alone and local is not None:
            pieces.append((f"∂{self.output}/∂{self.node.name} · ∂{self.node.name}/∂{name} = ", "muted"))
        else:
            where = name + self._at(share.place)
            pieces.append((f"{where}: " if not self.alone else "", "muted"))
        yield from self.flow(*pieces, *self._numbers(position, share, argument))

    def _numbers(self, position: int, share: Share, argument: Argument) -> list[Span]:
        upstream, local = self.veil.upstream, self.veil.local(position)
        result = HIDDEN if self.veil.passed(position) else self.formulas.of(share.total, argument.contribution)
        ups = [HIDDEN if upstream else plain(each) for each in share.upstream] or [NOT_YET]
        locals_ = [HIDDEN if local else plain(each) for each in share.local] or [NOT_YET]
        if self.veil.shapes:
            return [(HIDDEN, "contribution")]
        if not share.upstream:
            return [(NOT_YET, "contribution")]
        single = share.count == 1
        spelled = f"{ups[0]} · {bracketed(locals_[0])}" if single else products(ups, locals_, share.count)
        pieces = pieces_of(spelled)
        pieces.append((f" = {result}", "contribution"))
        if share.count > len(ups) and not self.veil.shapes:
            pieces.append((f"   {self.say('terms', count=share.count)}", "muted"))
        return pieces

    def _meeting(self, argument: Argument, name: str) -> Iterator[Row]:
        """Where several paths meet at this input: their sum, as far as they have come."""
        if len(argument.met) < 2 or argument.share is None:
            return
        masks = self.veil.masks
        sources = [(each.source, argument.name) for each in argument.met]
        hidden = self.veil.shapes or masks.any_grad(argument.name) or not masks.locals.isdisjoint(sources)
        hidden = hidden or any(masks.any_grad(source) for source, _ in sources)
        terms = [HIDDEN if hidden else self.formulas.of(each.element, None) for each in argument.met]
        come = [term for term, each in zip(terms, argument.met, strict=True) if each.element is not None]
        added = sum(each.element for each in argument.met if each.element is not None)
        whole = NOT_YET if not come else HIDDEN if hidden else plain(added)
        where = "" if self.alone else self._at(argument.share.place)
        pieces: list[Span] = [(f"    {self.say('meet')}  ", "muted"), (f"∂{self.output}/∂{name}{where}", "gradient")]
        if len(come) > 1:
            pieces.append((f" = {total(come, len(come))}", ""))
        pieces.append((f" = {whole}", "contribution"))
        named = [self.say("from", name=each.source, value=term) for each, term in zip(argument.met, terms, strict=True)]
        pieces += [(f"{'   ' if n == 0 else ' · '}{text}", "muted") for n, text in enumerate(named)]
        yield from self.flow(*pieces, indent=8)

    # ---------------------------------------------------------------- in words
    def sentence(self) -> Iterator[Row]:
        """What it did, in plain words."""
        sentence = self.taken.sentence
        if sentence is not None:
            words = engine_says(sentence, self.language).split()
            yield from self.flow(*((f" {word}", "") for word in words), indent=1)

    def shapes(self) -> Iterator[Row]:
        """`x (128, 2) float32 · W (4, 2) float32 → (128, 4) float32`; of numbers alone, where a dtype is unusual."""
        windows = [(self.formulas.name(each.name), each.value) for each in self.taken.arguments if each.name]
        every = [*windows, (self.node.name, self.taken.value)]
        if self.alone and all(each is None or each.dtype == "float32" for _, each in every):
            return
        texts = [f"{name} {self.form(window)}" for name, window in every]
        pieces = [(f"{' ' if n == 0 else ' · '}{text}", "muted") for n, text in enumerate(texts[:-1])]
        yield from self.flow(*pieces, (f" → {texts[-1]}", "muted"))

    def form(self, window: Window | None) -> str:
        """`(128, 2) float32`"""
        if window is None:
            return NOT_YET
        shape = HIDDEN if self.veil.shapes else shape_text(window.shape)
        return f"{shape} {HIDDEN if self.veil.dtypes else window.dtype}"

    def _at(self, index: tuple[int, ...]) -> str:
        return "" if not index or self.veil.shapes else f"[{', '.join(map(str, index))}]"

    def _scalar(self, window: Window | None) -> bool:
        return window is not None and window.numbers.shape == (1, 1)


def pieces_of(text: str) -> list[Span]:
    """A sum as its terms, between which a row may end."""
    first, *more = text.split(" + ")
    return [(first, ""), *((f" + {each}", "") for each in more)]


def shape_text(shape: tuple[int, ...]) -> str:
    """`(128, 4)`; a vector is `(4)`."""
    return f"({', '.join(map(str, shape))})"


def _first(window: Window) -> float:
    import numpy as np

    assert window.numbers.data is not None
    return float(np.frombuffer(window.numbers.data, dtype=window.numbers.dtype)[0])
