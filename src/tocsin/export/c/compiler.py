"""C compilers of this machine: one to prove what was written, others to tell how much room it takes elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tocsin.core.errors import SettingError

_PATIENCE_S = 120.0


def host_compiler() -> str:
    """Return the path of the C compiler of this machine: what CC names, or cc, gcc or clang.

    Raises
    ------
    SettingError
        If there is none: C that was not tried is not handed out.
    """
    for name in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        if name and (path := shutil.which(name)):
            return path
    raise SettingError(
        "There is no C compiler here, and C is only handed out once it has been compiled and held to the artifact.",
        remedy="Install one, such as gcc (Debian: apt install gcc; macOS: xcode-select --install).",
    )


def run(command: Sequence[str], *, folder: Path) -> str:
    """Run a command in ``folder``; return what it printed.

    Raises
    ------
    SettingError
        If it fails, with its first complaint.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    if done.returncode:
        complaint = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr[-200:])
        raise SettingError(
            f"{Path(command[0]).name} does not take what was written: {complaint.strip()}",
            remedy="Check the compiler (CC), or report this as a fault of tocsin.",
        )
    return done.stdout


def written(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder."""
    for name, body in files.items():
        (folder / name).write_bytes(body)
