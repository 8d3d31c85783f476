"""Run in the box: score windows with artifacts, ``score.py OUT.npz ONE.tocsin TWO.tocsin``; windows lie beside each."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import numpy as np

import tocsin
from tocsin.graph.run import Runner

if __name__ == "__main__":
    scores = {
        path.stem: Runner(tocsin.load(path).artifact.graph)(np.load(path.with_suffix(".npy"))).score
        for path in map(Path, sys.argv[2:])
    }
    np.savez(sys.argv[1], **scores)  # type: ignore[arg-type]  # names are no settings of savez
    sys.stdout.write(platform.machine())
