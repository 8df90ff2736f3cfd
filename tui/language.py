"""The words of the interface, in the learner's language."""

from __future__ import annotations

import locale
import os
from pathlib import Path
from typing import Any

from engine.words import LANGUAGES, Catalogue

CATALOGUE = Catalogue(Path(__file__).with_name("words"))


def say(language: str, key: str, **values: Any) -> str:
    """The sentence `key` of the interface in `language` ("es" or "en")."""
    return CATALOGUE.say(language, key, **values)


def preferred() -> str:
    """The language that LANGUAGE, LC_ALL, LC_MESSAGES or LANG asks for, if we speak it, else English."""
    wanted = os.environ.get("LANGUAGE", "").split(":")
    wanted += [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    for each in wanted:
        code = locale.normalize(each).split(".")[0][:2].lower() if each else ""
        if code in LANGUAGES:
            return code
    return "en"
