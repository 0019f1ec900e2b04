"""No secret of a sign-in is anywhere but in the keyring: not a token, not twelve characters of one, not the object id.

A status message is personal, too: it is in no log and no trace. Looked at: every file of the program, what its commands
print, the control channel, and the arguments and environment of every process it starts.
"""

import json
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.program.desktop import Desktop, running
from tests.signin.secret_service import needs_keyring
from tray.control.client import ask
from tray.core.values import Message
from tray.graph.http_messages import HttpRequest, HttpResponse, replied
from tray.paths import locate

pytestmark = needs_keyring

PART = 12  # characters


def parts(secrets: Iterable[str]) -> set[str]:
    """Return every part of a secret that is too long to be there by chance."""
    return {secret[start : start + PART] for secret in secrets for start in range(len(secret) - PART + 1)}


def leaking(secrets: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Return the texts that have a part of a secret."""
    secret = parts(secrets)
    return [text for text in texts if any(text[at : at + PART] in secret for at in range(len(text) - PART + 1))]


def secrets_of(desktop: Desktop) -> list[str]:
    platform = desktop.cloud.platform
    return [*platform.tokens.given_out, *platform.codes, *platform.devices, platform.object_id]


def _running() -> set[str]:
    return set(filter(str.isdigit, os.listdir("/proc")))  # noqa: PTH208  fifty times a second


class Processes:
    """Every process of one home, with what its arguments and its environment say."""

    def __init__(self, home: Path) -> None:
        self._mark = f"PRESENCE_TRAY_HOME={home}".encode()
        self._others = _running()
        self.seen: dict[bytes, bytes] = {}
        self._over = threading.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            for process in _running() - self._others:
                with suppress(OSError):
                    environ = Path("/proc", process, "environ").read_bytes()
                    if self._mark in environ.split(b"\0"):
                        self.seen[Path("/proc", process, "cmdline").read_bytes()] = environ


def refused(request: HttpRequest, secret: str) -> HttpResponse | None:
    """Refuse a refresh in words that quote a secret."""
    if not request.path.endswith("/token"):
        return None
    words = f"AADSTS50000: {secret} is not good.\r\nTrace ID: {secret}"
    return replied(400, json={"error": "invalid_grant", "error_description": words, "correlation_id": secret})


def quoting(request: HttpRequest) -> HttpResponse | None:
    """Refuse a status message in words that quote it."""
    if not request.path.endswith("/setStatusMessage"):
        return None
    return replied(400, json={"error": {"code": "InvalidArgument", "message": request.content.decode()}})


def test_no_part_of_a_secret_is_in_any_file_output_message_argument_or_environment(desktop: Desktop) -> None:
    program, cloud, said = desktop.program, desktop.cloud, list[str]()
    platform = cloud.platform
    channel = locate(demo=False, environment=program.environ).channel

    def put(**request: object) -> None:
        said.append(json.dumps(ask(channel, request)))

    def tell(*arguments: str) -> None:
        done = program.run(*arguments)
        said.extend((done.stdout, done.stderr))

    processes = Processes(desktop.home)
    desktop.sign_in()
    with processes.watched(), running(desktop, said):
        tell("set", "busy")
        platform.expire_access()
        tell("set", "in-a-call")
        for request in ("looked", "status", "trace", "signed-in", "nonsense"):
            put(do=request)
        cloud.fault = lambda _: replied(403, json={"error": {"message": platform.object_id}})
        tell("set", "presenting")
        platform.expire_access()
        cloud.fault = lambda request: refused(request, f"{platform.object_id} {platform.tokens.given_out[0]}")
        tell("set", "busy")
        tell("status")
        tell("sign-in", "--device-code")
        tell("doctor", "--trace")
        put(do="trace")
        cloud.fault = lambda _: None
        tell("sign-in", "--device-code")
        tell("set", "in-a-call")
        tell("sign-out")
        put(do="status")
    children = [arguments for arguments in processes.seen if b"tray.signin" in arguments]
    assert len(children) == 1, "the token child, always started in the same way"
    assert any(b"run" in arguments.split(b"\0") for arguments in processes.seen)
    said += [(arguments + environ).decode() for arguments, environ in processes.seen.items()]
    files = [path for path in desktop.home.rglob("*") if path.is_file()]
    places = desktop.program.paths()
    assert {desktop.home / "settings.toml", places.state_file, places.log_file} <= set(files)
    said += [path.read_bytes().decode("utf-8", "replace") for path in files]

    secrets = secrets_of(desktop)
    assert len(secrets) > 12
    assert leaking(secrets, [f"xx{secrets[0][5 : 5 + PART]}xx"]), "the scan finds what it looks for"
    assert leaking(secrets, said) == []


def test_no_part_of_a_status_message_is_in_a_log_a_trace_or_any_file_but_the_state(desktop: Desktop) -> None:
    ours, refused, theirs = "Dentist in Delft, back at 16:20", "Picking up the children", "Written by hand in Teams"
    program, places, said = desktop.program, desktop.program.paths(), list[str]()
    desktop.sign_in()
    with running(desktop, said):
        assert program.run("set", "busy", "--message", ours).returncode == 0
        program.wait_for(lambda status: bool(status["message"]["accepted"]))
        # Without it a crash would leave the message behind for ever.
        program.wait_for(lambda _: ours in places.state_file.read_text("utf-8"))
        desktop.cloud.fault = quoting
        assert program.run("message", refused).returncode == 5
        desktop.cloud.fault = lambda _: None
        desktop.cloud.graph.model.set_message(Message(theirs))
        assert program.run("stop").returncode == 0
        program.wait_for(lambda status: (status["message"] or {}).get("text") == theirs)
        said.append(json.dumps(ask(places.channel, {"do": "trace"})))
        said.append(program.run("doctor", "--trace").stdout)
    files = [path for path in desktop.home.rglob("*") if path.is_file() and path != places.state_file]
    assert places.log_file in files
    said += [path.read_bytes().decode("utf-8", "replace") for path in files]
    assert "SetMessage" in "".join(said), "the trace tells that there was one"
    assert leaking([ours, refused, theirs], said) == []
