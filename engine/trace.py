"""`dltutor trace`: an experiment advanced without a screen, one record per advance, as JSON lines or as text."""

from __future__ import annotations

import json as jsonlib
import math
from collections.abc import Iterator
from typing import Any, TextIO

import torch

from engine import evaluation, stepper, telling
from engine import messages as m
from engine.begin import begin
from engine.records import statistics
from engine.session import Session
from engine.spec import Graph, Net
from engine.state import State
from engine.stepper import Contribution
from engine.words import Sentence, say

LIMIT = 4096  # elements of a tensor, or of a Jacobian, that are printed


def run(
    given: Graph | Net,
    *,
    seed: int | None,
    device: str,
    by: m.Unit,
    count: int | None,
    every: int,
    edits: tuple[m.Change, ...],
    json: bool,
    language: str,
    out: TextIO,
) -> None:
    """Print what happens, flushed record by record. Raises Refused for what cannot be begun, or edited."""
    session = begin(given, seed, device)
    if edits:
        session.apply(m.Edit(edits))
    for record in records(session, by, count, every, language):
        out.write(jsonlib.dumps(record, ensure_ascii=False, allow_nan=False) if json else _text(record))
        out.write("\n")
        out.flush()


def records(
    session: Session, by: m.Unit, count: int | None, every: int = 1, language: str = "en"
) -> Iterator[dict[str, Any]]:
    """One record for every `every`-th of `count` advances, and for the last; it ends early where an advance fails.

    Without a count: all operations or phases of one iteration, or one iteration, or one epoch.
    """
    graph = session.experiment.graph
    total = count if count is not None else {"op": len(graph.atoms), "phase": len(graph.phases)}.get(by, 1)
    done = 0
    while done < total:
        leap = min(every, total - done)
        session.apply(m.Advance(by, leap))
        session.finish()
        done += leap
        yield record(session, by, language)
        if session.outcome != "ok":
            return


def record(session: Session, by: m.Unit, language: str) -> dict[str, Any]:
    """What stands after an advance, as the contract of `dltutor trace` has it."""
    state, experiment = session.look(), session.experiment
    atoms = experiment.graph.atoms
    failed = session.outcome not in ("ok", "not_finite")  # then it is the operation that could not be done
    done = atoms[state.cursor % len(atoms)] if failed else atoms[state.cursor - 1] if state.cursor else None
    operation = done if by == "op" else None
    found: dict[str, Any] = {
        "iteration": state.iteration,
        "epoch": experiment.epoch(state.iteration, state.settings),
        "phase": done.phase if done else None,
        "op": operation.op if operation else None,
        "loss": number(experiment.loss(state)),
        "metrics": {name: number(value) for name, value in evaluation.metrics(experiment, state).items()},
        "tensors": _tensors(session, state),
        "edges": [_edge(state, each) for each in state.contributions if each.source == operation.op]
        if operation and operation.phase == "backward"
        else [],
        "formula": telling.formula(session, operation) or None,
        "sentence": say(session.message if failed and session.message else _sentence(session, by), language),
        "outcome": session.outcome,
    }
    if session.message is not None:
        found["message"] = say(session.message, language)
    return found


def _sentence(session: Session, by: m.Unit) -> Sentence:
    state = session.state
    if by == "op" and state.cursor:
        return telling.operation_sentence(session, session.experiment.graph.atoms[state.cursor - 1])
    return telling.sentence(session, telling.touched(session))


def _tensors(session: Session, state: State) -> dict[str, Any]:
    experiment = session.experiment
    known = {**{leaf.name: experiment.leaves(state)[leaf.name] for leaf in experiment.graph.leaves}}
    known |= {node.name: state.values[node.name] for node in experiment.graph.nodes if node.name in state.values}
    return {name: _tensor(value, state.grads.get(name)) for name, value in known.items()}


def _tensor(value: torch.Tensor, grad: torch.Tensor | None) -> dict[str, Any]:
    found = {
        "shape": list(value.shape),
        "dtype": str(value.dtype).removeprefix("torch."),
        "value": numbers(value),
        "grad": None if grad is None else numbers(grad),
    }
    if value.numel() > LIMIT:
        found["stats"] = _statistics(value)
        if grad is not None:
            found["grad_stats"] = _statistics(grad)
    return found


def _statistics(tensor: torch.Tensor) -> dict[str, Any]:
    return dict(zip(("min", "max", "mean", "norm"), map(number, statistics(tensor)), strict=True))


def _edge(state: State, arrival: Contribution) -> dict[str, Any]:
    local = stepper.local(state.tapes[arrival.source], arrival.position, LIMIT)
    return {
        "from": arrival.source,
        "to": arrival.target,
        "upstream": numbers(arrival.upstream),
        "local": None if local is None else numbers(local),
        "contribution": numbers(arrival.value),
    }


def numbers(tensor: torch.Tensor) -> Any:
    """A tensor as nested lists; None above LIMIT elements."""
    return None if tensor.numel() > LIMIT else number(tensor.detach().cpu().tolist())


def number(value: Any) -> Any:
    """The value, or nested lists of values, with "nan", "inf" and "-inf" as text, since JSON has no such numbers."""
    if isinstance(value, list):
        return [number(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


# ---------------------------------------------------------------- for people
def _text(record: dict[str, Any]) -> str:
    where = " ".join(str(record[key]) for key in ("phase", "op") if record[key])
    lines = [f"{record['iteration']:>6} · {where} · {record['sentence']}"]
    for name, tensor in record["tensors"].items():
        if not tensor["shape"]:
            grad = "" if tensor["grad"] is None else f"   grad {_short(tensor['grad'])}"
            lines.append(f"         {name} = {_short(tensor['value'])}{grad}")
    measured = {"loss": record["loss"], **record["metrics"]}
    lines.append(
        "         " + "  ".join(f"{name} {_short(value)}" for name, value in measured.items() if value is not None)
    )
    if record["outcome"] != "ok":
        lines.append(f"         {record['outcome']}: {record.get('message', '')}")
    return "\n".join(line for line in lines if line.strip())


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
