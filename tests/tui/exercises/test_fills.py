"""A line of code in a gap: what means the same passes, what is missing is named, and nothing is ever executed."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.exercises import fills
from tui.language import CATALOGUE

KNOWN = {"loss_module": "nn.BCEWithLogitsLoss()", "model": "Net()"}
ZERO, BACK, PREDS = "        optimizer.zero_grad()", "    loss.backward()", "    preds = model(x[batch]).squeeze(1)"
LOSS, LAYER = "    loss = loss_module(preds, y[batch])", "        self.linear1 = nn.Linear(2, 4)"
MADE = "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)"
SAME = {
    ZERO: ["optimizer.zero_grad()", " optimizer . zero_grad( )", "model.zero_grad()", "optimizer.zero_grad(True)",
           "model.zero_grad(set_to_none=True)"],
    BACK: ["loss.backward()", "torch.autograd.backward(loss)", "(loss).backward()"],
    PREDS: ["model(x[batch]).squeeze(1)", "preds = model(x[batch]).squeeze(-1)", "model.forward(x[batch]).flatten()",
            "model(x[batch]).view(-1)", "model(x[batch]).squeeze(dim=1)"],
    LOSS: ["loss_module(preds, y[batch])", "loss = loss_module(input=preds, target=y[batch])",
           "nn.BCEWithLogitsLoss()(preds, y[batch])", "F.binary_cross_entropy_with_logits(preds, y[batch])",
           "torch.nn.functional.binary_cross_entropy_with_logits(preds, target=y[batch])",
           "nn.BCEWithLogitsLoss(reduction='mean')(preds, y[batch])"],
    LAYER: ["nn.Linear(2, 4)", "torch.nn.Linear(2,4)", "nn.Linear(out_features=4, in_features=2, bias=True)"],
    MADE: ["torch.optim.SGD(model.parameters(), 1e-1)", "optim.SGD(params=model.parameters(), lr=.1, momentum=0)"],
    "J = g * c": ["c * g", "J = g*c"],
    "h = torch.tanh(z)": ["z.tanh()", "F.tanh(z)"],
    "C = A @ B": ["torch.matmul(A, B)", "A.mm(B)"],
    "loss_module = nn.MSELoss()": ["torch.nn.MSELoss()", 'nn.MSELoss(reduction="mean")'],
}  # fmt: skip
NEAR = [
    (ZERO, "", "empty"), (ZERO, "a = 1; b = 2", "one_line"), (ZERO, "import os", "one_line"),
    (ZERO, "optimizer.zero_grad(", "bracket"), (ZERO, "optimizer zero_grad", "syntax"),
    (ZERO, "optimizer.zero_grad", "call"), (ZERO, "zero_grad", "call"), (ZERO, "zero_grad()", "owner"),
    (ZERO, "loss.zero_grad()", "other_owner"), (ZERO, "optimizer.zerograd()", "slip"),
    (BACK, "loss.backward(preds)", "arguments"), (BACK, "loss.backwards()", "slip"),
    (PREDS, "model(x[batch])", "part"), (LOSS, "l = loss_module(preds, y[batch])", "target"),
    (LOSS, "loss_module(y[batch], preds)", "arguments"), (LAYER, "nn.Linear(4, 2)", "arguments"),
    (LAYER, "Linear(2, 4)", "owner"), (MADE, "torch.optim.SGD(model.parameters, lr=0.1)", "arguments"),
]  # fmt: skip
OTHER = [
    (ZERO, "loss.backward()"), (LOSS, "nn.BCELoss()(preds, y[batch])"), ("C = A @ B", "B @ A"), ("d = a - b", "b - a"),
    (LAYER, "nn.Linear(2, 4, bias=False)"), (MADE, "torch.optim.SGD(model.parameters(), lr=0.01)"),
    ("loss_module = nn.MSELoss()", 'nn.MSELoss(reduction="sum")'), (ZERO, "__import__('os').abort()"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "text"), [(line, text) for line, texts in SAME.items() for text in texts])
def test_what_means_the_same_is_right(line: str, text: str) -> None:
    assert fills.mark(text, line, KNOWN).right


@pytest.mark.parametrize(("line", "text", "key"), NEAR)
def test_what_is_missing_is_named(line: str, text: str, key: str) -> None:
    verdict = fills.mark(text, line, KNOWN)
    assert not verdict.right and verdict.sentence is not None and verdict.sentence.key == f"ask.fill.{key}"
    assert verdict.sentence.key in CATALOGUE


@pytest.mark.parametrize(("line", "text"), OTHER)
def test_what_means_something_else_is_wrong(line: str, text: str) -> None:
    assert not fills.mark(text, line, KNOWN).right


@pytest.mark.parametrize("line", SAME)
def test_the_gap_is_what_an_assignment_assigns_or_the_whole_line(line: str) -> None:
    assert fills.with_gap(line) + "" == line.removesuffix(fills.answer(line)) + fills.GAP
    assert fills.mark(fills.answer(line), line, KNOWN).right and fills.can_be_asked(line)


@pytest.mark.parametrize("line", ["for epoch in range(100):", "class Net(nn.Module):", "import torch", ""])
def test_lines_that_are_no_assignment_and_no_call_are_not_asked(line: str) -> None:
    assert not fills.can_be_asked(line)


@given(st.text(max_size=200))
@example("(" * 150)
@example("-" * 150 + "1")
@example("a." * 75 + "a")
@example("f(*a, **b)")
@example("\0")
@example("x[" * 50 + "0" + "]" * 50)
@example("f'{a}'(1)")
def test_no_text_breaks_the_marking(text: str) -> None:
    for line in (ZERO, LOSS):
        verdict = fills.mark(text, line, KNOWN)
        assert verdict.right or verdict.sentence is None or verdict.sentence.key in CATALOGUE


@given(st.text(alphabet="optimzer.zgad()_ lsbckw=,12[]", max_size=40))
def test_only_what_means_the_line_passes(text: str) -> None:
    allowed = {"optimizer.zero_grad()", "model.zero_grad()"}
    assert not fills.mark(text, ZERO, KNOWN).right or text.replace(" ", "") in allowed
