"""What may import what: engine <- lessons <- tui, torch in the engine only, never before the screen."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for package in ("engine", "lessons", "tui") for path in (ROOT / package).rglob("*.py"))
FORBIDDEN = {
    "engine": {"lessons", "tui", "textual", "textual_plotext", "rich", "plotext"},
    "lessons": {"tui", "torch"},
    "tui": {"torch"},
}
WITHOUT_TORCH = [
    "engine.client", "engine.code", "engine.derivatives", "engine.expression", "engine.graph",
    "engine.messages", "engine.operations", "engine.spec", "engine.words",
]  # fmt: skip


def modules_of(package: str) -> list[str]:
    names = [name_of(path) for path in MODULES if path.is_relative_to(ROOT / package)]
    return [name for name in names if not name.endswith("__main__")]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def loaded_by(*modules: str) -> set[str]:
    """The top-level names in sys.modules after a clean interpreter has imported the modules."""
    script = (
        f"import importlib, json, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print(json.dumps(sorted(n.partition('.')[0] for n in sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def imported_in(path: Path) -> set[str]:
    """The top-level names that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module if not node.level and node.module else name_of(path))
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    package = name_of(path).partition(".")[0]
    assert not imported_in(path) & FORBIDDEN[package]


@pytest.mark.parametrize("module", ["tui", "tui.cli"])
def test_the_screen_loads_no_torch(module: str) -> None:
    assert "torch" not in loaded_by(module)


def test_lessons_load_neither_torch_nor_a_screen() -> None:
    assert not loaded_by(*modules_of("lessons")) & {"torch", "textual", "rich"}


def test_the_engine_loads_neither_textual_nor_rich() -> None:
    assert not loaded_by(*modules_of("engine")) & {"textual", "rich"}


@pytest.mark.parametrize("module", WITHOUT_TORCH)
def test_parts_of_the_engine_that_the_screen_uses_load_no_torch(module: str) -> None:
    assert "torch" not in loaded_by(module)
