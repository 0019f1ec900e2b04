"""The face where there is neither a tray nor a terminal."""

import threading

import pytest

from tray.core.view_model import Icon, Notice, Shape, View
from tray.desktop.face import NullFace


def test_the_face_that_shows_nothing_waits_and_logs_notices(caplog: pytest.LogCaptureFixture) -> None:
    face = NullFace()
    thread = threading.Thread(target=face.run)
    thread.start()
    face.show(View(Icon(Shape.IDLE), "t", "t", (), {}))
    face.notify(Notice("x", "No network.", "Wait."))
    assert thread.is_alive()
    face.stop()
    thread.join()
    assert "No network. Wait." in caplog.text
