"""The catalogue of mistakes: wrong variants of a net's training, each with what it changes and where its script shows.

A mistake is in the layers or the loss (then the net is simply another one), in how one layer is computed, or in what is
done with gradients and weights. `places` are names of lines of the script (engine/code) at which it can be put right: a
wrong line, or those beside which one is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from engine.spec import Layer, LayerKind, LossKind, Net
from engine.words import Refused

Fault = Literal["not_transposed", "detached"]


def _anything(given: Net) -> bool:
    return True


def _same(given: Net) -> Net:
    return given


@dataclass(frozen=True)
class Mutation:
    """One row. `wrong` and `right` give the net with and without the mistake, where it lies in layers or loss."""

    name: str
    places: tuple[str, ...]  # {layer} is the layer that is wrong
    restores: str = ""  # the line that the right script has at this name; "" where a sentence says it better
    suits: Callable[[Net], bool] = _anything
    wrong: Callable[[Net], Net] = _same
    right: Callable[[Net], Net] = _same
    keeps_gradients: bool = False  # zero_grad is missing
    climbs: bool = False  # the step goes along the gradient
    steps: bool = True  # the optimizer's step is there
    step_first: bool = False  # the step comes before backward, when zero_grad has left no gradient
    fault: Fault | None = None  # in one linear layer

    @property
    def in_training(self) -> bool:
        """Whether an iteration is another one than the layers and the loss alone would make it."""
        return self.keeps_gradients or self.climbs or not self.steps or self.step_first or self.fault is not None


# ---------------------------------------------------------------- layers and losses
def _activated(kind: LayerKind, loss: LossKind) -> Callable[[Net], Net]:
    """The net with a last layer that its loss, made `loss`, applies as well."""

    def wrong(given: Net) -> Net:
        layers = list(given.layers)
        if layers[-1].kind != kind:
            layers.append(Layer(name=_free(f"{kind}_fn", given), kind=kind))
        return given.model_copy(update={"layers": layers, "loss": loss})

    return wrong


def _free(name: str, given: Net) -> str:
    while name in {layer.name for layer in given.layers}:
        name += "_"
    return name


def _without_last(kind: LayerKind, loss: LossKind) -> Callable[[Net], Net]:
    """The net whose loss, if it is `loss`, is the only one to apply the activation."""

    def right(given: Net) -> Net:
        twice = given.loss == loss and given.layers[-1].kind == kind and len(given.layers) > 1
        return given.model_copy(update={"layers": given.layers[:-1]}) if twice else given

    return right


def _sigmoid_is_there(given: Net) -> bool:
    return given.loss == "bce_logits" or (given.loss == "bce" and given.layers[-1].kind == "sigmoid")


def _with_loss(loss: LossKind) -> Callable[[Net], Net]:
    return lambda given: given.model_copy(update={"loss": loss})


def _linear(given: Net) -> list[str]:
    return [layer.name for layer in given.layers if layer.kind == "linear"]


_ROWS = (
    Mutation("drop_zero_grad", ("forward", "loss", "backward"), "zero_grad", keeps_gradients=True),
    Mutation("ascent_sign", ("optimizer",), "optimizer", climbs=True),
    Mutation(
        "double_sigmoid", ("{layer}", "{layer}.forward", "loss_module"), suits=_sigmoid_is_there,
        wrong=_activated("sigmoid", "bce_logits"), right=_without_last("sigmoid", "bce_logits"),
    ),
    Mutation(
        "softmax_before_ce", ("{layer}", "{layer}.forward"), suits=lambda given: given.loss == "cross_entropy",
        wrong=_activated("softmax", "cross_entropy"), right=_without_last("softmax", "cross_entropy"),
    ),
    Mutation(
        "sum_instead_of_mean", ("loss_module",), "loss_module", suits=lambda given: given.loss in ("mse", "sse"),
        wrong=_with_loss("sse"), right=_with_loss("mse"),
    ),
    Mutation(
        "missing_transpose", ("{layer}.forward",), "{layer}.forward", suits=lambda given: bool(_linear(given)),
        fault="not_transposed",
    ),
    Mutation(
        "detached", ("{layer}.forward",), "{layer}.forward", suits=lambda given: len(_linear(given)) > 1,
        fault="detached",
    ),
    Mutation("wrong_order", ("step", "backward"), step_first=True),
    Mutation("forgotten_step", ("backward",), "step", steps=False),
)  # fmt: skip
MUTATIONS = {row.name: row for row in _ROWS}


# ---------------------------------------------------------------- of a net
def of(given: Net) -> Mutation | None:
    """The mistake in this net. Raises Refused for one that is not in the catalogue, or that this net cannot have."""
    if given.mutation is None:
        return None
    found = MUTATIONS.get(given.mutation)
    if found is None:
        close = get_close_matches(given.mutation, MUTATIONS, 3, 0.4) or list(MUTATIONS)
        raise Refused("mutation.unknown", name=given.mutation, hint=", ".join(close))
    if not found.suits(given):
        raise Refused(f"mutation.needs.{given.mutation}", name=given.mutation)
    return found


def wrong(given: Net) -> Net:
    """The net with the layers and the loss that the mistake gives it. Raises Refused as `of` does."""
    found = of(given)
    return given if found is None else found.wrong(given)


def right(given: Net) -> Net:
    """The net without the mistake. Raises Refused as `of` does."""
    found = of(given)
    return given if found is None else found.right(found.wrong(given)).model_copy(update={"mutation": None})


def layer(given: Net) -> str | None:
    """The layer that is wrong, or one too many; None where the mistake lies elsewhere."""
    found = of(given)
    if found is None or not any("{layer}" in place for place in found.places):
        return None
    if found.fault is None:
        return found.wrong(given).layers[-1].name
    return _linear(given)[0 if found.fault == "not_transposed" else -1]


def fault(given: Net, name: str) -> Fault | None:
    """What is wrong in how the layer `name` is computed."""
    found = of(given)
    return found.fault if found is not None and layer(given) == name else None


def places(given: Net) -> tuple[str, ...]:
    """The lines of the script at which the mistake can be put right, by name."""
    found, name = of(given), layer(given)
    return () if found is None else tuple(place.format(layer=name) for place in found.places)


def restores(given: Net) -> str:
    """The name of the line as the right script has it; "" where there is no such line."""
    found = of(given)
    return "" if found is None else found.restores.format(layer=layer(given))
