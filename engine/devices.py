"""Which device an experiment runs on, and on how many threads."""

from __future__ import annotations

import os
import sys

import torch

from engine import messages as m
from engine import spec
from engine.words import Refused

SMALL = 1_000_000  # widest layer x samples in a batch: up to here one CPU thread beats several, and any GPU


def available() -> tuple[str, ...]:
    """The devices of this machine: "cpu", "cuda:0", ..."""
    return ("cpu", *(f"cuda:{n}" for n in range(torch.cuda.device_count() if torch.cuda.is_available() else 0)))


def resolve(wanted: str, given: spec.Graph | spec.Net) -> str:
    """The torch device that `wanted` (auto, cpu, cuda, cuda:N) means here. Raises Refused for one that is absent."""
    found = available()
    if wanted == "auto":
        return "cpu" if len(found) == 1 or is_small(given) else found[1]
    return present(wanted)


def present(wanted: str) -> str:
    """The torch device that `wanted` (cpu, cuda, cuda:N) means here. Raises Refused for one that is absent."""
    found = available()
    if wanted == "cuda" and len(found) > 1:
        return found[1]
    if wanted not in found:
        key = "device.absent" if wanted.startswith("cuda") else "device.unknown"
        raise Refused(key, device=wanted, found=", ".join(found))
    return wanted


def use(device: torch.device) -> m.DeviceUse | None:
    """How full and how busy a GPU is; None of a CPU, and where the driver does not tell.

    Source: `torch.cuda.mem_get_info`, and `torch.cuda.utilization` where the package nvidia-ml-py is installed.
    """
    if device.type != "cuda":
        return None
    try:
        free, total = torch.cuda.mem_get_info(device)
    except RuntimeError:
        return None
    try:
        busy = int(torch.cuda.utilization(device))
    except Exception:  # the package is not there, or says in one of its many errors that the driver does not tell
        busy = None
    return m.DeviceUse(total - free, total, busy)


def is_small(given: spec.Graph | spec.Net) -> bool:
    """Whether one thread is enough: graphs, and nets whose widest layer times the batch stays under SMALL."""
    if isinstance(given, spec.Graph):
        return True
    widest = max([layer.out for layer in given.layers if layer.out] or [1])
    return widest * max(widest, _batch_size(given)) <= SMALL


def _batch_size(given: spec.Net) -> int:
    """The samples of one iteration, as far as they are known before the data is made."""
    match given.data:
        case spec.Points(n=n):
            samples = n
        case spec.Table(x=x):
            samples = len(x)
        case _:
            samples = spec.MAX_SAMPLES
    return samples if given.batch.size == "all" else min(given.batch.size, samples)


def set_threads(given: spec.Graph | spec.Net) -> None:
    """One thread for small experiments (two of them would wait for each other), else all cores."""
    torch.set_num_threads(1 if is_small(given) else _cores())


def _cores() -> int:
    """The cores that this process may use, which on a shared machine are not all of them."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
