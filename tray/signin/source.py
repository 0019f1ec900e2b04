"""Token sources: what the tray asks for tokens, and the source that works in a process of its own.

`ChildSource` starts a token child for each errand; `UnregisteredSource` stands in for it until the app is registered.
The same code runs in this process for the demo and the tests (`in_process.py`).
"""

import logging
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Timer
from typing import Protocol

from tray import processes
from tray.core.effects import SignIn, SignOut, TokenErrand, UnlockKeyring
from tray.core.events import SignInProgressed
from tray.core.values import SignInNeeded, SignInWay, TryLater
from tray.errors import BadSettings
from tray.messages import signin as words
from tray.messages.catalogue import language
from tray.paths import Paths
from tray.processes import Part
from tray.settings import Settings, load
from tray.signin.pipe import ChildRequest, Defect, Reply, read_line, write_request
from tray.signin.registration import AppRegistration, registration_of

LOG = logging.getLogger("tray.signin")
LIMIT = timedelta(seconds=45)  # a keyring, one or two requests
UNLOCK_LIMIT = timedelta(minutes=2, seconds=20)  # the user answers the keyring
SIGN_IN_LIMITS = {  # unlocking may come first
    SignInWay.BROWSER: UNLOCK_LIMIT + timedelta(minutes=5, seconds=20),
    SignInWay.DEVICE_CODE: UNLOCK_LIMIT + timedelta(minutes=15, seconds=20),  # as long as Entra's codes are good
}
CHILD = Part("token-child", "tray.signin.child")
LONGEST_LINE = 1 << 20  # bytes


class TokenSource(Protocol):
    """Carries out one token errand at a time."""

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out, blocking; never raise, because whatever goes wrong is an outcome."""

    def cancel(self, call: int) -> None:
        """Give up the sign-in with this call number, begun or about to begin; callable from any thread."""

    def abandon(self, call: int) -> None:
        """End the errand with this call number, whose limit is long over; callable from any thread."""


def open_source(settings: Settings, paths: Paths) -> TokenSource:
    """Return the token source that the settings name."""
    registration = registration_of(settings)
    return ChildSource(registration, paths.vault_lock) if registration else UnregisteredSource(paths)


def limit_of(errand: TokenErrand) -> timedelta:
    """Return how long a child may take for an errand."""
    match errand:
        case SignIn(way=way):
            return SIGN_IN_LIMITS[way]
        case UnlockKeyring() | SignOut():
            return UNLOCK_LIMIT
        case _:
            return LIMIT


class ChildSource:
    """Carries each errand out in a process of its own."""

    def __init__(self, registration: AppRegistration, lock_file: Path, *, limit: timedelta | None = None) -> None:
        self._registration = registration
        self._lock_file = lock_file
        self._limit = limit
        self._carried_cache: str | None = None  # the token cache between errands; opaque here
        self._child: subprocess.Popen[bytes] | None = None
        self._call = 0  # the last one begun
        self._prompting: int | None = None  # the call that waits for the user
        self._cancelled: int | None = None
        self.command = CHILD.command()

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out, blocking; never raise."""
        limit = self._limit or limit_of(errand)
        self._call = errand.call
        self._prompting = errand.call if isinstance(errand, SignIn | UnlockKeyring) else None
        began = time.monotonic()
        try:
            reply = self._converse(errand, progress, limit)
        except (OSError, ValueError) as exc:
            LOG.warning("token child: %s", type(exc).__name__)
            reply = None
        took = time.monotonic() - began
        if reply is None and self._is_cancelled():
            reply = Reply(TryLater(*words.cancelled()))
        elif reply is None:
            reply = Reply(TryLater(*(words.child_hung() if took >= limit.total_seconds() else words.child_broke())))
        LOG.info("%s → %s in %.2f s", type(errand).__name__, type(reply.outcome).__name__, took)
        return reply

    def cancel(self, call: int) -> None:
        """Give up the sign-in with this call number by killing its process; callable from any thread.

        A refresh is never killed: it may have used up a refresh token and not saved the next one.
        """
        self._cancelled = call
        child = self._child
        if child and self._prompting == call:
            child.kill()

    def abandon(self, call: int) -> None:
        """End the errand with this call number, in case the timer did not; callable from any thread."""
        child = self._child
        if child and self._call == call:
            child.kill()

    def _is_cancelled(self) -> bool:
        return self._prompting is not None and self._cancelled == self._prompting

    def _converse(
        self, errand: TokenErrand, progress: Callable[[SignInProgressed], None], limit: timedelta
    ) -> Reply | None:
        """Start a child, tell it the errand and read what it says; return `None` when it ends without a reply."""
        with self._started(limit) as child:
            assert child.stdin is not None  # noqa: S101  both were asked for
            assert child.stdout is not None  # noqa: S101
            request = ChildRequest(errand, self._registration, str(self._lock_file), self._carried_cache, language())
            child.stdin.write(write_request(request))
            child.stdin.flush()  # it stays open, because a child that waits for the user ends when it closes
            if self._is_cancelled():
                return None
            while line := child.stdout.readline(LONGEST_LINE):
                said = read_line(line)
                if isinstance(said, SignInProgressed):
                    progress(said)
                elif isinstance(said, Defect):
                    LOG.error("token child: the thread %s: %s at %s", said.thread, said.error, said.place)
                else:
                    reply, self._carried_cache = said
                    return reply
        return None

    @contextmanager
    def _started(self, limit: timedelta) -> Iterator[subprocess.Popen[bytes]]:
        child = self._child = subprocess.Popen(  # noqa: S603  our own program
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=processes.folder(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            start_new_session=os.name == "posix",
        )
        timer = Timer(limit.total_seconds(), child.kill)
        timer.name, timer.daemon = "child-limit", True  # it must not keep the tray alive
        timer.start()
        try:
            yield child
        except KeyboardInterrupt:  # Ctrl-C at a command
            if self._prompting is None:
                child.wait()  # a refresh is never killed; the timer ends a child that hangs
            raise
        finally:
            timer.cancel()
            if self._child is child:  # no errand has been begun meanwhile
                self._child = None
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    with suppress(BrokenPipeError):  # the child did not read its request
                        pipe.close()


class UnregisteredSource:
    """The token source while nothing is set up: it looks at each errand whether the settings have been made since."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._source: ChildSource | None = None

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out once that is possible; until then reply that the app must be set up first."""
        with suppress(BadSettings):
            if self._source is None and (registration := registration_of(load(self._paths))):
                self._source = ChildSource(registration, self._paths.vault_lock)
        if self._source:
            return self._source.carry_out(errand, progress)
        return Reply(SignInNeeded(*words.not_set_up(), setup=True))

    def cancel(self, call: int) -> None:
        """Give up a sign-in, if one can be under way."""
        if self._source:
            self._source.cancel(call)

    def abandon(self, call: int) -> None:
        """End an errand, if one can be under way."""
        if self._source:
            self._source.abandon(call)
