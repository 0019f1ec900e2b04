"""The control channel between two processes: answers, refusals, and peers that are slow, wrong or strangers."""

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tray import paths
from tray.control.client import ask, connect
from tray.control.protocol import Connection, Listener
from tray.control.server import MOST_CONVERSATIONS, REQUEST_SECONDS, Server, listen, serve
from tray.errors import AlreadyRunning, NotRunning, TrayError

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="a pipe is not a file")

JsonObject = dict[str, Any]


def echo(request: JsonObject) -> JsonObject:
    if request.get("do") == "fail":
        raise RuntimeError("a defect")
    if request.get("do") == "wide":
        return {"ok": True, "text": "x" * 60_000}
    if request.get("do") == "long":
        return {"ok": True, "text": "x" * 70_000}
    return {"ok": True, "heard": request}


@pytest.fixture
def address(tmp_path: Path) -> str:
    return paths.locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path)}).channel


@pytest.fixture
def served(address: str) -> Iterator[str]:
    server = serve(address, echo)
    yield address
    server.stop()


@contextmanager
def peer(address: str) -> Iterator[Connection]:
    """Connect a peer that may send anything."""
    connection = connect(address, 10)
    yield connection
    connection.close()


def line(connection: Connection) -> JsonObject:
    """Read an answer."""
    read = b""
    while not read.endswith(b"\n"):
        part = connection.receive(10)
        assert part, read
        read += part
    document: JsonObject = json.loads(read)
    return document


def test_a_request_gets_its_answer(served: str) -> None:
    request = {"do": "status", "é": [None, 1.5, "日本"]}
    assert ask(served, request) == {"ok": True, "heard": request}


def test_another_process_gets_an_answer(served: str) -> None:
    program = "import sys\nfrom tray.control.client import ask\nprint(ask(sys.argv[1], {'do': 'x'})['heard']['do'])"
    told = subprocess.run(
        [sys.executable, "-c", program, served], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout == "x\n"


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"\n", "not JSON"),
        (b"GET / HTTP/1.1\r\n\r\n", "not JSON"),
        (b"\xff\xfe\x00\n", "not JSON"),
        (b"[" * 60_000 + b"\n", "not JSON"),
        (b"[1]\n", "not a JSON object"),
        (b'{"do": "x"}trailing\n', "not JSON"),
        (b"1" * 5000 + b"\n", "not JSON"),
        (b"x" * (64 * 1024), "longer than 64 KiB"),
        (b"x" * (64 * 1024) + b"\n", "longer than 64 KiB"),
    ],
)
def test_garbage_is_refused_and_the_next_request_answered(served: str, sent: bytes, why: str) -> None:
    with peer(served) as connection:
        connection.send(sent, 10)
        answer = line(connection)
    assert answer["ok"] is False
    assert why in answer["error"]
    assert ask(served, {"do": "after"})["ok"] is True


def test_the_longest_request_that_fits_is_answered(served: str) -> None:
    frame = len(b'{"pad":""}\n')
    request = {"pad": "x" * (64 * 1024 - frame)}
    with peer(served) as connection:
        connection.send(json.dumps(request, separators=(",", ":")).encode() + b"\n", 10)
        answer = line(connection)
    assert "longer" in answer["error"]  # only the echo is, because its frame is wider
    assert "answer" in answer["error"]


def test_a_defect_in_an_answer_is_a_refusal_and_not_the_end(served: str) -> None:
    assert ask(served, {"do": "fail"})["ok"] is False
    assert ask(served, {"do": "long"})["ok"] is False
    assert ask(served, {"do": "after"})["ok"] is True


@pytest.mark.parametrize("sent", [b"", b'{"do": "sta'])
def test_after_a_peer_that_leaves_during_its_request_the_next_is_answered(served: str, sent: bytes) -> None:
    with peer(served) as connection:
        connection.send(sent, 10)
    assert ask(served, {"do": "after"})["ok"] is True


def test_a_slow_peer_is_cut_off_and_the_next_is_served(served: str) -> None:
    with peer(served) as slow:
        slow.send(b'{"do": ', 10)
        assert ask(served, {"do": "after"}, timeout=10)["ok"] is True
        assert slow.receive(10) == b""


def test_a_peer_that_drips_is_cut_off_after_two_seconds(served: str) -> None:
    done = threading.Event()
    with peer(served) as slow:

        def drip() -> None:
            while not done.wait(0.1):
                try:
                    slow.send(b" ", 10)
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert ask(served, {"do": "after"}, timeout=10)["ok"] is True
        finally:
            done.set()
            dripping.join()


def test_many_at_once_are_all_answered(served: str) -> None:
    heard: list[int] = []

    def one(number: int) -> None:
        heard.append(ask(served, {"number": number}, timeout=30)["heard"]["number"])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == list(range(12))


def test_peers_that_say_nothing_hold_up_nobody(served: str) -> None:
    with ExitStack() as silent:
        for _ in range(3 * MOST_CONVERSATIONS):
            silent.enter_context(peer(served))
        began = time.monotonic()
        assert ask(served, {"do": "after"})["ok"] is True
        assert time.monotonic() - began < REQUEST_SECONDS


def test_peers_that_read_nothing_hold_up_nobody(served: str) -> None:
    with ExitStack() as deaf:
        for _ in range(5):
            deaf.enter_context(peer(served)).send(b'{"do": "wide"}\n', 10)
        began = time.monotonic()
        assert ask(served, {"do": "after"})["ok"] is True
        assert time.monotonic() - began < REQUEST_SECONDS


def test_a_text_that_is_no_unicode_is_carried_as_it_is(served: str) -> None:
    assert ask(served, {"do": "\ud800"})["heard"] == {"do": "\ud800"}


class Failing:
    """A listener that fails some times before each conversation."""

    def __init__(self, listener: Listener, times: int) -> None:
        self._listener, self._left = listener, times
        self.wake, self.restore, self.close = listener.wake, listener.restore, listener.close

    def accept(self) -> Connection | None:
        if self._left:
            self._left -= 1
            raise OSError(errno.EMFILE, "Too many open files") if self._left % 2 else RuntimeError("a defect")
        return self._listener.accept()


@pytest.mark.defect_in("control.server.Server.__init__")
def test_a_listener_that_fails_is_logged_once_and_tried_again(address: str, caplog: pytest.LogCaptureFixture) -> None:
    server = Server(Failing(listen(address), times=4), echo, pause=0.01)
    assert ask(address, {"do": "after"})["ok"] is True
    server.stop()
    assert [record.levelname for record in caplog.records if "received" in record.message].count("ERROR") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts handles otherwise")
def test_after_a_time_without_descriptors_commands_are_answered_again(address: str) -> None:
    program = (
        "import os, resource, sys\n"
        "from tray.control.server import serve\n"
        "serve(sys.argv[1], lambda request: {'ok': True})\n"
        "print('up', flush=True)\n"
        "before = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
        "free = os.dup(0)\n"
        "os.close(free)\n"
        "for line in sys.stdin:\n"
        "    least = (free, before[1]) if line == 'few\\n' else before\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, least)\n"
        "    print('done', flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as server:
        assert server.stdin and server.stdout  # noqa: PT018
        server.stdout.readline()
        server.stdin.write(b"few\n")
        server.stdout.readline()
        with pytest.raises(TrayError):
            ask(address, {"do": "x"}, timeout=0.5)
        server.stdin.write(b"many\n")
        server.stdout.readline()
        assert ask(address, {"do": "after"})["ok"] is True
        server.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts handles otherwise")
def test_it_serves_with_a_thousand_descriptors_open(address: str) -> None:
    program = (
        "import os, resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048))\n"
        "kept = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]\n"
        "from tray.control.client import ask\n"
        "from tray.control.server import serve\n"
        "server = serve(sys.argv[1], lambda request: {'ok': True})\n"
        "print(ask(sys.argv[1], {'do': 'x'}))\n"
        "server.stop()\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, address], capture_output=True, text=True, check=False, timeout=60
    )
    assert (told.stdout, told.stderr) == ("{'ok': True}\n", "")


def test_an_address_without_a_server_is_an_app_that_does_not_run(address: str) -> None:
    with pytest.raises(NotRunning):
        ask(address, {"do": "status"})


def test_a_stopped_server_frees_its_address(address: str) -> None:
    serve(address, echo).stop()
    with pytest.raises(NotRunning):
        ask(address, {"do": "status"})
    serve(address, echo).stop()


def test_stop_does_not_wait_for_a_slow_peer(address: str) -> None:
    server = serve(address, echo)
    with peer(address) as slow:
        slow.send(b"{", 10)
        server.stop()
    with pytest.raises(NotRunning):
        ask(address, {"do": "status"})


def test_the_socket_of_a_dead_process_is_replaced(address: str) -> None:
    program = (
        "import os, sys\n"
        "from tray.control.server import serve\n"
        "serve(sys.argv[1], lambda request: request)\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", program, address], check=True, timeout=60)
    with pytest.raises(NotRunning):
        ask(address, {"do": "status"})
    server = serve(address, echo)
    assert ask(address, {"do": "status"})["ok"] is True
    server.stop()


def test_a_second_server_leaves_the_first_alone(served: str) -> None:
    with pytest.raises(AlreadyRunning):
        serve(served, echo)
    assert ask(served, {"do": "status"})["ok"] is True


@on_posix
def test_a_file_where_the_socket_belongs_is_not_removed(address: str) -> None:
    Path(address).parent.mkdir()
    Path(address).write_text("precious")
    with pytest.raises(TrayError, match="in the way"):
        serve(address, echo)
    assert Path(address).read_text() == "precious"


@on_posix
def test_a_path_that_is_too_long_for_a_socket_is_an_error_with_words(tmp_path: Path) -> None:
    with pytest.raises(TrayError, match="can't receive commands"):
        serve(str(tmp_path / ("x" * 120)), echo)


@pytest.mark.parametrize("answer", [b"", b"nonsense\n", b"x" * 70_000])
def test_a_server_that_answers_badly_is_an_error_with_words(address: str, answer: bytes) -> None:
    listener = listen(address)

    def serve() -> None:
        connection = listener.accept()
        assert connection
        connection.receive(10)
        with suppress(OSError):  # the client has read enough
            connection.send(answer, 10)
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    with pytest.raises(TrayError):
        ask(address, {"do": "status"}, timeout=10)
    thread.join()
    listener.close()


def test_a_server_that_hangs_is_an_error_with_words(address: str) -> None:
    listener = listen(address)
    with pytest.raises(TrayError, match="not responding"):
        ask(address, {"do": "status"}, timeout=0.1)
    listener.close()


@on_posix
class TestTheSocket:
    def test_a_stopped_server_leaves_no_file(self, address: str) -> None:
        serve(address, echo).stop()
        assert list(Path(address).parent.iterdir()) == []

    def test_a_socket_that_somebody_removed_is_made_anew(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tray.control.unix_socket.CHECK_SECONDS", 0.01)
        kept = threading.Semaphore(0)
        server = serve(address, echo, kept.release)
        for _ in range(2):
            shutil.rmtree(Path(address).parent)
            while kept.acquire(blocking=False):  # looks from before
                pass
            for _ in range(2):  # the first look may have begun before
                assert kept.acquire(timeout=20)
            assert ask(address, {"do": "after"}, timeout=10)["ok"] is True
        server.stop()
        assert not Path(address).exists()

    def test_the_socket_of_another_process_stays_where_it_is(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tray.control.unix_socket.CHECK_SECONDS", 0.01)
        kept = threading.Semaphore(0)
        first = serve(address, echo, kept.release)
        Path(address).rename(f"{address}.gone")
        second = serve(address, lambda _: {"ok": True, "second": True})
        for _ in range(3):
            assert kept.acquire(timeout=20)
        first.stop()
        assert ask(address, {"do": "after"}, timeout=10)["second"]
        second.stop()

    def test_only_the_user_can_enter_the_folder(self, served: str) -> None:
        assert Path(served).parent.stat().st_mode & 0o777 == 0o700

    def test_a_process_of_another_user_is_not_heard(self, address: str) -> None:
        heard: list[JsonObject] = []

        server = Server(listen(address, owner=os.getuid() + 1), lambda request: heard.append(request) or echo(request))
        try:
            with pytest.raises(TrayError):
                ask(address, {"do": "status"}, timeout=10)
        finally:
            server.stop()
        assert heard == []

    @pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can become another user")
    @pytest.mark.parametrize("open_the_folder", [False, True])
    def test_another_user_is_kept_out_by_the_folder_and_by_the_socket(
        self, short_path: Path, as_nobody: Callable[[str], str], *, open_the_folder: bool
    ) -> None:
        address = str(short_path / "run" / "control.sock")
        server = serve(address, echo)
        try:
            if open_the_folder:
                Path(address).parent.chmod(0o755)
                Path(address).chmod(0o777)
            told = as_nobody(address)
        finally:
            server.stop()
        assert told == ("b''" if open_the_folder else "PermissionError")


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose parents others may pass through."""
    folder = tmp_path_factory.mktemp("open")
    for parent in (folder, *folder.parents):
        if parent == Path("/tmp"):  # noqa: S108  where pytest keeps its folders
            break
        parent.chmod(0o755)
    return folder


@pytest.fixture
def as_nobody() -> Callable[[str], str]:
    program = (
        "import os, socket, sys\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "peer = socket.socket(socket.AF_UNIX); peer.settimeout(10)\n"
        "try:\n"
        "    peer.connect(sys.argv[1]); peer.sendall(b'{}\\n'); print(peer.recv(100))\n"
        "except ConnectionError: print(b'')\n"
        "except OSError as exc: print(type(exc).__name__)\n"
    )

    def run(address: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", program, address], capture_output=True, text=True, check=True, timeout=60
        ).stdout.strip()

    return run
