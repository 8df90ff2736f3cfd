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
    from lessons.schema import Lesson
    from tui.link import Link
    from tui.progress.standing import Standing

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


def _lesson(given: Arguments, language: str) -> Lesson:
    """The lesson that was asked for, read. Raises Told with everything that is wrong in its files."""
    from lessons.findings import render
    from lessons.loader import load

    path = _find(given, language)
    loaded = load(path)
    if loaded.lesson is None:
        raise Told(broken(path.name, [render(finding, language) for finding in loaded.findings], language))
    return loaded.lesson


def _experiment(given: Arguments, language: str) -> Any:
    """The experiment that a lesson names first."""
    return next(iter(_lesson(given, language).named_experiments.values()))


def broken(name: str, findings: Sequence[str], language: str) -> str:
    """One sentence, and under it what is wrong in the lesson's files."""
    return "\n".join((say(language, "cli.broken_lesson", name=name, count=len(findings)), *findings))


# ---------------------------------------------------------------- commands
def _lessons(given: Arguments, language: str) -> int:
    from lessons.catalog import survey
    from lessons.findings import brief
    from lessons.words import say as lessons_say

    try:
        found = survey(given.lesson_dir or ())
    except Refused as refused:
        raise Told(lessons_say(refused.sentence, language)) from None
    for remark in found.remarks:
        print(say(language, "cli.error", message=brief(remark, language)), file=sys.stderr)
    from tui.progress.standing import standings

    standing = standings(found.entries)
    for entry in found.entries:
        tell = _as_json if given.json else _as_text
        print(tell(entry, standing[entry.id], language))
    return OK


def _as_json(entry: Entry, known: Standing, language: str) -> str:
    import json

    from tui.progress.command import as_fields

    fields = {
        "id": entry.id,
        "title": entry.title(language),
        "unit": entry.unit,
        "minutes": entry.minutes,
        "languages": entry.languages,
        "after": entry.after,
        **as_fields(known),
        "path": str(entry.path),
    }
    return json.dumps(fields, ensure_ascii=False)


def _as_text(entry: Entry, known: Standing, language: str) -> str:
    if entry.error is not None:
        from lessons.findings import render

        return f"{entry.id:<20}  ✗ {render(entry.error, language).splitlines()[0]}"
    progress = say(language, f"cli.progress.{known.state}", done=known.done, steps=known.steps)
    return f"{entry.id:<20}  {entry.title(language):<54}  {entry.unit:<12}  {' '.join(entry.languages):<6}  {progress}"


def _progress(given: Arguments, language: str) -> int:
    """Shows, writes to a file, or begins again, after asking."""
    from lessons.words import say as lessons_say
    from tui.progress import command

    if given.reset is not None or given.reset_all:
        return _reset(given, language)
    if given.export_to is not None:
        given.given["output"] = given.export_to
        _write(given, command.exported())
        if given.output != "-":
            print(say(language, "cli.progress_exported", file=given.output))
        return OK
    folders = tuple(given.lesson_dir or ())
    try:
        print(*(command.shown_as_json(folders) if given.json else command.shown(folders, language)), sep="\n")
    except Refused as refused:
        raise Told(lessons_say(refused.sentence, language)) from None
    return OK


def _reset(given: Arguments, language: str) -> int:
    from tui.progress import command

    names = command.begun(None if given.reset_all else given.reset)
    if not names:
        nothing = "cli.nothing_kept" if given.reset else "cli.nothing"
        raise Told(say(language, nothing, lesson=given.reset))
    if not given.yes:
        if not sys.stdin.isatty():
            raise UsageError("reset_unasked")
        print(say(language, "cli.reset_question", lessons=", ".join(names)), end=" ", flush=True)
        if sys.stdin.readline().strip().casefold() not in ("s", "sí", "si", "y", "yes"):
            print(say(language, "cli.reset_not"))
            return OK
    command.reset(names)
    print(say(language, "cli.reset_done", lessons=", ".join(names)))
    return OK


def _log(given: Arguments, language: str) -> int:
    """The log goes to stdout where no file is named."""
    lesson = _lesson(given, language)
    from tui import places
    from tui.opening import open_lesson
    from tui.progress import store
    from tui.progress.outline import outline
    from tui.session_log.log import log

    opening = open_lesson(_find(given, language))
    record, place = store.load(lesson.id), places.load(lesson.id)
    if not record.begun and place is None:
        raise Told(say(language, "cli.nothing_kept", lesson=lesson.id))
    now = outline(lesson, opening.prose, opening.path, 0.0)
    _write(given, log(opening, record, now, place, given.seed, language))
    if given.output not in (None, "-"):
        print(say(language, "cli.log_written", file=given.output))
    return OK


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


def _export(given: Arguments, language: str) -> int:
    """The script goes to stdout where no file is named."""
    lesson = _lesson(given, language)
    from engine.words import say as engine_says
    from tui import exporting

    try:
        script = exporting.script(lesson, given, language)
    except Refused as refused:
        raise Told(engine_says(refused.sentence, language)) from None
    _write(given, script)
    if given.output not in (None, "-"):
        print(say(language, "cli.exported", file=given.output))
    return OK


def _new(given: Arguments, language: str) -> int:
    """Writes a lesson to begin with, and says how to go on."""
    import shlex

    from lessons import starter
    from lessons.words import say as lessons_say

    folder = Path(given.lesson or "")
    try:
        files = starter.write(folder, language)
    except Refused as refused:
        raise Told(lessons_say(refused.sentence, language)) from None
    print(*files, sep="\n")
    print(f"\n{say(language, 'cli.written', folder=shlex.quote(str(folder)))}")
    return OK


def _schema(given: Arguments, language: str) -> int:
    """The schema goes to stdout where no file is named."""
    import json

    from lessons.json_schema import json_schema

    _write(given, json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n")
    if given.output not in (None, "-"):
        print(say(language, "cli.schema_written", file=given.output))
    return OK


def _write(given: Arguments, text: str) -> None:
    """Writes to the file that `-o` names, or prints."""
    from tui import exporting

    if given.output in (None, "-"):
        sys.stdout.write(text)
        return
    try:
        exporting.write(Path(given.output), text, bool(given.force))
    except FileExistsError:
        raise UsageError("file_exists", file=given.output) from None


def _check(given: Arguments, language: str) -> int:
    """Check lessons: 0 where nothing is wrong, 1 where something is, 2 where it could not be checked."""
    from lessons.words import say as lessons_say
    from tui.lesson_check import Unchecked, Wish, check

    _check_folders(given, language)
    folders = tuple(given.lesson_dir or ())
    wish = Wish(given.words, folders, given.format or "text", bool(given.strict), not given.no_run, language)
    try:
        return check(wish)
    except Unchecked as unchecked:
        raise UsageError(unchecked.key, **unchecked.values) from None
    except Refused as refused:
        raise Told(lessons_say(refused.sentence, language)) from None


def _explain(given: Arguments, language: str) -> int:
    """What a finding's code means."""
    from tui.code_explained import UnknownCode, explained, listed

    if not given.words:
        print(listed(language))
        return OK
    try:
        print(explained(given.words[0], language))
    except UnknownCode as unknown:
        near = {"near": unknown.near} if unknown.near else {}
        raise UsageError("unknown_code_near" if near else "unknown_code", code=unknown.code, **near) from None
    return OK


def _open(given: Arguments, language: str) -> int:
    """Open the screen. For a lesson the engine's process is started first: it imports torch while all else is done."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        path = _asked_for(given, language)
        if path is not None and given.command != "preview":
            _experiment(given, language)  # a lesson that cannot be read is the better reason
        raise Told(say(language, "terminal.not_a_terminal"))
    if trouble := terminal.trouble(terminal.as_given(os.environ)):
        raise Told(say(language, f"terminal.{trouble.key}", value=trouble.value))
    gc.disable()  # while modules load there is nothing to collect, and looking would cost a tenth of the time
    from engine.client import Client
    from tui.link import Link

    link = Link(Client)
    if given.lesson is not None:
        link.start()
    try:
        return _show(link, given, _asked_for(given, language), language)
    finally:
        link.stop()


def _asked_for(given: Arguments, language: str) -> Path | None:
    """The lesson that was asked for, if one was. Raises Told where it is not there, or a folder is not."""
    path = _find(given, language) if given.lesson is not None else None
    _check_folders(given, language)
    return path


def _show(link: Link, given: Arguments, path: Path | None, language: str) -> int:
    """Run the app; the exit status."""
    colours = terminal.colours(os.environ)
    if given.low_bandwidth and colours > terminal.PALETTE:
        os.environ["TEXTUAL_COLOR_SYSTEM"] = "256"  # a colour of the palette takes half the bytes
    from tui.app import Choices, TutorApp
    from tui.rates import rates

    folders, preview = tuple(given.lesson_dir or ()), given.command == "preview"
    pace = rates(given.fps, bool(given.low_bandwidth))
    choices = Choices(language, given.device or "auto", given.seed, folders, colours == 16, preview, pace)
    app = TutorApp(link, choices, path)
    if told := app.run():
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
    "export": _export,
    "progress": _progress,
    "log": _log,
    "new": _new,
    "preview": _open,
    "check": _check,
    "explain": _explain,
    "schema": _schema,
    "doctor": _doctor,
}
