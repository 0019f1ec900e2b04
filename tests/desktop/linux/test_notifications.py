"""Notices, seen by a stand-in for the desktop's popups."""

import logging

import pytest

from tests.desktop.conftest import StartTray
from tests.desktop.linux.notice_daemon import NoticeDaemon
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tray.core.events import ChosenStatusClearAsked, SignInAsked
from tray.core.view_model import Notice, Remedy

SIGN_IN = Notice("sign-in", "Sign in again", "Microsoft <wants> you & me.", Remedy("Sign in", SignInAsked()))


def test_a_notice_is_shown_with_its_picture_and_its_remedy(bus: PrivateBus, start_tray: StartTray) -> None:
    with NoticeDaemon(bus.address, "actions", "body") as daemon, start_tray() as running:
        running.tray.notify(SIGN_IN)
        popup = daemon.wait_popup()
    assert (popup.app_name, popup.title, popup.message) == ("Presence Tray", SIGN_IN.title, SIGN_IN.message)
    assert popup.actions == ["remedy", "Sign in"]
    assert popup.hints["desktop-entry"] == ("s", "presence-tray")
    signature, (width, height, row_length, has_alpha, bits, channels, pixels) = popup.hints["image-data"]
    assert signature == "(iiibiiay)"
    assert (row_length, has_alpha, bits, channels) == (width * 4, True, 8, 4)
    assert len(pixels) == height * row_length


def test_a_remedy_needs_a_daemon_with_buttons_and_markup_one_that_reads_it(
    bus: PrivateBus, start_tray: StartTray
) -> None:
    with NoticeDaemon(bus.address, "body-markup") as daemon, start_tray() as running:
        running.tray.notify(SIGN_IN)
        popup = daemon.wait_popup()
    assert popup.actions == []
    assert popup.message == "Microsoft &lt;wants&gt; you &amp; me."


def test_the_button_posts_the_remedys_event_once(bus: PrivateBus, start_tray: StartTray) -> None:
    with NoticeDaemon(bus.address, "actions") as daemon, start_tray() as running:
        running.tray.notify(SIGN_IN)
        daemon.wait_popup()
        daemon.say("ActionInvoked", "us", 1, "remedy")
        daemon.say("ActionInvoked", "us", 1, "remedy")
        running.wait_until(lambda: running.posted != [])
        running.tray.notify(SIGN_IN)
        daemon.wait_popup()
    assert running.posted == [SignInAsked()]


@pytest.mark.parametrize(
    ("member", "signature", "values"),
    [
        ("ActionInvoked", "us", (1, "default")),
        ("ActionInvoked", "us", (7, "remedy")),
        ("ActionInvoked", "uu", (1, 1)),
        ("NotificationClosed", "uu", (1, 2)),
    ],
)
def test_what_is_not_the_button_posts_nothing(
    bus: PrivateBus, start_tray: StartTray, member: str, signature: str, values: tuple[object, ...]
) -> None:
    with NoticeDaemon(bus.address, "actions") as daemon, start_tray() as running:
        running.tray.notify(SIGN_IN)
        daemon.wait_popup()
        daemon.say(member, signature, *values)
        running.tray.notify(SIGN_IN)
        daemon.wait_popup()
    assert running.posted == []


def test_only_the_daemon_that_shows_a_notice_can_press_its_button(bus: PrivateBus, start_tray: StartTray) -> None:
    with NoticeDaemon(bus.address, "actions") as daemon, start_tray() as running:
        running.tray.notify(SIGN_IN)
        daemon.wait_popup()
        daemon.disown("org.freedesktop.Notifications")
        with NoticeDaemon(bus.address, "actions") as other:
            other.say("ActionInvoked", "us", 1, "remedy")
            running.tray.notify(SIGN_IN)
            assert other.wait_popup().replaces == 0
    assert running.posted == []


def test_a_notice_of_the_same_key_replaces_the_earlier_one(bus: PrivateBus, start_tray: StartTray) -> None:
    with NoticeDaemon(bus.address, "actions") as daemon, start_tray() as running:
        running.tray.notify(Notice("network", "No connection", "It comes back by itself."))
        assert daemon.wait_popup().replaces == 0
        running.tray.notify(Notice("chosen", "Other", "", Remedy("Clear", ChosenStatusClearAsked())))
        assert daemon.wait_popup().replaces == 0
        running.tray.notify(Notice("network", "Connected", "Your state is shown again."))
        assert daemon.wait_popup().replaces == 1


def test_a_notice_of_the_daemon_before_is_not_replaced(bus: PrivateBus, start_tray: StartTray) -> None:
    with start_tray() as running:
        for _daemon in range(2):  # the second one counts from the beginning: the number may be another program's notice
            with NoticeDaemon(bus.address, "actions") as daemon:
                running.tray.notify(Notice("network", "No connection", "It comes back by itself."))
                assert daemon.wait_popup().replaces == 0


def test_without_a_daemon_a_notice_is_a_line_in_the_log(
    host: TrayHost, start_tray: StartTray, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "tray.desktop"), start_tray() as running:
        host.wait_item()
        running.tray.notify(SIGN_IN)
        running.wait_until(lambda: len(caplog.messages) > 0)
    assert caplog.messages == [
        "No notification could be shown (org.freedesktop.DBus.Error.ServiceUnknown): Sign in again"
    ]


def test_a_daemon_that_hangs_is_given_up_and_the_tray_goes_on(
    bus: PrivateBus, host: TrayHost, start_tray: StartTray, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING, "tray.desktop"),
        NoticeDaemon(bus.address, hung=True) as daemon,
        start_tray() as running,
    ):
        host.wait_item()
        running.bus.patience = 0.05
        running.tray.notify(SIGN_IN)
        daemon.wait_question()
        running.wait_until(lambda: len(caplog.messages) > 0)
        host.settle()
    assert caplog.messages == ["No notification could be shown (org.freedesktop.DBus.Error.NoReply): Sign in again"]


@pytest.mark.parametrize("method", ["GetCapabilities", "Notify"])
def test_a_daemon_that_answers_nonsense_is_a_line_in_the_log(
    bus: PrivateBus, start_tray: StartTray, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    with (
        caplog.at_level(logging.WARNING, "tray.desktop"),
        NoticeDaemon(bus.address, broken=method) as daemon,
        start_tray() as running,
    ):
        running.tray.notify(SIGN_IN)
        daemon.handle_until(lambda: len(caplog.messages) > 0)
    assert caplog.messages == [
        "No notification could be shown (org.freedesktop.DBus.Error.InvalidSignature): Sign in again"
    ]
