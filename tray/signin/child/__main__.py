"""The token child: one errand in, one outcome out, and gone; all of MSAL and the keyring lives and dies here.

Nothing secret is in arguments or environment. The tray ends a child that hangs; the file lock ends with it.
"""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread

import httpx

from tray.core.effects import SignIn, TokenErrand, UnlockKeyring
from tray.core.events import SignInProgressed
from tray.core.values import TryLater
from tray.errors import TrayError
from tray.graph.client import trust
from tray.messages import signin as words
from tray.signin.child.browser import browse
from tray.signin.child.errands import carry_out
from tray.signin.child.loopback import Receiver
from tray.signin.child.workplace import Office
from tray.signin.pipe import Asked, read_request, write_progress, write_reply
from tray.signin.registration import Identity
from tray.signin.source import Reply
from tray.signin.storage.keyrings import ClosedStore, open_store
from tray.signin.storage.unsaved_cache import Pocket
from tray.signin.storage.vault import Store, Vault, VaultError

TIMEOUT = httpx.Timeout(10, connect=5)


def main() -> int:
    """Carry out the errand that stdin names; return 0 whatever came of it."""
    logging.disable(logging.CRITICAL)  # MSAL logs whole bodies on its worst days
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a browser or a library prints is not ours to say
    asked = read_request(sys.stdin.buffer.readline())
    if isinstance(asked.errand, SignIn | UnlockKeyring):  # without the tray nobody waits for these
        Thread(target=_end_with_the_tray, name="stdin", daemon=True).start()
    reply, pocket = _reply(asked, lambda of: out.write(write_progress(of)))
    with suppress(BrokenPipeError):  # the tray has quit; what was refreshed is saved
        out.write(write_reply(reply, pocket))
    os._exit(0)  # a keyring call that hangs must not hold the process


def _end_with_the_tray() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _reply(asked: Asked, progress: Callable[[SignInProgressed], object]) -> tuple[Reply, str | None]:
    try:
        with _client() as http:
            return Desk(asked.identity, Path(asked.lock_file), asked.pocket, http).run(asked.errand, progress)
    except TrayError as exc:
        return Reply(TryLater(str(exc))), asked.pocket
    except Exception as exc:  # noqa: BLE001  the last net: its name helps whoever reads the log, the rest may be secret
        return Reply(TryLater(words.broke(type(exc).__name__))), asked.pocket


def _client() -> httpx.Client:
    """Return the way to the network. Raises TrayError."""
    try:
        return httpx.Client(timeout=TIMEOUT, verify=trust())
    except (ValueError, ImportError) as exc:  # what httpx says to a proxy that it cannot use
        raise TrayError(words.BAD_PROXY) from exc


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one errand is carried out."""

    identity: Identity
    lock_file: Path
    pocket: str | None  # what no keyring could take so far
    http: httpx.Client

    def run(self, errand: TokenErrand, progress: Callable[[SignInProgressed], object]) -> tuple[Reply, str | None]:
        """Carry the errand out; return its reply, and the cache that no keyring could take."""
        store = _store(prompts=isinstance(errand, SignIn | UnlockKeyring))
        names = {"authority": self.identity.authority, "client_id": self.identity.client_id}
        pocket = Pocket(Vault(store, **names, lock_file=self.lock_file), self.pocket)
        office = Office(self.identity, pocket, self.http, partial(datetime.now, UTC), Receiver, browse)
        reply = carry_out(errand, office, progress)
        return reply, pocket.text


def _store(*, prompts: bool) -> Store:
    try:
        return open_store(prompts=prompts)
    except VaultError as exc:
        return ClosedStore(exc.state)


if __name__ == "__main__":
    sys.exit(main())
