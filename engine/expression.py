"""Expressions of lessons: text -> a small tree, through `ast` and a whitelist. Nothing is ever evaluated as Python."""

from __future__ import annotations

import ast
import keyword
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from engine.operations import FUNCTIONS, OPERATIONS
from engine.spec import MAX_EXPRESSION, MAX_EXPRESSION_DEPTH, Number
from engine.words import Refused, Value

MAX_MAGNITUDE = 1e30
QUERIES = {"value": 1, "grad": 1, "local": 2, "shape": 1, "ndim": 1, "dtype": 1, "delta": 1}  # name -> arguments
METRICS = ("loss", "train_loss", "train_accuracy", "test_accuracy", "iteration", "epoch", "lr")
RESERVED = frozenset((*FUNCTIONS, *QUERIES, *METRICS))


class ExpressionError(Refused):
    """An expression that is not allowed; `column` counts from 0 in its text."""

    def __init__(self, column: int, key: str, **values: Value) -> None:
        self.column = column
        super().__init__(f"expression.{key}", **values)


@dataclass(frozen=True, slots=True)
class Constant:
    """A number as it was written; text only as the argument of a query, `value("h.1")`."""

    value: Number | str
    column: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """An input, a node, or one of METRICS."""

    name: str
    column: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """An operation of the table, or one of QUERIES, on arguments."""

    op: str
    arguments: tuple[Expression, ...]
    dim: int | None = None
    column: int = 0


@dataclass(frozen=True, slots=True)
class Index:
    """One element of a tensor: `grad(W)[0, 1]`."""

    of: Expression
    index: tuple[int, ...]
    column: int = 0


Expression = Constant | Name | Call | Index

_BINARY: dict[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.MatMult: "matmul",
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
_ONE_LINE = str.maketrans("\n\r\f", "   ")  # so that a place in the text is a column


def parse(text: str, queries: bool = False) -> Expression:
    """The tree of `text`; with `queries` it may ask `grad(g)` and take elements. Raises ExpressionError."""
    if len(text) > MAX_EXPRESSION:
        raise ExpressionError(0, "too_long", limit=MAX_EXPRESSION)
    if not text.strip():
        raise ExpressionError(0, "empty")
    if "#" in text:  # Python would skip the rest as a comment
        raise ExpressionError(text.index("#"), "not_allowed", what="#")
    line = text.translate(_ONE_LINE)
    indent = len(line) - len(line.lstrip())
    return _Reader(line, indent, queries).read(_syntax_tree(line, indent), 0)


def _syntax_tree(line: str, indent: int) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(line.strip(), mode="eval").body
    except SyntaxError as error:
        end = len(line.rstrip())  # where something is missing; Python then gives no place
        column = indent + error.offset - 1 if error.offset else end
        raise ExpressionError(max(0, min(column, end)), "syntax") from None
    except (ValueError, RecursionError, MemoryError):  # nested too deep for Python's own parser, or not Unicode
        raise ExpressionError(indent, "syntax") from None


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and everything in it, in the order of the text's tree."""
    yield expression
    match expression:
        case Call(arguments=arguments):
            for argument in arguments:
                yield from walk(argument)
        case Index(of=of):
            yield from walk(of)


def names(expression: Expression) -> list[Name]:
    """Every name that the expression uses, and the texts of its queries, as Name records."""
    found: list[Name] = []
    for part in walk(expression):
        if isinstance(part, Name):
            found.append(part)
        elif isinstance(part, Constant) and isinstance(part.value, str):
            found.append(Name(part.value, part.column))
    return found


def check_names(expression: Expression, known: list[str] | tuple[str, ...]) -> None:
    """Raises ExpressionError at the first name that is not `known`, with the nearest that is."""
    for name in names(expression):
        if name.name not in known:
            raise ExpressionError(name.column, "unknown_name", name=name.name, hint=nearest(name.name, known))


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """The known word most like `word`, else all of them (the first dozen)."""
    close = get_close_matches(word, known, 1, 0.6)
    return close[0] if close else ", ".join(known[:12])


def check_new_name(name: str) -> None:
    """Raises Refused for a name that no input, node or layer may bear."""
    if not name.isidentifier() or unicodedata.normalize("NFKC", name) != name or keyword.iskeyword(name):
        raise Refused("expression.bad_name", name=name)
    if name in RESERVED:
        raise Refused("expression.reserved_name", name=name)


class _Reader:
    """Turns Python's tree into ours, refusing everything that is not on the list."""

    def __init__(self, text: str, indent: int, queries: bool) -> None:
        self.text, self.indent, self.queries = text, indent, queries

    def fail(self, node: ast.AST, key: str, **values: Value) -> ExpressionError:
        return ExpressionError(self.column(node), key, **values)

    def column(self, node: ast.AST) -> int:
        return self.indent + self._characters(getattr(node, "col_offset", 0))

    def _characters(self, offset: int) -> int:
        """ast counts UTF-8 bytes; people count characters."""
        return len(self.text[self.indent :].encode()[:offset].decode(errors="ignore"))

    def not_allowed(self, node: ast.AST) -> ExpressionError:
        """The refusal of something that lessons do not know, as it was written."""
        end = self.indent + self._characters(getattr(node, "end_col_offset", 0))
        written = self.text[self.column(node) : end]
        return self.fail(node, "not_allowed", what=written if len(written) <= 40 else f"{written[:39]}…")

    def read(self, node: ast.AST, depth: int) -> Expression:
        if depth > MAX_EXPRESSION_DEPTH:
            raise self.fail(node, "too_deep", limit=MAX_EXPRESSION_DEPTH)
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                if not abs(value) <= MAX_MAGNITUDE:
                    raise self.fail(node, "too_large", limit=f"{MAX_MAGNITUDE:g}")
                return Constant(_within_torch(value), self.column(node))
            case ast.Name(id=name):
                return Name(name, self.column(node))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.fold(node, "neg", (self.read(operand, depth + 1),))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return self.fold(node, _BINARY[type(op)], (self.read(left, depth + 1), self.read(right, depth + 1)))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _BINARY:
                sides = (self.read(left, depth + 1), self.read(right, depth + 1))
                return Call(_BINARY[type(op)], sides, None, self.column(node))
            case ast.Compare(ops=[_, _, *_]):
                raise self.fail(node, "chained")
            case ast.Call():
                return self.call(node, depth)
            case ast.Subscript(value=value, slice=index) if self.queries:
                return Index(self.tensor(value, depth + 1), self.index(index), self.column(node))
        raise self.not_allowed(node)

    def fold(self, node: ast.AST, op: str, arguments: tuple[Expression, ...]) -> Expression:
        """An operator; of constants alone, its value as a constant."""
        column = self.column(node)
        numbers = [a.value for a in arguments if isinstance(a, Constant) and not isinstance(a.value, str)]
        if len(numbers) < len(arguments) or op == "matmul":
            return Call(op, arguments, None, column)
        try:
            value = _arithmetic(op, numbers)
        except (OverflowError, ZeroDivisionError, ValueError):
            raise self.fail(node, "not_a_number") from None
        if isinstance(value, complex) or not abs(value) <= MAX_MAGNITUDE:
            raise self.fail(node, "not_a_number")
        return Constant(_within_torch(value), column)

    def call(self, node: ast.Call, depth: int) -> Expression:
        if not isinstance(node.func, ast.Name):
            raise self.not_allowed(node.func)
        name = node.func.id
        if self.queries and name in QUERIES:
            return self.query(node, name, depth)
        if name not in FUNCTIONS:
            known = (*FUNCTIONS, *QUERIES) if self.queries else FUNCTIONS
            raise self.fail(node, "unknown_function", name=name, hint=nearest(name, known))
        row = OPERATIONS[name]
        dim = None
        for given in node.keywords:
            if given.arg != "dim" or not row.dim or dim is not None or len(node.args) > row.least:
                raise self.fail(given, "unknown_keyword", name=name, keyword=given.arg or "**")
            dim = self.whole(given.value)
        if not row.least <= len(node.args) <= row.most:
            raise self.fail(node, "arguments", name=name, least=row.least, most=row.most, given=len(node.args))
        tensors = len(node.args) if row.numbers_from is None else row.numbers_from
        arguments = [self.read(argument, depth + 1) for argument in node.args[:tensors]]
        arguments += [Constant(self.whole(argument), self.column(argument)) for argument in node.args[tensors:]]
        return Call(name, tuple(arguments), dim, self.column(node))

    def query(self, node: ast.Call, name: str, depth: int) -> Expression:
        if node.keywords or len(node.args) != QUERIES[name]:
            raise self.fail(node, "arguments", name=name, least=QUERIES[name], most=QUERIES[name], given=len(node.args))
        return Call(name, tuple(self.target(argument) for argument in node.args), None, self.column(node))

    def target(self, node: ast.AST) -> Expression:
        """What a query is about: a name, or a text where the name is no identifier."""
        match node:
            case ast.Name(id=name):
                return Name(name, self.column(node))
            case ast.Constant(value=str() as text):
                return Constant(unicodedata.normalize("NFKC", text), self.column(node))  # as Python reads names
        raise self.fail(node, "query_of")

    def tensor(self, node: ast.expr, depth: int) -> Expression:
        """What elements can be taken of: anything but a number."""
        found = self.read(node, depth)
        if isinstance(found, Constant):
            raise self.not_allowed(node)
        return found

    def index(self, node: ast.AST) -> tuple[int, ...]:
        parts = node.elts if isinstance(node, ast.Tuple) and node.elts else [node]
        return tuple(self.whole(part) for part in parts)

    def whole(self, node: ast.AST) -> int:
        """A whole number, perhaps negative."""
        match node:
            case ast.Constant(value=value) if type(value) is int and abs(value) < 2**31:
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)) if type(value) is int and value < 2**31:
                return -value
        raise self.fail(node, "whole_number")


def _within_torch(value: Number) -> Number:
    """A whole number that 64 bits hold, else a float."""
    return value if isinstance(value, float) or abs(value) < 2**63 else float(value)


def _arithmetic(op: str, numbers: list[Number]) -> Number:
    if op == "neg":
        return -numbers[0]
    left, right = numbers
    match op:
        case "add":
            return left + right
        case "sub":
            return left - right
        case "mul":
            return left * right
        case "div":
            return left / right
        case _:  # whole numbers stay whole while they are small; 9**9**9 is refused, not computed
            exact = isinstance(left, int) and isinstance(right, int) and 0 <= right <= 64 and abs(left) <= 1024
            result: Number = left**right if exact else float(left) ** float(right)
            return result
