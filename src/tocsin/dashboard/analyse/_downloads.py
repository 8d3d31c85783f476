"""Results to take home, fetched from the service when they are asked for, byte for byte."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import streamlit as st

from tocsin.dashboard._session import client

Told = dict[str, Any]


def show_downloads(found: Told) -> None:
    """Show a button for each result."""
    st.header("Take it home", divider="gray")
    stem, path, summary = PurePath(found["name"]).stem, f"/v1/analyses/{found['id']}", found["scored"]
    artifact = f"/v1/artifacts/{summary['artifact']}/{summary['version']}/file"
    with st.container(horizontal=True):
        _button("Labelled CSV", f"{path}/labelled.csv", f"{stem}-scored.csv", "text/csv")
        _button("Labelled Parquet", f"{path}/labelled.parquet", f"{stem}-scored.parquet", "application/octet-stream")
        _button("Incidents", f"{path}/incidents.csv", f"{stem}-incidents.csv", "text/csv")
        _button("Report", f"{path}/report.html", f"{stem}-report.html", "text/html")
        _button("Artifact", artifact, f"{summary['artifact']}.tocsin", "application/octet-stream")
    st.caption("These are the very bytes that `tocsin score` writes for this file.")


def _button(label: str, path: str, name: str, media: str) -> None:
    connection = client()
    st.download_button(
        label,
        lambda: connection.download(path),
        file_name=name,
        mime=media,
        icon=":material/download:",
        on_click="ignore",
        key=f"an_get_{name}",
    )
