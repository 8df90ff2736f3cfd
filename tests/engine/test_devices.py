"""Which device an experiment runs on; and on a GPU the same session as on the CPU, to a tolerance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from engine import devices
from engine import messages as m
from engine.begin import begin
from engine.frames import Frames
from engine.session import Session
from engine.spec import Graph, Net
from engine.words import LANGUAGES, Refused, say
from tests import records
from tests.engine.examples import NET, graph, net

SMALL = net()
LARGE = net(layers=[{"name": "a", "kind": "linear", "out": 4096}, {"name": "b", "kind": "linear", "out": 1}])
GRAPH = graph({"a": [[1.0] * 1000] * 1000}, {"y": "sum(a)"})


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """The number of threads as it was before."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def with_gpus(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """A machine with so many GPUs."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)


@pytest.mark.parametrize(
    ("gpus", "wanted", "given", "device"),
    [
        (0, "auto", SMALL, "cpu"),
        (0, "auto", LARGE, "cpu"),
        (0, "cpu", SMALL, "cpu"),
        (2, "auto", SMALL, "cpu"),
        (2, "auto", GRAPH, "cpu"),
        (2, "auto", LARGE, "cuda:0"),
        (2, "cpu", LARGE, "cpu"),
        (2, "cuda", SMALL, "cuda:0"),
        (2, "cuda:1", SMALL, "cuda:1"),
    ],
)
def test_the_device_is_the_one_asked_for_and_auto_is_a_gpu_only_where_it_is_worth_it(
    monkeypatch: pytest.MonkeyPatch, gpus: int, wanted: str, given: Graph | Net, device: str
) -> None:
    with_gpus(monkeypatch, gpus)
    assert devices.resolve(wanted, given) == device


@pytest.mark.parametrize(
    ("gpus", "wanted", "key"),
    [
        (0, "cuda", "device.absent"),
        (0, "cuda:0", "device.absent"),
        (2, "cuda:2", "device.absent"),
        (2, "cuda:", "device.absent"),
        (2, "mps", "device.unknown"),
        (2, "", "device.unknown"),
    ],
)
def test_a_device_that_is_not_here_is_refused_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch, gpus: int, wanted: str, key: str
) -> None:
    with_gpus(monkeypatch, gpus)
    with pytest.raises(Refused) as caught:
        devices.resolve(wanted, SMALL)
    assert caught.value.sentence.key == key
    for language in LANGUAGES:
        assert all(name in say(caught.value.sentence, language) for name in (wanted, *devices.available()))


@pytest.mark.parametrize(
    ("given", "small"),
    [
        (SMALL, True),
        (GRAPH, True),
        (LARGE, False),
        (net(batch={"size": "all"}), True),
        (net(batch={"size": "all"}, data={**NET["data"], "n": 1_000_000}), False),  # 4 units, a million samples
        (net(batch={"size": 128}, data={**NET["data"], "n": 1_000_000}), True),
        (net(batch={"size": 1_000_000}), True),  # of which there are 10
    ],
)
def test_small_is_what_the_widest_layer_and_the_batch_make_of_it(given: Graph | Net, small: bool) -> None:
    assert devices.is_small(given) is small


def test_small_experiments_run_on_one_thread_and_large_ones_on_all() -> None:
    devices.set_threads(LARGE)
    assert torch.get_num_threads() == devices._cores()
    devices.set_threads(SMALL)
    assert torch.get_num_threads() == 1


def test_what_torch_says_while_a_session_begins_becomes_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.\nSee documentation")

    monkeypatch.setattr("engine.parameters.initial", fail)
    with pytest.raises(Refused, match=r"20\.00 GiB\.$") as caught:
        begin(SMALL)
    assert caught.value.sentence.key == "device.memory"


# ---------------------------------------------------------------- what a GPU would wait for
class Asked(TorchDispatchMode):
    """Counts the operations after which a program has to wait for a GPU: it wants a number, or a shape, from there."""

    WAITS = ("_local_scalar_dense", "item", "is_nonzero", "equal", "nonzero", "masked_select", "unique")

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += operation.overloadpacket.__name__ in self.WAITS
        return operation(*args, **(kwargs or {}))


OPTIMIZERS = ({"kind": "sgd", "lr": 0.1}, {"kind": "sgd", "lr": 0.1, "momentum": 0.9}, {"kind": "adam", "lr": 0.01})


def test_what_makes_a_gpu_wait_is_counted() -> None:
    with Asked() as asked:
        torch.ones(2).sum().item(), bool(torch.ones(()) > 0), torch.equal(torch.ones(2), torch.ones(2))
    assert asked.count == 3


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_whole_iterations_wait_for_nothing_and_single_operations_only_for_the_loss(optimizer: dict[str, Any]) -> None:
    session = Session(net(optimizer=optimizer, epochs=1000))
    session.apply(m.Run(True))
    with Asked() as asked:
        done = session.work(60.0, 50, seen=False)
    assert (done, asked.count) == (50, 0)
    session.apply(m.Run(False))
    for _ in range(3 * session.experiment.length):
        before = session.timeline.losses_by(session.timeline.now.time)
        with Asked() as asked:
            session.apply(m.Advance("op"))
            session.finish()
        assert asked.count == session.timeline.losses_by(session.timeline.now.time) - before


# ---------------------------------------------------------------- on a GPU
on_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")


@pytest.mark.cuda
@on_gpu
def test_xor_on_a_gpu_follows_the_cpu_to_a_tolerance() -> None:
    assert isinstance(records.XOR, Net)
    cpu, gpu = Session(records.XOR, device="cpu"), Session(records.XOR, device="cuda")
    for session in (cpu, gpu):
        session.apply(m.Advance("epoch", 2))
        session.finish()
        session.look()
    assert gpu.state.batch["x"].is_cuda
    for name, value in cpu.state.parameters.items():
        torch.testing.assert_close(gpu.state.parameters[name].cpu(), value, rtol=1e-3, atol=1e-4)
    for name, grad in cpu.state.grads.items():
        torch.testing.assert_close(gpu.state.grads[name].cpu(), grad, rtol=1e-3, atol=1e-4)


@pytest.mark.cuda
@on_gpu
def test_on_a_gpu_back_and_redo_bring_the_same_bits_and_frames_can_be_made() -> None:
    session = Session(records.XOR, device="cuda")
    frames = Frames(session)
    session.apply(m.Advance("iteration", 30))
    session.finish()
    shown = frames.frame(1, m.Watch(field=(12, 8), curve=20))
    assert shown.field is not None and {each.device for each in shown.tensors} == {"cuda:0"}
    for direction in ("back", "forth"):
        session.apply(m.Travel(direction))
    assert frames.frame(2, m.Watch()).tensors == shown.tensors


# ---------------------------------------------------------------- how full and busy a device is
def test_of_a_gpu_it_is_told_how_full_and_busy_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    card = torch.device("cuda:0")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (30, 100) if device == card else None)
    monkeypatch.setattr(torch.cuda, "utilization", lambda device: 87 if device == card else None)
    assert devices.use(card) == m.DeviceUse(70, 100, 87)


@pytest.mark.parametrize("error", [ModuleNotFoundError("pynvml"), RuntimeError("driver"), OSError("no library")])
def test_where_nobody_tells_how_busy_it_is_its_memory_is_told_all_the_same(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(device: torch.device) -> int:
        raise error

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (30, 100))
    monkeypatch.setattr(torch.cuda, "utilization", fails)
    assert devices.use(torch.device("cuda:0")) == m.DeviceUse(70, 100)


def test_of_a_cpu_and_of_a_driver_that_fails_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(device: torch.device) -> tuple[int, int]:
        raise RuntimeError("CUDA error")

    monkeypatch.setattr(torch.cuda, "mem_get_info", fails)
    assert devices.use(torch.device("cpu")) is None and devices.use(torch.device("cuda:0")) is None


def test_frames_ask_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    told, now = [], [100.0]
    monkeypatch.setattr(devices, "use", lambda device: told.append(device) or m.DeviceUse(1, 2))
    monkeypatch.setattr("engine.frames.time.perf_counter", lambda: now[0])
    frames = Frames(Session(net()))
    found = []
    for seconds in (0.0, 0.5, 0.4, 0.2):
        now[0] += seconds
        found.append(frames.frame(1, m.Watch()).device_use)
    assert found == [m.DeviceUse(1, 2), None, None, m.DeviceUse(1, 2)] and told == [torch.device("cpu")] * 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_of_the_gpu_here_the_numbers_make_sense() -> None:
    found = devices.use(torch.device("cuda:0"))
    assert found is not None and 0 < found.used <= found.total
