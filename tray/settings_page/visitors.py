"""Who may see the page: the guards between the browser of one user and everything else on the machine and the web.

| against | guard |
|---|---|
| whoever finds the port | a secret in the link, used once, which becomes an HttpOnly, SameSite=Strict cookie |
| another user who reads the link in the list of processes | on Linux the kernel says whose connection it is |
| a name that leads to 127.0.0.1 (DNS rebinding) | `Host` must be the page's own |
| another site that sends a form | `Origin` and `Sec-Fetch-Site`; a token in each form, of its own and of the session |
| a page that frames this one, a script in a text | headers: no framing, a policy that allows our own files only |
| what a browser keeps | `no-store` |

What is not guarded: on macOS another user can read the link in the list of processes, in the moment before the browser
uses it up. On Windows nobody but an administrator can.
"""

import hashlib
import hmac
import os
import secrets
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from werkzeug.datastructures import Headers

LINK_LASTS = 600.0  # seconds for which a link can be used: as long as the page waits for somebody
SESSIONS = 8  # browsers at once; of more, the oldest has to be opened again
CONNECTIONS = Path("/proc/net/tcp")

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with none at all, browsers send a form's Origin as "null"
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Visitors:
    """The link that is good now, and the sessions that links became."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._key = secrets.token_bytes(32)
        self._link: tuple[str, float] | None = None
        self._sessions: deque[str] = deque(maxlen=SESSIONS)

    def invite(self) -> str:
        """Return a new secret for a link; an earlier one that was not used is void."""
        secret = secrets.token_urlsafe(32)
        self._link = (secret, self._now() + LINK_LASTS)
        return secret

    def admit(self, secret: str) -> str | None:
        """Use a secret up and return the session that it becomes; `None` for any other one."""
        link = self._link
        if link is None or not _same(secret, link[0]):
            return None
        self._link = None
        if self._now() > link[1]:
            return None
        session = secrets.token_urlsafe(32)
        self._sessions.append(session)
        return session

    def knows(self, session: str | None) -> bool:
        """Tell whether a cookie is a session's."""
        return session is not None and any(_same(session, each) for each in tuple(self._sessions))

    def form_token(self, session: str, form: str) -> str:
        """Return the token of one form in one session."""
        return hmac.new(self._key, f"{session} {form}".encode(), hashlib.sha256).hexdigest()

    def has_token(self, session: str, form: str, token: str) -> bool:
        """Tell whether a form came from our own page of this session."""
        return _same(token, self.form_token(session, form))


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def is_from_here(headers: Headers, origin: str, *, changes: bool) -> bool:
    """Tell whether a request was meant for this page and, if it changes something, came from it."""
    if headers.get("Host") != origin.removeprefix("http://"):
        return False
    site = headers.get("Sec-Fetch-Site", "same-origin" if changes else "none")
    if not changes:
        return site in {"none", "same-origin"}
    return headers.get("Origin") == origin and site == "same-origin"


def is_of_this_user(peer: tuple[str, int], port: int, connections: Path = CONNECTIONS) -> bool:
    """Tell whether a connection to our port comes from a process of this user, where the system says so."""
    if sys.platform != "linux":
        return True
    wanted = (_address(*peer), _address("127.0.0.1", port))
    with suppress(OSError):
        for line in connections.read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if (fields[1], fields[2]) == wanted:
                return int(fields[7]) == os.getuid()
        return False  # it is there as long as the connection is
    return True  # a container may hide it


def _address(host: str, port: int) -> str:
    """Write an IPv4 address as the kernel's table does: the bytes of a number as they lie in memory."""
    number = int.from_bytes(bytes(map(int, host.split("."))), sys.byteorder)
    return f"{number:08X}:{port:04X}"
