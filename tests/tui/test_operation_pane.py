"""The operation's pane: formulas with live numbers, gradients on their way, masks, and shapes."""

from __future__ import annotations

import pytest

from engine import messages as m
from engine.experiment import build
from engine.looks.records import Operation, SeenOperation
from engine.spec import Graph, Net
from tests.engine.examples import GRAPH_J, NET, graph, net
from tests.local_engine import LocalEngine
from tests.tui.pane_app import PaneApp
from tui.choice import Choice
from tui.link import merged
from tui.masks import NOTHING, Masks
from tui.panes import names_for
from tui.panes.operation import OperationPane
from tui.panes.pane import Pane
from tui.view import View

J = graph(GRAPH_J["inputs"], GRAPH_J["nodes"])
XOR = net(NET)
MEET = graph({"b": 2.0, "c": 3.0}, {"d": "b * c", "e": "b ** 2", "J": "d * 2 + e"})
STRETCHED = graph(
    {"x": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "r": [10.0, 20.0, 30.0], "c": [[7.0], [8.0]]},
    {"s": "x + r", "k": "s * c", "t": "x > 2", "p": "softmax(k, dim=1)", "J": "sum(p * p)"},
)
ITERATION = (m.Advance("iteration"),)
SIZE = (80, 24)


class Tutor:
    """An experiment in an engine of this process, and views of its newest frame."""

    def __init__(self, experiment: Graph | Net, *commands: m.AnyCommand) -> None:
        self.experiment = experiment
        self.frame: m.Frame | None = None
        self.engine = LocalEngine(self._hear, lambda code: None)
        self.engine.start()
        self.send(m.Open(experiment.model_dump_json(exclude_unset=True).encode()))
        for command in commands:
            self.send(command)

    def _hear(self, report: m.AnyReport) -> None:
        assert not isinstance(report, m.Failed)
        if isinstance(report, m.Frame):
            self.frame = merged(self.frame, report)

    def send(self, command: m.AnyCommand) -> None:
        self.engine.send(m.Ack(self.frame.seq if self.frame else 0))
        self.engine.send(command)

    def view(self, look: Operation, language: str = "en", masks: Masks = NOTHING) -> View:
        self.send(m.Watch(looks=(look,)))
        graph = build(self.experiment, None, "cpu").graph
        return View(self.experiment, graph, self.frame, None, language, masks, Choice(look.node))


async def shown(
    experiment: Graph | Net,
    look: Operation,
    *commands: m.AnyCommand,
    language: str = "en",
    masks: Masks = NOTHING,
    size: tuple[int, int] = SIZE,
    shapes: bool = False,
) -> list[str]:
    """The rows of the pane, scrolled to the top."""
    pane = OperationPane()
    pane.element, pane.opened = look.element, look.opened
    view = Tutor(experiment, *(commands or ITERATION)).view(look, language, masks)
    async with (app := PaneApp(pane, view)).run_test(size=size) as pilot:
        await pilot.pause()
        if shapes:
            pane.other_view()
            await pilot.pause()
        return [line.rstrip() for line in app.lines()]


# ---------------------------------------------------------------- numbers alone
async def test_a_sum_shows_its_formula_its_numbers_and_what_it_passes_on() -> None:
    lines = await shown(J, Operation("g"))
    assert lines[:6] == [
        " g = a + h = 3 + 2 = 5",
        " from above  ∂J/∂g = −2   from J",
        " to a:  ∂g/∂a = 1",
        "    ∂J/∂g · ∂g/∂a = −2 · 1 = −2",
        " to h:  ∂g/∂h = 1",
        "    ∂J/∂g · ∂g/∂h = −2 · 1 = −2",
    ]
    assert "its gradient goes on unchanged" in lines[6]


async def test_before_backward_has_come_nothing_is_guessed() -> None:
    lines = await shown(J, Operation("g"), m.Advance("phase"))
    assert lines[0] == " g = a + h = 3 + 2 = 5"
    assert lines[1].startswith(" from above  ∂J/∂g = ·")
    assert lines[3] == "    ∂J/∂g · ∂g/∂a = ·"


async def test_a_local_derivative_that_is_known_stands_without_what_is_still_to_come() -> None:
    lines = await shown(graph({"m": -1.0}, {"e": "exp(m)", "J": "e * 2"}), Operation("e"), m.Advance("phase"))
    assert lines[2] == " to m:  ∂e/∂m = e = 0.3679"


@pytest.mark.parametrize(
    ("nodes", "node", "letter"),
    [({"L": "half_sse(p, y)"}, "L", "u = ∂L/∂L"), ({"q": "p * y", "L": "q + 1"}, "q", "∂L/∂q")],
)
async def test_the_gradient_from_above_has_a_letter_where_a_rule_uses_it(
    nodes: dict[str, str], node: str, letter: str
) -> None:
    lines = await shown(graph({"p": 3.0, "y": 1.0}, nodes), Operation(node))
    assert any(line.startswith(f" from above  {letter} = ") for line in lines)
    assert any("u·" in line for line in lines) == letter.startswith("u")


async def test_before_forward_only_the_formula_is_there() -> None:
    lines = await shown(J, Operation("J"), m.Advance("op"))
    assert lines[0] == " J = g·c = ·"
    assert not any("−10" in line for line in lines)


async def test_the_operation_done_last_is_followed() -> None:
    assert (await shown(J, Operation(), m.Advance("op", 5)))[0].startswith(" g = a + h")
    assert (await shown(J, Operation(), m.Advance("op", 1)))[0].startswith(" h = 2·b = 2·1 = 2")


async def test_where_paths_meet_the_sum_is_written_out() -> None:
    text = "\n".join(await shown(MEET, Operation("e")))
    assert "paths meet:  ∂J/∂b = 4 + 6 = 10   from e: 4 · from d: 6" in text
    assert "to b:  ∂e/∂b = 2·b = 2·2 = 4" in text


async def test_both_languages() -> None:
    assert "desde arriba" in "\n".join(await shown(J, Operation("g"), language="es"))
    for look in (Operation("linear1", 1), Operation("loss")):
        assert await shown(XOR, look, language="es") != await shown(XOR, look, language="en")


# ---------------------------------------------------------------- tensors
async def test_an_element_of_a_batch_is_spelled_out_with_its_numbers() -> None:
    tutor = Tutor(XOR, *ITERATION)
    view = tutor.view(Operation("act_fn", 5))
    seen = view.seen(SeenOperation)
    assert seen is not None and seen.parts[0].index == (1, 1)
    lines = await shown(XOR, Operation("act_fn", 5))
    assert lines[1].startswith("   act_fn[1, 1]: tanh(−0.1138) = −0.1133")
    assert any("∂act_fn/∂linear1 = 1 − act_fn² = 1 − (−0.1133)² = 0.9872" in line for line in lines)


async def test_a_layer_shows_rules_whose_shapes_fit_and_the_sum_over_samples() -> None:
    text = "\n".join(await shown(XOR, Operation("linear1")))
    assert "linear1 = x Wᵀ + b" in text
    assert "∂loss/∂W = uᵀ x   (4, 2) = (4, 4) (4, 2) · summed over 4 samples" in text
    assert "to x" not in text, "data gets no gradient"


async def test_a_layer_opens_into_a_product_and_a_sum() -> None:
    lines = await shown(XOR, Operation("linear1", 5, True), size=(80, 50))
    titles = [line for line in lines if line.startswith((" linear1.1 = ", " linear1 = "))]
    assert titles == [" linear1.1 = x Wᵀ", " linear1 = linear1.1 + b"]
    assert "   linear1[1, 1]: −0.6623 + 0.5485 = −0.1138" in lines


async def test_a_loss_shows_one_sample_and_the_mean() -> None:
    lines = await shown(XOR, Operation("loss", 1))
    assert lines[1].startswith("   sample 1: log(1 + exp(")
    assert lines[2].startswith("   loss = mean of 4 = ")


async def test_truths_and_comparisons_have_no_gradient() -> None:
    lines = await shown(STRETCHED, Operation("t", 2))
    assert lines[1] == "   t[0, 2]: [3 > 2] = True"
    assert not any("from above" in line for line in lines)


# ---------------------------------------------------------------- keys
async def test_turning_goes_from_element_to_element_and_round() -> None:
    pane, tutor = OperationPane(), Tutor(XOR, *ITERATION)
    async with PaneApp(pane, tutor.view(Operation("act_fn"))).run_test(size=SIZE) as pilot:
        pane.turn(-1)
        assert pane.needs().looks == (Operation("act_fn", 15),)
        pane.view = tutor.view(Operation("act_fn", 15))
        await pilot.pause()
        assert "act_fn[3, 3]" in pane.render_line(1).text
        pane.turn(1)
        assert pane.element == 0


async def test_what_it_needs_changes_with_f_and_v_keeps_it() -> None:
    class Noting(PaneApp[OperationPane]):
        changed = 0

        def on_pane_needs_changed(self, message: Pane.NeedsChanged) -> None:
            self.changed += 1

    pane = OperationPane()
    async with (app := Noting(pane, Tutor(XOR, *ITERATION).view(Operation("linear1")))).run_test(size=SIZE) as pilot:
        await pilot.pause()
        before = app.changed
        pane.fold()
        await pilot.pause()
        assert app.changed == before + 1 and pane.needs().looks == (Operation("linear1", 0, True),)
        pane.other_view()
        assert pane.needs().looks == (Operation("linear1", 0, True),)


# ---------------------------------------------------------------- shapes
async def test_stretched_copies_are_drawn_and_marked() -> None:
    lines = await shown(STRETCHED, Operation("s"), shapes=True)
    row = next(n for n, line in enumerate(lines) if line.startswith(" r is stretched: 2 copies along dimension 0"))
    assert lines[row + 1].split() == ["10.000", "20.000", "30.000"]
    assert lines[row + 2].split() == ["⇢", "10.000", "20.000", "30.000"]
    assert "the gradient (2, 3) is summed over dimension 0, to (3)." in lines[row + 3]
    assert any(line.split() == ["x", "float32", "2", "(2,", "3)", "(3,", "1)", "contiguous"] for line in lines)


async def test_columns_are_stretched_too() -> None:
    lines = await shown(STRETCHED, Operation("k"), shapes=True)
    assert any(line.split() == ["7.0000⇢", "7.0000⇢", "7.0000"] for line in lines)


async def test_where_nothing_is_stretched_it_says_so() -> None:
    assert "Nothing is stretched here." in "\n".join(await shown(STRETCHED, Operation("p"), shapes=True))


# ---------------------------------------------------------------- what is asked
async def test_a_value_that_is_asked_is_hidden_with_what_comes_of_it() -> None:
    masks = Masks(values=frozenset({("g", ())}))
    assert (await shown(J, Operation("g"), masks=masks))[0] == " g = a + h = 3 + 2 = ?"
    lines = await shown(J, Operation("J"), masks=masks)
    assert lines[0] == " J = g·c = ?·(−2) = ?"
    text = "\n".join(lines)
    assert "∂J/∂c = g = ?" in text and "1 · ? = ?" in text and "5" not in text and "10" not in text


async def test_a_gradient_that_is_asked_is_hidden_where_it_arrives_and_where_it_goes() -> None:
    masks = Masks(grads=frozenset({("g", ())}))
    lines = await shown(J, Operation("g"), masks=masks)
    assert lines[1].startswith(" from above  ∂J/∂g = ?")
    assert lines[3] == "    ∂J/∂g · ∂g/∂a = ? · 1 = ?"
    lines = await shown(J, Operation("J"), masks=masks)
    assert "    ∂J/∂J · ∂J/∂g = 1 · ? = ?" in lines


async def test_a_local_derivative_that_is_asked_is_hidden_with_its_contribution() -> None:
    lines = await shown(J, Operation("J"), masks=Masks(locals=frozenset({("J", "g")})))
    assert " to g:  ∂J/∂g = c = ?" in lines and "    ∂J/∂J · ∂J/∂g = 1 · ? = ?" in lines
    assert " to c:  ∂J/∂c = g = 5" in lines
    assert " to a:  ∂g/∂a = ?" in await shown(J, Operation("g"), masks=Masks(locals=frozenset({("g", "a")})))


async def test_terms_of_a_sum_that_is_asked_are_hidden() -> None:
    text = "\n".join(await shown(MEET, Operation("e"), masks=Masks(grads=frozenset({("b", ())}))))
    assert "∂J/∂b = ? + ? = ?   from e: ? · from d: ?" in text


@pytest.mark.parametrize("shapes", [False, True])
@pytest.mark.parametrize("node", ["linear1", "act_fn", "loss"])
async def test_shapes_that_are_asked_are_nowhere(node: str, shapes: bool) -> None:
    for name in ("linear1", "act_fn", "linear2"):
        text = "\n".join(await shown(XOR, Operation(node), masks=Masks(shapes=frozenset({name})), shapes=shapes))
        if name in (node, {"act_fn": "linear1", "loss": "linear2"}.get(node)):
            assert "(4" not in text and "of 4" not in text and "4 samples" not in text


@pytest.mark.parametrize("opened", [False, True])
async def test_the_tables_of_a_hidden_layer_hold_no_number(opened: bool) -> None:
    masks = Masks(values=frozenset({("linear1", ())}), grads=frozenset({("linear1", ())}))
    tutor = Tutor(XOR, *ITERATION)
    seen = tutor.view(Operation("linear1", 5, opened)).seen(SeenOperation)
    assert seen is not None
    told = {f"{abs(part.out or 0):.4f}" for part in seen.parts}
    text = "\n".join(await shown(XOR, Operation("linear1", 5, opened), masks=masks, size=(80, 60)))
    assert not any(number in text for number in told)


# ---------------------------------------------------------------- everywhere
@pytest.mark.parametrize("size", [(80, 14), (60, 20), (40, 12)])
@pytest.mark.parametrize("shapes", [False, True])
@pytest.mark.parametrize("operations", range(0, 14, 2))
async def test_every_moment_of_every_operation_is_drawn(size: tuple[int, int], shapes: bool, operations: int) -> None:
    tutor = Tutor(STRETCHED, m.Advance("op", operations))
    nodes = [node.name for node in build(STRETCHED, None, "cpu").graph.nodes]
    pane = OperationPane()
    pane.shapes = shapes
    async with (app := PaneApp(pane, None)).run_test(size=size) as pilot:
        for node in nodes:
            pane.view = tutor.view(Operation(node), "es")
            await pilot.pause()
            assert f"{node} = " in app.lines()[0]


def test_every_experiment_has_the_pane() -> None:
    assert "operation" in names_for(J) and "operation" in names_for(XOR)
