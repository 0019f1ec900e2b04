"""What of the suite is not run under Wine, and why; a pytest plugin (`-p tests.lanes.wine.left_out`)."""

from pathlib import Path

import pytest

ARITHMETIC = "minutes of pure arithmetic, the same on every system"
LINUX_TRAY = "Linux's tray and its notices, on a private D-Bus; desk_check.py has Windows'"
LINUX_SLEEP = "logind, on a private D-Bus; test_power.py has Windows'"
LINUX_DESKTOP = "the program on a private D-Bus, or its descriptors and threads in /proc; program_check.py has Windows'"
LINUX_OPENER = "a stand-in for xdg-open on named pipes; opening_check.py has Windows'"
NO_OPENER = "takes the opener away with PATH; Windows' own would open the browser; opening_check.py has it"
PACKAGES = "Linux's packages and shells; installer_check.py has Windows'"
KWALLET = "KDE's keyring, in a module with SecretStorage, which needs cryptography: its Rust module Wine cannot load"
NO_KEYRING = "takes the keyring away with its bus; the Credential Manager cannot be taken away"
PROC = "reads arguments and environment of a process in /proc"
HURRY = "two hours in two seconds, which pass here before Wine's Python has loaded what holds them"
PIPELINE = "a shell's pipeline"
ROOTS = "takes a root away that is in the user's store: Wine has no chain engine for SSL_CERT_FILE (see roots.py)"
TERMINAL = "imports termios, Linux's terminal; test_terminal.py has what runs everywhere"
LINUX_SENSORS = "PulseAudio, logind and the screensavers; sensors_check.py has Windows'"
DOCUMENTS = "documents, the same on every system; what is frozen here is a part of the project"
CATALOGUES = "texts, the same on every system, read by Babel"

# Files and folders that are not even imported.
NOT_COLLECTED = {
    "tests/benchmarks": ARITHMETIC,
    "tests/days": ARITHMETIC,
    "tests/packaging": PACKAGES,
    "tests/desktop/linux/test_microphone.py": LINUX_SENSORS,
    "tests/messages/test_catalogue.py": CATALOGUES,
    "tests/messages/test_locale.py": CATALOGUES,
    "tests/messages/test_pseudo.py": CATALOGUES,
    "tests/settings_page/test_languages.py": CATALOGUES,
    "tests/test_documents.py": DOCUMENTS,
    "tests/program/test_channel_taken.py": TERMINAL,
    "tests/program/test_threads.py": TERMINAL,
    "tests/program/test_tray_goes_on.py": TERMINAL,
}
# Parts of a test's name.
LEFT_OUT = {
    "tests/desktop/linux/test_tray.py": LINUX_TRAY,
    "tests/desktop/linux/test_notifications.py": LINUX_TRAY,
    "tests/desktop/test_system.py": LINUX_TRAY,
    "tests/desktop/linux/test_logind.py": LINUX_SLEEP,
    "tests/desktop/linux/test_screen_lock.py": LINUX_SENSORS,
    "tests/program/test_rules.py": LINUX_DESKTOP,
    "tests/program/test_tray_on_a_bus.py": LINUX_DESKTOP,
    "tests/program/test_tray_under_fire.py": LINUX_DESKTOP,
    "test_a_document_is_opened_while": LINUX_OPENER,
    "test_what_is_not_there_yet_is_shown": LINUX_OPENER,
    "test_the_opener_gets_nothing_of_ours": LINUX_OPENER,
    "test_an_opener_that_fails": LINUX_OPENER,
    "test_a_missing_opener_leaves": LINUX_OPENER,
    "test_the_target_is_named_for_those_who_cannot_open_it": NO_OPENER,
    "TestWallet": KWALLET,
    "test_a_closed_wallet_is_reported": KWALLET,
    "test_without_a_bus_there_is_no_keyring": NO_KEYRING,
    "test_without_a_keyring_the_sign_in_lasts": NO_KEYRING,
    "test_where_there_is_no_keyring_it_says_so": NO_KEYRING,
    "test_nothing_secret_is_in_arguments": PROC,
    "test_a_certificate_that_nobody_vouches_for_is_not_trusted": ROOTS,
    "test_a_company_root_that_is_installed_while_it_runs": ROOTS,
    "test_the_demo_hurries_without_trouble": HURRY,
    "test_a_reader_that_goes_away": PIPELINE,
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
