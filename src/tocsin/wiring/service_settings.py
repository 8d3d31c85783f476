"""The section [service]: who is told what a watch judges, as it happens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ServiceSettings:
    """Who is told what a watch judges, as it happens.

    Parameters
    ----------
    url
        Of a ``tocsin serve``, such as "http://127.0.0.1:8420"; "" for nobody. Its token is in ``$TOCSIN_TOKEN``.
    """

    url: str = ""
