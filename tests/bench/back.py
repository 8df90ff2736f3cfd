"""Back by one phase, anywhere in a long run; what its history takes; and within the last of a large net's."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine import messages as m
from engine.allocator import keep_freed
from engine.process import SLICE
from engine.session import Session
from engine.spec import EXPERIMENT
from tests.bench.figures import Line, ms, quantile
from tests.bench.lesson import ENDLESS, XOR
from tests.bench.memory import resident
from tests.bench.nets import ADAM, described
from tests.bench.rivals import Samples, build, one_thread, step
from tests.engine.conversation import Conversation

ITERATIONS = 200_000
HISTORY = 64.0  # MB
LARGE, LATELY = 2000, 1000  # iterations of a net with a million parameters, and how many of the last are gone back to
LONG = {**ENDLESS, "data": XOR["data"]}
STEPS = 5  # back from each place: past the beginning of an iteration
BACK = m.Travel("back", "phase")
SHOWN = m.Watch(field=(42, 36), curve=90)  # what a screen of 80x24 asks for


def back(quick: bool) -> Iterator[Line]:
    """In the session itself, and as a screen has it: command, replay, frame."""
    places = random.Random(1).sample(range(2, ITERATIONS), 30 if quick else 200)
    piped, grown = _through_pipe(places)
    with one_thread():
        floor, session = _floor(len(places)), _in_session(places)
    yield from _lines("in the session", session, floor, 50.0)
    yield from _lines("through the pipe", piped, floor, 50.0)
    if grown is not None:
        every = _every_iteration(places)
        against = "the weights of as many iterations as were gone to, kept one by one"
        yield Line(f"the engine's growth by {ITERATIONS} iterations", "MB", [grown], against, [every], HISTORY, "ours")
    keep_freed()
    for name, optimizer, goal in (("SGD", XOR["optimizer"], 100.0), ("Adam", ADAM, 100.0)):
        with one_thread():
            found = _of_a_large_net(optimizer, 20 if quick else 60)
        yield from _lines(f"among the last {LATELY} of a million parameters, {name}", found, floor, goal)


def _lines(what: str, found: list[float], floor: list[float], aim: float | None) -> Iterator[Line]:
    for name, share, goal in (("p50", 0.5, None), ("p95", 0.95, aim), ("max", 1.0, None)):
        ours, rival = ms([quantile(found, share)]), ms([quantile(floor, share)])
        against = "weights kept of every iteration of XOR: load them, do one iteration"
        also = {"steps": len(found)}
        yield Line(f"back by a phase {what}: {name}", "ms", ours, against, rival, goal, "ours", also=also)


def _of_a_large_net(optimizer: dict[str, Any], count: int) -> list[float]:
    session = Session(EXPERIMENT.validate_python(described((1000, 1000), "relu", optimizer=optimizer)))
    session.apply(m.Run(True))
    while session.state.iteration < LARGE:
        session.work(SLICE, seen=False)
    session.apply(m.Run(False))
    found, end = [], session.look().iteration
    told = session.checkpoints.news()
    lately = LATELY if told is None else min(LATELY, int(told.values["count"]))  # what the screen says there is
    for place in random.Random(2).sample(range(end - lately, end), min(count, lately)):
        session.apply(m.Goto(place))
        begin = time.perf_counter()
        session.apply(BACK)
        session.look()
        found.append(time.perf_counter() - begin)
        session.apply(m.Goto(end))
    return found


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


def _through_pipe(places: list[int]) -> tuple[list[float], float | None]:
    """The seconds; and by how many MB the engine has grown before, where that can be told."""
    talk = Conversation()
    try:
        talk.open(LONG)
        talk.after(SHOWN)
        talk.after(m.Goto(2000))
        pid = talk.client.pid if Path("/proc/self/status").exists() else None
        before = resident(pid) if pid else 0.0
        talk.after(m.Goto(ITERATIONS))
        grown = resident(pid) - before if pid else None
        found = []
        for place in places:
            talk.after(m.Goto(place))
            for _ in range(STEPS):
                begin = time.perf_counter()
                talk.after(BACK)
                found.append(time.perf_counter() - begin)
        return found, grown
    finally:
        talk.client.stop()


def _every_iteration(places: list[int]) -> float:
    """MB of so many states of the weights."""
    model, _ = build()
    before, kept = resident(os.getpid()), [
        {name: value.clone() for name, value in model.state_dict().items()} for _ in places for _ in range(100)
    ]  # fmt: skip
    return (resident(os.getpid()) - before) / len(kept) * len(places)


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
