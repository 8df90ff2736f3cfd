"""Begins a session: whatever stands in its way becomes a sentence."""

from __future__ import annotations

import torch
from pydantic import ValidationError

from engine.devices import set_threads
from engine.session import Session
from engine.spec import EXPERIMENT, Graph, Net
from engine.words import Refused


def read(spec: bytes) -> Graph | Net:
    """The experiment that JSON describes. Raises Refused, with the place, for what is none."""
    try:
        return EXPERIMENT.validate_json(spec)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(each) for each in first["loc"]) or "spec"
        raise Refused("outcome.bad_spec", where=where, reason=first["msg"]) from error


def begin(given: Graph | Net, seed: int | None = None, device: str = "auto", history: int | None = None) -> Session:
    """A session at its beginning, on as many threads as it needs; `history` in bytes. Raises Refused."""
    set_threads(given)
    try:
        return Session(given, seed, device, history)
    except torch.OutOfMemoryError as error:
        raise Refused("device.memory", reason=_reason(error)) from error
    except (MemoryError, RuntimeError, ValueError, TypeError) as error:
        raise Refused("outcome.cannot_open", reason=_reason(error)) from error


def _reason(error: Exception) -> str:
    """The error's own words, the first line of them."""
    return (str(error) or type(error).__name__).strip().split("\n")[0]
