"""What of torch is left out at its import is nothing that the engine needs; and where it is not known, nothing is."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from engine import torch_sooner

ROOT = Path(__file__).parents[2]
TELL = """
from engine import torch_sooner
torch_sooner.KNOWN = {known}
print(torch_sooner.import_torch(), torch_sooner.import_torch())
import torch
print(torch.Generator().manual_seed(3).initial_seed(), torch.ones(2, requires_grad=True).sum().backward())
print(hasattr(torch._meta_registrations, "activate_meta"))
"""


def told(known: tuple[str, ...]) -> list[str]:
    script = TELL.format(known=known)
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")


def test_the_version_is_told_without_an_import() -> None:
    assert version("torch") == torch_sooner._version()


@pytest.mark.skipif(not version("torch").startswith(torch_sooner.KNOWN), reason="in this torch nothing is left out")
def test_these_tests_and_the_engine_have_the_same_torch() -> None:
    assert sys.modules[torch_sooner.LEFT_OUT].__doc__ == "Left out, see engine.torch_sooner."
    assert told(torch_sooner.KNOWN) == ["True False", "3 None", "False", ""]


def test_of_a_torch_that_is_not_known_nothing_is_left_out() -> None:
    assert told(("0.",)) == ["False False", "3 None", "True", ""]
