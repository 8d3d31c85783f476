"""An aarch64 box without a board: Debian's own packages in a folder, the edge install's wheels, and qemu's user mode.

debootstrap fetches and unpacks the system. Its second stage needs a kernel that runs aarch64 programs (binfmt_misc),
which a container rarely has; so Python's packages are unpacked by hand, and one program at a time is run by qemu.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MIRROR = "http://deb.debian.org/debian"
SUITE = "bookworm"
TOOLS = ("debootstrap", "qemu-aarch64-static", "dpkg-deb", "tar")
PLATFORMS = (*(f"manylinux_2_{minor}_aarch64" for minor in (28, 27, 17)), "manylinux2014_aarch64")
_UNPACKED = ("python3", "libpython3", "libssl3", "libsqlite3", "libexpat1", "libffi8", "zlib1g", "libbz2", "liblzma")


def missing() -> str:
    """Return what keeps a box from being made here; "" where nothing does."""
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacking:
        return f"not installed: {', '.join(lacking)}"
    return "" if os.geteuid() == 0 else "debootstrap wants to be root"


def requirements() -> list[str]:
    """Return what the edge install asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["stream"]]


def download_wheels(folder: Path, *, without: Sequence[str] = ()) -> list[Path]:
    """Fetch a wheel for aarch64 and Python 3.11 of each requirement and of all that they ask for; none is built.

    Raises
    ------
    CalledProcessError
        If one is missing, or the network is away.
    """
    wanted = [line for line in requirements() if not line.startswith(tuple(without))]
    asked = [word for platform in PLATFORMS for word in ("--platform", platform)]
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--dest", str(folder)),
            *(*asked, "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--abi", "abi3"),
            *("--abi", "none", "-c", str(ROOT / "constraints.txt"), *wanted),
        ],
        check=True,
        capture_output=True,
        timeout=600,
    )
    return sorted(folder.glob("*.whl"))


class Box:
    """A system for aarch64 in a folder.

    Parameters
    ----------
    folder
        Where it is made; some 700 MB.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._packages = folder / "opt/edge"
        self._debootstrap()
        self._unpack()
        self._install(download_wheels(folder / "var/wheels", without=("confluent-kafka",)))

    def python(self, *arguments: str | Path, patience_s: float = 600.0) -> str:
        """Run Python in the box; return what it prints."""
        given = {
            "PYTHONHOME": self.folder / "usr",
            "PYTHONPATH": self._packages,
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        settings: list[str] = [word for name, value in given.items() for word in ("-E", f"{name}={value}")]
        program = self.folder / "usr/bin/python3.11"
        command = ["qemu-aarch64-static", "-L", str(self.folder), *settings, str(program), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience_s)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _debootstrap(self) -> None:
        options = ["--arch=arm64", "--foreign", "--variant=minbase", "--include=python3"]
        subprocess.run(
            ["debootstrap", *options, SUITE, str(self.folder), MIRROR], check=True, capture_output=True, timeout=900
        )

    def _unpack(self) -> None:
        for package in sorted((self.folder / "var/cache/apt/archives").glob("*.deb")):
            if package.name.startswith(_UNPACKED):
                with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as read:
                    unpack = ["tar", "-x", "--keep-directory-symlink", "-C", str(self.folder)]
                    subprocess.run(unpack, stdin=read.stdout, check=True)
        # ONNX Runtime asks the system for its cores, and dies where it hears of none: qemu 7.2 shows it the host's
        cores = self.folder / "sys/devices/system/cpu"
        cores.mkdir(parents=True)
        for name in ("possible", "present"):
            (cores / name).write_text("0-3\n", "utf-8")

    def _install(self, wheels: Sequence[Path]) -> None:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as inside:
                inside.extractall(self._packages)
        shutil.copytree(ROOT / "src/tocsin", self._packages / "tocsin")
