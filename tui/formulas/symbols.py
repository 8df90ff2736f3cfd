"""The commands that stand for one sign, and what each sign is to its neighbours."""

from __future__ import annotations

from collections.abc import Iterator

from tui.formulas.tree import Kind, Symbol

_ORDINARY = """
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ
lambda λ mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ
psi ψ omega ω omicron ο Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
partial ∂ nabla ∇ infty ∞ ell ℓ hbar ℏ Re ℜ Im ℑ wp ℘ aleph ℵ emptyset ∅ varnothing ∅ forall ∀ exists ∃
nexists ∄ neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠ triangle △ square □ blacksquare ■ checkmark ✓ prime ′ degree °
dagger † ddagger ‡ S § P ¶ cdots ⋯ ldots … dots … dotsc … dotsb ⋯ vdots ⋮ ddots ⋱ iddots ⋰ imath ı jmath ȷ
flat ♭ sharp ♯ copyright © vert | Vert ‖ | ‖ backslash \\ _ _ % % # # & & $ $ euro € pounds £ complement ∁
therefore ∴ because ∵
"""
_BINARY = """
cdot · times × div ÷ ast ∗ star ⋆ circ ∘ bullet • pm ± mp ∓ odot ⊙ otimes ⊗ oplus ⊕ ominus ⊖ oslash ⊘ cup ∪
cap ∩ uplus ⊎ setminus ∖ smallsetminus ∖ wedge ∧ land ∧ vee ∨ lor ∨ sqcup ⊔ sqcap ⊓ diamond ⋄ amalg ⨿ dag †
"""
_RELATION = """
le ≤ leq ≤ leqslant ⩽ ge ≥ geq ≥ geqslant ⩾ ne ≠ neq ≠ lt < gt > ll ≪ gg ≫ approx ≈ equiv ≡ sim ∼ simeq ≃
cong ≅ propto ∝ asymp ≍ doteq ≐ triangleq ≜ coloneqq ≔ in ∈ notin ∉ ni ∋ subset ⊂ supset ⊃ subseteq ⊆
supseteq ⊇ subsetneq ⊊ supsetneq ⊋ prec ≺ succ ≻ preceq ⪯ succeq ⪰ perp ⊥ parallel ∥ nparallel ∦ mid ∣
nmid ∤ models ⊨ vdash ⊢ dashv ⊣ colon : to → rightarrow → gets ← leftarrow ← leftrightarrow ↔ Rightarrow ⇒
Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ impliedby ⟸ iff ⟺ longrightarrow ⟶ longleftarrow ⟵
longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼
hookrightarrow ↪ hookleftarrow ↩ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ nearrow ↗
searrow ↘ swarrow ↙ nwarrow ↖ rightharpoonup ⇀ leftharpoonup ↼ rightleftharpoons ⇌ leadsto ↝
"""
_LARGE = "sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ bigvee ⋁ bigwedge ⋀"
_INTEGRALS = "int ∫ iint ∬ iiint ∭ oint ∮"  # their limits stand at the right
_OPENING = "( ( [ [ { { lbrace { lbrack [ langle ⟨ lfloor ⌊ lceil ⌈ lvert | lVert ‖"
_CLOSING = ") ) ] ] } } rbrace } rbrack ] rangle ⟩ rfloor ⌋ rceil ⌉ rvert | rVert ‖"
_FUNCTIONS = """
sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan exp log ln lg dim ker deg hom arg det gcd
Pr
"""
_LIMITS = "lim max min sup inf argmax argmin limsup liminf"

SPACES = {",": 1, ":": 1, ">": 1, ";": 1, " ": 1, "!": 0, "quad": 3, "qquad": 6, "thinspace": 1, "enspace": 1}
# How something is set, which a terminal sets in one way: these are read and change nothing.
NO_EFFECT = ("displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle", "limits", "nolimits", "nonumber", "notag")

CHARACTERS: dict[str, Symbol] = {
    "+": Symbol("+", "binary"),
    "-": Symbol("−", "binary"),
    "−": Symbol("−", "binary"),
    "*": Symbol("*", "binary"),
    "·": Symbol("·", "binary"),
    "×": Symbol("×", "binary"),
    ",": Symbol(",", "punctuation"),
    ";": Symbol(";", "punctuation"),
    "(": Symbol("(", "opening"),
    "[": Symbol("[", "opening"),
    ")": Symbol(")", "closing"),
    "]": Symbol("]", "closing"),
    **{sign: Symbol(sign, "relation") for sign in "=<>:≤≥≠≈∈→←⇒⇔∼∝"},
}


def _pairs(table: str) -> Iterator[tuple[str, str]]:
    words = table.split()
    return zip(words[::2], words[1::2], strict=True)


def _symbols(table: str, kind: Kind, limits: bool = False) -> dict[str, Symbol]:
    return {name: Symbol(sign, kind, limits) for name, sign in _pairs(table)}


COMMANDS: dict[str, Symbol] = {
    **_symbols(_ORDINARY, "ordinary"),
    **_symbols(_BINARY, "binary"),
    **_symbols(_RELATION, "relation"),
    **_symbols(_LARGE, "large", limits=True),
    **_symbols(_INTEGRALS, "large"),
    **_symbols(_OPENING, "opening"),
    **_symbols(_CLOSING, "closing"),
    **{name: Symbol(name, "operator") for name in _FUNCTIONS.split()},
    **{name: Symbol(name, "operator", True) for name in _LIMITS.split()},
    "bmod": Symbol("mod", "binary"),
    "limsup": Symbol("lim sup", "operator", True),
    "liminf": Symbol("lim inf", "operator", True),
    "argmax": Symbol("arg max", "operator", True),
    "argmin": Symbol("arg min", "operator", True),
}

# What may stand after \left and \right, by how it is written; "." is nothing.
DELIMITERS: dict[str, str] = {
    ".": "", "<": "⟨", ">": "⟩", "/": "/", "|": "|",
    **{sign: sign for sign in "()[]"},
    **{f"\\{name}": sign for name, sign in (*_pairs(_OPENING), *_pairs(_CLOSING)) if name not in "()[]"},
    **{f"\\{name}": COMMANDS[name].text for name in ("|", "vert", "Vert", "backslash")},
    **{f"\\{name}": COMMANDS[name].text for name in ("uparrow", "downarrow", "updownarrow")},
}  # fmt: skip
