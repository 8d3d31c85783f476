"""The drop zone: a file is sent to the service once, and is known by its id from then on."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import chunks
from tocsin.dashboard._problems import plain
from tocsin.dashboard._session import client, me
from tocsin.dashboard.analyse._kept import forget, keep, reading

_EXAMPLE: Final = Path(__file__).with_name("example-room.csv.gz")
_TURN: Final = "analyse_turn"
_MIB: Final = 1 << 20


def show_drop() -> None:
    """Show where to drop a file; and once there is one, its name and how to take another."""
    found = reading()
    if found is None:
        _drop()
        return
    name, another = st.columns([4, 1], vertical_alignment="center")
    name.markdown(f":material/description: **{plain(found['name'])}**, {_size(found['bytes'])}")
    if another.button("Another file", icon=":material/upload_file:", width="stretch"):
        client().delete(f"/v1/analyses/{found['id']}")
        forget()
        st.rerun()


def _drop() -> None:
    st.write(
        "Drop readings of sensors here, and see what is strange in them: first how the file is understood, then what "
        "rang, when, and why. The file stays with the service that you use, and is removed when it stops."
    )
    most = int(me()["limits"]["body_bytes"])
    turn = st.session_state.setdefault(_TURN, 0)
    file = st.file_uploader(
        f"CSV, TSV or Parquet, up to {_size(most)}",
        key=f"analyse_file_{turn}",
        max_upload_size=max(1, most // _MIB),
    )
    if file is not None:
        _send(file.name, file.getbuffer())
    if st.button("Try with an example room", icon=":material/science:"):
        _send("example-room.csv", memoryview(gzip.decompress(_EXAMPLE.read_bytes())))


def _send(name: str, content: Any) -> None:
    with st.spinner(f"Reading {plain(name)} …"):
        found = client().upload("/v1/analyses", chunks(content), params={"name": name})
    keep(found)
    st.session_state[_TURN] += 1  # an empty drop zone from now on: the file is not held here as well
    st.rerun()


def _size(count: int) -> str:
    """Return a size in words.

    >>> _size(325_372), _size(3 << 30)
    ('318 KiB', '3 GiB')
    """
    for unit, name in ((1 << 30, "GiB"), (_MIB, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} bytes"
