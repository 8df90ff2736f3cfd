"""Lines of Python brought to one form, so that two that mean the same are alike. Nothing is ever executed.

What is alike: `optimizer.zero_grad()` and `model.zero_grad(set_to_none=True)`, `nn.Linear(2, 4)` and
`torch.nn.Linear(out_features=4, in_features=2)`, `F.mse_loss(a, b)` and `nn.MSELoss()(a, b)`, `g * c` and `c * g`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

LONGEST = 160  # characters
UNREADABLE = (SyntaxError, ValueError, MemoryError, RecursionError)
MODULES = {"torch.nn": "nn", "torch.nn.functional": "F", "nn.functional": "F", "optim": "torch.optim"}
LOSSES = {  # a function of torch.nn.functional -> the module that does the same
    "F.mse_loss": "nn.MSELoss", "F.binary_cross_entropy": "nn.BCELoss",
    "F.binary_cross_entropy_with_logits": "nn.BCEWithLogitsLoss", "F.cross_entropy": "nn.CrossEntropyLoss",
}  # fmt: skip
POSITIONS: dict[str, tuple[str, ...]] = {  # the names of what is given by position
    "nn.Linear": ("in_features", "out_features", "bias"), "nn.LeakyReLU": ("negative_slope",), "nn.Softmax": ("dim",),
    "torch.optim.SGD": ("params", "lr", "momentum"), "torch.optim.Adam": ("params", "lr"),
    "zero_grad": ("set_to_none",), "loss_module": ("input", "target"), "split": ("split_size",),
}  # fmt: skip
DEFAULTS: dict[str, dict[str, object]] = {  # what may as well be left out
    "nn.Linear": {"bias": True}, "nn.LeakyReLU": {"negative_slope": 0.01, "inplace": False},
    "torch.optim.SGD": {"momentum": 0, "weight_decay": 0, "nesterov": False, "maximize": False, "dampening": 0},
    "torch.optim.Adam": {"weight_decay": 0, "maximize": False, "amsgrad": False},
    "zero_grad": {"set_to_none": True}, "nn.ReLU": {"inplace": False}, "nn.MSELoss": {"reduction": "mean"},
    "nn.BCELoss": {"reduction": "mean"}, "nn.BCEWithLogitsLoss": {"reduction": "mean"},
    "nn.CrossEntropyLoss": {"reduction": "mean"},
}  # fmt: skip
FLAT = {"squeeze": ("()", "(1)", "(-1)", "(dim=1)", "(dim=-1)"), "flatten": ("()",), "ravel": ("()",),
        "view": ("(-1)",), "reshape": ("(-1)",)}  # ways from (n, 1) to (n)  # fmt: skip
METHODS = ("relu", "tanh", "sigmoid", "exp", "log", "sin", "cos", "sqrt", "abs", "sum", "mean")
PRODUCTS = ("matmul", "mm", "mv")


def read(text: str) -> ast.stmt | None:
    """The one statement that a line is; None where it is none. Raises SyntaxError and the like."""
    if len(text) > LONGEST:
        raise SyntaxError
    body = ast.parse(text.strip(), mode="single").body
    return body[0] if len(body) == 1 else None


def value(statement: ast.stmt | None) -> ast.expr | None:
    """What an assignment assigns, or an expression is."""
    return statement.value if isinstance(statement, ast.Assign | ast.Expr) else None


def target(statement: ast.stmt | None) -> str:
    """What an assignment sets: `self.linear1`; "" where it is none."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return ""
    return ast.unparse(statement.targets[0])


def alike(one: ast.expr, other: ast.expr, known: Mapping[str, str]) -> bool:
    """Whether two expressions mean the same, where `known` says what some names were set to."""
    return ast.dump(normal(one, known)) == ast.dump(normal(other, known))


def part(one: ast.expr, other: ast.expr, known: Mapping[str, str]) -> bool:
    """Whether the first is a part of the second."""
    wanted = ast.dump(normal(one, known))
    return any(ast.dump(each) == wanted for each in ast.walk(normal(other, known)) if isinstance(each, ast.expr))


def normal(expression: ast.expr, known: Mapping[str, str]) -> ast.expr:
    """The form of an expression that all those have which mean the same."""
    copy = ast.parse(ast.unparse(expression), mode="eval").body
    return _Normal(known).visit(copy)


def called(expression: ast.expr) -> str:
    """What is called, with its owner: `optimizer.zero_grad`; "" where nothing is."""
    return ast.unparse(expression.func) if isinstance(expression, ast.Call) else ""


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class _Normal(ast.NodeTransformer):
    """From the inside out; `known` stands for what some names were set to."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "loss_module" and node.id in self.known:
            return self.visit(_parsed(self.known[node.id]))
        return _parsed(MODULES.get(node.id, node.id))

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(node.value)  # without how the text was quoted

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        dotted = ast.unparse(node)
        return _parsed(MODULES[dotted]) if dotted in MODULES else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult) and ast.dump(node.left) > ast.dump(node.right):
            node.left, node.right = node.right, node.left
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        for rewrite in (_plain_call, _of_function, _flat, _product, _as_function, _with_names):
            found = rewrite(node)
            if not isinstance(found, ast.Call):
                return found
            node = found
        return node


def _plain_call(node: ast.Call) -> ast.expr:
    """model.forward(x) is model(x), torch.autograd.backward(l) is l.backward(); model and optimizer clear the same."""
    name = called(node)
    if name == "torch.autograd.backward" and len(node.args) == 1:
        return ast.Call(ast.Attribute(node.args[0], "backward", ast.Load()), [], node.keywords)
    if name == "model.zero_grad":
        return ast.Call(_parsed("optimizer.zero_grad"), node.args, node.keywords)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "forward":
        return ast.Call(node.func.value, node.args, node.keywords)
    return node


def _of_function(node: ast.Call) -> ast.expr:
    """F.mse_loss(a, b) is nn.MSELoss()(a, b)."""
    module = LOSSES.get(called(node))
    if module is None:
        return node
    options = [each for each in node.keywords if each.arg not in ("input", "target")]
    made = _with_names(ast.Call(_parsed(module), [], options))
    return ast.Call(made, node.args, [each for each in node.keywords if each.arg in ("input", "target")])


def _flat(node: ast.Call) -> ast.expr:
    """All ways from one column to no column."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in FLAT:
        return node
    given = ast.unparse(ast.Call(ast.Name("_", ast.Load()), node.args, node.keywords))[1:]
    if given not in FLAT[node.func.attr]:
        return node
    return ast.Call(ast.Attribute(node.func.value, "squeeze", ast.Load()), [ast.Constant(1)], [])


def _product(node: ast.Call) -> ast.expr:
    """torch.matmul(A, B) and A.matmul(B) are A @ B."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in PRODUCTS or node.keywords:
        return node
    factors = node.args if ast.unparse(node.func.value) == "torch" else [node.func.value, *node.args]
    return ast.BinOp(factors[0], ast.MatMult(), factors[1]) if len(factors) == 2 else node


def _as_function(node: ast.Call) -> ast.expr:
    """x.tanh() and F.tanh(x) are torch.tanh(x)."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in METHODS:
        return node
    owner, function = ast.unparse(node.func.value), _parsed(f"torch.{node.func.attr}")
    if owner in ("torch", "F"):
        return ast.Call(function, node.args, node.keywords)
    return node if owner == "nn" else ast.Call(function, [node.func.value, *node.args], node.keywords)


def _with_names(node: ast.Call) -> ast.expr:
    """Arguments by name, in one order, without those that are as they would be anyway."""
    name = called(node)
    kind = name if name in POSITIONS or name in DEFAULTS else name.rpartition(".")[2]
    if isinstance(node.func, ast.Call):
        kind = "loss_module"
    names, left = POSITIONS.get(kind, ()), DEFAULTS.get(kind, {})
    if any(isinstance(each, ast.Starred) for each in node.args) or any(each.arg is None for each in node.keywords):
        return node
    named = [ast.keyword(key, each) for key, each in zip(names, node.args, strict=False)]
    keywords = [each for each in (*named, *node.keywords) if not _as_anyway(each, left)]
    return ast.Call(node.func, node.args[len(names) :], sorted(keywords, key=lambda each: str(each.arg)))


def _as_anyway(given: ast.keyword, defaults: Mapping[str, object]) -> bool:
    known = isinstance(given.value, ast.Constant) and given.arg in defaults
    return known and given.value.value == defaults[str(given.arg)]  # type: ignore[attr-defined]
