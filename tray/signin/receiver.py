"""Receives the browser's answer to a sign-in on the loopback addresses; knows neither MSAL nor tokens.

MSAL's own receiver cannot be cancelled and listens on every address in a container; this one listens on 127.0.0.1 and
::1, takes one POST with the right state, and answers everything else with a page that says so.
"""

import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

from tray.words import signin as words

LARGEST = 1 << 16  # bytes of a form; Entra's are some three thousand
SLOW = 2.0  # seconds that one connection may take
TURN = 0.25  # seconds between looks whether the user gave up
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Presence Tray</title>
<body style="font:16px system-ui;margin:4em auto;max-width:30em"><h1>Presence Tray</h1><p>{text}</p></body></html>"""


class _Page(BaseHTTPRequestHandler):
    """One connection; anything but the expected form is answered and forgotten."""

    timeout = SLOW
    server: "_Listener"

    def do_POST(self) -> None:
        """Take the form if it carries the state that was sent."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST:
            self._answer(HTTPStatus.BAD_REQUEST, words.NOT_ACCEPTED)
            return
        fields = parse_qs(self.rfile.read(int(length)).decode("utf-8", "replace"))
        form = {name: values[0] for name, values in fields.items()}
        good = compare_digest(form.get("state", "").encode(), self.server.state.encode())
        if not good or not ("code" in form or "error" in form) or self.server.form:
            self._answer(HTTPStatus.BAD_REQUEST, words.NOT_ACCEPTED)
            return
        self.server.form = form
        self._answer(HTTPStatus.OK, words.CLOSE_WINDOW if "code" in form else words.NOT_ACCEPTED)

    def do_GET(self) -> None:
        """Refuse what a browser asks by itself, and codes that come in an address."""
        self._answer(HTTPStatus.BAD_REQUEST, words.NOT_ACCEPTED)

    def _answer(self, status: HTTPStatus, text: str) -> None:
        page = PAGE.format(text=text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        """Log nothing: addresses and forms are secrets."""


class _Listener(HTTPServer):
    """One loopback address."""

    state = ""
    form: dict[str, str] | None = None

    def handle_error(self, *_: Any) -> None:
        """Ignore a peer that broke off or sent no HTTP."""


class _Listener6(_Listener):
    address_family = socket.AF_INET6


class Receiver:
    """Waits for one sign-in; a context manager that gives its port back."""

    def __init__(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        self._cancelled = cancelled
        self._listeners = [_Listener(("127.0.0.1", 0), _Page)]
        port = self._listeners[0].server_address[1]
        with suppress(OSError):  # a machine without IPv6
            self._listeners.append(_Listener6(("::1", port), _Page))
        self.redirect_uri = f"http://localhost:{port}"

    def __enter__(self) -> Self:
        """Return itself: it listens already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        for listener in self._listeners:
            listener.server_close()

    def wait(self, state: str, limit: timedelta) -> dict[str, str] | None:
        """Wait for the form with this state; `None` when the user gave up. Raises TimeoutError."""
        until = time.monotonic() + limit.total_seconds()
        with selectors.DefaultSelector() as selector:
            for listener in self._listeners:
                listener.state = state
                selector.register(listener, selectors.EVENT_READ, listener)
            while not self._cancelled():
                if time.monotonic() > until:
                    raise TimeoutError
                for key, _ in selector.select(TURN):
                    key.data.handle_request()
                    if key.data.form:
                        return dict(key.data.form)
        return None
