"""The part of the engine that obeys: it has one experiment open, and does with it what a command says."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine import allocator
from engine import messages as m
from engine.pipe import Pipe
from engine.rate import Rate
from engine.torch_sooner import Second
from engine.words import Refused, Sentence

if TYPE_CHECKING:  # these import torch, which is imported only when the pipe stands
    from engine.asking import Asking
    from engine.frames import Frames
    from engine.session import Session
    from engine.stages import Walk

LARGE = 1 << 20  # bytes of parameters from which on it matters how memory is had
ASIDE = 64 << 20  # bytes of history in the sessions that answer a lesson's questions


class Obeying:
    """What is open. What a command says may take longer than to `obey` it: then the session is busy, or `walk` is."""

    def __init__(self, pipe: Pipe) -> None:
        self.pipe = pipe
        self.session: Session | None = None
        self.frames: Frames | None = None
        self.asking: Asking | None = None
        self.walk: Walk | None = None  # to where the lesson stands
        self.generation = 0
        self.changed = False  # since the last frame
        self.at_once = False  # a command was done: its frame does not wait for its turn
        self.rate = Rate()
        self.second = Second(pipe.wake.set)  # part of torch
        self.small = True  # freed memory is given back, and not kept to be used again

    def obey(self, command: m.AnyCommand) -> None:
        """Do it, or begin to."""
        match command:
            case m.Open():
                self._open(command)
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
            note = isinstance(command, m.Edit) and command.note
            if not note:
                self.rate.begin()
            self.at_once |= not (note and session.running)  # of a note there is nothing to see
        except Refused as refused:
            self.pipe.send(m.Failed(self.generation, refused.sentence))
            self.at_once = True
        self.changed = True

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
        self.generation = command.generation
        self.rate.limit(None)
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
        fresh = partial(begin, given, command.seed, command.device, ASIDE)
        self.asking = Asking(fresh, session, self.generation)
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
