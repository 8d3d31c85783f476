"""How an export is run where it is going: the lines to type, for what its file name says it is."""

from __future__ import annotations

from pathlib import PurePath

from tocsin.artifact.artifact import Artifact
from tocsin.export.c.names import header_of, identifier
from tocsin.export.starting import starting_limit

_ARTIFACT = """\
pip install "tocsin[stream]"
tocsin watch {name} --source 'mqtt://localhost:1883/plant/{{device}}/env' --sink log
"""

_SCORING = """\
import tocsin

scorer = tocsin.load("{name}")
print(scorer.score("readings.csv"))
"""

_GRAPH = """\
import numpy as np
import onnxruntime as ort

session = ort.InferenceSession("{name}", providers=["CPUExecutionProvider"])
known = session.get_modelmeta().custom_metadata_map
limit = float(known["limit"])  # {limit:.6g}; beside it stand channels, units, window, raise_after, …
input_name = session.get_inputs()[0].name


def detect_anomaly_edge(window: np.ndarray) -> bool:
    # shape ({window}, {channels}), raw units, the oldest reading first
    score = session.run(None, {{input_name: window[np.newaxis].astype(np.float32)}})[0]
    return bool(score[0] > limit)
"""

_C = """\
cc -std=c99 -O2 main.c {name} -lm    # or the board's own compiler; not with -ffast-math
"""

_C_MAIN = """\
#include "{header}"
#include <math.h>

static {own}_state state;  /* one for each device */
static {own}_result result;

static void ask_sensors({own}_number reading[{upper}_CHANNELS]) {{
    for (int k = 0; k < {upper}_CHANNELS; ++k) {{
        reading[k] = NAN;  /* yours to fill in; NAN where there is no news */
    }}
}}

int main(void) {{
    {own}_number reading[{upper}_CHANNELS];
    {own}_init(&state);
    for (;;) {{  /* once every {upper}_PERIOD_S seconds */
        ask_sensors(reading);
        {own}_push(&state, reading, &result);
        if (result.alarm) {{
            /* ring: result.score tells how strange it is, result.by_channel which channels */
        }}
    }}
}}
"""


def usage(name: str, artifact: Artifact) -> list[tuple[str, str]]:
    """Return a title and the lines to type for each way in which the file ``name`` is run.

    >>> from types import SimpleNamespace
    >>> [title for title, _ in usage("room.c", SimpleNamespace())]
    ['Give it readings, in a main.c', 'Compile both']
    """
    match PurePath(name).suffix:
        case ".tocsin":
            ways = [("Watch a stream with it", _ARTIFACT), ("Score readings in Python", _SCORING)]
            return [(title, text.format(name=name)) for title, text in ways]
        case ".onnx":
            channels, limit = len(artifact.schema), starting_limit(artifact)
            told = _GRAPH.format(name=name, limit=limit, window=artifact.window, channels=channels)
            return [("Ask it for a verdict, with ONNX Runtime alone", told)]
        case ".c":
            own, header = identifier(name), header_of(name)
            main = _C_MAIN.format(own=own, upper=own.upper(), header=header)
            return [("Give it readings, in a main.c", main), ("Compile both", _C.format(name=name))]
    return []
