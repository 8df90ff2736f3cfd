"""Pictures of the course map and of both lessons, drawn from fixed records."""

from __future__ import annotations

import msgspec
import pytest

from engine import messages as m
from lessons.catalog import BUILT_IN
from tests import records
from tests.local_engine import FakeEngine
from tests.tui.conftest import settle
from tui.app import Choices, TutorApp
from tui.link import Link

RECORDS = {"graph-j": records.graph_j, "xor": records.xor}
SIZES = [(80, 24), (120, 40)]


def app_for(lesson: str | None) -> tuple[TutorApp, FakeEngine]:
    engines: list[FakeEngine] = []
    link = Link(lambda *callbacks: engines.append(FakeEngine(*callbacks)) or engines[-1])
    link.start()
    return TutorApp(link, Choices("es", "cpu"), BUILT_IN / lesson if lesson else None), engines[0]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_course_map(snap_compare, monkeypatch, size):
    monkeypatch.delenv("DLTUTOR_LESSONS", raising=False)
    app, _ = app_for(None)
    assert snap_compare(app, terminal_size=size, run_before=settle)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("lesson", RECORDS)
def test_a_lesson(snap_compare, lesson, size):
    app, engine = app_for(lesson)
    view = RECORDS[lesson]()

    async def show(pilot):
        await settle(pilot)
        generation = app.open.generation
        engine.report(m.Hello(1, "2.0", ("cpu",)))
        engine.report(msgspec.structs.replace(view.opened, generation=generation))
        engine.report(msgspec.structs.replace(view.frame, generation=generation))
        await settle(pilot)
        app.set_focus(None)

    assert snap_compare(app, terminal_size=size, run_before=show)
