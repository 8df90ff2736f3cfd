"""Findings as text for people, as annotations for GitHub, and as JSON for programs: one table of formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from lessons.findings import Finding, printable, render
from lessons.words import say

_LEVELS = {"error": "error", "warning": "warning"}
Format = Callable[[Finding, Path, str], str]  # finding, lesson, language -> what is printed


def _text(finding: Finding, lesson: Path, language: str) -> str:
    return render(finding, language)


def _github(finding: Finding, lesson: Path, language: str) -> str:
    """A workflow command: https://docs.github.com/actions/reference/workflow-commands-for-github-actions"""
    places = {"file": finding.file, "line": finding.line, "col": finding.column}
    if finding.end is not None:
        places["endColumn"] = finding.end - 1
    where = ",".join(f"{name}={_property(str(value))}" for name, value in {**places, "title": finding.code}.items())
    return f"::{_LEVELS[finding.severity]} {where}::{_data(_message(finding, language))}"


def _json(finding: Finding, lesson: Path, language: str) -> str:
    fields = {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "end": finding.end,
        "code": finding.code,
        "severity": finding.severity,
        "message": printable(say(finding.sentence, language)),
        "hint": printable(say(finding.hint, language)) if finding.hint else None,
        "lesson": str(lesson),
    }
    return json.dumps(fields, ensure_ascii=False).encode(errors="replace").decode()


def _message(finding: Finding, language: str) -> str:
    sentences = [finding.sentence, *([finding.hint] if finding.hint else [])]
    return "\n".join(printable(say(each, language)) for each in sentences)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return printable(_data(text)).replace(":", "%3A").replace(",", "%2C")


FORMATS: dict[str, Format] = {"text": _text, "github": _github, "json": _json}
