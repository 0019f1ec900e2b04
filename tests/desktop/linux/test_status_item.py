"""Whether there is a panel, as the bus tells."""

import sys

import pytest

from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tray.desktop.linux.bus import NoSessionBus
from tray.desktop.linux.status_item import host_present

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux may be without a tray")


def test_a_panel_is_seen_once_it_is_there() -> None:
    with PrivateBus() as bus:
        assert host_present(bus.environ) is False
        with TrayHost(bus.address):
            assert host_present(bus.environ) is True


def test_no_bus_is_an_error_with_words() -> None:
    with pytest.raises(NoSessionBus):
        host_present({})
