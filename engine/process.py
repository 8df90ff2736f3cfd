"""The engine's own process: commands from the pipe, frames back, and training in between. Started by client.py."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
import time
from collections import deque
from importlib import import_module
from typing import TYPE_CHECKING

from engine import allocator
from engine import messages as m
from engine.torch_sooner import Second, import_first
from engine.words import Refused, Sentence

if TYPE_CHECKING:  # these import torch, which is imported only when the pipe stands
    from engine.asking import Asking
    from engine.frames import Frames
    from engine.session import Session
    from engine.stages import Walk

SLICE = 0.008  # seconds of work between two looks at the pipe
WATCHING = 0.05  # of the time of a run is what its frames may take
LARGE = 1 << 20  # bytes of parameters from which on it matters how memory is had
TIDY = 10.0  # seconds after which freed memory goes back to the system, in small experiments
UNACKNOWLEDGED = 2  # frames under way; with more the screen would lag behind
PATIENCE = 2.0  # seconds that a run goes on without a frame being acknowledged
# What waits while an epoch or a long way is under way; a run it interrupts.
IN_TURN = (m.Advance, m.Goto, m.Edit, m.Again, m.SaveWeights, m.LoadWeights, m.Mark, m.Stand)
FOR_OPENING = ("engine.begin", "engine.frames", "engine.asking")  # imported while the screen still reads its lesson
AT_ONCE = (m.Watch, m.Ack, m.Speed, m.Ask)  # no matter what waits
WITH_LITTLE = (m.Open, *AT_ONCE)  # what can be done before all of torch is imported


class Pipe:
    """The two ends of the pipe, with a thread that reads; commands wait in `inbox`, and `wake` says that some came."""

    def __init__(self) -> None:
        self.inbox: deque[m.AnyCommand] = deque()
        self.wake = threading.Event()
        self._in, self._out = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)  # a stray print goes to the log, not into a frame
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while True:
                self.inbox.append(m.read_command(self._in))
                self.wake.set()
        except BaseException:
            os._exit(0)  # the screen is gone, and there is nothing to save

    def send(self, report: m.AnyReport) -> None:
        try:
            m.write(self._out, report)
        except OSError:
            os._exit(0)


class Engine:
    """The loop. One experiment at a time; the newest frame is sent when the screen is ready for it."""

    def __init__(self, pipe: Pipe) -> None:
        self.pipe = pipe
        self.waiting: deque[m.AnyCommand] = deque()
        self.watch = m.Watch()
        self.session: Session | None = None
        self.frames: Frames | None = None
        self.asking: Asking | None = None
        self.walk: Walk | None = None  # to where the lesson stands
        self.generation = 0
        self.seq = self.acknowledged = 0
        self.changed = False
        self.at_once = False  # a command was done: its frame does not wait for its turn
        self.sent_at = -1e9
        self.full_at = 0.0  # when the last frame went that may go unacknowledged
        self.frame_seconds = 0.0  # what the last one took
        self.speed: float | None = None
        self.rate = Rate()
        self.second = Second(pipe.wake.set)  # part of torch
        self.warm = False
        self.small = True  # freed memory is given back, and not kept to be used again
        self.tidied = time.perf_counter()
        self.owed = 0.0  # iterations that the speed allows by now

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
            case m.Open():
                self._open(command)
            case m.Watch():
                self.watch, self.changed = command, True
            case m.Ack():
                self.acknowledged = min(self.seq, max(self.acknowledged, command.seq))
            case m.Speed():
                self.speed, self.owed = command.iterations_per_second, 0.0
            case m.Ask():
                if self.asking is not None:
                    self.asking.ask(command)
            case m.SaveWeights():
                self._save_weights(command)
            case m.LoadWeights():
                self._load_weights(command)
            case m.Mark():
                self._mark(command)
            case _ if self.session is not None:
                self._apply(self.session, command)

    def _apply(self, session: Session, command: m.AnyCommand) -> None:
        from engine.stages import Walk

        self.walk = None
        try:
            if isinstance(command, m.Stand):
                session.apply(m.Travel("start"))
                self.walk = Walk(session, command.stages)
            else:
                session.apply(command)
            self.rate, self.owed = Rate(), 0.0
        except Refused as refused:
            self.pipe.send(m.Failed(self.generation, refused.sentence))
        self.changed = self.at_once = True

    def _mark(self, command: m.Mark) -> None:
        """Mark a baseline, or drop it, wherever training is."""
        from engine import baseline

        if self.session is None:
            return
        (baseline.mark if command.on else baseline.drop)(self.session)
        self._tell_baseline(self.session)
        self.changed = self.at_once = True

    def _tell_baseline(self, session: Session) -> None:
        self.pipe.send(m.Marked(self.generation, session.baseline.told if session.baseline is not None else None))

    def _take_up_baseline(self, session: Session, kept: m.Baseline) -> None:
        """The baseline that another engine had; where it does not fit, there is none from now on."""
        from engine import baseline

        try:
            baseline.take_up(session, kept)
        except Refused as refused:
            self._tell_baseline(session)
            self.pipe.send(m.Notice(self.generation, refused.sentence))

    def _save_weights(self, command: m.SaveWeights) -> None:
        from engine import weights

        if self.session is None:
            return
        try:
            weights.save(self.session, command.path)
            self.pipe.send(m.Notice(self.generation, Sentence("weights.saved", {"path": command.path})))
        except Refused as refused:
            self.pipe.send(m.Failed(self.generation, refused.sentence))

    def _load_weights(self, command: m.LoadWeights) -> None:
        from engine import weights

        if self.session is None:
            return
        try:
            self._apply(self.session, weights.load(self.session, command.path))
        except Refused as refused:
            self.pipe.send(m.Failed(self.generation, refused.sentence))

    def _open(self, command: m.Open) -> None:
        from engine.asking import Asking
        from engine.begin import begin, read
        from engine.checkpoints import size
        from engine.frames import Frames

        if self.session is not None:
            self.session = self.frames = self.asking = self.walk = None
            allocator.give_back()
        self.waiting.clear()
        self.generation, self.acknowledged = command.generation, self.seq
        self.speed = None
        try:
            given = read(command.spec)
            session = begin(given, command.seed, command.device)
            if command.log is not None:
                self.second.wait()
                session = self._resumed(session, command)
        except Refused as refused:
            self.pipe.send(m.Failed(self.generation, refused.sentence))
            return
        self.small = size(session.state) <= LARGE
        if self.small:
            allocator.return_freed(2 * LARGE)
        else:
            allocator.keep_freed()
        self.session, self.frames = session, Frames(session, self.generation)
        self.asking = Asking(lambda: begin(given, command.seed, command.device), session, self.generation)
        self.pipe.send(self.frames.opened())
        if command.baseline is not None:
            self._take_up_baseline(session, command.baseline)
        self.changed = True

    def _resumed(self, fresh: Session, command: m.Open) -> Session:
        """The session taken up where it was left; the fresh one, with a sentence, where that cannot be."""
        from engine.begin import begin, read
        from engine.memory import resume

        try:
            assert command.log is not None
            resume(fresh, command.log, command.memory)
            return fresh
        except Exception as error:  # what was kept may come from a damaged file: it must not cost the lesson
            sentence = Sentence("outcome.cannot_resume", {"reason": str(error).strip().split("\n")[0]})
            self.pipe.send(m.Failed(self.generation, sentence))
            return begin(read(command.spec), command.seed, command.device)

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
        allowed = self._allowance()
        if allowed == 0:
            self.pipe.wake.wait(0.005)
            return
        done = session.work(SLICE, allowed, self._asked() or self._to_look_at() or self._frame_due(SLICE))
        self.owed -= done
        self.rate.count(done)
        self.changed = True

    def _allowance(self) -> int | None:
        """Iterations that may be done now at the speed that was asked for; None where there is no limit."""
        if self.speed is None or not self._running():
            return None
        self.owed = min(self.owed + self.rate.elapsed() * self.speed, max(1.0, self.speed / 20))
        return int(self.owed)

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
        self.changed = self.at_once = False


def _first_backward(second: Second) -> None:
    import torch

    second.wait()
    leaf = torch.ones((), requires_grad=True)
    torch.autograd.grad(leaf * 2, [leaf], torch.ones(()))


class Rate:
    """Iterations a second, over the last half second or so."""

    def __init__(self) -> None:
        self.per_second = 0.0
        self._since = self._looked = time.perf_counter()
        self._count = 0

    def count(self, iterations: int) -> None:
        """Some more iterations are done."""
        self._count += iterations
        now = time.perf_counter()
        if now - self._since > 0.5:
            self.per_second, self._since, self._count = self._count / (now - self._since), now, 0

    def elapsed(self) -> float:
        """Seconds since this was last asked."""
        before, self._looked = self._looked, time.perf_counter()
        return self._looked - before


def die_with_parent() -> None:
    """Have the kernel kill this process when the screen's ends, even while a C call holds the GIL (Linux).

    Elsewhere a watchdog does. Where the screen ended before this call, the end of the pipe is noticed instead.
    """
    linux = sys.platform == "linux"
    if not linux or ctypes.CDLL(None).prctl(1, signal.SIGKILL) != 0:  # PR_SET_PDEATHSIG
        threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def main() -> None:
    """What the client starts: `python -m engine.process`."""
    die_with_parent()
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
