"""Launch at login on Windows: the value that is written, and what others wrote."""

import sys
from pathlib import Path

import pytest

from tests.desktop.windows.registry import Registry
from tray.desktop.autostart import Launch
from tray.desktop.windows import autostart
from tray.desktop.windows.autostart import APPROVED, RUN, VALUE, RunKey


def test_the_program_is_quoted_and_the_task_managers_ban_is_lifted() -> None:
    registry = Registry()
    registry.values[APPROVED, VALUE] = b"\x03" + bytes(11)
    RunKey(registry, ("C:\\Program Files\\P\\presence-tray.exe", "--at-login")).switch(on=True)
    assert registry.values == {(RUN, VALUE): '"C:\\Program Files\\P\\presence-tray.exe" --at-login'}


@pytest.mark.parametrize(("first_byte", "launch"), [(b"\x02", Launch.ON), (b"\x03", Launch.OFF), (b"", Launch.ON)])
def test_the_task_managers_switch_counts(program: Path, first_byte: bytes, launch: Launch) -> None:
    registry = Registry()
    system = RunKey(registry, (str(program),))
    system.switch(on=True)
    registry.values[APPROVED, VALUE] = first_byte
    assert system.read() is launch


def test_a_command_that_windows_would_cut_is_refused() -> None:
    with pytest.raises(OSError, match="260"):
        RunKey(Registry(), ("C:\\" + "x" * 300,)).switch(on=True)


@pytest.mark.parametrize("value", [5, "", "C:\\gone.exe --at-login"])
def test_what_others_wrote_is_understood(value: object) -> None:
    registry = Registry()
    registry.values[RUN, VALUE] = value
    assert RunKey(registry, ("x",)).read() is (Launch.OFF if value == 5 else Launch.STALE)


@pytest.mark.skipif(sys.platform != "win32", reason="the real registry")
def test_the_real_registry_does_the_same() -> None:
    registry = autostart.WindowsRegistry()  # type: ignore[attr-defined]
    key = r"Software\presence-tray-test"
    registry.delete(key, "x")
    registry.set(key, "x", "y")
    assert registry.get(key, "x") == "y"
    registry.delete(key, "x")
    assert registry.get(key, "x") is None
