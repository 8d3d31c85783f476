"""The command line: one file per verb, nothing heavy imported before it is needed."""

from __future__ import annotations


def main() -> None:
    """Run ``tocsin`` with the arguments of the shell."""
    from tocsin.cli._app import app

    app()
