import threading
from pathlib import Path

import pytest

from tests.commands.scripted_app import ScriptedApp
from tray import instance_lock
from tray.commands import start
from tray.control import server
from tray.errors import AlreadyRunning
from tray.paths import locate
from tray.run_options import RunOptions


def test_a_second_start_brings_word_to_a_first_that_does_not_listen_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESENCE_TRAY_HOME", str(tmp_path))
    paths, first = locate(demo=False), ScriptedApp({})
    servers: list[server.Server] = []
    with instance_lock.claim(paths.lock_file):
        starting = threading.Timer(0.3, lambda: servers.append(server.serve(paths.channel, first.answer)))
        starting.start()
        with pytest.raises(AlreadyRunning):
            start.start(RunOptions())
        starting.join()
    servers[0].stop()
    assert first.heard == [{"do": "second-start"}]
