"""C that runs here: compiled into a library, loaded, and asked for the scores of windows."""

from __future__ import annotations

import ctypes
import tempfile
from pathlib import Path

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.core.scores import Scores
from tocsin.export.c.compiler import host_compiler, run, written
from tocsin.export.c.source import Source

_PROBE = """\
#include "{header}"
void score_many(const float *windows, long count, float *scores, float *shares, float *scratch);
unsigned state_bytes(void);
void score_many(const float *windows, long count, float *scores, float *shares, float *scratch) {{
    for (long k = 0; k < count; ++k) {{
        scores[k] = {name}_score(windows + k * {NAME}_WINDOW * {NAME}_CHANNELS, shares + k * {NAME}_CHANNELS, scratch);
    }}
}}
unsigned state_bytes(void) {{ return (unsigned)sizeof({name}_state); }}
"""

_NUMBERS = np.ctypeslib.ndpointer(np.float32, flags="C_CONTIGUOUS")


class Compiled:
    """The C of an artifact at work in this process.

    Parameters
    ----------
    source
        The files.

    Attributes
    ----------
    state_bytes : int
        What it remembers of a device.

    Raises
    ------
    SettingError
        If there is no C compiler here.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        probe = _PROBE.format(name=source.name, NAME=source.name.upper(), header=source.header)
        with tempfile.TemporaryDirectory(prefix="tocsin-c-") as place:
            folder, library = Path(place), Path(place) / "scored.so"
            written({**source.files, "probe_of_it.c": probe.encode()}, folder)
            file = next(iter(source.files))
            flags = ["-std=c99", "-O2", "-ffp-contract=off", "-shared", "-fPIC"]
            run([host_compiler(), *flags, "-o", str(library), file, "probe_of_it.c", "-lm"], folder=folder)
            self._library = ctypes.CDLL(str(library))
        self._library.score_many.argtypes = [_NUMBERS, ctypes.c_long, _NUMBERS, _NUMBERS, _NUMBERS]
        self._library.score_many.restype = None
        self.state_bytes = int(self._library.state_bytes())

    def __call__(self, windows: Float32Array) -> Scores:
        """Score windows of shape (n, window, channels), float32, in raw units."""
        score = np.empty(len(windows), np.float32)
        shares = np.empty((len(windows), windows.shape[2]), np.float32)
        scratch = np.empty(self._source.scratch, np.float32)
        rows = np.ascontiguousarray(windows, np.float32)
        self._library.score_many(rows, len(rows), score, shares, scratch)
        return Scores(score, shares if self._source.shares else None)
