"""Somebody else listens where the program's commands should: it goes on without them, and says so."""

import sys
import time
from pathlib import Path

import pytest

from tests.program.processes import PATIENCE, Program
from tests.program.test_tray_goes_on import log_of
from tray.control.server import serve

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it is ended by a signal")


def test_a_taken_address_keeps_no_program_from_starting(tmp_path: Path) -> None:
    program = Program(tmp_path, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus"})
    other = serve(program.paths(demo=True).channel, lambda _: {"ok": True})
    try:
        with program.running("run", "--demo", "--at-login") as process:
            limit = time.monotonic() + PATIENCE
            while "already running" not in log_of(program):
                assert process.poll() is None
                assert time.monotonic() < limit
                time.sleep(0.1)
            process.terminate()
            assert process.wait(PATIENCE) == 0
    finally:
        other.stop()
