"""Torch's backward of the losses: of a mean, its own kernels; of what is composed in torch too, those of the parts."""

from __future__ import annotations

import torch
from torch import Tensor

_aten = torch.ops.aten
_MEAN, _NO_CLASS = 1, -100  # at::Reduction::Mean; the class that a loss would ignore


def mse(upstream: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """What the mean squared error passes to `first`; the two may broadcast, and either may be the predictions."""
    found: Tensor = _aten.mse_loss_backward(upstream, *torch.broadcast_tensors(first, second), _MEAN)
    return found


def sse(upstream: Tensor, predictions: Tensor, targets: Tensor) -> Tensor:
    """What the sum of squared errors passes to the predictions: through the sum, and through the square."""
    difference = predictions - targets
    return upstream.expand(difference.shape) * (2.0 * difference.pow(1.0))


def bce(upstream: Tensor, probabilities: Tensor, targets: Tensor) -> Tensor:
    """What binary cross-entropy passes to the probabilities; torch keeps p (1 - p) from 0 by 1e-12."""
    found: Tensor = _aten.binary_cross_entropy_backward(upstream, probabilities, targets, None, _MEAN)
    return found


def bce_targets(upstream: Tensor, probabilities: Tensor, targets: Tensor) -> Tensor:
    """What binary cross-entropy passes to the targets."""
    return (probabilities.logit().neg_() * upstream) / targets.numel()


def bce_logits(upstream: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
    """What binary cross-entropy of logits passes to them; in place, so that their dtype rules as in torch."""
    return logits.sigmoid().sub_(targets).mul_(upstream).div_(logits.numel())


def bce_logits_targets(upstream: Tensor, logits: Tensor) -> Tensor:
    """What binary cross-entropy of logits passes to the targets."""
    return -logits * upstream / logits.numel()


# ---------------------------------------------------------------- classes: dimension 1, of a single sample 0
def cross_entropy(upstream: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
    """What cross-entropy passes to the logits: through the loss of the true class, then through log_softmax."""
    dim = _classes(logits)
    log_probabilities = logits.log_softmax(dim)
    if targets.shape == logits.shape:  # they are probabilities
        above = (_weighed(upstream, logits) * targets).to(logits.dtype)
    else:
        above = _nll(upstream, log_probabilities, targets)
    found: Tensor = _aten._log_softmax_backward_data(above, log_probabilities, dim, logits.dtype)
    return found


def cross_entropy_targets(upstream: Tensor, logits: Tensor) -> Tensor:
    """What cross-entropy passes to targets that are probabilities."""
    return _weighed(upstream, logits) * logits.log_softmax(_classes(logits))


def _classes(logits: Tensor) -> int:
    return 0 if logits.dim() == 1 else 1


def _weighed(upstream: Tensor, logits: Tensor) -> Tensor:
    samples = logits.numel() // logits.shape[_classes(logits)]
    return -(upstream / samples).expand(logits.shape)


def _nll(upstream: Tensor, log_probabilities: Tensor, targets: Tensor) -> Tensor:
    shape, forward, backward = log_probabilities.shape, _aten.nll_loss_forward, _aten.nll_loss_backward
    if len(shape) > 2:  # (n, classes, ...), which torch takes as images of one row
        forward, backward = _aten.nll_loss2d_forward, _aten.nll_loss2d_backward
        log_probabilities = log_probabilities.reshape(*shape[:2], 1, -1)
        targets = targets.reshape(len(targets), 1, -1)
    weight = forward(log_probabilities, targets, None, _MEAN, _NO_CLASS)[1]
    found: Tensor = backward(upstream, log_probabilities, targets, None, _MEAN, _NO_CLASS, weight)
    return found.reshape(shape)
