"""The token child: one errand in, one outcome out, and gone; all of MSAL and the keyring lives and dies here.

Nothing secret is in arguments or environment. The tray ends a child that hangs; the file lock ends with it.
"""

import logging
import os
import sys
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread

import httpx

from tray.core.effects import SignIn, TokenErrand, UnlockKeyring
from tray.core.events import SignInProgressed
from tray.core.things import KeyringState, KeyringTrouble
from tray.graph.http import trust
from tray.signin.identity import Identity
from tray.signin.in_process import MemoryCache
from tray.signin.keyrings import open_store
from tray.signin.pipe import read_request, write_progress, write_reply
from tray.signin.protocol import Reply
from tray.signin.receiver import Receiver
from tray.signin.tokens import Cache, Office, carry_out
from tray.signin.vault import Vault, VaultError

TIMEOUT = httpx.Timeout(10, connect=5)


def main() -> int:
    """Carry out the errand that stdin names; return 0 whatever came of it."""
    logging.disable(logging.CRITICAL)  # MSAL logs whole bodies on its worst days
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a browser or a library prints is not ours to say
    errand, identity, lock_file, memory = read_request(sys.stdin.buffer.readline())
    with httpx.Client(timeout=TIMEOUT, verify=trust()) as http:
        desk = Desk(identity, Path(lock_file), memory, http, lambda of: out.write(write_progress(of)))
        reply, kept = desk.run(errand)
    out.write(write_reply(reply, kept))
    os._exit(0)  # a keyring call that hangs must not hold the process


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one errand is carried out: in the vault, or in memory where there is no keyring."""

    identity: Identity
    lock_file: Path
    memory: str | None
    http: httpx.Client
    progress: Callable[[SignInProgressed], object]

    def run(self, errand: TokenErrand) -> tuple[Reply, str | None]:
        """Carry the errand out; return its reply and the cache that no keyring could take.

        Where there is none, the cache goes back to the tray as an opaque text and comes with the next request: it has
        to live somewhere until quit, and this process is about to end. It never touches a disk.
        """
        try:
            store = open_store(prompts=isinstance(errand, SignIn | UnlockKeyring))
            names = {"authority": self.identity.authority, "client_id": self.identity.client_id}
            return self._carry_out(errand, Vault(store, **names, lock_file=self.lock_file)), None
        except VaultError as exc:
            if exc.state is not KeyringState.ABSENT or (self.memory is None and not isinstance(errand, SignIn)):
                return Reply(KeyringTrouble(exc.state)), self.memory
        cache = MemoryCache(self.memory)
        return self._carry_out(errand, cache, remembers=False), cache.cache

    def _carry_out(self, errand: TokenErrand, cache: Cache, *, remembers: bool = True) -> Reply:
        now = partial(datetime.now, UTC)
        office = Office(self.identity, cache, self.http, now, Receiver, _browse, lambda: False, remembers)
        return carry_out(errand, office, self.progress)


def _browse(link: str) -> None:
    """Open the user's browser; on a thread, because some browsers only return when they are closed."""
    Thread(target=webbrowser.open, args=(link,), name="browser", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
