"""The colours of both terminal apps, dark and light.

Every text colour has a contrast of at least 4.5:1 on the backgrounds where it is used. The
`hue` variables tell answer options apart, beside their letters and shapes.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="livequiz-dark",
    dark=True,
    primary="#7db4ff",
    secondary="#9fb2cc",
    accent="#c9b6ff",
    foreground="#e9eef5",
    background="#10141b",
    surface="#19202b",
    panel="#232c3a",
    success="#74d396",
    warning="#f3c55b",
    error="#ff8f86",
    variables={
        "muted": "#9aa8ba",
        "rule": "#3d4a5e",
        "hue-1": "#ff9d8f",
        "hue-2": "#7db4ff",
        "hue-3": "#f3c55b",
        "hue-4": "#74d396",
        "border": "#7db4ff",
        "border-blurred": "#3d4a5e",
        "footer-background": "#19202b",
        "footer-foreground": "#b7c3d3",
        "footer-key-foreground": "#7db4ff",
        "footer-description-foreground": "#b7c3d3",
        "button-color-foreground": "#10141b",
        "button-focus-text-style": "bold",
    },
)

LIGHT = Theme(
    name="livequiz-light",
    dark=False,
    primary="#1a5fb4",
    secondary="#4b5d75",
    accent="#5b3fa8",
    foreground="#17202c",
    background="#fbfcfe",
    surface="#eef2f7",
    panel="#dfe6ef",
    success="#17713a",
    warning="#7d5200",
    error="#b3261e",
    variables={
        "muted": "#53647a",
        "rule": "#b4c0cf",
        "hue-1": "#b3261e",
        "hue-2": "#1a5fb4",
        "hue-3": "#7d5200",
        "hue-4": "#17713a",
        "border": "#1a5fb4",
        "border-blurred": "#b4c0cf",
        "footer-background": "#eef2f7",
        "footer-foreground": "#36455a",
        "footer-key-foreground": "#1a5fb4",
        "footer-description-foreground": "#36455a",
        "button-color-foreground": "#fbfcfe",
        "button-focus-text-style": "bold",
    },
)
