"""A sound server of the test's own with a microphone and a speaker that make no sound: PulseAudio, or PipeWire."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.desktop.private_bus import PrivateBus

PATIENCE = 20  # seconds for what is bound to come
MICROPHONE, SPEAKER = "mic", "speaker"
RECORDER = Path(__file__).with_name("recorder.py")
NEEDED = ("pulseaudio", "pipewire", "wireplumber", "pipewire-pulse", "pactl", "parecord")  # programs


class SoundServer:
    """A server in a runtime folder of its own; works as root, needs no device and no desktop."""

    programs: tuple[tuple[tuple[str, ...], str], ...]  # each with the socket that the next one needs
    modules: tuple[tuple[str, ...], ...]

    def __init__(self) -> None:
        self._children: list[tuple[tuple[str, ...], subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        self._rest = contextlib.ExitStack()
        bus = self._rest.enter_context(PrivateBus())
        self.folder = Path(self._rest.enter_context(tempfile.TemporaryDirectory(prefix="sound-")))
        self.environ = {**os.environ, **bus.environ, "XDG_RUNTIME_DIR": str(self.folder), "HOME": str(self.folder)}
        for inherited in ("PULSE_SERVER", "PULSE_RUNTIME_PATH"):
            self.environ.pop(inherited, None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._rest.close()

    def start(self) -> None:
        """Start the server and wait until its microphone is there, and is the default.

        PipeWire's session manager makes it so; a stream that comes before that is at work never gets any sound.
        """
        for program, name in self.programs:
            self._children.append((program, self._start(*program)))
            self._until(lambda name=name: not name or self._listens(name))
        for module in self.modules:
            self._until(lambda module=module: self._pactl("load-module", *module) is not None)
        self._until(lambda: self._pactl("set-default-source", MICROPHONE) is not None)
        self._until(lambda: (self._pactl("get-default-source") or "").strip() == MICROPHONE)

    def kill(self) -> None:
        """End the server as a crash does."""
        while self._children:
            _program, child = self._children.pop()
            child.kill()
            child.wait()

    @contextlib.contextmanager
    def recording(self, *command: str) -> Iterator[None]:
        """Have a program record, from when the server knows of it."""
        before = self.streams()
        child = self._start(*command)
        try:
            self._until(lambda: self.streams() > before)
            yield
        finally:
            child.kill()
            child.wait()

    def parecord(self, name: str, source: str = MICROPHONE) -> contextlib.AbstractContextManager[None]:
        """Have PulseAudio's own recorder record under a name."""
        return self.recording("parecord", f"--device={source}", f"--client-name={name}", "/dev/null")

    def recorder(self, name: str, flags: int) -> contextlib.AbstractContextManager[None]:
        """Have a stream with flags that no tool offers."""
        return self.recording(sys.executable, str(RECORDER), name, MICROPHONE, str(flags))

    def streams(self) -> int:
        """Return how many streams record, whether or not they count."""
        return len((self._pactl("list", "short", "source-outputs") or "").splitlines())

    def wait_until_running(self, count: int) -> None:
        """Wait until so many streams get sound: PipeWire links a stream a moment after it is there."""
        self._until(lambda: (self._pactl("list", "source-outputs") or "").count("Corked: no") >= count)

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, env=self.environ, stdin=quiet, stdout=quiet, stderr=quiet)

    def _listens(self, name: str) -> bool:
        """Tell whether a server takes connections at its socket, which is there a moment before."""
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self.folder / name)) == 0

    def _start_again(self) -> None:
        """Start what has ended by itself once more, as systemd does: pipewire-pulse sometimes does at its start."""
        for number, (program, child) in enumerate(self._children):
            if child.poll() is not None:
                self._children[number] = (program, self._start(*program))

    def _pactl(self, *arguments: str) -> str | None:
        done = subprocess.run(["pactl", *arguments], env=self.environ, capture_output=True, text=True, check=False)
        return None if done.returncode else done.stdout

    def _until(self, condition: Callable[[], bool]) -> None:
        limit = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < limit, "the sound server never came so far"
            self._start_again()
            time.sleep(0.05)


class PulseAudio(SoundServer):
    programs = (
        (
            (
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"),
                "--load=module-native-protocol-unix",
            ),
            "pulse/native",
        ),
    )
    modules = (
        ("module-null-source", f"source_name={MICROPHONE}"),
        ("module-null-sink", f"sink_name={SPEAKER}"),
    )


class PipeWire(SoundServer):
    programs = ((("pipewire",), "pipewire-0"), (("wireplumber",), ""), (("pipewire-pulse",), ""))
    modules = (
        ("module-null-sink", "media.class=Audio/Source/Virtual", f"sink_name={MICROPHONE}"),
        ("module-null-sink", f"sink_name={SPEAKER}"),
    )
