"""A place that is kept comes back whole; what cannot be kept or read costs nothing that was there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import messages as m
from engine.memory import log, memory
from engine.session import Session
from tests.records import XOR
from tui import places
from tui.screens.experiment import LOSSES
from tui.screens.lesson import LessonScreen


def place() -> places.Place:
    session = Session(XOR)
    session.apply(m.Advance("iteration", 3))
    session.finish()
    described = places.describe(XOR.model_dump_json().encode(), None)
    left = places.Left(described, log(session, losses=True), memory(session))
    return places.Place("see-step", {"main": left})


def test_a_place_comes_back_as_it_was(tmp_path: Path) -> None:
    kept = place()
    places.save("xor", kept, tmp_path)
    assert places.load("xor", tmp_path) == kept
    assert [file.name for file in (tmp_path / "places").iterdir()] == ["xor.msgpack"]


def test_a_lesson_that_was_never_left_has_no_place(tmp_path: Path) -> None:
    assert places.load("xor", tmp_path) is None


@given(st.binary(max_size=200))
def test_a_damaged_file_is_no_place(body: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "places" / "xor.msgpack"
        file.parent.mkdir()
        file.write_bytes(body)
        assert places.load("xor", Path(name)) is None


def test_a_disk_that_is_full_leaves_the_old_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = place()
    places.save("xor", kept, tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        places.save("xor", places.Place("other", {}), tmp_path)
    assert places.load("xor", tmp_path) == kept
    assert len(list((tmp_path / "places").iterdir())) == 1


def test_another_seed_or_another_experiment_is_described_otherwise() -> None:
    descriptions = {places.describe(spec, seed) for spec in (b"a", b"b") for seed in (None, 0, 1)}
    assert len(descriptions) == 6


def test_of_a_very_long_run_everything_is_kept_but_its_losses(tmp_path: Path) -> None:
    had = place().experiments["main"]
    screen = LessonScreen("en", tmp_path)
    screen.kept_log, screen.kept_memory = had.log, had.memory
    for size in (LOSSES, LOSSES + 4):
        screen.kept_losses = bytearray(size)
        log, memory, baseline = screen.kept
        kept = places.Place("s", {n: places.Left(had.description, log, memory, baseline) for n in ("a", "b", "c")})
        places.save("xor", kept, tmp_path)
        assert places.load("xor", tmp_path) == kept, "it is not too large to be read"
        assert log is not None and len(log.losses) == (size if size == LOSSES else 0)
