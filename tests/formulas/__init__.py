"""Tests of formulas: LaTeX in, Unicode text out."""
