"""The tray's side of the token child: starts it, reads its lines, ends it when it hangs; knows no MSAL, no vault."""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Timer

from tray.core.effects import SignIn, TokenErrand, UnlockKeyring
from tray.core.events import SignInProgressed
from tray.core.values import SignInNeeded, SignInWay, TryLater
from tray.messages import signin as words
from tray.paths import NAME
from tray.signin.pipe import Asked, read_line, write_request
from tray.signin.registration import Identity
from tray.signin.source import Reply

LOG = logging.getLogger("tray.signin")
LIMIT = timedelta(seconds=45)  # a keyring, one or two requests
UNLOCK_LIMIT = timedelta(minutes=2, seconds=20)  # the user types a password
SIGN_IN_LIMITS = {  # unlocking may come first
    SignInWay.BROWSER: UNLOCK_LIMIT + timedelta(minutes=5, seconds=20),
    SignInWay.DEVICE_CODE: UNLOCK_LIMIT + timedelta(minutes=15, seconds=20),  # as long as Entra's codes are good
}
CHILD = "token-child"  # the hidden first argument of a frozen program
LONGEST_LINE = 1 << 20


def command() -> list[str]:
    """Return how a child is started from here: a frozen program is its own, else the interpreter knows the module.

    On Windows it is the one of the two programs that has streams, and that shows no window when it fails.
    """
    if getattr(sys, "frozen", False):
        program = Path(sys.executable)
        return [str(program.with_name(f"{NAME}.exe") if sys.platform == "win32" else program), CHILD]
    return [sys.executable, "-m", "tray.signin.child"]


def limit_of(errand: TokenErrand) -> timedelta:
    """Return how long a child may take for an errand."""
    match errand:
        case SignIn(way=way):
            return SIGN_IN_LIMITS[way]
        case UnlockKeyring():
            return UNLOCK_LIMIT
        case _:
            return LIMIT


class ChildSource:
    """Carries each errand out in a process of its own."""

    def __init__(self, identity: Identity, lock_file: Path, *, limit: timedelta | None = None) -> None:
        self._identity = identity
        self._lock_file = lock_file
        self._limit = limit
        self._pocket: str | None = None  # the cache that no keyring could take; opaque here
        self._child: subprocess.Popen[bytes] | None = None
        self._prompting: int | None = None  # the call that waits for the user
        self._cancelled: int | None = None
        self.command = command()

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out, blocking; never raises."""
        limit = self._limit or limit_of(errand)
        self._prompting = errand.call if isinstance(errand, SignIn | UnlockKeyring) else None
        began = time.monotonic()
        try:
            reply = self._converse(errand, progress, limit)
        except (OSError, ValueError) as exc:
            LOG.warning("token child: %s", type(exc).__name__)
            reply = None
        took = time.monotonic() - began
        if reply is None and self._is_cancelled():
            reply = Reply(TryLater(words.CANCELLED))
        elif reply is None:
            reply = Reply(TryLater(words.CHILD_HUNG if took >= limit.total_seconds() else words.CHILD_BROKE))
        LOG.info("%s → %s in %.2f s", type(errand).__name__, type(reply.outcome).__name__, took)
        return reply

    def cancel(self, call: int) -> None:
        """Give up the sign-in with this call number by ending its process; callable from any thread.

        A refresh is never ended like this: it may have used up a refresh token and not saved the next one.
        """
        self._cancelled = call
        child = self._child
        if child and self._prompting == call:
            child.kill()

    def _is_cancelled(self) -> bool:
        return self._prompting is not None and self._cancelled == self._prompting

    def _converse(
        self, errand: TokenErrand, progress: Callable[[SignInProgressed], None], limit: timedelta
    ) -> Reply | None:
        """Start a child, tell it the errand, and read what it says; `None` when it ends without a reply."""
        with self._started(limit) as child:
            assert child.stdin is not None  # noqa: S101  both were asked for
            assert child.stdout is not None  # noqa: S101
            child.stdin.write(write_request(Asked(errand, self._identity, str(self._lock_file), self._pocket)))
            child.stdin.flush()  # and left open: a child that waits for the user ends when it closes
            if self._is_cancelled():
                return None
            while line := child.stdout.readline(LONGEST_LINE):
                said = read_line(line)
                if isinstance(said, SignInProgressed):
                    progress(said)
                else:
                    reply, self._pocket = said
                    return reply
        return None

    @contextmanager
    def _started(self, limit: timedelta) -> Iterator[subprocess.Popen[bytes]]:
        child = self._child = subprocess.Popen(  # noqa: S603  our own program
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parent.parent.parent if not getattr(sys, "frozen", False) else None,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            start_new_session=os.name == "posix",
        )
        timer = Timer(limit.total_seconds(), child.kill)
        timer.daemon = True  # a refresh that the tray does not wait for ends by itself
        timer.start()
        try:
            yield child
        except KeyboardInterrupt:  # Ctrl-C at a command
            if self._prompting is None:
                child.wait()  # as in `cancel`; the timer ends a child that hangs
            raise
        finally:
            timer.cancel()
            self._child = None
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    with suppress(BrokenPipeError):  # the request that it did not read
                        pipe.close()


class NotSetUp:
    """The token side while nothing is set up: every errand says what to do."""

    def carry_out(self, _errand: TokenErrand, _progress: Callable[[SignInProgressed], None]) -> Reply:
        """Answer that setup comes first."""
        return Reply(SignInNeeded(words.NOT_SET_UP, setup=True))

    def cancel(self, _call: int) -> None:
        """Do nothing."""
