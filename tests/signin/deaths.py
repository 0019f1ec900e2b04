"""Notes when a keyring daemon of the tests has died by itself; loaded on every system, so it imports only Python."""

import signal
from subprocess import Popen

ENDS_OF_ITS_OWN = {-5, -signal.SIGABRT, -signal.SIGSEGV}  # 5 is SIGTRAP, for which Windows has no name
running: set[Popen[bytes]] = set()


class KeyringDaemonDied(Exception):  # noqa: N818  an event; tests/conftest.py has its test run again
    """gnome-keyring ended by an assertion of its own, so the test proves nothing and is run again.

    It crashes, seldom, when one client leaves while another opens its session: `client` is null in
    `gkd_secret_service_get_pkcs11_session`.
    """


def raise_for_death() -> None:
    """Raise KeyringDaemonDied if a daemon has crashed."""
    ends = {daemon.poll() for daemon in running}
    if own := ENDS_OF_ITS_OWN & ends:
        raise KeyringDaemonDied(f"gnome-keyring ended by signal {-own.pop()}")
