"""An identity platform for tests: in this process, or on a loopback socket for processes of their own."""

import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import trustme

from tray.sandbox.identity import IdentityPlatform
from tray.sandbox.service import PresenceService
from tray.signin.identity import Identity
from tray.signin.in_process import InProcess

GRAPH = "https://graph.sandbox.test"


def utc_now() -> datetime:
    return datetime.now(UTC)


def identity_at(platform: IdentityPlatform) -> Identity:
    return Identity(platform.client_id, platform.authority, GRAPH)


def in_process(platform: IdentityPlatform) -> InProcess:
    """Return the token side in this process, against a platform."""
    http = httpx.Client(transport=httpx.MockTransport(platform))
    return InProcess(identity_at(platform), http, platform.now)


class Door(BaseHTTPRequestHandler):
    """Hands requests from a socket to the platform, or to its Graph."""

    platform: IdentityPlatform
    graph: PresenceService

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = f"{self.platform.origin}{self.path}"
        handler = self.graph if self.path.startswith("/v1.0/") else self.platform
        answer = handler(httpx.Request(self.command, url, headers=dict(self.headers), content=body))
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in {"content-length", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: Any) -> None:
        pass


class Cloud:
    """The platform and its Graph on one loopback port over TLS, with a private CA; can go and come back."""

    def __init__(self, folder: Path, door: type[Door] = Door) -> None:
        authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(self._context)
        self.platform = IdentityPlatform(utc_now, object_id=str(uuid.uuid4()))
        self.graph = PresenceService(utc_now, self.platform.accepts, self.platform.client_id)
        self._door = door
        self._port = 0

    def start(self) -> None:
        """Listen, on the same port as before."""
        door = type("Door", (self._door,), {"platform": self.platform, "graph": self.graph})
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), door)
        self._server.socket = self._context.wrap_socket(self._server.socket, server_side=True)
        self._port = self._server.server_address[1]
        self.platform.origin = self.platform.browser_origin = f"https://localhost:{self._port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="cloud")
        self._thread.start()

    def stop(self) -> None:
        """Be gone."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def served(folder: Path) -> Iterator[tuple[IdentityPlatform, Path]]:
    """Serve a platform; yields it and the file of its private CA."""
    cloud = Cloud(folder)
    cloud.start()
    try:
        yield cloud.platform, cloud.ca_file
    finally:
        cloud.stop()
