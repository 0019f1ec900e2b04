from tests.desktop.conftest import StartTray
from tests.desktop.tray_host import TrayHost
from tray.core.events import LeaveAsked, Leaving
from tray.core.look import Icon, Row, RowKind, Shape, View


def test_a_view_is_shown_and_a_click_posts_its_event(host: TrayHost, start_tray: StartTray) -> None:
    leave = LeaveAsked(Leaving.QUIT)
    rows = (Row("quit", RowKind.ACTION, "Quit", event=leave),)
    with start_tray() as running:
        running.tray.show(View(Icon(Shape.BUSY), "Presence Tray", "Busy", rows, {}))
        host.wait_item()
        host.wait_for(lambda: any(member == "LayoutUpdated" for member, _ in host.signals))
        host.click("Quit")
        assert running.posted == [leave]
