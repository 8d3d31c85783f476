"""A foreign graph is opened, rewritten and run in a process of its own, which may take neither much memory nor time.

A few kilobytes of graph can ask for any amount of memory, and what converts it may fall over. Here that ends the trial.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.core.errors import TocsinError
from tocsin.training.adopt._arrangement import Arrangement, arrangement
from tocsin.training.adopt._plain import Plain, plain
from tocsin.training.adopt.foreign import Foreign
from tocsin.training.adopt.refusal import RefusalError

LARGEST = 256 << 20
"""Bytes that a model may have."""

_MEMORY, _PER_BYTE = 3 << 30, 16
_SECONDS = 90
_WINDOWS = 70
"""More than a runner takes in one piece."""

_CLOSE = 1e-4
"""Rewriting changes the order of sums, and nothing else."""


@dataclass(frozen=True)
class Tried:
    """A foreign model that has stood the trial.

    Parameters
    ----------
    model
        As the project writes graphs.
    arrangement
        How windows go in.
    result
        Shape of what it gives for one window.
    """

    model: Plain
    arrangement: Arrangement
    result: tuple[int, ...]


def try_out(file: bytes, foreign: Foreign, *, channels: int) -> Tried:
    """Have a model rewritten, and run beside what it was; return it with what was found.

    Parameters
    ----------
    file
        The serialised model.
    foreign
        How it is to be understood.
    channels
        How many channels a reading has.

    Raises
    ------
    RefusalError
        If it is not taken, or takes too much memory or time.
    """
    if len(file) > LARGEST:
        raise RefusalError(
            f"It has {len(file) >> 20} MB; at most {LARGEST >> 20} are taken.", remedy="Make it smaller."
        )
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "given.onnx"), Path(folder, "made.onnx")
        given.write_bytes(file)
        told = _ask([str(given), str(made), json.dumps(asdict(foreign)), str(channels)])
        if "message" in told:
            raise RefusalError(told["message"], remedy=told["remedy"])
        model = Plain(made.read_bytes(), tuple(told["shape"]), told["kind"], told["gives"], tuple(told["notes"]))
    return Tried(model, Arrangement(told["layout"], told["window"]), tuple(told["result"]))


def _ask(arguments: list[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tocsin.training.adopt._trial", *arguments]
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=alone, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise RefusalError("It takes too long to open and run.") from None
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise RefusalError("It takes too much memory, or cannot be opened.") from None
    return told


def main(arguments: list[str]) -> None:
    """Try a model; write it as the project writes graphs, and say what was found, or what is wrong."""
    import resource

    given, made, settings, channels = arguments
    most = _MEMORY + _PER_BYTE * Path(given).stat().st_size
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    known = json.loads(settings)
    foreign = Foreign(**{**known, "channels": tuple(known["channels"])})
    sys.stdout.write(json.dumps(_found(Path(given).read_bytes(), foreign, int(channels), Path(made))))


def _found(file: bytes, foreign: Foreign, channels: int, made: Path) -> dict[str, Any]:
    try:
        model = plain(file, tensor=foreign.tensor)
        arranged = arrangement(model.shape, foreign, channels=channels)
        result = _compared(file, model, arranged.shape(channels), foreign.tensor)
    except TocsinError as error:
        return {"message": error.message, "remedy": error.remedy}
    except MemoryError:
        return {"message": "It takes too much memory.", "remedy": ""}
    except Exception as error:  # a hostile graph fails in many ways
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return {"message": f"It cannot be run: {reason[:300]}", "remedy": "Export it again, and try it in onnxruntime."}
    made.write_bytes(model.onnx)
    told = {"shape": model.shape, "kind": model.kind, "gives": model.gives, "notes": model.notes, "result": result}
    return {**told, **arranged._asdict()}


def _compared(file: bytes, model: Plain, shape: tuple[int, ...], tensor: str) -> list[int]:
    """Run the model as it was and as it is; return the shape of what it gives for one window.

    Raises
    ------
    RefusalError
        If the two differ, or a window is not given the same in company as alone.
    """
    windows = np.random.default_rng(0).normal(size=(_WINDOWS, *shape)).astype(model.kind)
    before, after = _session(file), _session(model.onnx)
    name, wanted = before.get_inputs()[0].name, tensor or before.get_outputs()[0].name
    own = np.concatenate([before.run([wanted], {name: window[None]})[0].reshape(1, -1) for window in windows[:3]])
    together = after.run(None, {"window": windows})[0]
    if len(together) != len(windows):
        raise RefusalError(
            f"It gives {len(together)} results for {len(windows)} windows.", remedy="Export it with a free batch."
        )
    alone = np.concatenate([after.run(None, {"window": window[None]})[0] for window in windows])
    scale = max(float(np.abs(own).max(initial=0, where=np.isfinite(own))), 1e-6)
    if not np.allclose(alone[:3].reshape(3, -1), own, rtol=_CLOSE, atol=_CLOSE * scale, equal_nan=True):
        raise RefusalError("Rewritten, it gives other results.", remedy="Export it with a free batch, and no sums.")
    if not np.array_equal(alone, together, equal_nan=True):
        away = float(np.nanmax(np.abs(alone.astype(np.float64) - together))) / scale
        raise RefusalError(
            f"A window is given another result in the company of others, by up to {away:.1g} of the largest.",
            remedy="What mixes windows has to go, and what several at a time round otherwise than one, such as Log.",
        )
    return list(together.shape[1:])


def _session(onnx: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])


if __name__ == "__main__":
    main(sys.argv[1:])
