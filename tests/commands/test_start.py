import threading
from pathlib import Path

import pytest

from tests.commands.scripted_app import ScriptedApp
from tray.commands import start
from tray.desktop import control, instance
from tray.errors import AlreadyRunning
from tray.options import RunOptions
from tray.paths import locate


def test_a_second_start_brings_word_to_a_first_that_does_not_listen_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESENCE_TRAY_HOME", str(tmp_path))
    paths, first = locate(demo=False), ScriptedApp({})
    servers: list[control.Server] = []
    with instance.claim(paths.lock_file):
        starting = threading.Timer(0.3, lambda: servers.append(control.serve(paths.channel, first.answer)))
        starting.start()
        with pytest.raises(AlreadyRunning):
            start.start(RunOptions())
        starting.join()
    servers[0].stop()
    assert first.heard == [{"do": "second-start"}]
