"""Which device an experiment runs on, and on how many threads."""

from __future__ import annotations

import os

import torch

from engine import spec
from engine.words import Refused

SMALL = 1_000_000  # samples x widest layer: up to here one CPU thread beats several, and any GPU


def available() -> tuple[str, ...]:
    """The devices of this machine: "cpu", "cuda:0", ..."""
    return ("cpu", *(f"cuda:{n}" for n in range(torch.cuda.device_count() if torch.cuda.is_available() else 0)))


def resolve(wanted: str, given: spec.Graph | spec.Net) -> str:
    """The torch device that `wanted` (auto, cpu, cuda, cuda:N) means here. Raises Refused for one that is absent."""
    found = available()
    if wanted == "auto":
        return "cpu" if len(found) == 1 or is_small(given) else found[1]
    if wanted == "cuda" and len(found) > 1:
        return found[1]
    if wanted not in found:
        key = "device.absent" if wanted.startswith("cuda") else "device.unknown"
        raise Refused(key, device=wanted, found=", ".join(found))
    return wanted


def is_small(given: spec.Graph | spec.Net) -> bool:
    """Whether one thread is enough: graphs, and nets whose widest layer times the batch stays under SMALL."""
    if isinstance(given, spec.Graph):
        return True
    widths = [layer.out for layer in given.layers if layer.out] or [1]
    batch = 4096 if given.batch.size == "all" else given.batch.size
    return max(widths) * max(max(widths), batch) <= SMALL


def set_threads(given: spec.Graph | spec.Net) -> None:
    """One thread for small experiments (two of them would wait for each other), else all cores."""
    torch.set_num_threads(1 if is_small(given) else os.cpu_count() or 1)
