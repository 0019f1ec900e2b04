"""Whether there is a panel, as the bus tells."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tray.desktop.face import Host
from tray.desktop.linux.bus import NoSessionBus
from tray.desktop.linux.status_item import find_host

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux may be without a tray")


@pytest.mark.parametrize(("answers", "found"), [(True, Host.THERE), (False, Host.SILENT)])
def test_a_panel_is_seen_once_it_is_there_and_answers(answers: bool, found: Host) -> None:
    """A daemon of KDE may have the watcher's name without its object."""
    with PrivateBus() as bus, ThreadPoolExecutor(1) as pool:
        assert find_host(bus.environ) is Host.ABSENT
        with TrayHost(bus.address) as host:
            host.answers = answers
            looking = pool.submit(find_host, bus.environ)
            host.handle_until(looking.done)
            assert looking.result() is found


def test_no_bus_is_an_error_with_words() -> None:
    with pytest.raises(NoSessionBus):
        find_host({})
