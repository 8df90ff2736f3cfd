"""Lessons changed at random, and what none of them may do: raise, take long, run something, leave its folder.

`python -m tests.lessons.fuzzing [COUNT] [SEED]`, or script/fuzz: each lesson is a lesson that comes along, changed.
"""

from __future__ import annotations

import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from lessons import catalog
from lessons.checking import examine
from lessons.formats import FORMATS
from tests.lessons.writing import GRAPH, NET, NET_PROSE, PROSE

SECONDS = 2.0  # in which a lesson is open or refused
FILES = ("lesson.yaml", "es.md", "en.md")
PIECES = (
    *"[]{}:,-#&*!|>'\"%@`?\n\t ~=<$^\\\x1b\x00ñ€😀\u202e\ufeff\r\x9b",
    "\n  ", "\n    - ", "<<: ", "!!python/object/apply:os.system [id]",
    "&a ", "*a ", "null", "1e999", "-.inf", "9" * 30,
    "{{", "}}", "\\val{", "$$", "> [!trap x]\n", "- [one] x\n", "{#first}", "# ", "```\n", "<script>", "](file:///etc)",
    '"\\e[31m"', '"\\u202e"', "kind: net", "kind: csv, file: ../x.csv, target: y", "use: other", "limit: 1",
)  # fmt: skip
EXPRESSIONS = (
    "value(g)", "grad(J)", "b ** b ** b", "9**9**9", "__import__('os').system('id')", "().__class__.__mro__",
    "lambda: 1", "[x for x in y]", "a @ b", "g[0][0][0]", "(" * 60 + "a" + ")" * 60, "-" * 300 + "a", "a if b else c",
    "f'{a}'", "'x'", "loss", "train_loss < 0.1", "reshape(a, 1000000, 1000000)", "one_hot(a, 1000000000)",
    "shape(x)[99999999999]",
)  # fmt: skip
_ENTERED = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.", "ctypes.dlopen", "pty.")


def lessons() -> list[dict[str, str]]:
    """The files of the lessons that are changed."""
    built_in = [[(each / name).read_text("utf-8") for name in FILES] for each in catalog.lessons_in(catalog.BUILT_IN)]
    texts = [*built_in, [GRAPH, PROSE, PROSE], [NET, NET_PROSE, NET_PROSE]]
    return [dict(zip(FILES, each, strict=True)) for each in texts]


# ---------------------------------------------------------------- changes
def changed(files: dict[str, str], draw: random.Random) -> dict[str, bytes]:
    """The lesson with a few changes of one sort in one of its files."""
    name = draw.choice((FILES[0], *FILES))
    text = files[name]
    change = draw.choice(CHANGES)
    for _ in range(draw.randint(1, 5)):
        text = change(text, draw)
    body = text.encode(errors="surrogatepass")
    if draw.random() < 0.1:
        body = _flipped(body, draw)
    return {**{each: files[each].encode() for each in FILES}, name: body}


def _piece(text: str, draw: random.Random) -> str:
    start = draw.randint(0, len(text))
    end = min(len(text), start + draw.choice((0, 0, 1, 5, 30)))
    return text[:start] + draw.choice((*PIECES, text[start:end] * 2)) + text[end:]


def _value(text: str, draw: random.Random) -> str:
    """Another value after some colon."""
    places = [place for place, each in enumerate(text) if each == ":"]
    if not places:
        return text
    start = draw.choice(places) + 1
    end = next((place for place in range(start, len(text)) if text[place] in "\n,}"), len(text))
    return f"{text[:start]} {draw.choice((*EXPRESSIONS, *PIECES, 'x' * 500, '[' * 40, '1' * 400))}{text[end:]}"


def _lines(text: str, draw: random.Random) -> str:
    """A line taken out, doubled or put elsewhere."""
    lines = text.split("\n")
    line = lines.pop(draw.randrange(len(lines)))
    for _ in range(draw.choice((0, 1, 2, 200))):
        lines.insert(draw.randint(0, len(lines)), line)
    return "\n".join(lines)


def _slot(text: str, draw: random.Random) -> str:
    start = draw.randint(0, len(text))
    return text[:start] + "{{" + draw.choice(EXPRESSIONS) + "}}" + text[start:]


def _flipped(body: bytes, draw: random.Random) -> bytes:
    found = bytearray(body)
    for _ in range(draw.randint(1, 8)):
        if found:
            found[draw.randrange(len(found))] = draw.randrange(256)
    return bytes(found)


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (_piece, _value, _lines, _slot)


# ---------------------------------------------------------------- what none may do
class Broken(AssertionError):
    """A lesson did what none may do."""


class Watch:
    """Hears what Python does (sys.addaudithook) while a lesson is examined. A hook stays: make one in a process."""

    def __init__(self) -> None:
        self.folder: Path | None = None  # of the lesson that is examined
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, values: tuple[object, ...]) -> None:
        if self.folder is None:
            return
        if event.startswith(_ENTERED):
            self.seen.append(f"{event} {values!r:.200}")
        elif event == "open" and isinstance(values[0], str | Path) and not self._may_be_read(Path(values[0])):
            self.seen.append(f"open {values[0]}")

    def _may_be_read(self, path: Path) -> bool:
        """The lesson's files; the list of the course's rows; words of ours, and modules that were not needed before."""
        ours = Path(catalog.__file__).parent.parent
        inside = self.folder is not None and path.is_relative_to(self.folder)
        ledger = self.folder is not None and path == self.folder.parent / "ledger.txt"
        return inside or ledger or path.suffix in (".py", ".pyc", ".so") or path.is_relative_to(ours)


def survives(folder: Path, watch: Watch) -> bool:
    """Examine the lesson in `folder`; whether it is free of errors. Raises Broken for a finding without a place, or
    for what a lesson may not do.
    """
    watch.folder, watch.seen = folder.resolve(), []
    begin = time.perf_counter()
    try:
        with _alarm():
            found = examine(folder, run=False)
    finally:
        watch.folder = None
    if (seconds := time.perf_counter() - begin) > SECONDS:
        raise Broken(f"{seconds:.1f} s")
    if watch.seen:
        raise Broken("; ".join(watch.seen))
    for finding in found:
        if not (finding.line >= 1 and finding.column >= 1 and finding.code[0] in "YSEPL"):
            raise Broken(f"no place: {finding}")
        for language in ("es", "en"):
            shown = "".join(each(finding, folder, language) for each in FORMATS.values())
            if not shown.replace("\n", "").isprintable():
                raise Broken(f"what a terminal would obey: {finding}")
    return all(finding.severity != "error" for finding in found)


@contextmanager
def _alarm() -> Iterator[None]:
    """Raises Broken in the main thread where a lesson hangs."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise Broken("it hangs")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 4 * SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def fuzz(count: int, seed: int, folder: Path, watch: Watch) -> int:
    """`count` changed lessons; how many of them still load. Raises Broken, with the number of the one that broke."""
    originals, loaded = lessons(), 0
    for number in range(count):
        draw = random.Random(f"{seed} {number}")
        for name, body in changed(draw.choice(originals), draw).items():
            (folder / name).write_bytes(body)
        try:
            loaded += survives(folder, watch)
        except Exception as error:
            raise Broken(f"lesson {number} of seed {seed}, left in {folder}: {error!r}") from error
    return loaded


def main() -> None:
    """The long run."""
    count, seed = (int(sys.argv[n]) if len(sys.argv) > n else usual for n, usual in ((1, 10_000), (2, 0)))
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    begin = time.perf_counter()
    loaded = fuzz(count, seed, folder, Watch())
    seconds = time.perf_counter() - begin
    print(f"{count} lessons of seed {seed} in {seconds:.0f} s: {loaded} load, {count - loaded} are refused, none broke")


if __name__ == "__main__":
    main()
