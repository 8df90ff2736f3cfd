"""Exercises of kinds that cannot be answered here yet: their text is shown, and a sentence that says so."""

from __future__ import annotations

from tui.exercises.kind import Kind

KIND = Kind(when="never")
