"""The operation table as people read it: what each is called, takes, and how it is written (kernels.py computes)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """One row. `written` is a format string over the inputs' names; None writes it as a function call."""

    name: str
    least: int = 1  # inputs
    most: int = 1
    written: str | None = None
    dim: bool = False  # takes `dim=`
    elementwise: bool = False
    differentiable: bool = True
    callable: bool = True  # may be written as a function in an expression (operators may not)
    numbers_from: int | None = None  # inputs from this position on are whole numbers, not tensors

    def formula(self, inputs: tuple[str, ...], dim: int | None = None) -> str:
        """The operation on these inputs, as an expression: `g * c`, `softmax(z, dim=1)`."""
        if self.written is not None and len(inputs) == self.least:
            return self.written.format(*inputs)
        keywords = () if dim is None else (f"dim={dim}",)
        return f"{self.name}({', '.join((*inputs, *keywords))})"


def _infix(name: str, sign: str, differentiable: bool = True, elementwise: bool = True) -> Operation:
    return Operation(
        name, 2, 2, f"{{0}} {sign} {{1}}", elementwise=elementwise, differentiable=differentiable, callable=False
    )


def _elementwise(name: str, most: int = 1, differentiable: bool = True) -> Operation:
    return Operation(name, 1, most, elementwise=True, differentiable=differentiable)


_ROWS = (
    # operators
    _infix("add", "+"),
    _infix("sub", "-"),
    _infix("mul", "*"),
    _infix("div", "/"),
    _infix("pow", "**"),
    _infix("matmul", "@", elementwise=False),
    Operation("neg", 1, 1, "-{0}", elementwise=True, callable=False),
    _infix("lt", "<", differentiable=False),
    _infix("le", "<=", differentiable=False),
    _infix("gt", ">", differentiable=False),
    _infix("ge", ">=", differentiable=False),
    _infix("eq", "==", differentiable=False),
    _infix("ne", "!=", differentiable=False),
    Operation("identity", written="{0}", elementwise=True, callable=False),
    # one element at a time
    _elementwise("relu"),
    _elementwise("leaky_relu", most=2),  # slope below 0: 0.01 as in torch
    _elementwise("tanh"),
    _elementwise("sigmoid"),
    _elementwise("heaviside", differentiable=False),  # 1 above 0, else 0: the perceptron's step
    _elementwise("gelu"),
    _elementwise("exp"),
    _elementwise("log"),
    _elementwise("sin"),
    _elementwise("cos"),
    _elementwise("sqrt"),
    _elementwise("abs"),
    _elementwise("float"),
    _elementwise("int", differentiable=False),
    # reductions; max and min of two inputs go element by element
    Operation("sum", dim=True),
    Operation("mean", dim=True),
    Operation("max", 1, 2, dim=True),
    Operation("min", 1, 2, dim=True),
    Operation("norm", dim=True),
    Operation("dot", 2, 2),
    # along a dimension, the last one by default
    Operation("softmax", dim=True),
    Operation("log_softmax", dim=True),
    # shapes
    Operation("transpose"),
    Operation("reshape", 2, 8, numbers_from=1),
    Operation("view", 2, 8, numbers_from=1),
    Operation("flatten", callable=False),
    Operation("one_hot", 2, 2, differentiable=False, numbers_from=1),
    # layers and losses: x, weight (out, in), bias (out); predictions, targets
    Operation("linear", 2, 3),
    Operation("mse", 2, 2),
    Operation("sse", 2, 2),
    Operation("half_sse", 2, 2),
    Operation("bce", 2, 2),
    Operation("bce_logits", 2, 2),
    Operation("cross_entropy", 2, 2),
)
OPERATIONS = {row.name: row for row in _ROWS}
FUNCTIONS = tuple(row.name for row in _ROWS if row.callable)
