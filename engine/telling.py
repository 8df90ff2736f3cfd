"""Where a session stands and what was done last, as records and as sentences."""

from __future__ import annotations

from engine import messages as m
from engine.graph import Atom
from engine.session import Session
from engine.timeline import BEGINNING
from engine.words import Sentence


def moment(session: Session) -> m.Moment:
    """Where the session stands, for the phase bar and the status line."""
    state, graph = session.state, session.experiment.graph
    done = graph.atoms[state.cursor - 1] if state.cursor else None
    following = graph.atoms[state.cursor % len(graph.atoms)]
    remaining = {atom.phase for atom in graph.atoms[state.cursor :]}
    completed = tuple(phase for phase in graph.phases if phase not in remaining)
    finished = state.iteration + (state.cursor == len(graph.atoms))
    return m.Moment(
        state.iteration, session.experiment.epoch(state.iteration, state.settings),
        done.phase if done else None, done.op if done else None,
        following.phase, following.op, completed, finished,
    )  # fmt: skip


def touched(session: Session) -> tuple[Atom, ...]:
    """The operations of this iteration that the last command did; inside a command, those of the present phase."""
    state, line, graph = session.state, session.timeline, session.experiment.graph
    if line.now == BEGINNING or line.entries[line.now.entry].changes is not None or not state.cursor:
        return ()
    entry = line.entries[line.now.entry]
    begin = max(0, entry.start - state.iteration * len(graph.atoms))
    if line.now.time < entry.end:
        phase = graph.atoms[state.cursor - 1].phase
        begin = max(begin, next(n for n, atom in enumerate(graph.atoms) if atom.phase == phase))
    return graph.atoms[begin : state.cursor]


def formula(session: Session, done: Atom | None) -> str:
    """The operation last done, with names: `J = g * c`."""
    return session.experiment.graph.node(done.op).formula if done and done.op else ""


def sentence(session: Session, atoms: tuple[Atom, ...]) -> Sentence:
    """What the last command did, in plain words."""
    line, state, length = session.timeline, session.state, session.experiment.length
    if line.now == BEGINNING:
        return Sentence("did.start")
    entry = line.entries[line.now.entry]
    if entry.changes is not None:
        return Sentence("did.edit", {"names": ", ".join(entry.names)})
    phases = dict.fromkeys(atom.phase for atom in atoms)
    if len(phases) != 1 or line.now.time - entry.start > length:
        iterations = line.now.time // length - entry.start // length
        return _count_sentence(line.now.time - entry.start, iterations, state.iteration)
    if len(atoms) == 1 and atoms[0].phase in ("forward", "backward"):
        return operation_sentence(session, atoms[0])
    phase = next(iter(phases))
    whole = phase == "step" or phase in moment(session).completed
    return Sentence(f"did.{phase}") if whole else Sentence(f"did.{phase}_part", {"name": str(atoms[-1].op)})


def _count_sentence(operations: int, iterations: int, last: int) -> Sentence:
    """A command that went through several phases."""
    if iterations == 0:
        return Sentence("did.operations", {"count": operations})
    return Sentence("did.iterations" if iterations > 1 else "did.iteration", {"count": iterations, "last": last})


def operation_sentence(session: Session, atom: Atom) -> Sentence:
    """What one operation of this iteration did."""
    if atom.phase in ("loss", "step"):
        return Sentence(f"did.{atom.phase}")
    if atom.phase == "forward":
        return Sentence("did.forward_op", {"formula": formula(session, atom)})
    targets = [arrival.target for arrival in session.state.contributions if arrival.source == atom.op]
    if not targets:
        return Sentence("did.backward_end", {"name": str(atom.op)})
    return Sentence("did.backward_op", {"name": str(atom.op), "targets": ", ".join(dict.fromkeys(targets))})


def label(session: Session, number: int) -> Sentence | None:
    """What back takes away, or redo brings, named as a command."""
    entries = session.timeline.entries
    if not 0 <= number < len(entries):
        return None
    entry, length = entries[number], session.experiment.length
    values: dict[str, str | int | float] = {}
    if entry.unit == "edit":
        values = {"names": ", ".join(entry.names)}
    elif entry.unit == "run":
        values = {"count": entry.end // length - entry.start // length}
    elif entry.unit == "goto":
        values = {"iteration": entry.end // length}
    return Sentence(f"command.{entry.unit}", values)


def next_label(session: Session) -> Sentence | None:
    """What redo would bring."""
    found = session.timeline.after_command()
    return None if found is None else label(session, found.entry)
