"""What belongs to this system: which face shows the app."""

import pytest

from tests.desktop.private_bus import PrivateBus
from tray.desktop.face import NullFace
from tray.desktop.linux.tray import LinuxTray
from tray.desktop.system import LOGIN_LASTS, PANEL_RETURNS, open_desktop


@pytest.mark.parametrize(("at_login", "patience"), [(True, LOGIN_LASTS), (False, PANEL_RETURNS)])
def test_after_a_login_a_panel_may_take_longer(
    bus: PrivateBus, monkeypatch: pytest.MonkeyPatch, at_login: bool, patience: object
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    face, *_ = open_desktop(lambda _event: None, at_login=at_login, hold=False)
    assert isinstance(face, LinuxTray)
    assert face._wait_for_host == patience
    face.bus.close()


def test_at_login_without_a_bus_nothing_is_shown_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    face, *_ = open_desktop(lambda _event: None, at_login=True, hold=False)
    assert isinstance(face, NullFace)
