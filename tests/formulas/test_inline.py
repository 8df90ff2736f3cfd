"""Formulas on one line: every sign in its place, brackets where they are needed and nowhere else."""

from __future__ import annotations

import pytest

from tui.formulas import inline

LINES = {
    r"\frac{\partial L}{\partial w_1}": "∂L/∂w₁",
    r"\frac{1}{2n}": "1/(2n)",
    r"\frac{a + b}{2}": "(a + b)/2",
    r"\frac{f(x, y)}{n}": "f(x, y)/n",
    r"\frac{1}{\frac{a}{b}}": "1/(a/b)",
    r"\left(\frac{a}{b}\right)^2": "(a/b)²",
    r"{\frac{a}{b}}^2": "(a/b)²",
    r"x_i^{(j)}": "xᵢ⁽ʲ⁾",
    r"w_{1,2}": "w₁,₂",
    r"\hat{y}^{[i]}": "ŷ^[i]",
    r"\mathbb{R}^{m \times n}": "ℝ^(m×n)",
    r"\nabla_w J": "∇_w J",
    r"\mathbf{X}^\top \mathbf{w}": "𝐗ᵀ𝐰",
    r"f'(x) + g''(x)": "f′(x) + g″(x)",
    r"\sum_{i=1}^n x_i": "∑ᵢ₌₁ⁿ xᵢ",
    r"\lim_{z \to 0} f(z)": "lim_(z→0) f(z)",
    r"\sqrt{a^2 + b^2}": "√(a² + b²)",
    r"\sqrt[3]{x}": "³√x",
    r"\log_2 8 + \sin(x)": "log₂ 8 + sin(x)",
    r"a - b": "a − b",
    r"(-1) - x": "(−1) − x",
    r"a \cdot -b": "a · −b",
    r"P(Y=1 | X=x)": "P(Y = 1 | X = x)",
    r"|a||b|": "|a||b|",
    r"38,65 + f(1, 2)": "38,65 + f(1, 2)",
    r"w := w - \eta \nabla L": "w := w − η∇L",
    r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}": "[1, 2; 3, 4]",
    r"\begin{cases} 0, & z \leq 0 \\ 1, & z > 0 \end{cases}": "{0, z ≤ 0; 1, z > 0}",
    r"\underbrace{a + b}_{n}": "(a + b)ₙ",
    r"a \not= b": "a ≠ b",
    r"x \xrightarrow{f} y": "x ─f→ y",
    r"\text{si } x > 0": "si x > 0",
}


@pytest.mark.parametrize("latex, text", LINES.items())
def test_is_written(latex: str, text: str) -> None:
    assert inline(latex) == text
