"""A ledger of finished runs: long work that was interrupted goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

from tocsin import __version__


@dataclass(frozen=True)
class Ledger:
    """Results on disk, one small JSON file each, found again by what they are the results of.

    Parameters
    ----------
    folder
        Where the files lie; made when first written to.

    Examples
    --------
    >>> import tempfile
    >>> ledger = Ledger(Path(tempfile.mkdtemp()) / "runs")
    >>> ledger.get({"detector": "rolling_zscore", "seed": 0}) is None
    True
    >>> ledger.put({"detector": "rolling_zscore", "seed": 0}, {"f1": 0.5})
    >>> ledger.get({"seed": 0, "detector": "rolling_zscore"})
    {'f1': 0.5}
    """

    folder: Path

    def get(self, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the result kept for ``key``, or None; a file that cannot be read counts as none."""
        try:
            found = json.loads(self._path(key).read_text("utf-8"))
            return dict(found["result"]) if found["key"] == _written(key) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def holds(self, key: Mapping[str, Any], *endings: str) -> bool:
        """Return whether a result is kept for ``key``, and beside it whole files of these endings, all zip archives.

        A disc that filled up or a machine that went down may leave half a file behind a whole result.
        """
        return self.get(key) is not None and all(is_zipfile(self.path(key, ending)) for ending in endings)

    def put(self, key: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """Keep ``result``, in JSON's terms, for ``key``: whole or not at all, also where the power fails."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(key)
        draft = path.with_suffix(f".{os.getpid()}.part")
        draft.write_text(json.dumps({"key": _written(key), "result": dict(result)}), "utf-8")
        draft.replace(path)

    def path(self, key: Mapping[str, Any], ending: str) -> Path:
        """Return where a file that belongs to ``key`` lies, such as an artifact; write it before the result."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self._path(key).with_suffix(f".{ending}")

    def _path(self, key: Mapping[str, Any]) -> Path:
        digest = hashlib.sha256(json.dumps(_written(key), sort_keys=True).encode()).hexdigest()
        return self.folder / f"{digest[:24]}.json"


def _written(key: Mapping[str, Any]) -> dict[str, Any]:
    """Return the key as JSON would give it back; another version of tocsin has other results."""
    written: dict[str, Any] = json.loads(json.dumps({"tocsin": __version__, **key}, sort_keys=True, default=str))
    return written
