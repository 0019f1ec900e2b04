"""An identity platform for tests: in this process, or on a loopback socket for processes of their own."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

from tests.certificates import certificate
from tray.core.effects import SignIn
from tray.core.events import SignInProgressed
from tray.core.values import Granted, SignInWay
from tray.graph.http_messages import HttpRequest, HttpResponse
from tray.graph.transport import HttpClient
from tray.sandbox.graph import PresenceService
from tray.sandbox.identity import IdentityPlatform
from tray.signin.child.errands import TokenErrands
from tray.signin.child.interactive import Interaction
from tray.signin.child.loopback import Receiver
from tray.signin.in_process import InProcessSource
from tray.signin.registration import AppRegistration
from tray.signin.storage.keyrings import open_store
from tray.signin.storage.vault import Vault
from tray.signin.storage.vault_cache import VaultCache

DEVICE = SignIn(1, SignInWay.DEVICE_CODE)


def utc_now() -> datetime:
    return datetime.now(UTC)


def nobody(_: SignInProgressed) -> None:
    """Take no notice of how a sign-in goes on."""


def registration_at(platform: IdentityPlatform) -> AppRegistration:
    return AppRegistration(platform.client_id, f"{platform.browser_origin}/{platform.tenant}", platform.graph_origin)


def sign_in(platform: IdentityPlatform, lock_file: Path) -> None:
    """Sign in as a token child does, in this process: its bus must be the one of the keyring that a child will read."""
    registration = AppRegistration(platform.client_id, platform.authority, platform.graph_origin)
    vault = Vault(
        open_store(prompts=False),
        authority=registration.authority,
        client_id=registration.client_id,
        lock_file=lock_file,
    )
    interaction = Interaction(Receiver, lambda _link, _failed: None)
    errands = TokenErrands(registration, VaultCache(vault), HttpClient(network=platform).send, interaction, utc_now)
    reply = errands.carry_out(DEVICE, nobody)
    assert isinstance(reply.outcome, Granted), reply


def in_process(platform: IdentityPlatform) -> InProcessSource:
    """Return the token side in this process, against a platform."""
    return InProcessSource(registration_at(platform), HttpClient(network=platform).send, platform.now)


class Door(BaseHTTPRequestHandler):
    """Hands requests from a socket to a cloud."""

    cloud: "Cloud"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = f"{self.cloud.platform.origin}{self.path}"
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.cloud.answer(HttpRequest(self.command, url, headers, body))
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
    """The platform and its Graph on one loopback port, over TLS with a private CA or plainly; can go and come back.

    Under another name than localhost nobody finds it but a proxy that leads there.
    """

    def __init__(
        self,
        folder: Path,
        *,
        tls: bool = True,
        door: type[Door] = Door,
        host: Literal["localhost", "portal.test"] = "localhost",
    ) -> None:
        context, self.ca_file = certificate(folder, "good" if host == "localhost" else "somebody else's")
        self._host = host
        self._context = context if tls else None
        self.platform = IdentityPlatform(utc_now, object_id=str(uuid.uuid4()))
        self.graph = PresenceService(utc_now, self.platform.accepts, self.platform.client_id)
        self._door = door
        self.fault: Callable[[HttpRequest], HttpResponse | None] = lambda _: None
        self.port = 0

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer as the platform or its Graph does, unless something is wrong on purpose."""
        handler = self.graph if request.path.startswith("/v1.0/") else self.platform
        return self.fault(request) or handler(request)

    def start(self) -> None:
        """Listen, on the same port as before."""
        door = type("Door", (self._door,), {"cloud": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), door)
        if self._context:
            self._server.socket = self._context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.platform.origin = f"https://{self._host}:{self.port}"  # MSAL takes no endpoint that is named otherwise
        address = f"{'https' if self._context else 'http'}://{self._host}:{self.port}"
        self.platform.browser_origin = self.platform.graph_origin = address
        self._thread = threading.Thread(target=self._server.serve_forever, name="cloud")
        self._thread.start()

    def stop(self) -> None:
        """Be gone."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def served(folder: Path, *, tls: bool = True) -> Iterator[tuple[IdentityPlatform, Path]]:
    """Serve a platform; yields it and the file of its private CA."""
    cloud = Cloud(folder, tls=tls)
    cloud.start()
    try:
        yield cloud.platform, cloud.ca_file
    finally:
        cloud.stop()
