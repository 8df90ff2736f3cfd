"""The environments that make tables: what stands around them and how their columns are set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Environment:
    """What Table says, and `argument`: a column specification follows its name."""

    columns: str = "c"
    opening: str = ""
    closing: str = ""
    paired: bool = False
    tight: bool = False
    argument: bool = False
    rules: tuple[int, ...] = ()


_PAIRED = Environment("rl", paired=True)
ENVIRONMENTS: dict[str, Environment] = {
    "matrix": Environment(),
    "smallmatrix": Environment(),
    "pmatrix": Environment(opening="(", closing=")"),
    "bmatrix": Environment(opening="[", closing="]"),
    "Bmatrix": Environment(opening="{", closing="}"),
    "vmatrix": Environment(opening="|", closing="|"),
    "Vmatrix": Environment(opening="‖", closing="‖"),
    "array": Environment(argument=True),
    "cases": Environment("l", opening="{"),
    "dcases": Environment("l", opening="{"),
    "rcases": Environment("l", closing="}"),
    "aligned": _PAIRED,
    "align": _PAIRED,
    "split": _PAIRED,
    "eqnarray": Environment("rcl"),
    "gather": Environment(),
    "gathered": Environment(),
    "equation": Environment(),
    "multline": Environment("l"),
    "subarray": Environment(tight=True, argument=True),
}
LINES = Environment("l")  # rows that the author made with \\ alone
SUBSTACK = Environment(tight=True)
