"""Single key presses of a terminal, which is left as it was."""

import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Any, Protocol, Self, TextIO


class Keys(Protocol):
    """Waits for keys, or until woken; the terminal is changed between entering and leaving."""

    def __enter__(self) -> Self:
        """Take the terminal."""

    def __exit__(self, *_: object) -> None:
        """Give the terminal back as it was."""

    def wait(self) -> str:
        """Wait and return the keys pressed, none when woken."""

    def wake(self) -> None:
        """Let `wait` return; callable from any thread."""


if sys.platform == "win32":
    import msvcrt

    TURN_SECONDS = 0.1  # a console handle and an event of ours can be waited for together only by another thread

    class ConsoleKeys:
        """Keys of a Windows console, looked for ten times a second; a pipe, which has none, once a second."""

        def __init__(self, stdin: TextIO | None) -> None:
            self._has_keys = stdin is not None
            self._woken = threading.Event()

        def __enter__(self) -> Self:
            """Do nothing: `getwch` needs no mode."""
            return self

        def __exit__(self, *_: object) -> None:
            """Do nothing."""

        def wait(self) -> str:
            """Wait and return the key pressed."""
            while not self._woken.wait(TURN_SECONDS if self._has_keys else 1.0):
                if self._has_keys and msvcrt.kbhit():
                    return msvcrt.getwch()
            self._woken.clear()
            return ""

        def wake(self) -> None:
            """Let `wait` return."""
            self._woken.set()

    keys_of = ConsoleKeys
else:
    import re
    import select
    import termios
    import tty

    CONTROL_CHARACTERS = 6  # their place in what tcgetattr returns
    # Arrows, function keys, Alt and a key: several may come in one read, with plain keys behind them (ECMA-48, 5.4).
    ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)

    def _ready(watched: list[int]) -> list[int]:
        """Wait for one of some descriptors; return those that can be read, or have hung up."""
        if sys.platform == "darwin":  # its `poll` cannot watch a terminal
            return select.select(watched, [], [])[0]
        poll = select.poll()  # `select` cannot watch a descriptor above 1023
        for descriptor in watched:
            poll.register(descriptor, select.POLLIN)
        return [descriptor for descriptor, _events in poll.poll()]

    class TerminalKeys:
        """Keys of a terminal in cbreak mode; without one only `wake` ends a wait."""

        def __init__(self, stdin: TextIO | None) -> None:
            self._terminal = stdin.fileno() if stdin else None
            self._woken, self._waker = os.pipe()
            os.set_blocking(self._waker, False)
            self._before: list[Any] = []
            self._woke_before = -1

        def __enter__(self) -> Self:
            """Take the terminal; Ctrl-Z is off, because a stopped process cannot refresh a status.

            Signals wake too: one that comes just before `select` would otherwise wait for the next key.
            """
            if threading.current_thread() is threading.main_thread():
                self._woke_before = signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
            if self._terminal is not None:
                try:
                    self._take(self._terminal)
                except termios.error:
                    self._terminal = None  # hung up while the program started
            return self

        def _take(self, terminal: int) -> None:
            self._before = termios.tcgetattr(terminal)
            tty.setcbreak(terminal)
            mode = termios.tcgetattr(terminal)
            mode[CONTROL_CHARACTERS][termios.VSUSP] = b"\0"
            mode[CONTROL_CHARACTERS][termios.VMIN] = 0  # a read returns at once: see `_read`
            termios.tcsetattr(terminal, termios.TCSADRAIN, mode)

        def __exit__(self, *_: object) -> None:
            """Give the terminal back; it may be gone, after a hang-up."""
            if threading.current_thread() is threading.main_thread():
                signal.set_wakeup_fd(self._woke_before)
            if self._before and self._terminal is not None:
                with suppress(termios.error):
                    termios.tcsetattr(self._terminal, termios.TCSAFLUSH, self._before)

        def wait(self) -> str:
            """Wait and return the keys pressed."""
            ready = _ready([self._woken] if self._terminal is None else [self._woken, self._terminal])
            if self._woken in ready:
                os.read(self._woken, 4096)
                return ""
            return self._read(ready[0])

        def _read(self, terminal: int) -> str:
            """Return the keys there are, and never wait: Ctrl-C discards keys that `select` has announced."""
            try:
                pressed = os.read(terminal, 64)
                if not pressed:
                    termios.tcgetattr(terminal)
            except (OSError, termios.error):
                self._terminal = None  # hung up: `select` would find it ready for ever
                return ""
            return ESCAPES.sub(b"", pressed).decode(errors="ignore")

        def wake(self) -> None:
            """Let `wait` return."""
            with suppress(BlockingIOError):  # a full pipe wakes it as well
                os.write(self._waker, b"x")

    keys_of = TerminalKeys


def has_keys(stdin: TextIO | None) -> bool:
    """Tell whether somebody can press keys: on a terminal, unless this process is in its background."""
    if stdin is None or stdin.closed or not stdin.isatty():
        return False
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(stdin.fileno()) == os.getpgrp()
    except OSError:  # not the terminal of our session: reading it stops nobody
        return True
