"""Weights in files: a session's parameters saved as a state_dict, and one loaded as an edit. No file can run code."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine import messages as m
from engine.session import Session
from engine.state import Tensors
from engine.words import Refused

MOST = 8 << 20  # numbers that an edit may set
WRAPPERS = ("state_dict", "model_state_dict", "model")  # under what checkpoints of whole trainings keep the weights


def save(session: Session, path: str) -> None:
    """Write {name: tensor} with torch.save, whole or not at all; a net's parameters, a graph's inputs.

    Raises Refused where a file is there already, or none can be written.
    """
    target = Path(path)
    if target.exists():
        raise Refused("weights.exists", path=path)
    try:
        _write({name: value.detach().cpu() for name, value in session.state.parameters.items()}, target)
    except OSError as error:
        raise Refused("weights.system", path=path, reason=error.strerror or str(error)) from error


def _write(weights: dict[str, Tensor], target: Path) -> None:
    descriptor, name = tempfile.mkstemp(prefix=target.name, dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            try:
                torch.save(weights, file)
            except RuntimeError as error:  # so torch calls a full disk
                raise OSError(str(error).split("\n")[0]) from error
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load(session: Session, path: str) -> m.Edit:
    """The edit that sets all parameters to those in the file.

    Raises Refused where names, shapes or dtypes differ, or they are too many for an edit, which history keeps.
    """
    here = session.state.parameters
    if (count := sum(each.numel() for each in here.values())) > MOST:
        raise Refused("weights.too_many", count=count, most=MOST)
    found = _tensors(_read(path), path)
    _compare_names(found, here)
    for name, value in here.items():
        _compare(name, found[name], value)
    return m.Edit(tuple(m.Change(name, found[name].tolist()) for name in here))


def _read(path: str) -> Any:
    target = Path(path)
    if target.is_dir():
        raise Refused("weights.folder", path=path)
    if target.exists() and not target.is_file():  # a device, which may have no end
        raise Refused("weights.unreadable", path=path)
    try:
        with target.open("rb") as file:
            return torch.load(file, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise Refused("weights.no_file", path=path) from error
    except OSError as error:
        raise Refused("weights.system", path=path, reason=error.strerror or str(error)) from error
    except pickle.UnpicklingError as error:
        key = "code" if "GLOBAL" in str(error) else "unreadable"  # pickle's word for a class or a function by its name
        raise Refused(f"weights.{key}", path=path) from error
    except Exception as error:  # damaged files end in all kinds of errors
        raise Refused("weights.unreadable", path=path) from error


def _tensors(found: Any, path: str) -> dict[str, Tensor]:
    if _is_state_dict(found):
        return {name: value.detach() for name, value in found.items()}
    inside = (key for key in WRAPPERS if isinstance(found, Mapping) and _is_state_dict(found.get(key)))
    if within := next(inside, None):
        raise Refused("weights.nested", path=path, name=within)
    raise Refused("weights.no_tensors", path=path)


def _is_state_dict(found: Any) -> bool:
    return isinstance(found, Mapping) and all(
        isinstance(name, str) and isinstance(value, Tensor) and value.layout is torch.strided
        for name, value in found.items()
    )


def _compare_names(found: Tensors, here: Tensors) -> None:
    """The first difference is told: two names in the same place, else one that is only here or only there."""
    missing = [name for name in here if name not in found]
    unexpected = [name for name in found if name not in here]
    if missing and unexpected:
        raise Refused("weights.other", **_named(unexpected[0], found), name=missing[0], shape=_shape(here[missing[0]]))
    if missing:
        raise Refused("weights.missing", name=missing[0], shape=_shape(here[missing[0]]))
    if unexpected:
        raise Refused("weights.unexpected", **_named(unexpected[0], found))


def _named(name: str, found: Tensors) -> dict[str, str]:
    return {"found": name, "found_shape": _shape(found[name])}


def _compare(name: str, found: Tensor, here: Tensor) -> None:
    if found.shape != here.shape:
        raise Refused("weights.shape", name=name, found_shape=_shape(found), shape=_shape(here))
    if found.dtype != here.dtype:
        raise Refused("weights.dtype", name=name, found=_dtype(found), dtype=_dtype(here))
    if not bool(torch.isfinite(found).all()):
        raise Refused("weights.not_finite", name=name)


def _shape(value: Tensor) -> str:
    return str(tuple(value.shape))


def _dtype(value: Tensor) -> str:
    return str(value.dtype).removeprefix("torch.")
