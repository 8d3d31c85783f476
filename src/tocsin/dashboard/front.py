"""What Streamlit serves: the pages, and beside them the drawing library, so that nothing comes from elsewhere."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tocsin.dashboard._plot import PLOTLY

_YEAR = "public, max-age=31536000, immutable"


@cache
def _library(*, small: bool) -> bytes:
    found = find_spec("plotly")
    assert found is not None
    assert found.origin is not None
    script = Path(found.origin).with_name("package_data").joinpath("plotly.min.js").read_bytes()
    return gzip.compress(script, 6, mtime=0) if small else script


def _plotly(request: Request) -> Response:
    small = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"cache-control": _YEAR, "vary": "accept-encoding", **({"content-encoding": "gzip"} if small else {})}
    return Response(_library(small=small), media_type="text/javascript", headers=headers)


def _first(request: Request) -> Response:
    """Lead to the first page, which Streamlit keeps at the root, also from the name that the others would give it."""
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")


app = st.App(Path(__file__).with_name("app.py"), routes=[Route(PLOTLY, _plotly), Route("/analyse", _first)])
