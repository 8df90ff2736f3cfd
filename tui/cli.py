"""The command `dltutor`: reads the command line, and opens the tutor or does without a screen what was asked."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.words import Refused
from tui import arguments, terminal
from tui.arguments import Arguments, UsageError
from tui.language import preferred, say

if TYPE_CHECKING:
    from lessons.catalog import Entry

OK, UNUSABLE, WRONG, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141


class Told(Exception):
    """A reason to stop with exit status 2, in the person's words."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `dltutor` with these arguments; the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    language = arguments.language_of(argv) or preferred()
    for stream in (sys.stdout, sys.stderr):
        terminal.fit(stream, terminal.as_given(os.environ))
    try:
        status = _run(arguments.read(argv), language)
        sys.stdout.flush()
        return status
    except UsageError as error:
        values = dict(error.values)
        if "value" in values:
            values["value"] = say(language, f"cli.value.{values['value']}")
        return _complain(say(language, f"cli.{error.key}", **values), language)
    except Told as told:
        return _complain(str(told), language)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _give_up_output()
        return PIPE_CLOSED
    except OSError as error:  # a full disk, a folder that may not be read
        _give_up_output()
        reason = error.strerror or str(error)
        if error.filename is None:
            return _complain(say(language, "cli.system", reason=reason), language)
        return _complain(say(language, "cli.system_place", reason=reason, place=error.filename), language)


def _give_up_output() -> None:
    """Python would complain once more when it closes what it could not write."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str, language: str) -> int:
    print(say(language, "cli.error", message=message), file=sys.stderr)
    return WRONG


def _run(given: Arguments, language: str) -> int:
    if given.help:
        print(help_text(given.command, language))
        return OK
    if given.version:
        from importlib.metadata import version

        print(f"dltutor {version('dltutor')}")
        return OK
    return _COMMANDS[given.command](given, language)


# ---------------------------------------------------------------- help
def help_text(command: str, language: str) -> str:
    """What `--help` prints, for one command or (`""`) for all."""
    own = [option for option in arguments.OPTIONS if command and command in option.commands]
    everywhere = [option for option in arguments.OPTIONS if not option.commands]
    lines = [say(language, "cli.usage"), "", say(language, "cli.about"), "", say(language, "cli.commands")]
    commands = ("open", *arguments.COMMANDS)
    lines += [
        _row(say(language, f"cli.command.{each}"), say(language, f"cli.command.{each}_does")) for each in commands
    ]
    for each in [command] if command else arguments.COMMANDS:
        own = [option for option in arguments.OPTIONS if each in option.commands]
        lines += [
            "",
            say(language, "cli.here", command=each),
            *(_option_row(option, language) for option in own),
        ]
    lines += ["", say(language, "cli.options"), *(_option_row(option, language) for option in everywhere)]
    return "\n".join(lines)


def _option_row(option: arguments.Option, language: str) -> str:
    return _row(f"{option.flag} {option.metavar}".rstrip(), say(language, f"cli.option.{option.words}"))


def _row(left: str, right: str) -> str:
    return f"  {left:<24}{right}"


# ---------------------------------------------------------------- finding lessons
def _find(given: Arguments, language: str) -> Path:
    """The lesson that was asked for."""
    from lessons.catalog import find
    from lessons.words import say as lessons_say

    try:
        return find(given.lesson or "", given.lesson_dir or ())
    except Refused as refused:
        raise Told(lessons_say(refused.sentence, language)) from None


def _check_folders(given: Arguments, language: str) -> None:
    for folder in given.lesson_dir or ():
        if not folder.is_dir():
            raise Told(say(language, "cli.no_folder", folder=folder))


def _experiment(given: Arguments, language: str) -> Any:
    """The experiment that a lesson names first. Raises Told with everything that is wrong in its files."""
    from lessons.findings import render
    from lessons.loader import load

    path = _find(given, language)
    loaded = load(path)
    if loaded.lesson is None:
        raise Told(broken(path.name, [render(finding, language) for finding in loaded.findings], language))
    return next(iter(loaded.lesson.named_experiments.values()))


def broken(name: str, findings: Sequence[str], language: str) -> str:
    """One sentence, and under it what is wrong in the lesson's files."""
    return "\n".join((say(language, "cli.broken_lesson", name=name, count=len(findings)), *findings))


# ---------------------------------------------------------------- commands
def _lessons(given: Arguments, language: str) -> int:
    from lessons.catalog import entries
    from lessons.words import say as lessons_say

    try:
        found = entries(given.lesson_dir or ())
    except Refused as refused:
        raise Told(lessons_say(refused.sentence, language)) from None
    for entry in found:
        print(_as_json(entry, language) if given.json else _as_text(entry, language))
    return OK


def _as_json(entry: Entry, language: str) -> str:
    import json

    fields = {
        "id": entry.id,
        "title": entry.title(language),
        "unit": entry.unit,
        "minutes": entry.minutes,
        "languages": entry.languages,
        "progress": "new",
        "path": str(entry.path),
    }
    return json.dumps(fields, ensure_ascii=False)


def _as_text(entry: Entry, language: str) -> str:
    if entry.error is not None:
        from lessons.findings import render

        return f"{entry.id:<16}  ✗ {render(entry.error, language).splitlines()[0]}"
    progress = say(language, "cli.progress.new")
    return f"{entry.id:<16}  {entry.title(language):<44}  {entry.unit:<12}  {' '.join(entry.languages):<6}  {progress}"


def _trace(given: Arguments, language: str) -> int:
    experiment = _experiment(given, language)
    from engine import trace
    from engine.messages import Change
    from engine.words import say as engine_says

    edits = tuple(Change(each.name, each.value, each.index) for each in given.set or ())
    try:
        trace.run(
            experiment,
            seed=given.seed,
            device=given.device or "auto",
            by=given.by or "phase",
            count=given.count,
            every=given.every or 1,
            edits=edits,
            json=bool(given.json),
            language=language,
            out=sys.stdout,
        )
    except Refused as refused:
        raise Told(engine_says(refused.sentence, language)) from None
    return OK


def _open(given: Arguments, language: str) -> int:
    """Open the screen. The engine's process is started first: it imports torch while Textual is imported here."""
    path = _find(given, language) if given.lesson is not None else None
    _check_folders(given, language)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        if path is not None:
            _experiment(given, language)  # a lesson that cannot be read is the better reason
        raise Told(say(language, "terminal.not_a_terminal"))
    if trouble := terminal.trouble(terminal.as_given(os.environ)):
        raise Told(say(language, f"terminal.{trouble.key}", value=trouble.value))
    from engine.client import Client
    from tui.link import Link

    link = Link(Client)
    link.start()
    gc.disable()  # while modules load there is nothing to collect, and looking would cost a tenth of the time
    try:
        from tui.app import Choices, TutorApp

        few = terminal.colours(os.environ) == 16
        choices = Choices(language, given.device or "auto", given.seed, tuple(given.lesson_dir or ()), few)
        app = TutorApp(link, choices, path)
        told = app.run()
    finally:
        link.stop()
    if told:
        raise Told(told)
    return app.return_code or OK


def _doctor(given: Arguments, language: str) -> int:
    """Prints each finding when it is there: asking torch takes seconds."""
    import json

    from tui import doctor

    environ = terminal.as_given(os.environ)
    here = doctor.Surroundings(environ, sys.stdin, sys.stdout, language, tuple(given.lesson_dir or ()))
    states = []
    for found in doctor.findings(here):
        states.append(found.state)
        shown = (
            json.dumps(found.as_json(language), ensure_ascii=False) if given.json else doctor.text(found, language)
        )
        print(shown, flush=True)
    if not given.json:
        print(f"\n{doctor.verdict(states, language)}")
    return UNUSABLE if "problem" in states else OK


_COMMANDS: dict[str, Callable[[Arguments, str], int]] = {
    "": _open,
    "lessons": _lessons,
    "trace": _trace,
    "doctor": _doctor,
}
