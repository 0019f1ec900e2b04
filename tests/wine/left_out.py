"""What of the suite is not run under Wine, and why; a pytest plugin (`-p tests.wine.left_out`)."""

import pytest

CERTIFICATES = "makes certificates with cryptography, whose Rust module Wine cannot load"
LINUX = "looks for Linux: D-Bus, logind, Unix sockets or xdg-open"
DRIVES_LINUX = "drives the program in a Linux desktop; program_check.py does it under Wine"
ARITHMETIC = "minutes of pure arithmetic, the same on every system"

LEFT_OUT = {
    "tests/days/": ARITHMETIC,
    "tests/program/": DRIVES_LINUX,
    "tests/packages/": DRIVES_LINUX,
    "tests/packaging/": DRIVES_LINUX,
    "tests/core/test_machine": ARITHMETIC,
    "tests/desktop/test_linux_tray.py": LINUX,
    "tests/desktop/test_notifications.py": LINUX,
    "tests/desktop/test_sleep.py": LINUX,
    "test_a_missing_opener_leaves_a_line": LINUX,
    "test_no_bus_means_no_keyring": LINUX,
    "test_a_reader_that_goes_away": LINUX,
    "tests/graph/test_giving_up.py": CERTIFICATES,
    "test_tls_is_trusted": CERTIFICATES,
    "test_without_a_keyring_the_sign_in_lasts": CERTIFICATES,
    "test_nothing_secret_is_in_arguments": CERTIFICATES,
    "test_a_sign_in_in_the_browser_through_the_child": CERTIFICATES,
    "test_a_keyring_that_dies": CERTIFICATES,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.nodeid.replace("\\", "/")
        reason = next((why for part, why in LEFT_OUT.items() if part in place), None)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
