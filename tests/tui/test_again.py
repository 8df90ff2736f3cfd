"""The key that runs backward again: what it sends, when it has nothing to do, and what is said of it."""

from __future__ import annotations

from engine import messages as m
from engine.words import Sentence, say
from tests import records
from tests.tui.conftest import settle
from tests.tui.stage import at
from tui import readout, reasons
from tui.keys import of_action
from tui.masks import Masks

SENTENCE = Sentence("did.again_sums", {"sums": "∂J/∂a: −2 + (−2) = −4"})


async def test_a_sends_it_once_backward_is_complete(fake):
    stage = fake("little-net")
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        key, screen = of_action("lesson", "screen.again"), stage.app.screen
        early = records.xor().frame
        screen.frame = at(records.xor(), "loss", "loss", ("forward", "loss")).frame
        await settle(pilot)
        assert key is not None and reasons.reason(screen, key) == screen.say("reason.not_again")
        screen.frame = early  # whose backward is complete
        await settle(pilot)
        assert reasons.reason(screen, key) == ""
        await pilot.press("a")
        assert stage.engine.commands[-1] == m.Again()


def test_what_adds_up_is_said_and_hidden_while_a_gradient_is_asked():
    frame = at(records.graph_j(), "backward", "h", ("forward", "backward"), sentence=SENTENCE, formula="").frame
    assert frame is not None
    assert "−2 + (−2) = −4" in readout.happened(frame, "es").plain
    masked = readout.happened(frame, "es", masks=Masks(grads=frozenset([("a", ())]))).plain
    assert "−4" not in masked and masked == say(Sentence("did.again"), "es")
