"""An identity platform for tests: in this process, or on a loopback socket for processes of their own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import trustme

from tray.sandbox.identity import IdentityPlatform
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


class _Door(BaseHTTPRequestHandler):
    """Hands requests from a socket to the platform."""

    platform: IdentityPlatform

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = f"{self.platform.origin}{self.path}"
        answer = self.platform(httpx.Request(self.command, url, headers=dict(self.headers), content=body))
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in {"content-length", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[tuple[IdentityPlatform, Path]]:
    """Serve a platform over TLS on a loopback port; yields it and the file of its private CA."""
    import ssl  # noqa: PLC0415

    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    platform = IdentityPlatform(utc_now)
    door = type("Door", (_Door,), {"platform": platform})
    with ThreadingHTTPServer(("127.0.0.1", 0), door) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        port = server.server_address[1]
        platform.origin = platform.browser_origin = f"https://localhost:{port}"
        thread = threading.Thread(target=server.serve_forever, name="platform")
        thread.start()
        try:
            yield platform, ca_file
        finally:
            server.shutdown()
            thread.join()
