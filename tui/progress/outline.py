"""What a lesson asks, as digests: so that it is seen which exercises are others than those that were solved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from engine.words import LANGUAGES
from lessons.loader import FILE
from lessons.passages import Passage
from lessons.prose import Prose
from lessons.schema import Lesson
from tui.progress.records import Outline

FILES = (FILE, *(f"{language}.md" for language in LANGUAGES))


def source(path: Path) -> str:
    """The digest of a lesson's files; "" of those that cannot be read."""
    folder = path if path.is_dir() else path.parent
    digests = []
    for name in FILES:
        try:
            digests.append(hashlib.sha256((folder / name).read_bytes()).hexdigest())
        except OSError:
            digests.append("")
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()[:32]


def outline(lesson: Lesson, prose: Mapping[str, Prose], path: Path, at: float) -> Outline:
    """The lesson's steps, and the exercises in them that can be answered."""
    steps = {
        step.id: {each.id: digest(each, lesson.experiment_at(number), prose) for each in step.ask}
        for number, step in enumerate(lesson.steps)
    }
    return Outline(at, source(path), steps)


def digest(exercise: Any, experiment: Any, prose: Mapping[str, Prose]) -> str:
    """What is asked, of which experiment, in which words. Defaults are left out: a later version has more of them."""
    told = [each.model_dump_json(exclude_defaults=True) for each in (exercise, experiment)]
    texts = {name: _words(page.passages[exercise.id]) for name, page in prose.items() if exercise.id in page.passages}
    return hashlib.sha256(msgspec.json.encode([told, texts], order="sorted")).hexdigest()[:32]


def _words(passage: Passage) -> list[Any]:
    """All of a passage that is read."""
    return [passage.heading, passage.markdown, passage.options, passage.hints, passage.traps, passage.explain]
