"""A lesson to begin with: three files that load and pass `check`, to be changed line by line into one's own."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from lessons.words import Refused

_FILES = Path(__file__).with_name("starter_files")
_ID = "my-lesson"  # in the files; the folder's name takes its place
_LONGEST = 60  # letters of an id


def write(folder: Path, language: str) -> list[Path]:
    """Writes the lesson into `folder`, its comments in `language`; the paths of its files.

    Raises Refused where `folder` holds something already or is no folder, and OSError where nothing can be written.
    """
    if folder.exists() and not folder.is_dir():
        raise Refused("starter.not_a_folder", name=str(folder))
    if folder.is_dir() and any(folder.iterdir()):
        raise Refused("starter.not_empty", name=str(folder))
    texts = {name: (_FILES / name).read_text("utf-8") for name in ("es.md", "en.md")}
    lesson = (_FILES / f"lesson.{language}.yaml").read_text("utf-8")
    texts["lesson.yaml"] = lesson.replace(f"id: {_ID:<20}", f"id: {id_of(folder):<20}", 1)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    return [folder / name for name in ("lesson.yaml", "es.md", "en.md")]


def id_of(folder: Path) -> str:
    """The id that the folder's name gives: `Mi lección 2` becomes `mi-leccion-2`."""
    plain = unicodedata.normalize("NFKD", folder.resolve().name).encode("ascii", "ignore").decode().lower()
    found = re.sub(r"[^a-z0-9]+", "-", plain).lstrip("-0123456789")[:_LONGEST].rstrip("-")
    return found or _ID
