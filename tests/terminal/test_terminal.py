"""The pseudo-terminal harness itself, on programs of a few lines."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.terminal.terminal import FRAME_BEGINS, FRAME_ENDS, Terminal, processes

pytestmark = pytest.mark.terminal

RAW = "import os, sys, tty, time, signal; tty.setraw(0)\nsay = lambda b: os.write(1, b)\n"


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def test_what_is_typed_comes_back_on_the_screen() -> None:
    with Terminal(["cat"], cols=40, rows=5) as t:
        t.type("hola, ¿qué tal?\r")
        t.wait_until(lambda screen: screen.count("hola, ¿qué tal?") == 2)
        t.press("ctrl+d")
        assert t.wait_exit() == 0


def test_named_keys_send_what_a_terminal_sends() -> None:
    script = RAW + "say(b'on\\r\\n')\nwhile True: say(repr(os.read(0, 99)).encode() + b'\\r\\n')"
    with Terminal(python(script)) as t:
        t.wait_for("on")
        keys = {"space": "b' '", "shift+up": r"b'\x1b[1;2A'", "J": "b'J'", "ctrl+p": r"b'\x10'"}
        for key, sent in keys.items():
            t.press(key)
            t.wait_for(sent)


def test_a_click_goes_to_where_the_text_is() -> None:
    script = RAW + "say(b'\\r\\n   here\\r\\n')\nwhile True: say(repr(os.read(0, 99)).encode() + b'\\r\\n')"
    with Terminal(python(script)) as t:
        t.wait_for("here")
        t.click("here")
        t.wait_for(r"b'\x1b[<0;4;2M\x1b[<0;4;2m'")


def test_escape_is_not_read_together_with_the_next_key() -> None:
    script = RAW + "say(b'on\\r\\n')\nwhile True: say(repr(os.read(0, 99)).encode() + b'\\r\\n')"
    with Terminal(python(script)) as t:
        t.wait_for("on")
        t.press("escape", "q")
        t.wait_for(r"b'\x1b'")
        t.wait_for("b'q'")


def test_a_key_that_does_not_exist_is_refused() -> None:
    with Terminal(["cat"]) as t, pytest.raises(ValueError, match="no key is called 'spcae'"):
        t.press("spcae")


def test_the_program_sees_the_size_and_its_changes() -> None:
    script = (
        "import os, signal\n"
        "show = lambda *_: print(*os.get_terminal_size(), flush=True)\n"
        "signal.signal(signal.SIGWINCH, show); show()\n"
        "while True: signal.pause()"
    )
    with Terminal(python(script), cols=80, rows=24) as t:
        t.wait_for("80 24")
        t.resize(120, 40)
        t.wait_for("120 40")
        assert len(t.screen.display) == 40


def test_sequences_that_pyte_does_not_know_leave_nothing_on_the_screen() -> None:
    noise = r"\x1b[?2048$p\x1b[>1u\x1b[?u\x1b[>4;1m\x1b]0;title\x07"
    noise += r"\x1b]8;;x\x1b\\\x1bP+q544e\x1b\\\x1b_Ga=q;AA\x1b\\"
    byte_by_byte = f"for byte in b'{noise}here': say(bytes([byte])); time.sleep(0.001)\ntime.sleep(60)"
    with Terminal(python(RAW + byte_by_byte)) as t:
        t.wait_for("here")
        assert t.text().strip() == "here"


def test_questions_of_the_program_are_answered() -> None:
    script = RAW + r"""
for question in b'\x1b[6n', b'\x1b[c', b'\x1b[?2026$p':
    say(question); say(repr(os.read(0, 99)).encode() + b'\r\n')
time.sleep(60)"""
    with Terminal(python(script)) as t:
        t.wait_for(r"\x1b[1;1R")
        t.wait_for(r"\x1b[?6c")
        t.wait_for(r"\x1b[?2026;2$y")


def test_a_frame_is_shown_whole_or_not_at_all() -> None:
    script = f"say(b'on ' + {FRAME_BEGINS!r} + b'half')\nos.read(0, 1)\nsay(b' whole' + {FRAME_ENDS!r})"
    with Terminal(python(RAW + script)) as t:
        t.wait_for("on")
        t.pump_for(0.1)
        assert "half" not in t.text()
        t.press("x")
        t.wait_for("half whole")


def test_what_stood_before_a_full_screen_program_stands_there_after_it() -> None:
    script = r"say(b'before'); say(b'\x1b[?1049hduring'); os.read(0, 1); say(b'\x1b[?1049l, after')"
    with Terminal(python(RAW + script)) as t:
        t.wait_for("during")
        assert "before" not in t.text()
        t.press("q")
        assert t.wait_exit() == 0
        assert t.text().strip() == "before, after"


def test_waiting_in_vain_shows_the_screen() -> None:
    with Terminal(["cat"]) as t:
        t.type("ready")
        t.wait_for("ready")
        with pytest.raises(AssertionError, match=r"(?s)no 'never' on the screen in time.*\|ready"):
            t.wait_for("never", timeout=0.2)


def test_waiting_ends_when_the_program_does() -> None:
    with Terminal(python("print('last words'); raise SystemExit(3)")) as t:
        with pytest.raises(AssertionError, match=r"(?s)the program ended \(3\).*last words"):
            t.wait_for("never")
        assert t.exit_status == 3


def test_a_program_that_does_not_exist_says_so() -> None:
    with Terminal(["no-such-program"]) as t:
        assert t.wait_exit() == 127
        assert "no-such-program: No such file" in t.text()


def test_signals_arrive() -> None:
    with Terminal(["cat"]) as t:
        t.type("on\r")
        t.wait_until(lambda screen: screen.count("on") == 2)  # the terminal's echo, and cat
        t.signal(signal.SIGKILL)
        assert t.wait_exit() == -signal.SIGKILL


def test_a_closed_window_hangs_the_program_up() -> None:
    with Terminal(["cat"]) as t:
        t.type("on\r")
        t.wait_until(lambda screen: screen.count("on") == 2)  # the terminal's echo, and cat
        t.hang_up()
        assert t.wait_exit() == -signal.SIGHUP


def test_nothing_is_left_after_a_test_that_fails() -> None:
    stubborn = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '99'], start_new_session=True)\n"
        "print('child', child.pid, flush=True); signal.pause()"
    )
    with pytest.raises(ZeroDivisionError), Terminal(python(stubborn)) as t:
        t.wait_for("child")
        family = [t.pid, *t.descendants()]
        assert len(family) == 2
        raise ZeroDivisionError
    end = time.monotonic() + 2
    while time.monotonic() < end and set(family) & set(processes()):
        time.sleep(0.01)
    assert not set(family) & set(processes())


def test_each_run_has_a_home_of_its_own_unless_one_is_given(tmp_path: Path) -> None:
    show = python("import os; print('home', os.path.expanduser('~'), os.environ.get('XDG_STATE_HOME'))")
    with Terminal(show, cols=200) as t:
        t.wait_for("None")
        assert os.path.expanduser("~") + " " not in t.text()
    with Terminal(show, cols=200, home=tmp_path) as t:
        t.wait_for(str(tmp_path))


def test_programs_are_looked_for_beside_this_python() -> None:
    with Terminal(python("import os; print(os.environ['PATH'].split(os.pathsep)[0])"), cols=200) as t:
        t.wait_for(os.path.dirname(sys.executable))
