"""The commands that run the app in their own process."""

import threading
from pathlib import Path

from tests.commands.scripted_app import ScriptedApp
from tray.commands.run import tell_the_first
from tray.control import server
from tray.desktop.system import this_desktop
from tray.paths import locate


def test_a_second_start_waits_for_a_first_that_does_not_listen_yet(tmp_path: Path) -> None:
    paths, first = locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path)}), ScriptedApp({})
    servers: list[server.Server] = []
    starting = threading.Timer(0.3, lambda: servers.append(server.serve(paths.channel, first.answer)))
    starting.start()
    assert not tell_the_first(paths.channel)
    starting.join()
    servers[0].stop()
    assert first.heard == [{"do": "second-start", "desktop": this_desktop()}]
