"""How the dashboard is started: the file that Streamlit runs, its options, and what it reads from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tocsin.dashboard._colours import COLOURS, PRIMARY, Mode

ENTRY: Final = Path(__file__).with_name("front.py")
"""What ``streamlit run`` is given."""

SERVICE: Final = "TOCSIN_SERVICE"
"""Environment variable: the service's URL."""

TOKEN: Final = "TOCSIN_TOKEN"
"""Environment variable: the token of a private service; without it the page asks each visitor."""

ARTIFACT: Final = "TOCSIN_ARTIFACT"
"""Environment variable: the artifact that a dropped file is scored with at once, where it fits."""

_MIB: Final = 1 << 20


def environment(service: str, token: str = "", artifact: str = "") -> dict[str, str]:
    """Return the variables that tell the dashboard where its service is, and with what it begins.

    >>> environment("http://127.0.0.1:8420")
    {'TOCSIN_SERVICE': 'http://127.0.0.1:8420'}
    """
    told = {SERVICE: service, TOKEN: token, ARTIFACT: artifact}
    return {name: value for name, value in told.items() if value}


def options(*, host: str = "127.0.0.1", port: int = 8501, upload_bytes: int = 1024 * _MIB) -> list[str]:
    """Return what follows ``streamlit run ENTRY``: where it listens, and that it tells nobody about it.

    Parameters
    ----------
    host, port
        Where the pages are shown.
    upload_bytes
        The greatest file a page takes.

    Examples
    --------
    >>> "--server.port=8501" in options(), "--browser.gatherUsageStats=false" in options()
    (True, True)
    """
    own = {
        "server.address": host,
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": max(1, upload_bytes // _MIB),
        "server.showEmailPrompt": "false",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": "false",
        "runner.magicEnabled": "false",
        **_theme(),
    }
    return [f"--{name}={value}" for name, value in own.items()]


def _theme() -> Mapping[str, str]:
    shared = {
        "theme.baseRadius": "0.4rem",
        "theme.showWidgetBorder": "true",
        "theme.paddingTop": "1.5rem",
        "theme.headingFontSizes": '["2.1rem", "1.45rem", "1.2rem", "1.05rem", "1rem", "0.9rem"]',
    }
    return {**shared, **_shades("light"), **_shades("dark")}


def _shades(mode: Mode) -> Mapping[str, str]:
    shades = COLOURS[mode]
    return {
        f"theme.{mode}.primaryColor": PRIMARY[mode],
        f"theme.{mode}.backgroundColor": shades["background"],
        f"theme.{mode}.secondaryBackgroundColor": shades["panel"],
        f"theme.{mode}.textColor": shades["text"],
        f"theme.{mode}.linkColor": shades["normal"],
    }
