"""How much room C takes: flash and memory, told by the compiler of a microcontroller where there is one."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tocsin.core.errors import SettingError
from tocsin.export.c.compiler import host_compiler, run, written
from tocsin.export.c.source import Source

_CORTEX = ("arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard")
_LINKED = ("-Wl,--gc-sections", "-ffunction-sections", "-fdata-sections", "--specs=nano.specs", "--specs=nosys.specs")

_EMPTY = "int main(void) { for (;;) { } }\n"
_FULL = """\
#include "{header}"
static {name}_state state;
static {name}_result result;
volatile {number} sensor[{NAME}_CHANNELS];
volatile int rings;
int main(void) {{
    {name}_init(&state);
    for (;;) {{
        {number} reading[{NAME}_CHANNELS];
        for (int k = 0; k < {NAME}_CHANNELS; ++k) {{
            reading[k] = sensor[k];
        }}
        {name}_push(&state, reading, &result);
        rings = result.alarm;
    }}
}}
"""


@dataclass(frozen=True)
class Sizes:
    """What C needs of a machine.

    Parameters
    ----------
    machine
        For which machine that was found.
    flash
        Bytes of code and constants, with the mathematics that is called.
    state
        Bytes that are remembered of each device.
    stack
        Bytes of stack, at most.
    """

    machine: str
    flash: int
    state: int
    stack: int


def sizes(source: Source, *, state: int) -> Sizes:
    """Return what the C of an artifact needs: on a Cortex-M4 where its compiler is installed, else here.

    Parameters
    ----------
    source
        The files.
    state
        Bytes of a state.
    """
    if shutil.which(_CORTEX[0]) and shutil.which("arm-none-eabi-size"):
        try:
            return _on_cortex(source, state)
        except SettingError:  # a compiler without its library
            pass
    return _here(source, state)


def _on_cortex(source: Source, state: int) -> Sizes:
    told = {"name": source.name, "NAME": source.name.upper(), "header": source.header}
    full = _FULL.format(**told, number="double" if source.counts else "float")
    with tempfile.TemporaryDirectory(prefix="tocsin-c-") as place:
        folder, file = Path(place), next(iter(source.files))
        written({**source.files, "empty_of_it.c": _EMPTY.encode(), "full_of_it.c": full.encode()}, folder)
        flags = [*_CORTEX, "-std=c99", "-Os", "-fstack-usage", *_LINKED, "-w"]
        run([*flags, "empty_of_it.c", "-o", "empty.elf", "-lm"], folder=folder)
        run([*flags, file, "full_of_it.c", "-o", "full.elf", "-lm"], folder=folder)
        flash = _text("arm-none-eabi-size", folder, "full.elf") - _text("arm-none-eabi-size", folder, "empty.elf")
        return Sizes("Cortex-M4", flash, state, _stack(folder, file))


def _here(source: Source, state: int) -> Sizes:
    with tempfile.TemporaryDirectory(prefix="tocsin-c-") as place:
        folder, file = Path(place), next(iter(source.files))
        written(source.files, folder)
        run([host_compiler(), "-std=c99", "-Os", "-c", file, "-o", "own.o"], folder=folder)
        flash = _text("size", folder, "own.o") if shutil.which("size") else (folder / "own.o").stat().st_size
        return Sizes("this machine", flash, state, 0)


def _text(tool: str, folder: Path, file: str) -> int:
    """Return the bytes of code and of what is set at the start."""
    text, initial = run([tool, file], folder=folder).splitlines()[1].split()[:2]
    return int(text) + int(initial)


def _stack(folder: Path, file: str) -> int:
    """Return the sum over the functions of a file, which is as much as they can need, since none calls itself."""
    told = [path for path in folder.glob("*.su") if Path(file).stem in path.name]
    return sum(int(line.split("\t")[1]) for path in told for line in path.read_text().splitlines())
