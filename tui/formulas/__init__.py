"""Formulas written in LaTeX, as Unicode text: on one line, or laid out in two dimensions."""

from tui.formulas.breaking import display
from tui.formulas.errors import FormulaError
from tui.formulas.line import inline

__all__ = ["FormulaError", "display", "inline"]
