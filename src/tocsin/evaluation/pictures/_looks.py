"""The colours and manners that the pictures share with the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, LINE, GREY = "#15202b", "#5d6b7d", "#e1e6ec", "#98a4b3"
AMBER, RED = "#f0a020", "#d92d20"
BLUES = ("#2563eb", "#078a50", "#7c4dcc", "#c2410c", "#0e7490")
"""One colour a device."""


def settle(axes: Axes) -> None:
    """Take away what draws the eye off the readings."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(LINE)
    axes.tick_params(colors=MUTED, labelsize=8.5, length=0)
    axes.grid(axis="y", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.margins(x=0.005)
    axes.locator_params(axis="y", nbins=4)


def plain(text: str) -> str:
    r"""Return ``text`` such that matplotlib draws it as it is: a dollar sign would begin a formula.

    >>> print(plain("cost in $"))
    cost in \$
    """
    return text.replace("$", r"\$")
