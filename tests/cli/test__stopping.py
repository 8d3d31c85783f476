"""Ending in good order, also where the terminal is closed; and being told to read settings anew."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys

SCRIPT = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from tocsin.cli._stopping import stopping
with stopping(reload=lambda: os.write(int(sys.argv[1]), b"reloaded\\n")) as stop:
    os.write(int(sys.argv[1]), b"ready\\n")
    while not stop.wait(0.05):
        pass
os.write(int(sys.argv[1]), b"ended\\n")
"""


def test_sighup_reads_anew_and_a_terminal_that_is_closed_ends_it() -> None:
    outside, terminal = pty.openpty()
    told, tells = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tells)],
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, pass_fds=[tells],
    ) as process:  # fmt: skip
        os.close(terminal)
        os.close(tells)
        assert os.read(told, 100) == b"ready\n"
        process.send_signal(signal.SIGHUP)
        assert os.read(told, 100) == b"reloaded\n"
        os.close(outside)
        assert process.wait(20) == 0
    assert os.read(told, 100) == b"ended\n"
    os.close(told)
