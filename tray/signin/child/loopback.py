"""The receiver of the browser's answer to a sign-in, on the loopback addresses.

MSAL's own receiver cannot be cancelled, and listens on every address in a container. This one listens on 127.0.0.1 and
::1, takes one POST with the right state, and answers everything else with a page that refuses. It serves connections
side by side: browsers open some that they do not use, and no other program's must keep the browser's waiting.
"""

import errno
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from socketserver import TCPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs

from tray.messages import signin as words

Form = dict[str, str]

LARGEST = 1 << 16  # bytes of a form; Entra's have some three thousand
DIGITS = 10  # of a length; more are no number of bytes
SILENCE = 2.0  # seconds that a connection may be silent
TURN = 0.25  # seconds between two checks whether the user gave up
TRIES = 20  # to find a port that is free on both addresses
PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Presence Tray</title>
<body style="font:16px system-ui;margin:4em auto;max-width:30em"><h1>Presence Tray</h1><p>{text}</p></body></html>"""


class _Page(BaseHTTPRequestHandler):
    """One connection; anything but the expected form is refused."""

    timeout = SILENCE
    server: "_Listener"

    def do_POST(self) -> None:
        """Take the form if it has the state that was sent."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < DIGITS and int(length) <= LARGEST):
            self._answer(HTTPStatus.BAD_REQUEST, words.page_refused())
            return
        fields = parse_qs(self.rfile.read(int(length)).decode("utf-8", "replace"))
        form = {name: values[0] for name, values in fields.items()}
        if not self.server.take(form):
            self._answer(HTTPStatus.BAD_REQUEST, words.page_refused())
            return
        self._answer(HTTPStatus.OK, words.page_done() if "code" in form else words.page_refused())

    def do_GET(self) -> None:
        """Refuse: browsers ask for icons, and a code in an address is not accepted."""
        self._answer(HTTPStatus.BAD_REQUEST, words.page_refused())

    def _answer(self, status: HTTPStatus, text: str) -> None:
        page = PAGE.format(language=words.page_language(), text=text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        """Log nothing: forms and addresses hold secrets."""


class _Listener(ThreadingHTTPServer):
    """One loopback address."""

    daemon_threads = True
    timeout: float | None = TURN
    allow_reuse_address = False  # on Windows it would let another program listen on the port as well

    def __init__(self, host: str, port: int, take: Callable[[Form], bool]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.take = take
        self._over = threading.Event()
        super().__init__((host, port), _Page)

    def server_bind(self) -> None:
        """Bind without asking DNS for this computer's name, as `HTTPServer` does: a resolver may hang for long."""
        TCPServer.server_bind(self)

    def start(self) -> None:
        """Serve until it is stopped."""
        self.thread = Thread(target=self._serve, name="receiver", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Serve no more."""
        self._over.set()
        self.thread.join()

    def _serve(self) -> None:
        """Serve; `serve_forever` has an end that waits for ever where it failed before it began."""
        while not self._over.is_set():
            self.handle_request()

    def handle_error(self, *_: Any) -> None:
        """Ignore a peer that broke off or did not speak HTTP; what else fails is a defect, and told as a thread's."""
        kind, exc, trace = sys.exc_info()
        if kind and not issubclass(kind, OSError):
            threading.excepthook(threading.ExceptHookArgs((kind, exc, trace, threading.current_thread())))


class Receiver:
    """Waits for one sign-in; a context manager that frees its port."""

    def __init__(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._cancelled = cancelled
        self._states: list[str] = []  # the one that may still come, or none
        self._forms: SimpleQueue[Form] = SimpleQueue()
        self._listeners = self._listen()
        self.redirect_uri = f"http://localhost:{self._listeners[0].server_address[1]}"

    def _listen(self) -> list[_Listener]:
        """Listen on a port of both addresses, because `localhost` may be either; without IPv6, of the first."""
        for _ in range(TRIES):
            first = _Listener("127.0.0.1", 0, self._take)
            try:
                return [first, _Listener("::1", first.server_address[1], self._take)]
            except OSError as exc:
                if exc.errno != errno.EADDRINUSE:  # this machine has no IPv6
                    return [first]
                first.server_close()  # another program would get what is sent to ::1
        raise OSError(errno.EADDRINUSE, "no port is free on both loopback addresses")

    def __enter__(self) -> Self:
        """Return itself: the system queues connections until `wait` serves them."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        for listener in self._listeners:
            listener.server_close()

    def wait(self, state: str, limit: timedelta) -> Form | None:
        """Wait for the form with this state; return `None` when the user gave up, raise `TimeoutError`."""
        self._states.append(state)
        for listener in self._listeners:
            listener.start()
        try:
            return self._wait(time.monotonic() + limit.total_seconds())
        finally:
            for listener in self._listeners:
                listener.stop()

    def _wait(self, until: float) -> Form | None:
        while not self._cancelled():
            if time.monotonic() > until:
                raise TimeoutError
            if not all(listener.thread.is_alive() for listener in self._listeners):
                raise RuntimeError("the receiver ended")  # the browser would find nobody
            with suppress(Empty):
                return self._forms.get(timeout=TURN)
        return None

    def _take(self, form: Form) -> bool:
        """Take the form with the state that was sent, once; called on a connection's thread."""
        state = form.get("state", "").encode()
        if not ("code" in form or "error" in form):
            return False
        if not any(compare_digest(state, sent.encode()) for sent in self._states):
            return False
        with suppress(IndexError):  # another connection has taken the state
            self._states.pop()
            self._forms.put(form)
            return True
        return False
