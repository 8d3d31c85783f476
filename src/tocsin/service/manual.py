"""The manual at /docs: the service's own description as a page that needs no network, no script and no other site."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from html import escape

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from tocsin.service.manual_page import PLACE, STYLE, page

_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; frame-ancestors 'none'"


def install(app: FastAPI) -> None:
    """Have ``app`` answer /docs with what it says of itself at /openapi.json.

    Whoever can reach the service may read it: it tells what tocsin can do, and nothing of what is in this service.
    """

    @cache
    def text() -> str:
        return page(app.openapi())

    @app.get("/docs", include_in_schema=False)
    def docs(asked: Request) -> HTMLResponse:
        here = str(asked.base_url).rstrip("/")
        return HTMLResponse(text().replace(PLACE, escape(here)), headers={"Content-Security-Policy": _POLICY})
