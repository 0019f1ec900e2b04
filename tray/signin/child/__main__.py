"""The token child: a process that carries one errand out with MSAL and the keyring, answers and ends.

Its arguments and environment hold no secret. The tray kills a child that hangs, and the file lock ends with it.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import NoReturn

from tray.core.effects import SignIn, SignOut, UnlockKeyring
from tray.core.events import SignInProgressed
from tray.core.values import TryLater
from tray.desktop.browser import browse
from tray.errors import TrayError
from tray.graph.transport import HttpClient
from tray.messages import signin as words
from tray.messages.catalogue import speak
from tray.signin.child.errands import TokenErrands
from tray.signin.child.interactive import Interaction, Progress
from tray.signin.child.loopback import Receiver
from tray.signin.pipe import (
    ChildRequest,
    Reply,
    defect_of,
    read_request,
    write_defect,
    write_progress,
    write_reply,
)
from tray.signin.storage.keyrings import UnavailableStore, open_store
from tray.signin.storage.vault import Store, Vault, VaultError
from tray.signin.storage.vault_cache import VaultCache

STDIN = "stdin"
Tell = Callable[[str, BaseException, TracebackType | None], None]


def main() -> NoReturn:
    """Carry out the errand that stdin names; exit with 0 whatever came of it."""
    if hasattr(signal, "SIGUSR1"):  # an upgrade must not end a refresh that has used up a refresh token
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    logging.disable(logging.CRITICAL)  # MSAL logs whole bodies at DEBUG
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a browser or a library may print to stdout, which is the pipe

    def tell(thread: str, exc: BaseException, trace: TracebackType | None) -> None:
        with suppress(BrokenPipeError):
            out.write(write_defect(defect_of(thread, exc, trace)))

    threading.excepthook = partial(_ended, tell)
    request = read_request(sys.stdin.buffer.readline())
    speak(request.language)
    if isinstance(
        request.errand, SignIn | UnlockKeyring
    ):  # useless once the tray has gone, unlike a refresh, which must be saved
        Thread(target=_end_with_the_tray, name=STDIN, daemon=True).start()
    reply, carried_cache = _reply(request, lambda progressed: out.write(write_progress(progressed)), tell)
    with suppress(BrokenPipeError):  # the tray has quit; what was refreshed is saved
        out.write(write_reply(reply, carried_cache))
    os._exit(0)  # a keyring call that hangs must not keep the process alive


def _may_prompt(request: ChildRequest) -> bool:
    return isinstance(request.errand, SignIn | UnlockKeyring | SignOut)


def _ended(tell: Tell, args: threading.ExceptHookArgs) -> None:
    """Tell the tray what ended a thread, or one of its connections: here nothing is logged."""
    thread = args.thread.name if args.thread else "?"
    if args.exc_value is not None:
        tell(thread, args.exc_value, args.exc_traceback)
    if thread == STDIN:  # the end of the tray would not be noticed
        os._exit(1)


def _end_with_the_tray() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _reply(request: ChildRequest, progress: Progress, tell: Tell) -> tuple[Reply, str | None]:
    """Carry the errand out; return its reply, and the token cache that no keyring could take."""
    try:
        return _carried_out(request, progress)
    except TrayError as exc:
        return Reply(TryLater(exc.title, exc.message)), request.carried_cache
    except Exception as exc:  # noqa: BLE001  the last net: class and place help whoever reads the log
        tell("main", exc, exc.__traceback__)
        return Reply(TryLater(*words.child_failed(type(exc).__name__))), request.carried_cache


def _carried_out(request: ChildRequest, progress: Progress) -> tuple[Reply, str | None]:
    registration, call = request.registration, request.errand.call
    with closing(HttpClient()) as http:
        vault = Vault(
            _store(request, lambda: progress(SignInProgressed(call, keyring=True))),
            authority=registration.authority,
            client_id=registration.client_id,
            lock_file=Path(request.lock_file),
        )
        cache = VaultCache(vault, request.carried_cache)
        interaction, now = Interaction(Receiver, browse), partial(datetime.now, UTC)
        errands = TokenErrands(registration, cache, http.send, interaction, now)
        return errands.carry_out(request.errand, progress), cache.carried


def _store(request: ChildRequest, asking: Callable[[], object]) -> Store:
    everywhere = isinstance(request.errand, SignOut)
    try:
        return open_store(prompts=_may_prompt(request), everywhere=everywhere, asking=asking)
    except VaultError as exc:
        return UnavailableStore(exc.state)


if __name__ == "__main__":
    main()
