"""Checks of a net's data: tables whose samples fit one another and the loss, CSV files inside the lesson's folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path as FilePath

from engine.spec import Csv, Net, Points, Table, shape_of
from engine.words import Refused
from lessons import source
from lessons.findings import suggest
from lessons.report import Report
from lessons.strict_yaml import Path

_FEATURES = {"line": 1}  # every other kind of made points lies in a plane


def check(report: Report, path: Path, given: Net, folder: FilePath) -> tuple[int, int | None] | None:
    """The features of a sample and the width of its target (None: y is (n)); None where that cannot be said."""
    match given.data:
        case Points(kind=kind):
            return _FEATURES.get(kind, 2), None
        case Table() as table:
            return _check_table(report, (*path, "data"), table, given.loss)
        case Csv() as table:
            return _check_csv(report, (*path, "data"), table, folder)


def _check_table(report: Report, path: Path, table: Table, loss: str) -> tuple[int, int | None] | None:
    x, y = shape_of(table.x), shape_of(table.y)
    for name, shape in (("x", x), ("y", y)):
        if shape is None or not 1 <= len(shape) <= 2 or 0 in shape:
            report.value((*path, name), "data.ragged", name=name)
            return None
    assert x is not None and y is not None
    if x[0] != y[0]:
        report.value((*path, "y"), "data.lengths", x=x[0], y=y[0])
    _check_targets(report, (*path, "y"), table.y, loss)
    return x[1] if len(x) == 2 else 1, y[1] if len(y) == 2 else None


def _check_targets(report: Report, path: Path, y: list[object], loss: str) -> None:
    """Classes are whole numbers from 0, probabilities lie between 0 and 1."""
    for index, target in enumerate(y):
        for place, each in _cells((*path, index), target):
            if loss == "cross_entropy" and (each < 0 or each != int(each)):
                return report.value(place, "data.classes")
            if loss in ("bce", "bce_logits") and not 0 <= each <= 1:
                return report.value(place, "lesson.probabilities", loss=loss)
    return None


def _cells(path: Path, value: object) -> Iterable[tuple[Path, float]]:
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _cells((*path, index), each)
    elif isinstance(value, int | float):
        yield path, value


def check_classes(report: Report, path: Path, given: Net) -> None:
    """With cross entropy each class of a table needs an output."""
    if given.loss != "cross_entropy" or not isinstance(given.data, Table):
        return
    outputs = next(layer.out for layer in reversed(given.layers) if layer.out)
    for place, each in _cells((*path, "data", "y"), given.data.y):
        if each >= outputs:
            return report.value(place, "data.too_many_classes", highest=int(each), outputs=outputs)


def _check_csv(report: Report, path: Path, table: Csv, folder: FilePath) -> tuple[int, int | None] | None:
    """A CSV file lies in the lesson's folder and has the column that is the target."""
    try:
        body = source.head(folder, table.file, source.MAX_BYTES)
    except Refused as error:
        report.refused((*path, "file"), error)
        return None
    first = body.split(b"\n", 1)[0].decode("utf-8-sig", errors="replace")
    columns = [name.strip().strip('"') for name in first.split(",")]
    if table.target not in columns:
        report.value((*path, "target"), "lesson.csv_target", suggest(table.target, columns), name=table.target)
        return None
    return len(columns) - 1, None
