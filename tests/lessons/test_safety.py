"""A lesson is data: whatever its files hold, loading raises nothing, runs nothing and stays inside the folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lessons.findings import render
from lessons.loader import load
from tests.lessons.writing import GRAPH, NET, PROSE, found, load_text, write

FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
PIECES = (
    *"[]{}:,-#&*!|>'\"%@`?\n\t ~=<$^\\\x1b\x00ñ€😀",
    "\n  ", "\n    - ", "<<: ", "!!x ", "&a ", "*a ", "null", "1e999", "9" * 30, "{{", "}}", "\\val{", "$$",
    "> [!trap x]\n", "- [one] x\n", "{#first}", "# ", "{{value(g)}}", "kind: net", "value(", "b ** b ** b", "until: g",
    "\u202e", "\r",
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """The text with a few pieces taken out, doubled or put in."""
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from((0, 0, 1, 5, 30))))
        put = draw(st.sampled_from(PIECES) | st.just(text[start:end] * 2))
        text = text[:start] + put + text[end:]
    return text


def survives(folder: Path) -> None:
    """Loading raises nothing, and every finding can be shown and has a place."""
    for finding in load(folder).findings:
        assert finding.line >= 1 and finding.column >= 1
        for language in ("es", "en"):
            assert render(finding, language).replace("\n", "").isprintable()


@FUZZ
@given(body=st.binary(max_size=300), prose=st.binary(max_size=300))
def test_any_bytes_are_survived(tmp_path: Path, body: bytes, prose: bytes) -> None:
    write(tmp_path)
    (tmp_path / "lesson.yaml").write_bytes(body)
    survives(tmp_path)
    write(tmp_path)
    (tmp_path / "es.md").write_bytes(prose)
    survives(tmp_path)


@FUZZ
@given(text=mutated(GRAPH) | mutated(NET))
def test_any_mutation_of_a_lesson_is_survived(tmp_path: Path, text: str) -> None:
    write(tmp_path)
    (tmp_path / "lesson.yaml").write_bytes(text.encode(errors="surrogatepass"))
    survives(tmp_path)


@FUZZ
@given(text=mutated(PROSE))
def test_any_mutation_of_the_prose_is_survived(tmp_path: Path, text: str) -> None:
    write(tmp_path)
    (tmp_path / "es.md").write_bytes(text.encode(errors="surrogatepass"))
    survives(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@FUZZ
@given(data=st.data())
def test_any_value_in_any_place_of_a_lesson_is_survived(tmp_path: Path, data: st.DataObject) -> None:
    import json

    import yaml

    lesson = yaml.safe_load(data.draw(st.sampled_from((GRAPH, NET))))
    holder = lesson
    while True:
        key = data.draw(st.sampled_from(list(holder) if isinstance(holder, dict) else list(range(len(holder)))))
        if not isinstance(holder[key], dict | list) or not holder[key] or data.draw(st.booleans()):
            break
        holder = holder[key]
    holder[key] = data.draw(JSON)
    write(tmp_path)
    (tmp_path / "lesson.yaml").write_text(
        json.dumps(lesson, indent=1, allow_nan=False, default=str) if _finite(lesson) else ""
    )
    survives(tmp_path)


def _finite(value: object) -> bool:
    return "nan" not in repr(value) and "inf" not in repr(value)


@pytest.mark.parametrize(
    "text",
    [
        "{{" * 100_000, "$5 " * 80_000, "`" + "a `` " * 50_000, "<b>" * 80_000, "\\val{" * 50_000, "$\\val{" * 40_000,
        "](" * 100_000, "# " + " " * 200_000 + "x", "> " * 100_000, "- [a] b\n" * 30_000, "## x {#a}\n" * 25_000,
        "> [!hint]\n" * 25_000, "<" * 200_000, "<a " * 80_000, "a\n" * 100_000, "{#" * 100_000 + "}",
        "".join("`" * n + " " for n in range(1, 700)),
    ],
    ids=lambda text: text[:6].strip() + text[-3:].strip(),
)  # fmt: skip
def test_prose_of_the_largest_size_is_read_in_seconds(tmp_path: Path, text: str) -> None:
    start = time.perf_counter()
    load_text(tmp_path, es="# T\n\n## F {#first}\n\n" + text)
    assert time.perf_counter() - start < 5


def test_a_lesson_with_thousands_of_mistakes_is_read_in_seconds(tmp_path: Path) -> None:
    start = time.perf_counter()
    loaded = load_text(tmp_path, GRAPH + "  - {idd: x}\n" * 4000)
    assert time.perf_counter() - start < 10
    assert 100 < len(loaded.findings) < 1000


# ---------------------------------------------------------------- files
def test_a_lesson_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    assert [each.code for each in load(tmp_path / "nothing").findings] == ["Y001"]
    assert [each.code for each in load(tmp_path / "nothing" / "lesson.yaml").findings] == ["Y001"]


@pytest.mark.parametrize("name", ["lesson.yaml", "es.md"])
def test_a_file_that_is_a_link_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path / "lesson")
    secret = tmp_path / "secret"
    secret.write_text((tmp_path / "lesson" / name).read_text())
    (tmp_path / "lesson" / name).unlink()
    (tmp_path / "lesson" / name).symlink_to(secret)
    assert found(load(tmp_path / "lesson"), name)[0] == ("Y004", 1, 1)


def test_a_link_to_the_whole_folder_is_the_owners_choice(tmp_path: Path) -> None:
    write(tmp_path / "lesson")
    (tmp_path / "link").symlink_to(tmp_path / "lesson")
    assert load(tmp_path / "link").findings == ()


@pytest.mark.parametrize(
    "file", ["../secret.csv", "/etc/passwd", "link.csv", "a/../../secret.csv", "/proc/self/environ"]
)
def test_data_outside_the_folder_is_refused(tmp_path: Path, file: str) -> None:
    (tmp_path / "secret.csv").write_text("price\n1\n")
    folder = tmp_path / "lesson"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    text = NET.replace(
        "{kind: table, x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0]}",
        f"{{kind: csv, file: {file}, target: price}}",
    )
    assert found(load_text(folder, text)) == [("Y004", 6, 27)]


def test_a_csv_file_inside_the_folder_needs_its_target(tmp_path: Path) -> None:
    data = "{kind: csv, file: houses.csv, target: price}"
    text = NET.replace("{kind: table, x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [0, 1, 1, 0]}", data)
    (tmp_path / "houses.csv").write_text("size,rooms,price\n1,2,3\n")
    assert found(load_text(tmp_path, text)) == []
    (tmp_path / "houses.csv").write_text("size,rooms,cost\n1,2,3\n")
    assert [code for code, _, _ in found(load_text(tmp_path, text))] == ["E312"]


def test_what_is_not_a_plain_file_is_refused_without_waiting(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "es.md").unlink()
    os.mkfifo(tmp_path / "es.md")
    (tmp_path / "en.md").unlink()
    (tmp_path / "en.md").mkdir()
    loaded = load(tmp_path)
    assert (found(loaded, "es.md"), found(loaded, "en.md")) == ([("Y003", 1, 1)], [("Y003", 1, 1)])


def test_links_in_a_circle_and_files_too_large_are_findings(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "es.md").unlink()
    (tmp_path / "es.md").symlink_to("es.md")
    (tmp_path / "en.md").write_text("# T\n" + "x" * 256 * 1024)
    loaded = load(tmp_path)
    assert found(loaded, "es.md")[0][0] in ("Y002", "Y004")
    assert found(loaded, "en.md") == [("Y005", 1, 1)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "es.md").chmod(0)
    assert found(load(tmp_path), "es.md") == [("Y002", 1, 1)]


def test_importing_the_catalogue_loads_nothing_heavy() -> None:
    """In a clean interpreter: the course map imports it before its first paint."""
    assert imported("lessons.catalog", {"pydantic", "yaml", "torch", "textual", "rich"}) == set()


def test_loading_a_lesson_imports_no_torch_and_no_screen() -> None:
    assert imported("lessons.loader", {"torch", "textual", "rich", "tui"}) == set()


def imported(module: str, watched: set[str]) -> set[str]:
    """Which of the watched modules a clean interpreter has loaded after importing `module`."""
    program = f"import sys, {module}; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert module in shown.split()
    return watched & set(shown.split())
