"""Who uses the microphone, as real sound servers tell it: what counts, what does not, and servers that come and go."""

import contextlib
import logging
import os
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from tests.desktop.linux.recorder import PEAK_DETECT, START_CORKED
from tests.desktop.linux.sound import NEEDED, PATIENCE, SPEAKER, PipeWire, PulseAudio, SoundServer
from tests.rows import for_each
from tray.core.rules import CannotTell, Free, MicrophoneReading, Unknown, Used
from tray.desktop.linux.microphone import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    NO_INDEX,
    Appeared,
    PulseMicrophone,
    Stream,
    reading_of,
    server_socket,
    watched,
)
from tray.desktop.sensors import Ignored

Words = SimpleQueue[MicrophoneReading]
NO_SERVER = CannotTell(Unknown.NO_SERVER)
real_sound = pytest.mark.needs(*NEEDED)


@pytest.fixture(params=[PulseAudio, PipeWire])
def server(request: pytest.FixtureRequest) -> Iterator[SoundServer]:
    with request.param() as server:
        yield server


@pytest.fixture
def words() -> Words:
    return SimpleQueue()


@pytest.fixture
def microphone(server: SoundServer, words: Words, monkeypatch: pytest.MonkeyPatch) -> Iterator[PulseMicrophone]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(server.folder))  # libpulse reads the environment itself
    monkeypatch.setenv("HOME", str(server.folder))
    monkeypatch.delenv("PULSE_SERVER", raising=False)
    microphone = PulseMicrophone(words.put, Ignored(["EasyEffects"]), server.environ)
    yield microphone
    microphone.stop()
    microphone._thread.join(PATIENCE)
    assert not microphone._thread.is_alive()


def wake_ups(thread: threading.Thread) -> int:
    """Return how often a thread has been woken since it started."""
    lines = Path(f"/proc/self/task/{thread.native_id}/status").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)


def asleep(thread: threading.Thread) -> int:
    """Return how often a thread was woken by the time it has nothing left to do."""
    woken = -1
    while woken != (woken := wake_ups(thread)):
        time.sleep(0.5)
    return woken


# --------------------------------------------------------------------------- real servers


@real_sound
def test_a_program_that_records_is_named_until_it_ends(
    server: SoundServer, microphone: PulseMicrophone, words: Words
) -> None:
    server.start()
    microphone.start()
    assert words.get(timeout=PATIENCE) == Free()
    for name in ("Zoom", "Firefox"):
        with server.parecord(name):
            assert words.get(timeout=PATIENCE) == Used(name)
        assert words.get(timeout=PATIENCE) == Free()


@real_sound
def test_of_two_programs_the_one_that_began_is_named_and_then_the_other(
    server: SoundServer, microphone: PulseMicrophone, words: Words
) -> None:
    server.start()
    microphone.start()
    assert words.get(timeout=PATIENCE) == Free()
    with contextlib.ExitStack() as other:
        with server.parecord("Zoom"):
            assert words.get(timeout=PATIENCE) == Used("Zoom")
            other.enter_context(server.parecord("OBS"))
            server.wait_until_running(2)
        assert words.get(timeout=PATIENCE) == Used("OBS")
    assert words.get(timeout=PATIENCE) == Free()


@real_sound
def test_what_only_looks_like_a_recorder_does_not_count(
    server: SoundServer, microphone: PulseMicrophone, words: Words
) -> None:
    server.start()
    microphone.start()
    assert words.get(timeout=PATIENCE) == Free()
    with (
        server.parecord("Monitor", f"{SPEAKER}.monitor"),
        server.parecord("teams-for-linux"),
        server.parecord("easyeffects"),
        server.recorder("Corked", START_CORKED),
        server.recorder("Volume peak detect", PEAK_DETECT),
    ):
        assert server.streams() == 5
        with server.parecord("Zoom"):
            assert words.get(timeout=PATIENCE) == Used("Zoom")  # and nobody before
        assert words.get(timeout=PATIENCE) == Free()


@real_sound
def test_the_server_may_come_later_die_and_come_back(
    server: SoundServer, microphone: PulseMicrophone, words: Words
) -> None:
    microphone.start()
    assert words.get(timeout=PATIENCE) == NO_SERVER
    for _life in range(2):
        server.start()
        assert words.get(timeout=PATIENCE) == Free()
        with server.parecord("Zoom"):
            assert words.get(timeout=PATIENCE) == Used("Zoom")
            server.kill()
        assert words.get(timeout=PATIENCE) == NO_SERVER


@real_sound
def test_nothing_wakes_while_nothing_changes(server: SoundServer, microphone: PulseMicrophone, words: Words) -> None:
    server.start()
    microphone.start()
    assert words.get(timeout=PATIENCE) == Free()
    with server.parecord("Zoom"):
        assert words.get(timeout=PATIENCE) == Used("Zoom")
        before = asleep(microphone._thread)
        time.sleep(3)  # the recording goes on all the while
        assert wake_ups(microphone._thread) == before


# --------------------------------------------------------------------------- no server, no library

GARBAGE = {"hangs up": b"", "a huge length": b"\xff" * 20}


@pytest.mark.needs("pactl")  # whose package brings libpulse
@pytest.mark.parametrize("says", GARBAGE.values(), ids=list(GARBAGE))
def test_a_server_that_talks_nonsense_is_an_error_and_is_asked_again(
    tmp_path: Path, words: Words, monkeypatch: pytest.MonkeyPatch, says: bytes
) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/native")
    monkeypatch.setenv("HOME", str(tmp_path))
    with socket.create_server(str(tmp_path / "native"), family=socket.AF_UNIX) as listening:
        microphone = PulseMicrophone(words.put, Ignored())
        microphone.start()
        for _time in range(2):
            connection, _ = listening.accept()
            with connection:
                connection.sendall(says)
    assert words.get(timeout=PATIENCE) == CannotTell(Unknown.FAILED)
    microphone.stop()
    assert words.empty()


def test_a_socket_that_cannot_be_waited_for_is_looked_for_again_and_again(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.ExitStack() as watching:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))  # the user's programs have used up all there is
        try:
            appeared = watching.enter_context(watched(tmp_path / "pulse" / "native"))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        assert appeared is None


def test_without_libpulse_it_cannot_tell_and_one_line_says_why(words: Words, caplog: pytest.LogCaptureFixture) -> None:
    def missing() -> Any:
        raise OSError

    caplog.set_level(logging.INFO)
    microphone = PulseMicrophone(words.put, Ignored(), {}, missing)
    microphone.start()
    assert words.get(timeout=PATIENCE) == CannotTell(Unknown.NO_LIBRARY)
    microphone.stop()
    assert len(caplog.messages) == 1


def test_pauses_grow_up_to_a_minute_and_begin_anew_when_the_socket_appears(tmp_path: Path, words: Words) -> None:
    microphone = PulseMicrophone(words.put, Ignored(), {"XDG_RUNTIME_DIR": str(tmp_path)})
    appeared = Appeared(tmp_path / "pulse" / "native")
    try:
        pauses = [FIRST_PAUSE / 1000]
        for _try in range(4):
            pauses.append(microphone._wait(pauses[-1], appeared))
        assert pauses[1:] == [2 * pause for pause in pauses[:-1]]
        assert microphone._wait(0.001, None) == 0.002

        folder = tmp_path / "pulse"
        threading.Timer(0.2, folder.mkdir).start()
        assert microphone._wait(LONGEST_PAUSE, appeared) == FIRST_PAUSE
        threading.Timer(0.2, (folder / "native").touch).start()
        assert microphone._wait(LONGEST_PAUSE, appeared) == FIRST_PAUSE

        (folder / "pid").touch()
        (tmp_path / "bus").touch()
        assert microphone._wait(0.05, appeared) == 0.1
        microphone._bell.close()
        assert microphone._wait(LONGEST_PAUSE, appeared) == LONGEST_PAUSE
    finally:
        os.close(appeared.fileno)
        microphone._bell.close()
        microphone._heard.close()


@pytest.mark.parametrize(
    ("environ", "right"),
    [
        ({}, None),
        ({"XDG_RUNTIME_DIR": "/run/user/1"}, "/run/user/1/pulse/native"),
        ({"XDG_RUNTIME_DIR": "/run/user/1", "PULSE_RUNTIME_PATH": "/opt/pulse"}, "/opt/pulse/native"),
        (
            {"XDG_RUNTIME_DIR": "/run/user/1", "PULSE_SERVER": "unix:/run/flatpak/pulse/native"},
            "/run/flatpak/pulse/native",
        ),
        ({"PULSE_SERVER": "{0123abcd}unix:/mnt/wslg/PulseServer"}, "/mnt/wslg/PulseServer"),
        ({"PULSE_SERVER": "/run/pulse"}, "/run/pulse"),
        ({"XDG_RUNTIME_DIR": "/run/user/1", "PULSE_SERVER": "tcp:10.0.0.1:4713"}, None),
        ({"XDG_RUNTIME_DIR": "/run/user/1", "PULSE_SERVER": " "}, "/run/user/1/pulse/native"),
        ({"PULSE_SERVER": "unix:/run/pulse tcp:10.0.0.1"}, "/run/pulse"),
    ],
)
def test_the_servers_socket_is_where_libpulse_looks(environ: dict[str, str], right: str | None) -> None:
    assert server_socket(environ) == (Path(right) if right else None)


# --------------------------------------------------------------------------- what counts

MONITOR = 7
COUNTS = [
    ({"application.name": "ZOOM VoiceEngine"}, "ZOOM VoiceEngine"),
    ({"application.process.binary": "firefox"}, "firefox"),
    ({"media.name": "Recording"}, "Recording"),
    ({}, ""),
    ({"application.name": "obs", "corked": True}, None),
    ({"application.name": "plasmashell", "source": NO_INDEX}, None),
    ({"application.name": "parec", "source": MONITOR}, None),
    ({"application.name": "cava", "stream.monitor": "true"}, None),
    ({"application.name": "echo-cancel", "node.virtual": "true"}, None),
    ({"application.name": "GNOME Settings", "application.id": "org.gnome.VolumeControl"}, None),
    ({"application.name": "PulseAudio Volume Control", "application.id": "org.PulseAudio.pavucontrol"}, None),
    ({"application.name": "Quickshell", "media.name": "Peak Detect"}, None),
    ({"application.name": "Chromium input", "application.process.binary": "teams-for-linux"}, None),
    ({"application.name": "Chromium input", "application.id": "com.github.IsmaelMartinez.teams_for_linux"}, None),
    ({"application.name": "EasyEffects"}, None),
    ({"application.name": "x", "application.process.binary": "OBS"}, None),
    ({"application.name": "obs-studio"}, "obs-studio"),
]


@for_each(("told", "named"), COUNTS)
def test_a_stream_counts_unless_something_says_that_it_is_no_call(told: dict[str, Any], named: str | None) -> None:
    stream = Stream(1, told.pop("source", 3), told.pop("corked", False), told)
    reading = reading_of([stream], frozenset({MONITOR}), Ignored(["easyeffects", "obs"]))
    assert reading == (Free() if named is None else Used(named))
