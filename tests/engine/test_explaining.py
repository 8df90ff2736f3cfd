"""What torch refuses is explained in plain words, with the shapes and dtypes of the case, beside torch's own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import messages as m
from engine.session import Session
from engine.words import LANGUAGES, say
from tests.engine.examples import graph, net

WIDE: Any = [[1, 2, 3], [4, 5, 6]]
INTS = {"value": [[1, 2, 3], [4, 5, 6]], "dtype": "int64"}
CLASSES = {"value": [0, 3], "dtype": "int64"}
# (inputs, expression, kind, what the sentence says)
CASES = [
    ({"a": WIDE, "b": WIDE}, "a @ b", "shape", "(2, 3) @ (2, 3): the inner sizes 3 and 2"),
    ({"a": WIDE, "b": 2}, "a @ b", "shape", "(2, 3) @ ()"),
    ({"a": [1, 2], "b": [1, 2, 3]}, "dot(a, b)", "shape", "2 and 3"),
    ({"a": WIDE, "b": WIDE}, "dot(a, b)", "shape", "two vectors"),
    ({"a": WIDE, "b": [1, 2]}, "a + b", "shape", "place 1 from the right 3 meets 2"),
    ({"a": [WIDE, WIDE, WIDE], "b": [WIDE, WIDE]}, "a * b", "shape", "place 3 from the right 3 meets 2"),
    ({"a": WIDE, "b": [1, 2]}, "mse(a, b)", "shape", "place 1"),
    ({"a": WIDE, "w": [[1, 2]]}, "linear(a, w)", "shape", "(2, 3) ends in 3, and the weight (1, 2) takes 2"),
    ({"a": WIDE, "w": WIDE, "b": [1, 2, 3]}, "linear(a, w, b)", "shape", "each of the 2 outputs, and is (3,)"),
    ({"a": WIDE}, "reshape(a, 4)", "shape", "(2, 3) has 6 elements"),
    ({"a": WIDE}, "view(a, 4, -1)", "shape", "(2, 3) has 6 elements"),
    ({"a": WIDE}, "view(transpose(a), 6)", "view", "(3, 2) is not contiguous (its strides are (1, 3))"),
    ({"p": [0.5, 0.5], "y": [[1, 0]]}, "bce(p, y)", "shape", "(2,) and targets (1, 2)"),
    ({"a": WIDE}, "sum(a, dim=5)", "index", "(2, 3) has no dimension 5, only -2 to 1"),
    ({"a": WIDE}, "softmax(a, dim=2)", "index", "no dimension 2"),
    ({"a": WIDE, "y": CLASSES}, "cross_entropy(a, y)", "index", "no class 3, only 0 to 2"),
    ({"y": CLASSES}, "one_hot(y, 3)", "index", "no class 3, only 0 to 2"),
    ({"a": WIDE, "y": [0, 1]}, "cross_entropy(a, y)", "dtype", "these are float32"),
    ({"a": WIDE, "y": {"value": [0, 1, 2], "dtype": "int64"}}, "cross_entropy(a, y)", "shape", "2 samples and 3"),
    ({"y": [0, 1]}, "one_hot(y, 3)", "dtype", "these are float32"),
    ({"a": WIDE, "k": INTS}, "a @ transpose(k)", "dtype", "float32, int64"),
    ({"a": WIDE, "k": {"value": WIDE, "dtype": "float64"}}, "linear(a, k)", "dtype", "float32, float64"),
    ({"k": INTS}, "softmax(k)", "dtype", "`softmax` does not work with int64"),
    ({"k": INTS}, "mean(k)", "dtype", "`mean` does not work with int64"),
    ({"k": INTS}, "gelu(k)", "dtype", "`gelu` does not work with int64"),
    ({"k": {"value": [True], "dtype": "bool"}}, "-k", "dtype", "bool"),
]


def failed(inputs: dict[str, Any], expression: str) -> Session:
    session = Session(graph(inputs, {"out": expression}))
    session.apply(m.Advance("iteration"))
    session.finish()
    return session


@pytest.mark.parametrize("inputs, expression, kind, said", CASES, ids=[case[1] for case in CASES])
def test_a_failure_has_its_kind_our_sentence_and_torchs(
    inputs: dict[str, Any], expression: str, kind: str, said: str
) -> None:
    session = failed(inputs, expression)
    assert session.outcome == kind and session.message is not None
    assert said in say(session.message, "en")
    reason = str(session.message.values["reason"])
    assert reason and all(say(session.message, language).endswith(f"PyTorch: {reason}") for language in LANGUAGES)


def test_a_failure_that_nobody_foresaw_is_told_in_torchs_words() -> None:
    session = failed({"p": [1.5], "y": [1]}, "bce(p, y)")
    assert session.outcome == "failed" and session.message is not None
    assert "between 0 and 1" in say(session.message, "en")


def test_reshape_copies_what_view_cannot_show() -> None:
    session = failed({"a": WIDE}, "sum(reshape(transpose(a), 6) * 2)")
    assert session.outcome == "ok"
    assert torch.equal(session.look().values["out.2"], torch.tensor(WIDE, dtype=torch.float32).t().reshape(6))


def test_backward_from_a_vector_without_a_seed_gradient_is_a_matter_of_gradients() -> None:
    session = failed({"a": WIDE}, "a * 2")
    assert session.outcome == "gradient" and session.look().cursor == 1


SHAPES = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@settings(max_examples=200, deadline=None)
@given(SHAPES, SHAPES, st.sampled_from(["a + b", "a @ b", "max(a, b)", "dot(a, b)", "linear(a, b)"]))
def test_what_torch_refuses_for_its_shape_is_explained_as_one(
    a: tuple[int, ...], b: tuple[int, ...], expression: str
) -> None:
    session = failed({"a": torch.ones(a).tolist(), "b": torch.ones(b).tolist()}, expression)
    if "out" in session.look().values:
        assert session.outcome in ("ok", "gradient")
    else:
        assert session.outcome == "shape"


def test_a_run_says_which_operation_failed_and_keeps_the_losses_of_the_iterations_before() -> None:
    given_ = net(data={"kind": "table", "x": [[0.5], [0.25]], "y": [1, 0]}, batch={"size": 1, "order": "given"},
                 layers=[{"name": "out", "kind": "linear", "out": 1}], loss="bce",
                 params={"out.weight": [[1.0]], "out.bias": [0.4]}, optimizer={"kind": "sgd", "lr": 100.0})  # fmt: skip
    session = Session(given_)
    session.apply(m.Run(True))
    session.finish()
    assert session.outcome == "failed" and session.message is not None and session.message.values["op"] == "loss"
    done = session.timeline.losses()
    again = Session(given_)
    while again.outcome == "ok":
        again.apply(m.Advance("op"))
        again.finish()
    assert list(done) == list(again.timeline.losses()) and session.look().cursor == again.look().cursor == 1


def test_whole_numbers_that_are_asked_for_a_gradient_fail_in_forward_as_in_torch() -> None:
    inputs = {"k": {"value": [1, 2], "dtype": "int64", "grad": True}, "a": 2}
    session = Session(graph(inputs, {"h": "2 * a", "g": "k * h", "J": "sum(g)"}))
    session.apply(m.Advance("iteration"))
    session.finish()
    assert session.outcome == "gradient" and session.state.cursor == 1  # h stands, g could not be done
    assert session.message is not None and session.message.key == "failure.integer_gradient"
    with pytest.raises(RuntimeError) as torchs:
        torch.tensor([1, 2], requires_grad=True)
    assert "require gradients" in str(torchs.value) and "require" in str(session.message.values["reason"])
