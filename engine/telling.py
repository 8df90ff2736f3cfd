"""Where a session stands and what was done last, as records and as sentences."""

from __future__ import annotations

from engine import messages as m
from engine import stepper
from engine.graph import Atom, Node
from engine.session import Session
from engine.timeline import BEGINNING
from engine.words import Sentence, Value

APART = ("div", "pow")  # whose two inputs are told apart where only one gets a gradient
SUMS = 4  # that are told in a sentence


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
    if line.now == BEGINNING or not state.cursor:
        return ()
    entry = line.entries[line.now.entry]
    if entry.again:
        return tuple(atom for atom in graph.atoms if atom.phase == "backward")
    if entry.changes is not None:
        return ()
    begin = max(0, entry.start - state.iteration * len(graph.atoms))
    if line.now.time < entry.end:
        phase = graph.atoms[state.cursor - 1].phase
        begin = max(begin, next(n for n, atom in enumerate(graph.atoms) if atom.phase == phase))
    return graph.atoms[begin : state.cursor]


def formula(session: Session, done: Atom | None) -> str:
    """The operation last done, with names: `J = g * c`; none where backward was done again."""
    line = session.timeline
    if line.now.entry >= 0 and line.entries[line.now.entry].again:
        return ""
    return session.experiment.graph.node(done.op).formula if done and done.op else ""


def sentence(session: Session, atoms: tuple[Atom, ...]) -> Sentence:
    """What the last command did, in plain words."""
    line, state, length = session.timeline, session.state, session.experiment.length
    if line.now == BEGINNING:
        return Sentence("did.start")
    entry = line.entries[line.now.entry]
    if entry.again:
        return _again_sentence(session)
    if entry.note:
        return Sentence(f"did.{entry.names[0].replace('.', '_')}")
    if entry.changes is not None:
        return Sentence("did.edit", {"names": ", ".join(entry.names)})
    phases = dict.fromkeys(atom.phase for atom in atoms)
    if len(phases) != 1 or line.now.time - entry.start > length:
        iterations = line.now.time // length - entry.start // length
        return _count_sentence(line.now.time - entry.start, iterations, state.iteration)
    if len(atoms) == 1 and (atoms[0].phase in ("forward", "backward") or entry.unit == "op"):
        return operation_sentence(session, atoms[0])
    phase = next(iter(phases))
    if phase == "step":
        return _step_sentence(session)
    whole = phase in moment(session).completed
    return Sentence(f"did.{phase}") if whole else Sentence(f"did.{phase}_part", {"name": str(atoms[-1].op)})


def _step_sentence(session: Session) -> Sentence:
    """The optimizer's step; of a wrong program, what it does instead."""
    mutation = session.experiment.mutation
    if mutation is None:
        return Sentence("did.step")
    if mutation.step_first or not mutation.steps:
        return Sentence("did.step_first" if mutation.step_first else "did.step_missing")
    return Sentence("did.step_up" if mutation.climbs else "did.step")


def _again_sentence(session: Session) -> Sentence:
    """Backward without zero_grad; of inputs and parameters that are numbers, how the gradients added up."""
    graph, grads = session.experiment.graph, session.state.grads
    new = stepper.accumulate({}, session.state.contributions)
    names = (leaf.name for leaf in graph.leaves if leaf.name in new and new[leaf.name].numel() == 1)
    sums = [_added(graph.output, name, float(new[name]), float(grads[name])) for name in names]
    if not sums:
        return Sentence("did.again")
    return Sentence("did.again_sums", {"sums": "; ".join(sums[:SUMS])})


def _added(output: str, name: str, new: float, total: float) -> str:
    """`∂J/∂a: −2 + (−2) = −4`"""
    old, right = _written(total - new), _written(new)
    return f"∂{output}/∂{name}: {old} + {f'({right})' if new < 0 else right} = {_written(total)}"


def _written(number: float) -> str:
    return f"{number:.4g}".replace("-", "−")


def _count_sentence(operations: int, iterations: int, last: int) -> Sentence:
    """A command that went through several phases."""
    if iterations == 0:
        return Sentence("did.operations", {"count": operations})
    return Sentence("did.iterations" if iterations > 1 else "did.iteration", {"count": iterations, "last": last})


def operation_sentence(session: Session, atom: Atom) -> Sentence:
    """What one operation of this iteration did, as its row of the table is told: forward, or what it passed back."""
    if atom.op is None:
        return _step_sentence(session)
    node = session.experiment.graph.node(atom.op)
    if atom.phase in ("forward", "loss"):
        return Sentence(f"op.{node.op}.forward", _values(node))
    targets = [arrival.target for arrival in session.state.contributions if arrival.source == atom.op]
    if not targets:
        return Sentence("did.backward_end", {"name": node.name})
    part = _only(node, set(targets)) if node.op in APART else ""
    values = {**_values(node), "targets": ", ".join(dict.fromkeys(targets))}
    return Sentence(f"op.{node.op}.backward{part}", values)


def _only(node: Node, targets: set[str]) -> str:
    """`_first` or `_second` where just one of the two inputs gets a gradient."""
    first, second = node.inputs
    if targets == {first, second}:
        return ""
    return "_first" if first in targets else "_second"


def _values(node: Node) -> dict[str, Value]:
    """What sentences about an operation may name: itself, its inputs, and the first two of them."""
    inputs = [each if isinstance(each, str) else f"{each:g}" for each in node.inputs]
    first, second = (*inputs, "")[:2]
    return {"name": node.name, "inputs": ", ".join(inputs), "first": first, "second": second}


def label(session: Session, number: int) -> Sentence | None:
    """What back takes away, or redo brings, named as a command."""
    entries = session.timeline.entries
    if not 0 <= number < len(entries):
        return None
    entry, length = entries[number], session.experiment.length
    values: dict[str, str | int | float] = {}
    if entry.note:
        return Sentence(f"command.{entry.names[0].replace('.', '_')}")
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
