"""What of the suite is not run under Wine, and why; a pytest plugin (`-p tests.wine.left_out`)."""

from pathlib import Path

import pytest

CERTIFICATES = "makes certificates with cryptography, whose Rust module Wine cannot load"
LINUX = "looks for Linux: D-Bus, logind, Unix sockets or xdg-open"
DRIVES_LINUX = "drives the program in a Linux desktop; program_check.py does it under Wine"
TOO_SLOW = "floods a call for its ten seconds; Wine's sockets do not carry as much in that time"
ARITHMETIC = "minutes of pure arithmetic, the same on every system"

KEYRINGS = "imports SecretStorage, on cryptography again; vault_check.py does it in the Credential Manager"

# Files and folders that are not even imported.
NOT_COLLECTED = {
    "tests/packaging": DRIVES_LINUX,
    "tests/program/test_tray_goes_on.py": DRIVES_LINUX,
}
# Parts of a test's name.
LEFT_OUT = {
    "tests/desktop/test_linux_tray.py": LINUX,
    "tests/desktop/test_notifications.py": LINUX,
    "tests/desktop/test_sleep.py": LINUX,
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    place = collection_path.relative_to(config.rootpath).as_posix()
    return True if place in NOT_COLLECTED else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for place, reason in NOT_COLLECTED.items():
        terminalreporter.write_line(f"NOT RUN {place}: {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.nodeid.replace("\\", "/")
        reason = next((why for part, why in LEFT_OUT.items() if part in place), None)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
