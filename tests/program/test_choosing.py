from collections.abc import Callable

import pytest

from tests.desktop.private_bus import PrivateBus
from tray.core.login import LOGIN_LASTS
from tray.desktop.choosing import HOST_LASTS, open_face
from tray.desktop.face import Face
from tray.desktop.headless import HeadlessFace
from tray.desktop.linux.tray import LinuxTray
from tray.desktop.reserving import reserve
from tray.run_options import RunOptions


def opened(options: RunOptions, shown: Callable[[], None] = lambda: None) -> Face:
    return open_face(options, reserve(options), lambda _event: None, shown)


@pytest.mark.parametrize(("at_login", "patience"), [(True, LOGIN_LASTS), (False, HOST_LASTS)])
def test_after_a_login_a_panel_may_take_longer(
    bus: PrivateBus, monkeypatch: pytest.MonkeyPatch, at_login: bool, patience: object
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    face = opened(RunOptions(at_login=at_login))
    assert isinstance(face, LinuxTray)
    assert face._wait_for_host == patience
    face._bus.close()


def test_at_login_without_a_bus_nothing_is_shown_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    shown: list[bool] = []
    face = opened(RunOptions(at_login=True), lambda: shown.append(True))
    assert isinstance(face, HeadlessFace)
    assert shown == [True]
