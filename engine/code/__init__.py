"""The PyTorch script that does what an experiment does, line by line, each line with its phase."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine import messages as m
from engine import spec
from engine.code import graph_course, graph_script, net_course, net_script
from engine.code.course import Course, Training, course
from engine.code.remarks import Remarks
from engine.code.script import Line, plain
from engine.graph import Graph

__all__ = ["Line", "lines", "script", "seeded"]


def lines(experiment: spec.Graph | spec.Net, graph: Graph) -> tuple[Line, ...]:
    """The script of `experiment`, which lowers to `graph`. Raises Refused for kinds not there yet."""
    if isinstance(experiment, spec.Net):
        return tuple(net_script.lines(experiment, graph))
    return tuple(graph_script.lines(experiment, graph))


def script(
    experiment: spec.Graph | spec.Net,
    graph: Graph,
    log: m.Log | None = None,
    iterations: int | None = None,
    language: str = "en",
) -> str:
    """A script that runs on its own and comes to the same weights, bit for bit on the CPU.

    It does what `log` says, with so many `iterations` after that. Without either it is the whole run of the experiment.
    Raises Refused for kinds not there yet.
    """
    remarks = Remarks(language)
    done = course(log, _start(experiment), len(graph.atoms))
    if iterations is not None:
        done = done.going_on(iterations)
    elif untouched(done):
        return _text(_whole_run(experiment, graph, remarks))
    if isinstance(experiment, spec.Net):
        return _text(net_course.lines(experiment, graph, done, remarks))
    return _text(graph_course.lines(experiment, graph, done, remarks))


def untouched(done: Course) -> bool:
    """Whether nothing was done."""
    (first, *others) = done.legs
    return not (others or first.values or first.devices or first.begun_anew or first.now != first.before) and (
        done.iterations == done.rest == 0
    )


def run_length(experiment: spec.Graph | spec.Net, log: m.Log | None, graph: Graph) -> int:
    """The iterations of a whole run, with the batches that `log` has chosen."""
    now = course(log, _start(experiment), len(graph.atoms)).now
    if isinstance(experiment, spec.Net):
        return experiment.epochs * -(-now.samples // now.size)
    return graph_script.ITERATIONS if experiment.optimizer else 1


def seeded(experiment: spec.Graph | spec.Net, seed: int | None) -> spec.Graph | spec.Net:
    """The experiment with another seed; None leaves it its own. A graph has none."""
    if seed is None or not isinstance(experiment, spec.Net):
        return experiment
    return experiment.model_copy(update={"seed": seed})


def _start(experiment: spec.Graph | spec.Net) -> Training:
    optimizer = experiment.optimizer
    lr = optimizer.lr if optimizer else 0.0
    if isinstance(experiment, spec.Net):
        return Training(lr, optimizer, experiment.batch, experiment.seed, max(1, net_script.samples(experiment)))
    return Training(lr, optimizer, spec.Batch(), 0)


def _whole_run(experiment: spec.Graph | spec.Net, graph: Graph, remarks: Remarks) -> Iterator[Line]:
    """What the code pane shows, on one thread, and what comes of it printed."""
    if isinstance(experiment, spec.Net):
        yield from net_script.lines(experiment, graph, remarks.threads())
        yield from plain("", 'print("loss:", loss.item())')
    else:
        yield from graph_script.lines(experiment, graph, ("", *remarks.threads()))
        output = graph_script.variables(experiment)[graph.output]
        yield from plain("", f'print("{graph.output}:", {output}.tolist())')


def _text(written: Iterable[Line]) -> str:
    return "\n".join(line.text.rstrip() for line in written) + "\n"
