"""The engine's own process: commands from the pipe, frames back, and training in between. Started by client.py."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections import deque
from importlib import import_module
from typing import TYPE_CHECKING

from engine import allocator
from engine import messages as m
from engine.obeying import Obeying
from engine.parent import die_with_parent, give_way
from engine.pipe import Pipe
from engine.torch_sooner import Second, import_first
from engine.words import Refused

if TYPE_CHECKING:  # these import torch, which is imported only when the pipe stands
    from engine.stages import Walk

SLICE = 0.008  # seconds of work between two looks at the pipe
WATCHING = 0.05  # of the time of a run is what its frames may take
TIDY = 10.0  # seconds after which freed memory goes back to the system, in small experiments
UNACKNOWLEDGED = 2  # frames under way; with more the screen would lag behind
PATIENCE = 2.0  # seconds that a run goes on without a frame being acknowledged
# What waits while an epoch or a long way is under way; a run it interrupts.
IN_TURN = (m.Advance, m.Goto, m.Edit, m.Again, m.SaveWeights, m.LoadWeights, m.Mark, m.Stand)
FOR_OPENING = ("engine.begin", "engine.frames", "engine.asking")  # imported while the screen still reads its lesson
AT_ONCE = (m.Watch, m.Ack, m.Speed, m.Ask)  # no matter what waits
WITH_LITTLE = (m.Open, *AT_ONCE)  # what can be done before all of torch is imported


class Engine(Obeying):
    """The loop. One experiment at a time; the newest frame is sent when the screen is ready for it."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__(pipe)
        self.waiting: deque[m.AnyCommand] = deque()
        self.watch = m.Watch()
        self.seq = self.acknowledged = 0
        self.sent_at = -1e9
        self.full_at = 0.0  # when the last frame went that may go unacknowledged
        self.frame_seconds = 0.0  # what the last one took
        self.warm = False
        self.tidied = time.perf_counter()

    def loop(self) -> None:
        """Until the process ends."""
        while True:
            self.turn()
            more = self._busy() or self.waiting or (self.second.there and (self._asked() or self._to_look_at()))
            unsent = self.changed and self.session is not None  # what a look has found, say
            if not more and (not unsent or self._full()):
                self._warm_up()
                self.pipe.wake.wait()
            self.pipe.wake.clear()

    def turn(self) -> None:
        """A little of everything that there is to do."""
        self._take_commands()
        self._work()
        self._send_frame()
        self._answer()
        self._look()
        self._tidy()

    def _warm_up(self) -> None:
        """Once, while the learner reads: what torch loads at the first backward takes it a third of a second."""
        self.second.begin()
        if self.session is not None and not self.warm:
            self.warm = True
            threading.Thread(target=_first_backward, args=(self.second,), daemon=True).start()

    def _tidy(self) -> None:
        """Give back what states and frames have left between what lasts: half a millisecond, every now and then."""
        if self.small and time.perf_counter() - self.tidied > TIDY:
            allocator.give_back()
            self.tidied = time.perf_counter()

    # ---------------------------------------------------------------- commands
    def _take_commands(self) -> None:
        while self.pipe.inbox:
            command = self.pipe.inbox.popleft()
            if isinstance(command, IN_TURN) and (self.waiting or (self._busy() and not self._running())):
                self.waiting.append(command)
                continue
            if not isinstance(command, AT_ONCE):
                self.waiting.clear()  # going back, pausing, another experiment: what waited is not wanted any more
            self._do(command)
        while self.waiting and not self._busy():
            self._do(self.waiting.popleft())

    def _do(self, command: m.AnyCommand) -> None:
        if not isinstance(command, WITH_LITTLE):
            self.second.wait()
        match command:
            case m.Watch():
                self.watch, self.changed = command, True
            case m.Ack():
                self.acknowledged = min(self.seq, max(self.acknowledged, command.seq))
            case m.Speed():
                self.rate.limit(command.iterations_per_second)
            case m.Open():
                self.acknowledged = self.seq
                self.waiting.clear()
                self.obey(command)
            case _:
                self.obey(command)

    # ---------------------------------------------------------------- work
    def _busy(self) -> bool:
        return self.walk is not None or (self.session is not None and self.session.busy)

    def _asked(self) -> bool:
        return self.asking is not None and self.asking.busy

    def _answer(self) -> None:
        """A little work on what a lesson asks."""
        if self.asking is None or not self.asking.busy or not self.second.there:
            return
        if (answers := self.asking.work(SLICE)) is not None:
            self.pipe.send(answers)

    def _to_look_at(self) -> bool:
        """Whether something long is still to be looked at, now that there is time."""
        return self.frames is not None and self.walk is None and self.frames.looks.pending(self.watch.looks)

    def _look(self) -> None:
        """A little work on what takes long to look at; the next frame brings what was found."""
        if self._to_look_at() and self.second.there and self.frames is not None:
            self.changed |= self.frames.looks.work(self.watch.looks, SLICE)

    def _go_on(self, walk: Walk) -> None:
        """A little of the way to where the lesson stands."""
        try:
            walk.work(SLICE)
        except Refused as refused:
            self.pipe.send(m.Failed(self.generation, refused.sentence))
            self.walk = None
        if walk.done:
            self.walk = None
        self.changed = True
        self.at_once = self.walk is None

    def _running(self) -> bool:
        return self.session is not None and self.session.running

    def _work(self) -> None:
        session = self.session
        if self.walk is not None:
            self._go_on(self.walk)
            return
        if session is None or not session.busy:
            return
        if self._unheard():
            self.pipe.wake.wait(0.1)
            return
        allowed = self.rate.allowed() if session.running else None
        if allowed == 0:
            self.pipe.wake.wait(0.005)
            return
        done = session.work(SLICE, allowed, self._asked() or self._to_look_at() or self._frame_due(SLICE))
        self.rate.count(done)
        self.changed = True

    # ---------------------------------------------------------------- frames
    def _full(self) -> bool:
        return self.seq - self.acknowledged >= UNACKNOWLEDGED

    def _unheard(self) -> bool:
        """Whether nobody seems to look at the run any more."""
        return self._running() and self._full() and time.perf_counter() - self.full_at > PATIENCE

    def _frame_due(self, within: float = 0.0) -> bool:
        """Whether it is time for a frame, or will be in so many seconds.

        What a key did is shown at once; while running, frames come at their rate.
        """
        if self._full():
            return False
        return self.at_once or not self._busy() or time.perf_counter() + within - self.sent_at >= self._pause()

    def _pause(self) -> float:
        """Seconds between two frames of a run: what was asked for; where a frame is dear, up to four times that."""
        asked = 1 / max(self.watch.fps, 0.1)
        return min(4 * asked, max(asked, self.frame_seconds / WATCHING))

    def _send_frame(self) -> None:
        if self.frames is None or self.session is None or not self.changed or not self._frame_due():
            return
        if self._busy() and not self.session.seen:  # the next slice of work ends with what can be looked into
            return
        now = time.perf_counter()
        self.seq += 1
        frame = self.frames.frame(self.seq, self.watch, self.rate.per_second if self._busy() else 0.0)
        self.frame_seconds = time.perf_counter() - now + self.session.seconds_to_see
        self.pipe.send(frame)
        if (news := self.session.checkpoints.news()) is not None:
            self.pipe.send(m.Notice(self.generation, news))
        self.sent_at = self.full_at = now
        self.at_once, self.changed = False, not self.session.timeline.computed.all_told  # there were too many at once


def _first_backward(second: Second) -> None:
    import torch

    second.wait()
    leaf = torch.ones((), requires_grad=True)
    torch.autograd.grad(leaf * 2, [leaf], torch.ones(()))


def main() -> None:
    """What the client starts: `python -m engine.process`."""
    die_with_parent()
    give_way()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is a key of the screen
    pipe = Pipe()
    gc.disable()  # while modules load there is nothing to collect, and looking would cost a fifth of the time
    import_first()
    import torch

    from engine.devices import available

    torch.set_num_threads(1)
    pipe.send(m.Hello(os.getpid(), str(torch.__version__), available()))
    for module in FOR_OPENING:
        import_module(module)
    gc.freeze()  # and never looks through the modules again
    gc.enable()
    Engine(pipe).loop()


if __name__ == "__main__":
    main()
