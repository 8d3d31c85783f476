"""The one place for colours: each has a meaning, and enough contrast in light and in dark."""

from __future__ import annotations

from typing import Final, Literal

Mode = Literal["light", "dark"]

COLOURS: Final[dict[Mode, dict[str, str]]] = {
    "light": {
        "normal": "#1f5fbf",
        "anomaly": "#c4161c",
        "limit": "#c4161c",
        "expected": "#5f6673",
        "incident": "rgba(196, 22, 28, 0.13)",
        "label": "rgba(180, 83, 9, 0.22)",
        "score": "#0f6b66",
        "good": "#146c2e",
        "warn": "#8a4b00",
        "text": "#0b0f14",
        "quiet": "#566070",
        "grid": "rgba(31, 41, 51, 0.12)",
        "background": "#ffffff",
        "panel": "#f3f5f8",
    },
    "dark": {
        "normal": "#7ab3ff",
        "anomaly": "#ff8a85",
        "limit": "#ff8a85",
        "expected": "#a3adba",
        "incident": "rgba(255, 138, 133, 0.2)",
        "label": "rgba(251, 191, 36, 0.22)",
        "score": "#5fd0c5",
        "good": "#7ddc95",
        "warn": "#f2b45c",
        "text": "#e8ecf1",
        "quiet": "#a9b4c2",
        "grid": "rgba(232, 236, 241, 0.14)",
        "background": "#12161c",
        "panel": "#1b212a",
    },
}
"""What each colour means, for each mode; a chart's colour may be any of these names."""

PRIMARY: Final[dict[Mode, str]] = {"light": "#1f5fbf", "dark": "#2f6fca"}
"""Of buttons and of what has the focus; white text on it is readable."""

CHOSEN: Final = (
    '<style>button[data-selected="true"] p, [role="tab"][aria-selected="true"] p, [data-testid="stSliderThumbValue"]'
    f" {{color: light-dark({PRIMARY['light']}, {COLOURS['dark']['normal']});}}</style>"
)
"""What was chosen is written in the colour of buttons, too dark to be read in the dark: hence in a lighter one."""


def colour(name: str, mode: Mode = "light") -> str:
    """Return a colour by its meaning.

    >>> colour("normal"), colour("normal", "dark")
    ('#1f5fbf', '#7ab3ff')
    """
    return COLOURS[mode][name]
