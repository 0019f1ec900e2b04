"""Serves the page on a port of the loopback address, until nobody uses it any more or the app has ended."""

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from socket import socket
from threading import Event, Thread
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server

from tray.control.client import follow
from tray.errors import TrayError
from tray.settings_page.application import LARGEST_FORM, Application
from tray.settings_page.visitors import is_of_this_user

IDLE_SECONDS = 600.0
GONE_SECONDS = 5.0  # an app that starts again, as after another registration, is back before
LOOK_SECONDS = 0.5
POLL_SECONDS = 5.0  # between looks at clients that say nothing
SLOW_SECONDS = 30  # after which a client that says nothing is cut off
LARGEST_HEADERS = 16 * 1024  # bytes
CONNECTIONS = 64


class Server:
    """The page's server; `run` returns when it is over. `starter` is a pipe that the app closes by ending."""

    def __init__(
        self, application: Application, app_address: str, *, idle: float = IDLE_SECONDS, starter: int | None = None
    ) -> None:
        logging.getLogger("waitress").setLevel(logging.CRITICAL)  # the application logs its own defects
        self._sockets: dict[int, Any] = {}
        self._server = create_server(
            application,
            self._sockets,
            host="127.0.0.1",
            port=0,
            ident="",
            connection_limit=CONNECTIONS,
            channel_timeout=SLOW_SECONDS,
            cleanup_interval=1,
            max_request_body_size=LARGEST_FORM,
            max_request_header_size=LARGEST_HEADERS,
        )
        self._server.channel_class = self._admit
        self.is_ours = is_of_this_user
        application.port, application.used = int(self._server.effective_port), self.used
        self._app_address = app_address
        self._starter = starter
        self._had_app = Event()
        self._idle = idle
        self._last_use = time.monotonic()
        self._over = Event()

    def _admit(self, server: Any, connection: socket, peer: tuple[str, int], *settings: Any, **sockets: Any) -> None:
        """Serve a connection, unless it is another user's: that would take the room of ours."""
        if self.is_ours(peer, int(server.effective_port)):
            HTTPChannel(server, connection, peer, *settings, **sockets)
        else:
            connection.close()

    def used(self) -> None:
        """Note that somebody uses the page."""
        self._last_use = time.monotonic()

    def run(self) -> None:
        """Serve until it is over."""
        for name, task in (
            ("idle", self._end_when_idle),
            ("app", self._end_with_the_app),
            ("starter", self._hear_the_starter),
        ):
            Thread(target=self._watch, args=(task,), name=name, daemon=True).start()
        try:
            while not self._over.is_set():
                wasyncore.loop(POLL_SECONDS, map=self._sockets, count=1)
        finally:
            self._over.set()
            self._server.task_dispatcher.shutdown()
            wasyncore.close_all(self._sockets)

    def _watch(self, task: Callable[[], None]) -> None:
        """Carry out one of the tasks that end the page; where it fails, end the page."""
        try:
            task()
        except Exception:
            self.end()
            raise  # into the log

    def _end_when_idle(self) -> None:
        while (left := self._last_use + self._idle - time.monotonic()) > 0:
            if self._over.wait(left):
                return
        self.end()

    def _end_with_the_app(self) -> None:
        """Follow the app, once it runs; nothing is asked of it, and the end of its process ends the conversation."""
        gone_since = None
        while gone_since is None or time.monotonic() - gone_since < GONE_SECONDS:
            with suppress(TrayError, OSError):
                for _status in follow(self._app_address, {"do": "watch"}):
                    self._had_app.set()
                    gone_since = None
            if gone_since is None and self._had_app.is_set():
                gone_since = time.monotonic()
            if self._over.wait(LOOK_SECONDS):
                return
        self.end()

    def _hear_the_starter(self) -> None:
        """Notice the end of an app that started the page, even if it ended before it could be followed."""
        if self._starter is not None:
            with suppress(OSError):
                os.read(self._starter, 1)
            self._had_app.set()

    def end(self) -> None:
        """End `run`; callable from any thread."""
        self._over.set()
        with suppress(OSError):  # it is over already
            self._server.pull_trigger()
