"""A trial: a graph that nobody vouches for is run once in a process that may take neither much memory nor much time.

A few kilobytes of graph can ask for any amount of memory as soon as it is opened. Here that ends the trial, not the
service.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tocsin.core.errors import ArtifactError, TocsinError

_MEMORY = 3 << 29
_PER_BYTE = 12
"""Address space that a trial may take: so much, and so much more for each byte of the artifact."""

_SECONDS = 60
_PASSED: set[str] = set()
"""What has been tried out by this process and found good."""

_REMEDY = "Get the file again, or train it again with: tocsin fit"


def try_out(path: Path, sha256: str) -> None:
    """Have the artifact in a file opened and asked for one score in a process of its own; of the same bytes, once.

    Parameters
    ----------
    path
        The file.
    sha256
        Of its bytes.

    Raises
    ------
    ArtifactError
        If it is no sound artifact, or takes too much memory or time.
    """
    if sha256 in _PASSED:
        return
    command = [sys.executable, "-m", "tocsin.lifecycle._trial", str(path)]
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=alone, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ArtifactError("The artifact takes too long to open.", remedy=_REMEDY) from None
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise ArtifactError("The artifact takes too much memory, or cannot be opened.", remedy=_REMEDY) from None
    if told:
        raise ArtifactError(told["message"], remedy=told["remedy"])
    _PASSED.add(sha256)


def main(path: Path) -> None:
    """Open the artifact and ask it for one score; say what is wrong with it, or nothing."""
    import resource

    most = _MEMORY + _PER_BYTE * path.stat().st_size
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(json.dumps(_complaint(path)))


def _complaint(path: Path) -> dict[str, str]:
    from tocsin.artifact import bundle
    from tocsin.engine.scorer import Scorer

    try:
        artifact = bundle.load(path)
        Scorer(artifact).verdicts(artifact.normal[0])
    except TocsinError as error:
        return {"message": error.message, "remedy": error.remedy}
    except Exception:  # a graph may fail in many ways once it runs
        return {"message": "The artifact's graph cannot be run, or takes too much memory.", "remedy": _REMEDY}
    return {}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
