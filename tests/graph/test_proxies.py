"""Which proxy a request goes through, and what is said of one that does not do its part."""

import base64
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.certificates import certificate
from tests.graph.server import EMPTY, TOKEN, Server
from tests.rows import for_each
from tray.core.effects import ClearSession
from tray.core.values import AnswerKind, NetworkFailure
from tray.errors import BadSettings
from tray.graph.client import GraphClient
from tray.graph.proxies import VARIABLES, proxy_for

PROXY = "http://proxy:3128"
GRAPH = "graph.microsoft.com"


@for_each(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"https_proxy": PROXY}, PROXY),
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"all_proxy": PROXY}, PROXY),
        ({"ALL_PROXY": PROXY}, PROXY),
        ({"http_proxy": PROXY, "HTTP_PROXY": PROXY, "FTP_PROXY": "x://", "socks_proxy": "x://"}, None),
        ({"https_proxy": PROXY, "HTTPS_PROXY": "http://other:1"}, PROXY),
        ({"https_proxy": "", "HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": PROXY, "all_proxy": "socks://localhost:1080/"}, PROXY),
        ({"HTTPS_PROXY": PROXY, "all_proxy": "http://[::1"}, PROXY),
        ({"HTTPS_PROXY": "proxy:3128"}, PROXY),
        ({"HTTPS_PROXY": " http://proxy:3128/ "}, PROXY),
        ({"HTTPS_PROXY": "proxy"}, "http://proxy:1080"),
        ({"HTTPS_PROXY": "https://proxy"}, "https://proxy:443"),
        ({"HTTPS_PROXY": "HTTP://proxy:80"}, "http://proxy:80"),
        ({"HTTPS_PROXY": "http://anna:a%40b@proxy:3128"}, "http://anna:a%40b@proxy:3128"),
        ({"HTTPS_PROXY": "http://[fd00::1]:3128"}, "http://[fd00::1]:3128"),
        ({"HTTPS_PROXY": "http://[fe80::1%eth0]:3128"}, "http://[fe80::1%eth0]:3128"),
        ({"HTTPS_PROXY": "http://büro.example:3128"}, "http://xn--bro-hoa.example:3128"),
        ({"HTTPS_PROXY": "http://proxy:3128/proxy.pac?a#b"}, PROXY),
    ],
)
def test_the_variables_are_read_as_curl_reads_them(environ: dict[str, str], proxy: str | None) -> None:
    assert proxy_for("https", GRAPH, 443, environ) == proxy


@for_each(
    ("host", "port", "no_proxy", "direct"),
    [
        (GRAPH, 443, "*", True),
        (GRAPH, 443, "localhost,*", True),
        (GRAPH, 443, "microsoft.com", True),
        (GRAPH, 443, ".microsoft.com", True),
        (GRAPH, 443, "*.microsoft.com", True),
        (GRAPH, 443, "Graph.Microsoft.Com.", True),
        ("graph.microsoft.com.", 443, GRAPH, True),
        (GRAPH, 443, "localhost fd00::/8\tmicrosoft.com", True),
        (GRAPH, 443, "microsoft.com:443", True),
        (GRAPH, 443, "microsoft.com:8443", False),
        (GRAPH, 443, "soft.com", False),
        (GRAPH, 443, "login.graph.microsoft.com", False),
        (GRAPH, 443, "localhost,fd00::/8,[::1],10.0.0.0/8,::1/200,[,:,.,,:99999,http://[", False),
        ("10.1.2.3", 443, "10.0.0.0/8", True),
        ("10.1.2.3", 443, "10.1.2.3/8", True),
        ("10.1.2.3", 443, "10.1.2.3", True),
        ("10.1.2.3", 443, "10.1.2.3:443", True),
        ("10.1.2.3", 443, "10.1.2.3:80", False),
        ("10.1.2.3", 443, "fd00::/8,192.168.0.0/16,1.2.3,2.3", False),
        ("fd00::7", 443, "fd00::/8", True),
        ("fd00::7", 443, "[fd00::]/8", True),
        ("fd00::7", 443, "FD00:0::7", True),
        ("fd00::7", 443, "[fd00::7]", True),
        ("fd00::7", 443, "[fd00::7]:443", True),
        ("fd00::7", 443, "[fd00::7]:80", False),
        ("fe80::7", 443, "fd00::/8", False),
    ],
)
def test_no_proxy_names_servers_domains_addresses_and_ranges(host: str, port: int, no_proxy: str, direct: bool) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        assert (proxy_for("https", host, port, {"HTTPS_PROXY": PROXY, name: no_proxy}) is None) is direct


@pytest.mark.parametrize("host", ["localhost", "localhost.", "a.LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_this_computer_is_never_reached_through_a_proxy(host: str) -> None:
    for name in VARIABLES:
        for value in (PROXY, "nonsense://"):
            assert proxy_for("https", host, 443, {name: value}) is None
            assert proxy_for("http", host, 80, {name: value}) is None


@for_each("name", VARIABLES)
@for_each(
    "value",
    [
        "foo://anna:hunter2@proxy:1",
        "http://[::1",
        "http://proxy:port",
        "http://",
        "http://pro xy",
        "http://a\x07:80",
        "http://a..b:80",
        f"http://{'a' * 64}:80",
        "http://a%00b:80",
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as caught:
        proxy_for("https", GRAPH, 443, {name: value})
    assert name.upper() in caught.value.title
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["socks", "socks4", "socks5", "socks5h"])
def test_a_socks_proxy_is_named_where_it_is_the_only_one(scheme: str) -> None:
    with pytest.raises(BadSettings, match="ALL_PROXY names a SOCKS proxy"):
        proxy_for("https", GRAPH, 443, {"ALL_PROXY": f"{scheme}://localhost:1080/"})


class Proxy:
    """A proxy that leads every tunnel to one port of this computer, or answers with a refusal."""

    def __init__(self, port: int, answer: bytes | None = None, login: str | None = None) -> None:
        self._port, self._answer, self._login = port, answer, login
        self.asked: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, name="proxy")]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._tunnel, args=(peer,), name="proxy's tunnel"))
                self._threads[-1].start()

    def _tunnel(self, peer: socket.socket) -> None:
        with suppress(OSError), peer:
            peer.settimeout(5)
            head = b""
            while b"\r\n\r\n" not in head and head[:1] in b"CONNECT" and (piece := peer.recv(4096)):
                head += piece
            if not head.startswith(b"CONNECT "):
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            self.asked.append(head.split()[1])
            credentials = base64.b64encode((self._login or "").encode())
            if self._login and b"Proxy-Authorization: Basic " + credentials not in head:
                peer.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\n\r\n")
            elif self._answer:
                peer.sendall(self._answer)
            else:
                self._carry(peer)

    def _carry(self, peer: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._port)) as server:
            peer.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, peer), name="proxy's way back")
            back.start()
            pump(peer, server)
            back.join()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def proxied_to(port: int, answer: bytes | None = None, login: str | None = None) -> Iterator[Proxy]:
    proxy = Proxy(port, answer, login)
    try:
        yield proxy
    finally:
        proxy.stop()


@contextmanager
def proxied(context: ssl.SSLContext, answer: bytes | None = None, login: str | None = None) -> Iterator[Proxy]:
    """Run a server of TLS, and a proxy that leads to it."""
    server = Server(lambda peer: peer.sendall(EMPTY), context)
    try:
        with proxied_to(server.port, answer, login) as proxy:
            yield proxy
    finally:
        server.stop()


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return the context of a trusted server whose name is not this computer's."""
    for name in (*VARIABLES, "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    context, ca_file = certificate(tmp_path, "somebody else's")
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    return context


def test_a_request_goes_through_the_proxy_with_its_login(
    context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxied(context, login="anna:a@b") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://anna:a%40b@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:1080/")
        monkeypatch.setenv("NO_PROXY", "localhost,fd00::/8,[::1]")
        client = GraphClient("https://portal.test", "client")
        assert client.send(ClearSession(1), TOKEN).kind is AnswerKind.ACCEPTED
        client.close()
        assert proxy.asked == [b"portal.test:443"]


NTLM = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (NTLM, NetworkFailure.PROXY_LOGIN),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<html>", NetworkFailure.PROXY_FORBIDS),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", NetworkFailure.PROXY_FAILS),
        (b"nonsense\r\n\r\n", NetworkFailure.BROKEN),
    ],
)
def test_a_proxy_that_refuses_is_told_from_the_network(
    context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, answer: bytes, failure: NetworkFailure
) -> None:
    with proxied(context, answer) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert GraphClient("https://portal.test", "client").send(ClearSession(1), TOKEN).failure is failure


def test_a_plain_proxy_named_with_https_is_no_matter_of_trust(
    context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxied(context) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.port}")
        assert (
            GraphClient("https://portal.test", "client").send(ClearSession(1), TOKEN).failure
            is NetworkFailure.PROXY_PLAIN
        )


@pytest.mark.parametrize("host", ["127.0.0.1", "proxy.invalid"])
def test_a_proxy_that_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://{host}:{port}")
    assert (
        GraphClient("https://portal.test", "client").send(ClearSession(1), TOKEN).failure is NetworkFailure.PROXY_AWAY
    )


def test_a_plain_server_in_the_place_of_tls_is_no_matter_of_trust() -> None:
    with proxied_to(9) as plain:  # it answers whatever is no CONNECT with 400, as any server of HTTP does
        client = GraphClient(f"https://localhost:{plain.port}", "client")
        assert client.send(ClearSession(1), TOKEN).failure is NetworkFailure.BROKEN


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "all_proxy"])
@pytest.mark.parametrize("value", ["socks5h://127.0.0.1:1080", "http://[::1", "foo://proxy:1"])
def test_a_variable_that_cannot_be_used_is_an_answer(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert GraphClient("https://portal.test", "client").send(ClearSession(1), TOKEN).failure is NetworkFailure.VARIABLE
