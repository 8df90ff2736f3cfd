"""Back by one phase, anywhere in a long run."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from engine import messages as m
from engine.session import Session
from engine.spec import EXPERIMENT
from tests.bench.figures import Line, ms, quantile
from tests.bench.lesson import ENDLESS, XOR
from tests.bench.rivals import Samples, build, one_thread, step
from tests.engine.conversation import Conversation

ITERATIONS = 20_000
LONG = {**ENDLESS, "data": XOR["data"]}
STEPS = 5  # back from each place: past the beginning of an iteration
BACK = m.Travel("back", "phase")
SHOWN = m.Watch(field=(42, 36), curve=90)  # what a screen of 80x24 asks for


def back(quick: bool) -> Iterator[Line]:
    """In the session itself, and as a screen has it: command, replay, frame."""
    places = random.Random(1).sample(range(2, ITERATIONS), 30 if quick else 200)
    with one_thread():
        floor, session = _floor(len(places)), _in_session(places)
    for what, found in (("in the session", session), ("through the pipe", _through_pipe(places))):
        for name, share, goal in (("p50", 0.5, None), ("p95", 0.95, 50.0), ("max", 1.0, None)):
            ours, rival = ms([quantile(found, share)]), ms([quantile(floor, share)])
            against = "weights kept of every iteration: load them, do one iteration"
            also = {"steps": len(found)}
            yield Line(f"back by a phase {what}: {name}", "ms", ours, against, rival, goal, "ours", also=also)


def _in_session(places: list[int]) -> list[float]:
    session = Session(EXPERIMENT.validate_python(LONG))
    session.apply(m.Goto(ITERATIONS))
    session.finish()
    found = []
    for place in places:
        session.apply(m.Goto(place))
        for _ in range(STEPS):
            begin = time.perf_counter()
            session.apply(BACK)
            session.look()
            found.append(time.perf_counter() - begin)
    return found


def _through_pipe(places: list[int]) -> list[float]:
    talk = Conversation()
    try:
        talk.open(LONG)
        talk.after(SHOWN)
        talk.after(m.Goto(ITERATIONS))
        found = []
        for place in places:
            talk.after(m.Goto(place))
            for _ in range(STEPS):
                begin = time.perf_counter()
                talk.after(BACK)
                found.append(time.perf_counter() - begin)
        return found
    finally:
        talk.client.stop()


def _floor(count: int) -> list[float]:
    """The weights of an iteration loaded, and the iteration done again the usual way."""
    model, optimizer = build()
    data, kept = Samples(), {name: value.clone() for name, value in model.state_dict().items()}
    found = []
    for _ in range(count):
        begin = time.perf_counter()
        model.load_state_dict(kept)
        step(model, optimizer, data.x[:128], data.y[:128])
        found.append(time.perf_counter() - begin)
    return found
