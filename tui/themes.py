"""Two calm themes, dark and light, in colours of the 256-colour palette, so that most terminals show the same."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="dltutor-dark",
    dark=True,
    primary="#5fafd7",
    secondary="#87afaf",
    accent="#ffaf5f",
    success="#87af87",
    warning="#ffd75f",
    error="#ff5f5f",
    foreground="#d0d0d0",
    background="#121212",
    surface="#1c1c1c",
    panel="#262626",
    variables={
        "muted": "#8a8a8a",
        "faint": "#585858",
        "footer-key-foreground": "#ffaf5f",
        "footer-description-foreground": "#b2b2b2",
        "border": "#5fafd7",
        "border-blurred": "#444444",
        "block-cursor-background": "#005f87",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
    },
)

LIGHT = Theme(
    name="dltutor-light",
    dark=False,
    primary="#005f87",
    secondary="#5f8787",
    accent="#af5f00",
    success="#5f875f",
    warning="#af8700",
    error="#af0000",
    foreground="#303030",
    background="#ffffff",
    surface="#eeeeee",
    panel="#e4e4e4",
    variables={
        "muted": "#767676",
        "faint": "#b2b2b2",
        "footer-key-foreground": "#af5f00",
        "footer-description-foreground": "#585858",
        "border": "#005f87",
        "border-blurred": "#bcbcbc",
        "block-cursor-background": "#005f87",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
    },
)

# On white, a terminal of 16 colours makes of LIGHT's oranges and greys a yellow and a white that nobody can read.
# These are exactly such a terminal's own colours, the dark ones of them. (DARK comes out well as it is.)
LIGHT_16 = Theme(
    name="dltutor-light-16",
    dark=False,
    primary="#0000aa",
    secondary="#0000aa",
    accent="#aa00aa",
    success="#0000aa",
    warning="#aa0000",
    error="#aa0000",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#ffffff",
    variables={
        "muted": "#555555",
        "faint": "#555555",
        "footer-key-foreground": "#aa00aa",
        "footer-description-foreground": "#000000",
        "border": "#0000aa",
        "border-blurred": "#555555",
        "block-cursor-background": "#0000aa",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
    },
)
