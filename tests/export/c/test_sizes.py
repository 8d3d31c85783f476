"""What C needs of a machine, and what happens where there is no compiler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.export.c.conftest import MAIN, Build, calm, told

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import SettingError
from tocsin.export.c.compiled import Compiled
from tocsin.export.c.compiler import host_compiler, written
from tocsin.export.c.export import made, program_of
from tocsin.export.c.sizes import sizes
from tocsin.export.c.source import Arena, source


def test_without_a_compiler_nothing_is_handed_out(pca: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(SettingError, match=r"no C compiler here.*apt install gcc"):
        made(pca, program_of(pca), name="room.c", arena="state", precision="float")


def test_the_compiler_is_the_one_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own-cc"
    own.write_text("#!/bin/sh\nexit 1\n")
    own.chmod(0o755)
    monkeypatch.setenv("CC", str(own))
    assert host_compiler() == str(own)


@pytest.mark.parametrize("arena", ["state", pytest.param("stack", marks=pytest.mark.slow)])
def test_memory_is_where_it_was_asked_for(cnn: Artifact, arena: Arena) -> None:
    own = source(cnn, program_of(cnn), file="room.c", arena=arena, precision="float")
    state = Compiled(own).state_bytes
    found = sizes(own, state=state)
    window = cnn.window * len(cnn.schema) * 4
    assert (state > own.scratch * 4 + window) == (arena == "state")
    if found.machine == "Cortex-M4":
        assert (found.stack > own.scratch * 4) == (arena == "stack")
        weights = sum(part.size * 4 for name, part in program_of(cnn).constants.items() if part.size > 100)
        assert weights < found.flash < weights + 8_000


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("arm-none-eabi-gcc") and shutil.which("qemu-system-arm")), reason="no Cortex-M4 here"
)
def test_a_cortex_m4_says_the_same(cnn: Artifact, build: Build, tmp_path: Path) -> None:
    own = source(cnn, program_of(cnn), file="room.c", arena="state", precision="float")
    readings = calm(60, seed=5)
    readings[45:50, 0] += 30
    here = told(build(own, MAIN), readings)
    folder = tmp_path / "board"
    folder.mkdir()
    numbers = ", ".join(f"{value!r}f" for value in readings.reshape(-1).tolist())
    written({**own.files, "main.c": _BOARD.format(numbers=numbers, count=len(readings)).encode()}, folder)
    (folder / "board.ld").write_text(_PLACES)
    flags = ["-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard", "-std=c99", "-Os"]
    linked = ["-nostartfiles", "--specs=rdimon.specs", "-T", "board.ld"]
    command = ["arm-none-eabi-gcc", *flags, "room.c", "main.c", *linked, "-o", "board.elf", "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    machine = ["qemu-system-arm", "-M", "mps2-an386", "-nographic", "-semihosting", "-kernel", "board.elf"]
    ran = subprocess.run(machine, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    there = [line.split() for line in (ran.stdout + ran.stderr).splitlines() if line.startswith("r ")]
    assert len(there) == len(readings), ran.stdout + ran.stderr
    for (_, status, millionths, _, alarm), (code, score, _, rings) in zip(there, here, strict=True):
        assert (int(status), int(alarm)) == (code, rings)
        if code == 0:
            assert abs(int(millionths) / 1e6 - score) < 1e-4 * max(score, 1) + 1e-6


_PLACES = """\
MEMORY { FLASH (rx) : ORIGIN = 0x0, LENGTH = 4M  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 4M }
ENTRY(begin)
SECTIONS {
  .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) *(.ARM.ex*) } > FLASH
  .data : { *(.data*) } > RAM
  .bss : { *(.bss*) *(COMMON) } > RAM
  end = .;
}
"""

_BOARD = """\
#include "room.h"
#include <math.h>
static const float readings[] = {{ {numbers} }};
static room_state state;
static room_result result;
static void say(const char *text) {{
    register int operation __asm__("r0") = 4;
    register const char *what __asm__("r1") = text;
    __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(what) : "memory");
}}
static void number(long value) {{
    char text[16]; int at = 15; text[at] = 0; text[--at] = ' ';
    long left = value < 0 ? -value : value;
    do {{ text[--at] = (char)('0' + left % 10); left /= 10; }} while (left);
    if (value < 0) {{ text[--at] = '-'; }}
    say(text + at);
}}
void begin(void) {{
    *(volatile unsigned *)0xE000ED88 |= 0xFu << 20; /* the floating point unit is off after reset */
    __asm__ volatile("dsb; isb");
    room_init(&state);
    for (int k = 0; k < {count}; ++k) {{
        room_push(&state, readings + 3 * k, &result);
        say("r ");
        number((long)result.status);
        number(result.status == ROOM_OK ? (long)(result.score * 1e6f) : 0);
        number(result.anomaly);
        number(result.alarm);
        say("\\n");
    }}
    register int operation __asm__("r0") = 0x18;
    register int reason __asm__("r1") = 0x20026;
    __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(reason));
    for (;;) {{ }}
}}
static char stack[16384];
__attribute__((section(".vectors"), used)) void *const vectors[] = {{ stack + sizeof stack, (void *)begin }};
"""
