"""Data comes from its own seed, the order of an epoch from (seed, epoch), and tables that do not fit are refused."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import data
from engine.experiment import Experiment
from engine.spec import Layer, Points, Table
from engine.words import LANGUAGES, Refused, say
from tests.engine.examples import net


def refusal(make: Any, *arguments: Any) -> str:
    """The key of the sentence with which this is refused; it can be said in every language."""
    with pytest.raises(Refused) as caught:
        make(*arguments)
    assert all(say(caught.value.sentence, language) for language in LANGUAGES)
    return caught.value.sentence.key


# ---------------------------------------------------------------- xor
def test_xor_without_noise_is_the_corners_and_whether_they_differ() -> None:
    made = data.make(Points(kind="xor", n=200, noise=0.0, seed=4), "bce_logits")
    assert {tuple(point) for point in made.x.tolist()} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert torch.equal(made.y, (made.x[:, 0] != made.x[:, 1]).float())


def test_the_noise_of_xor_has_the_standard_deviation_that_was_asked_for() -> None:
    made = data.make(Points(kind="xor", n=20_000, noise=0.1, seed=1), "bce_logits")
    noise = made.x - made.x.round()
    assert noise.std().item() == pytest.approx(0.1, rel=0.03)
    assert abs(noise.mean().item()) < 0.005


def test_test_points_are_as_many_as_asked_for_and_fresh() -> None:
    made = data.make(Points(kind="xor", n=50, noise=0.1, seed=1, test=30), "bce_logits")
    assert made.test_x is not None and made.test_y is not None
    assert (made.x.shape, made.test_x.shape, made.test_y.shape) == ((50, 2), (30, 2), (30,))
    assert not {tuple(p) for p in made.x.tolist()} & {tuple(p) for p in made.test_x.tolist()}


def test_the_targets_are_whole_numbers_for_cross_entropy_only() -> None:
    points = Points(kind="xor", n=5, seed=1)
    assert data.make(points, "cross_entropy").y.dtype == torch.int64
    assert data.make(points, "mse").y.dtype == torch.float32


def test_the_seed_of_the_data_makes_the_data_and_nothing_else() -> None:
    def parts(seed: int, data_seed: int) -> tuple[Any, Any, Any]:
        points = {"kind": "xor", "n": 10, "noise": 0.1, "seed": data_seed}
        experiment = Experiment(net(seed=seed, data=points))
        assert experiment.dataset is not None
        order = experiment.order(1, experiment.settings)
        assert order is not None
        return experiment.dataset.x.tolist(), experiment.initial().parameters["linear1.weight"].tolist(), order.tolist()

    one, other_data, other_seed = parts(1, 1), parts(1, 2), parts(2, 1)
    assert one[0] != other_data[0] and one[1:] == other_data[1:]
    assert one[0] == other_seed[0] and one[1] != other_seed[1] and one[2] != other_seed[2]


# ---------------------------------------------------------------- order
@given(st.integers(1, 300), st.integers(0, 2**53), st.integers(0, 10_000))
def test_shuffled_an_epoch_visits_every_sample_once(n: int, seed: int, epoch: int) -> None:
    order = data.order("shuffle", n, seed, epoch)
    assert order is not None and sorted(order.tolist()) == list(range(n))


@given(st.integers(1, 300), st.integers(0, 2**53), st.integers(0, 10_000))
def test_the_order_is_a_function_of_seed_and_epoch(n: int, seed: int, epoch: int) -> None:
    torch.manual_seed(n)
    first = data.order("shuffle", n, seed, epoch)
    torch.manual_seed(n + 1)
    second = data.order("shuffle", n, seed, epoch)
    assert first is not None and second is not None and torch.equal(first, second)


def test_random_draws_with_replacement() -> None:
    order = data.order("random", 1000, 0, 0)
    assert order is not None
    assert set(order.tolist()) < set(range(1000)) and len(order) == 1000
    assert 550 < len(set(order.tolist())) < 710  # 1 - 1/e of them


def test_epochs_have_different_orders_and_given_has_none() -> None:
    first, second = data.order("shuffle", 50, 0, 0), data.order("shuffle", 50, 0, 1)
    assert first is not None and second is not None and not torch.equal(first, second)
    assert data.order("given", 50, 0, 0) is None


@pytest.mark.parametrize("order", ["given", "shuffle", "random"])
@pytest.mark.parametrize("size", [1, 3, 4, 10, 11, "all"])
def test_the_batches_of_an_epoch_are_its_order_cut_in_pieces_the_last_one_smaller(order: str, size: Any) -> None:
    experiment = Experiment(net(batch={"size": size, "order": order}))
    assert experiment.dataset is not None
    visited = experiment.order(1, experiment.settings)
    x = experiment.dataset.x if visited is None else experiment.dataset.x[visited]
    first = experiment.iterations_per_epoch(experiment.settings)
    batches = [experiment.batch(first + n, experiment.settings)["x"] for n in range(first)]
    wanted = x.split(10 if size == "all" else size)
    assert len(batches) == len(wanted)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(batches, wanted, strict=True))


# ---------------------------------------------------------------- tables
@pytest.mark.parametrize(
    ("x", "y", "loss", "shapes"),
    [
        ([[0, 0], [0, 1]], [0, 1], "bce_logits", ((2, 2), (2,))),
        ([1, 2, 3], [2.5, 4, 6], "mse", ((3, 1), (3,))),
        ([[1], [2]], [[1, 0], [0, 1]], "mse", ((2, 1), (2, 2))),
        ([[True, False]], [1], "cross_entropy", ((1, 2), (1,))),
    ],
)
def test_a_table_is_read_as_it_is_written(x: list[Any], y: list[Any], loss: Any, shapes: Any) -> None:
    made = data.make(Table(kind="table", x=x, y=y), loss)
    assert (tuple(made.x.shape), tuple(made.y.shape)) == shapes
    assert made.x.flatten().tolist() == torch.tensor(x).flatten().tolist()
    assert made.y.flatten().tolist() == torch.tensor(y).flatten().tolist()
    assert made.test_x is None


@pytest.mark.parametrize(
    ("x", "y", "loss", "key"),
    [
        ([[0, 0], [0]], [0, 1], "mse", "data.ragged"),
        ([["a"]], [0], "mse", "data.ragged"),
        ([[None]], [0], "mse", "data.ragged"),
        ([[[1]]], [0], "mse", "data.ragged"),
        ([[]], [0], "mse", "data.ragged"),
        ([0, 1], [[0, 1], [1]], "mse", "data.ragged"),
        ([[0], [1]], [0, 1, 1], "mse", "data.lengths"),
        ([[0], [1]], [0, 0.5], "cross_entropy", "data.classes"),
        ([[0], [1]], [0, -1], "cross_entropy", "data.classes"),
        ([[0], [1]], [[0], [1]], "cross_entropy", "data.classes"),
        ([[0], [1]], [0, 10**30], "cross_entropy", "data.classes"),
        ([[0], [10**400]], [0, 1], "mse", "data.too_large"),
        ([[0], [1e300]], [0, 1], "mse", "data.too_large"),
        ([[0], [1]], [0, 1e300], "mse", "data.too_large"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(x: list[Any], y: list[Any], loss: Any, key: str) -> None:
    assert refusal(data.make, Table(kind="table", x=x, y=y), loss) == key


@pytest.mark.parametrize("kind", ["moons", "circles", "spiral", "blobs", "line"])
def test_kinds_that_are_not_there_yet_are_refused_by_name(kind: Any) -> None:
    with pytest.raises(Refused, match=f"`{kind}`"):
        data.make(Points(kind=kind), "mse")


def test_a_class_that_no_output_stands_for_is_refused() -> None:
    made = data.make(Table(kind="table", x=[0, 1, 2], y=[0, 1, 2]), "cross_entropy")
    layers = [Layer(name="a", kind="linear", out=2), Layer(name="b", kind="tanh")]
    assert refusal(data.check_classes, made, layers) == "data.too_many_classes"
    data.check_classes(made, [Layer(name="a", kind="linear", out=3)])
