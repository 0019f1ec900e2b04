"""What every microphone sensor does: it tells what changes, and after a defect of its own begins anew."""

import sys
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import pytest

from tests.desktop.test_windows_sensors import PATIENCE, Windows
from tray.core.effects import Watch
from tray.core.events import Event, SensorChanged
from tray.core.rules import CannotTell, Free, MicrophoneReading, Unknown, Used
from tray.core.values import Origin
from tray.desktop import sensors
from tray.desktop.macos.microphone import MacMicrophone
from tray.desktop.sensors import Ignored, MicrophoneThread, NoSensor, Sensor, Sensors, TellMicrophone
from tray.desktop.windows.microphone import WindowsMicrophone

Fail = Callable[..., Any]


def linux(tell: TellMicrophone, fail: Fail) -> Sensor:
    if sys.platform != "linux":
        pytest.skip("Linux's own")
    from tray.desktop.linux.microphone import PulseMicrophone  # noqa: PLC0415  Linux's own

    return PulseMicrophone(tell, Ignored(), {}, fail)


def macos(tell: TellMicrophone, fail: Fail) -> Sensor:
    return MacMicrophone(tell, Ignored(), fail)


def windows(tell: TellMicrophone, fail: Fail) -> Sensor:
    system = Windows(None)
    system.processes = fail  # type: ignore[method-assign]  a defect in the middle of a look
    return WindowsMicrophone(tell, Ignored(), system)


class Scripted(MicrophoneThread):
    """A sensor that says some words at once, and another one while it is being stopped."""

    def _watch(self) -> None:
        for reading in (Free(), Free(), Used("Zoom"), Used("Zoom"), Used("OBS"), Free()):
            self._say(reading)
        self._over.wait()
        self._say(Used("Zoom"))

    def _wake(self) -> None:
        pass  # it waits for nothing but the end


def test_a_word_is_told_only_when_it_changes_and_none_after_the_end() -> None:
    words = SimpleQueue[MicrophoneReading]()
    sensor = Scripted(words.put, Ignored())
    sensor.start()
    assert [words.get(timeout=PATIENCE) for _ in range(4)] == [Free(), Used("Zoom"), Used("OBS"), Free()]
    sensor.stop()
    assert words.empty()


NAMES = {
    "Zoom": "Zoom",
    " Zoom\nWorkplace\t\x1b[31m ": "Zoom Workplace [31m",
    "\u202emooZ": "mooZ",
    "\ud83d\udc69": "",
    "x" * 10_000: "x" * 39 + "…",
    "": "",
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items())
def test_a_programs_name_is_made_fit_for_a_line_of_the_menu(name: str, shown: str) -> None:
    posted: list[Event] = []

    def open_microphone(tell: TellMicrophone, _ignored: Ignored) -> Sensor:
        tell(Used(name))
        return NoSensor(lambda _word: None)

    watching = Sensors(posted.append, open_microphone, NoSensor)
    watching.watch(Watch(microphone=True))
    assert posted == [SensorChanged(Origin.MICROPHONE, Used(shown))]
    watching.stop()


@pytest.mark.parametrize("open_sensor", [linux, macos, windows])
@pytest.mark.defect_in("desktop.sensors.MicrophoneThread.__init__")
def test_a_defect_is_logged_and_the_sensor_begins_anew(
    open_sensor: Callable[[TellMicrophone, Fail], Sensor],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sensors, "PAUSE", 0.01)
    words, tries = SimpleQueue[MicrophoneReading](), SimpleQueue[bool]()

    def fail(*_: object) -> None:
        tries.put(True)
        raise RuntimeError("a defect")

    sensor = open_sensor(words.put, fail)
    sensor.start()
    assert words.get(timeout=PATIENCE) == CannotTell(Unknown.FAILED)
    for _ in range(3):
        tries.get(timeout=PATIENCE)
    sensor.stop()
    assert words.empty(), "it is said once"
    assert "a sensor failed" in caplog.text
