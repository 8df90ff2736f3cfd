"""Imports torch in two thirds of the time: what only torch.compile needs is left out.

torch registers at its import, in Python, how every operation finds the shape of what it has not computed. A compiler
asks for that; training, gradients and Jacobians never do. All tests run with torch imported so.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

LEFT_OUT = "torch._meta_registrations"
KNOWN = ("2.13.",)  # in other versions torch may need it for something else: there all of it is imported


def import_torch() -> bool:
    """Import it, unless it is there already; whether something was left out."""
    if "torch" in sys.modules:
        return False
    known = _version().startswith(KNOWN)
    if known:
        sys.modules[LEFT_OUT] = ModuleType(LEFT_OUT, "Left out, see engine.torch_sooner.")
    torch = import_module("torch")
    if known:  # what is left out would have done this too, and torch.Generator needs it
        torch._C._set_generator_metaclass(import_module("torch._opaque_base").OpaqueBaseMeta)
    return known


def _version() -> str:
    """Of the torch that would be imported; empty where that cannot be told without importing it."""
    found = find_spec("torch")
    if found is None or not found.origin:
        return ""
    try:
        text = Path(found.origin).with_name("version.py").read_text("utf-8")
    except OSError:
        return ""
    line = next((line for line in text.splitlines() if line.startswith("__version__")), "")
    return line.partition("=")[2].strip(" '\"")
