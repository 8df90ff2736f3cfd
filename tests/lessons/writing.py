"""Lessons written into a folder for tests; `«` in a text marks where a finding is expected, and is left out."""

from __future__ import annotations

from pathlib import Path

from lessons.loader import Loaded, load

GRAPH = """\
format: 1
id: try-me
unit: graphs
minutes: 5
languages: [es, en]
license: CC-BY-4.0
authors: [someone]
experiment:
  kind: graph
  inputs: {a: 3, b: 1, c: -2}
  nodes:
    h: 2 * b
    g: a + h
    J: g * c
  output: J
steps:
  - id: first
    do: forward
    by: op
    panes: [graph, code]
    ask:
      - {id: ask-g, kind: number, expect: value(g), traps: {swapped: value(h)}}
      - {id: ask-c, kind: choice, options: [one, two], answer: two}
  - id: second
    do: backward
    until: g
"""
NET = """\
format: 1
id: try-net
languages: [es]
experiment:
  kind: net
  data: {kind: table, x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0]}
  layers:
    - {name: linear1, kind: linear, out: 3}
    - {name: act, kind: tanh}
    - {name: linear2, kind: linear, out: 1}
  loss: bce_logits
  optimizer: {kind: sgd, lr: 0.1}
  batch: {size: 2, order: shuffle}
  params:
    linear1.bias: [0, 0, 0]
steps:
  - id: first
    do: train
    until: train_loss < 0.05
    limit: 100
"""
PROSE = """\
# Un título

Una entrada.

## Primero {#first}

Texto con {{value(h)}}.

### ¿Cuánto vale g? {#ask-g}

> [!hint]
> Una suma.

> [!trap swapped]
> Ese es h.

> [!explain]
> Vale {{value(g)}}.

### ¿Cuál? {#ask-c}

- [one] El uno
- [two] El dos

## Segundo {#second}

Fin.
"""
NET_PROSE = "# Una red\n\nEntrada.\n\n## Primero {#first}\n\nTexto.\n"


def write(folder: Path, lesson: str = GRAPH, **prose: str) -> Path:
    """A lesson in `folder`, with the usual prose where none is given."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lesson.yaml").write_text(lesson, "utf-8")
    usual = PROSE if "graph" in lesson else NET_PROSE
    for language in ("es", "en"):
        (folder / f"{language}.md").write_text(prose.get(language, usual), "utf-8")
    return folder


def marked(text: str) -> tuple[str, int, int]:
    """The text without its mark, and the line and column of the mark, from 1."""
    before, _, after = text.partition("«")
    return before + after, before.count("\n") + 1, len(before) - before.rfind("\n")


def found(loaded: Loaded, name: str = "lesson.yaml") -> list[tuple[str, int, int]]:
    """Code, line and column of every finding of one file."""
    return [(each.code, each.line, each.column) for each in loaded.findings if Path(each.file).name == name]


def load_text(folder: Path, lesson: str = GRAPH, **prose: str) -> Loaded:
    """What loading says about a lesson with these texts."""
    return load(write(folder, lesson, **prose))
