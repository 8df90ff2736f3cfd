"""Shapes as an operation has them: dtype, ndim, strides, and the stretched copies that broadcasting implies."""

from __future__ import annotations

from collections.abc import Iterator

from engine.looks.places import Shape, broadcast, padded
from engine.looks.records import Argument, Window
from tui.canvas import Row
from tui.masks import HIDDEN
from tui.panes.operation_tables import STRIDE, element, numbers
from tui.panes.operation_text import Part, shape_text

COPY = "⇢"
MOST_ROWS = 4  # of the small picture of what is stretched
LOSSES = ("mse", "sse", "half_sse", "bce", "bce_logits")


def shape_rows(part: Part) -> Iterator[Row]:
    """What every tensor is; then how the shapes are aligned, and each stretched input as it is used."""
    symbols = part.formulas.symbols(part.formulas.expression())
    yield ((f" {part.node.name} = {symbols}", "title"),)
    yield from facts(part)
    stretched = [(each, shape) for each, shape in stretching(part) if _differs(shape, wide_of(part))]
    if part.taken.value is None:
        return
    if part.veil.shapes or not stretched:
        if not part.veil.shapes:
            yield from part.flow(*((f" {word}", "muted") for word in part.say("not_stretched").split()), indent=1)
        return
    yield ()
    yield from alignment(part)
    for argument, shape in stretched:
        yield from copies(part, argument, shape)


# ---------------------------------------------------------------- what every tensor is
def facts(part: Part) -> Iterator[Row]:
    """One row per tensor: name, dtype, ndim, shape, strides."""
    tensors = [(part.formulas.name(each.name), each.value) for each in part.taken.arguments if each.name]
    tensors = [*dict(tensors).items(), (part.node.name, part.taken.value)]
    head = ["", "dtype", "ndim", "shape", "strides", ""]
    cells = [head, *(_facts(part, name, window) for name, window in tensors)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for place, row in enumerate(cells):
        text = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield ((f" {text}".rstrip(), "muted" if place == 0 else ""),)


def _facts(part: Part, name: str, window: Window | None) -> list[str]:
    if window is None:
        return [name, "·", "·", "·", "·", ""]
    dtype = HIDDEN if part.veil.dtypes else window.dtype
    if part.veil.shapes:
        return [name, dtype, HIDDEN, HIDDEN, HIDDEN, ""]
    lies = part.say("contiguous" if window.contiguous else "not_contiguous")
    return [name, dtype, str(len(window.shape)), shape_text(window.shape), shape_text(window.strides), lies]


# ---------------------------------------------------------------- which inputs are stretched
def stretching(part: Part) -> list[tuple[Argument, Shape]]:
    """The inputs that are stretched to one shape, with their own shapes as the operation takes them."""
    found = [(each, each.value.shape) for each in part.taken.arguments if each.name and each.value is not None]
    if part.node.op == "linear":
        return found[2:]
    if part.node.op in LOSSES and part.taken.squeeze and found:
        found[0] = (found[0][0], found[0][1][:-1])
    return found if part.elementwise or part.node.op in LOSSES else []


def wide_of(part: Part) -> Shape:
    """The shape to which they are stretched."""
    if part.node.op in LOSSES:
        wide: Shape = ()
        for _, shape in stretching(part):
            wide = broadcast(wide, shape)
        return wide
    return part.taken.value.shape if part.taken.value is not None else ()


def _differs(shape: Shape, wide: Shape) -> bool:
    return shape != wide


# ---------------------------------------------------------------- how
def alignment(part: Part) -> Iterator[Row]:
    """The shapes under each other, aligned from the right as torch does: where one is 1 or missing, it is stretched."""
    wide = wide_of(part)
    names = [part.formulas.name(each.name) for each, _ in stretching(part)]
    lines = [(name, _sizes(shape, wide)) for name, (_, shape) in zip(names, stretching(part), strict=True)]
    lines.append((part.say("together"), [str(size) for size in wide]))
    first = max(len(name) for name, _ in lines)
    widths = [max(len(sizes[column]) for _, sizes in lines) for column in range(len(wide))]
    for name, sizes in lines:
        text = "   ".join(size.rjust(width) for size, width in zip(sizes, widths, strict=True))
        yield ((f" {name.ljust(first)}   ", "muted"), (text, ""))


def _sizes(shape: Shape, wide: Shape) -> list[str]:
    missing = len(wide) - len(shape)
    found = []
    for place, (own, size) in enumerate(zip(padded(shape, len(wide)), wide, strict=True)):
        written = "" if place < missing else str(own)
        found.append(f"{written} {COPY} {size}".strip() if own != size or place < missing else written)
    return found


def copies(part: Part, argument: Argument, shape: Shape) -> Iterator[Row]:
    """One stretched input as it is used: the copies are dim and marked."""
    wide, name = wide_of(part), part.formulas.name(argument.name)
    own = padded(shape, len(wide))
    dims = [place for place, (one, size) in enumerate(zip(own, wide, strict=True)) if one != size]
    missing = [place for place in range(len(wide) - len(shape))]
    over = ", ".join(map(str, sorted({*dims, *missing})))
    count = 1
    for place in dims:
        count *= wide[place]
    yield ()
    yield from part.flow((f" {name}", "title"), (f" {part.say('copies', count=count, dims=over)}", "muted"))
    yield from _picture(part, argument, own[-2:], wide[-2:])
    if argument.differentiable:
        text = part.say("summed_back", dims=over, wide=shape_text(wide), own=shape_text(shape))
        yield from part.flow(*((f" {word}", "") for word in text.split()), indent=1)


def _picture(part: Part, argument: Argument, own: Shape, wide: Shape) -> Iterator[Row]:
    """A few rows and columns of the last two dimensions."""
    assert argument.value is not None
    rows, columns = wide if len(wide) == 2 else (1, *wide)
    tall, broad = own if len(own) == 2 else (1, *own)
    fitting = max(1, (part.width - 4) // STRIDE)
    known, hidden = numbers(argument.value), part.veil.value(argument.name)
    for row in range(min(rows, MOST_ROWS)):
        spans = [(f" {COPY if row and tall == 1 else ' '}", "muted")]
        for column in range(min(columns, fitting, 8)):
            y, x = (0 if tall == 1 else row), (0 if broad == 1 else column)
            if y >= known.shape[0] or x >= known.shape[1]:
                break
            copy = (row and tall == 1) or (column and broad == 1)
            text = element(known[y, x].item(), argument.value.dtype, hidden)
            mark = COPY if column and broad == 1 else " "
            spans.append((f"{mark}{text}", "line" if copy else ""))
        cut = " …" if columns > min(columns, fitting, 8) else ""
        yield (*spans, (cut, "muted"))
    if rows > MOST_ROWS:
        yield (("  ⋮", "muted"),)
