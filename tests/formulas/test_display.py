"""Formulas in two dimensions, drawn as a careful person would."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tui.formulas import display

# What it is: its LaTeX, and the drawing without the spaces at the ends of its rows.
DRAWN = {
    "a fraction beside a sum": (
        r"\text{MSE} = \frac{1}{2n} \sum_{i=1}^n (\hat{y}^{(i)} - y^{(i)})^2",
        r"""
              1   n
        MSE = ──  ∑  (ŷ⁽ⁱ⁾ − y⁽ⁱ⁾)²
              2n i=1
        """,
    ),
    "a product of matrices": (
        r"C = \begin{bmatrix} w_{11} & w_{12} \\ w_{21} & w_{22} \end{bmatrix}"
        r" \begin{bmatrix} x_1 \\ x_2 \end{bmatrix}",
        r"""
            ⎡ w₁₁  w₁₂ ⎤ ⎡ x₁ ⎤
        C = ⎢          ⎥ ⎢    ⎥
            ⎣ w₂₁  w₂₂ ⎦ ⎣ x₂ ⎦
        """,
    ),
    "cases": (
        r"\sigma'(z) = \begin{cases} 0 & \text{si } z < 0 \\ 1 & \text{si } z > 0 \end{cases}",
        r"""
                ⎧ 0  si z < 0
        σ′(z) = ⎨
                ⎩ 1  si z > 0
        """,
    ),
    "the chain rule": (
        r"\frac{\partial L}{\partial w_{1,2}^{(1)}} ="
        r" \underbrace{\frac{\partial L}{\partial z^{(2)}}}_{\delta}"
        r" \cdot \frac{\partial z^{(2)}}{\partial a} \cdot \frac{da}{dz}",
        r"""
           ∂L       ∂L     ∂z⁽²⁾   da
        ──────── = ───── · ───── · ──
        ∂w₁,₂⁽¹⁾   ∂z⁽²⁾    ∂a     dz
                   ╰─┬─╯
                     δ
        """,
    ),
    "softmax": (
        r"\text{softmax}(\mathbf{z})_i = \frac{e^{z_i}}{\sum_{j=1}^K e^{z_j}}",
        r"""
                         zᵢ
                        e
        softmax(𝐳)ᵢ = ───────
                       K   zⱼ
                       ∑  e
                      j=1
        """,
    ),
    "cross entropy": (
        r"H(p, q) = -\sum_{i=1}^C p(y_i) \log q(y_i)",
        r"""
                    C
        H(p, q) = − ∑  p(yᵢ) log q(yᵢ)
                   i=1
        """,
    ),
    "nested roots": (
        r"\sqrt{1 + \sqrt{1 + \frac{x}{2}}} + \sqrt[3]{x+1}",
        r"""
         ┌─────────────
         │     ┌───────
         │     │     x    ³┌─────
         │1 +  │1 + ─── + ╲│x + 1
        ╲│    ╲│     2
        """,
    ),
    "a fraction in a fraction": (
        r"\frac{\frac{a}{b} + 1}{c}",
        r"""
          a
         ─── + 1
          b
        ─────────
            c
        """,
    ),
    "a derivative at a point": (
        r"\left. \frac{\partial f}{\partial x} \right|_{x=g(3,h(1))} = \left( \frac{4}{-5} \right)^2",
        r"""
        ∂f │              ⎛ 4  ⎞²
        ── │            = ⎜ ── ⎟
        ∂x │x=g(3,h(1))   ⎝ −5 ⎠
        """,
    ),
    "scripts that Unicode lacks": (
        r"\mathbf{X}^{[i]} \in \mathbb{R}^{m \times n}, \nabla_w J",
        r"""
         [i]    m×n
        𝐗    ∈ ℝ   , ∇ J
                      w
        """,
    ),
    "aligned lines": (
        r"\begin{aligned} f(x) &= (x + 1)^2 \\ &= x^2 + 2x + 1 \end{aligned}",
        r"""
        f(x) = (x + 1)²
             = x² + 2x + 1
        """,
    ),
    "vectors": (
        r"\cos\theta = \frac{\vec{a} \cdot \vec{b}}{|\vec{a}| |\vec{b}|}",
        r"""
                →   →
                a · b
        cos θ = ──────
                 →  →
                |a||b|
        """,
    ),
    "frames and crossed letters": (
        r"\boxed{\frac{\partial g}{\partial a}} + \cancel{b} \xrightarrow{f} 0",
        r"""
        ┌────┐
        │ ∂g │      f
        │ ── │ + b̶ ──→ 0
        │ ∂a │
        └────┘
        """,
    ),
    "a limit": (
        r"f'(x) = \lim_{h \to 0} \frac{f(x+h) - f(x)}{h}",
        r"""
                    f(x + h) − f(x)
        f′(x) = lim ───────────────
                h→0        h
        """,
    ),
    "a set": (
        r"\left\{ x \in \mathbb{R} \;\middle|\; \frac{x}{2} > 1 \right\}",
        r"""
        ⎧      │  x     ⎫
        ⎨x ∈ ℝ │ ─── > 1⎬
        ⎩      │  2     ⎭
        """,
    ),
    "an array with a rule": (
        r"\left[ \begin{array}{cc|c} 1 & 0 & a \\ 0 & 1 & b \end{array} \right]",
        r"""
        ⎡1  0 │ a⎤
        ⎣0  1 │ b⎦
        """,
    ),
    "a matrix of fractions": (
        r"\begin{pmatrix} \frac{\partial f_1}{\partial x_1} & \cdots \\ \vdots & \ddots \end{pmatrix}",
        r"""
        ⎛ ∂f₁    ⎞
        ⎜ ───  ⋯ ⎟
        ⎜ ∂x₁    ⎟
        ⎜        ⎟
        ⎝  ⋮   ⋱ ⎠
        """,
    ),
}


@pytest.mark.parametrize("latex, drawing", DRAWN.values(), ids=DRAWN)
def test_is_drawn(latex: str, drawing: str) -> None:
    rows = [row.rstrip() for row in display(latex)]
    least = min(len(row) - len(row.lstrip()) for row in rows)  # dedent takes these from the drawing
    assert [row[least:] for row in rows] == dedent(drawing).strip("\n").rstrip().split("\n")


@pytest.mark.parametrize("command", ["pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix"])
def test_brackets_are_as_high_as_their_matrix(command: str) -> None:
    for count in (1, 2, 3, 4, 5):
        rows = display(rf"\begin{{{command}}}" + r"x \\".join("x" * count) + rf"\end{{{command}}}")
        assert all(row[0] != " " and row[-1] != " " for row in rows)


@pytest.mark.parametrize("below", [r"b", r"b + c", r"\frac{b}{c}", r"\sqrt{\frac{b}{c}}"])
def test_the_bar_of_a_fraction_covers_what_is_over_and_under_it(below: str) -> None:
    rows = display(rf"\frac{{a}}{{{below}}}")
    assert rows[1] == "─" * len(rows[0])


def test_the_bar_of_a_fraction_is_longer_than_the_bars_within_it() -> None:
    rows = display(r"\frac{\frac{abc}{d}}{e}")
    assert rows[3].count("─") > rows[1].count("─") == 3


def test_wide_characters_keep_the_grid_straight() -> None:
    assert display(r"\frac{\text{損失}}{n}") == ["損失", "────", " n  "]
