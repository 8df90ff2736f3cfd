"""The examples of docs/authoring.md, put together into lessons that can be loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PAGE = Path(__file__).parents[2] / "docs" / "authoring.md"
_BLOCK = re.compile(r"^(?P<mark>`{3,})(?P<kind>yaml|markdown)(?P<words>[^\n]*)\n(?P<text>.*?)^(?P=mark)$", re.M | re.S)
_HOUSES = "size,rooms,price\n" + "".join(f"{10 * n},{n % 4},{n}\n" for n in range(1, 9))


@dataclass(frozen=True)
class Example:
    """A YAML block of the page at `line`, with the Markdown block that belongs to it. `refused`: the code to come."""

    line: int
    yaml: str
    markdown: str
    refused: str | None

    @property
    def data(self) -> dict[str, Any]:
        """The block as it is written; a key that stands twice counts once."""
        found: dict[str, Any] = yaml.safe_load(self.yaml)
        return found


def examples() -> list[Example]:
    """Every YAML block, in the order of the page; a Markdown block belongs to the one before it."""
    text = PAGE.read_text("utf-8")
    found: list[Example] = []
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 1
        if block["kind"] == "markdown":
            last = found.pop()
            assert not last.markdown, f"two Markdown blocks for one of YAML, line {line}"
            found.append(Example(last.line, last.yaml, block["text"], last.refused))
        else:
            words = block["words"].split()
            found.append(Example(line, block["text"], "", words[1] if words[:1] == ["refused"] else None))
    return found


def usual() -> str:
    """The experiment of examples that show none: that of the whole lesson at the top of the page."""
    first = examples()[0].yaml
    return first[first.index("experiment:") : first.index("steps:")]


def write(example: Example, folder: Path) -> Path:
    """The lesson that the example is a part of: what it leaves out is as usual."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lesson.yaml").write_text(lesson(example), "utf-8")
    (folder / "houses.csv").write_text(_HOUSES, "utf-8")
    (folder / "en.md").write_text(prose(example), "utf-8")
    return folder


def lesson(example: Example) -> str:
    """lesson.yaml, with the example as it is written."""
    text, has = example.yaml, set(example.data)
    if "format" in has:
        return text
    parts = ["format: 1\nid: example\nlanguages: [en]\n"]
    if not has & {"experiment", "experiments"}:
        parts.append(usual())
    if "ask" in has:
        before, _, asked = text.partition("ask:\n")
        do = "show" if "kind: goal" in asked else "forward" if "kind: outcome" in asked else "backward"
        step = f"steps:\n  - id: example-step\n    do: {do}\n    panes: [tensors]\n    ask:\n"
        return "".join([*parts, before, step, *(f"    {line}" for line in asked.splitlines(keepends=True))])
    parts.append(text)
    if "steps" not in has:
        parts.append(_steps(example.data))
    return "".join(parts)


def _steps(data: dict[str, Any]) -> str:
    """One step on each experiment."""
    names = list(data.get("experiments", {}))
    uses = [f"use: {name}, " for name in names] or [""]
    rows = (f"  - {{id: step-{n}, {use}do: forward, panes: [graph]}}\n" for n, use in enumerate(uses))
    return "steps:\n" + "".join(rows)


def prose(example: Example) -> str:
    """en.md: the example's own, and a heading for whatever it leaves out."""
    given = example.markdown
    parts = [given if re.match(r"# (?!#)", given) else f"# Example\n\n{given}"]
    steps = yaml.safe_load(lesson(example))["steps"]
    named = {each["id"]: each for step in steps for each in (step, *step.get("ask", []))}
    parts += [_passage(each) for name, each in named.items() if f"{{#{name}}}" not in given]
    return "\n".join(parts)


def _passage(each: dict[str, Any]) -> str:
    traps = "".join(f"> [!trap {name}]\n> No.\n\n" for name in each.get("traps", {}))
    options = "".join(f"- [{name}] Text\n" for name in each.get("options", each.get("answer_when", [])))
    return f"\n## Words {{#{each['id']}}}\n\n{traps}{options}"
