"""The real program with a real account, as far as a loopback cloud and a real keyring can be one."""

import uuid
from pathlib import Path

from tests.program.desktop import Desktop, needs_desktop, running
from tests.program.processes import Program
from tests.signin.platform import Cloud
from tests.signin.test_killed_child import kept_in_the_keyring
from tray.graph.http_messages import HttpRequest, HttpResponse, replied
from tray.sandbox.graph import APPLICATION

pytestmark = needs_desktop


def test_an_account_is_signed_in_once_held_once_online_kept_and_signed_out(desktop: Desktop) -> None:
    program, platform, said = desktop.program, desktop.cloud.platform, list[str]()
    assert program.run("set", "busy").returncode == 3
    signed_in = program.run("sign-in", "--device-code")
    assert signed_in.returncode == 0, signed_in.stderr
    said += [signed_in.stdout, signed_in.stderr]
    _, _, name = signed_in.stdout.partition("Signed in as ")
    checked = program.run("doctor").stdout
    assert {"ok    keyring", "ok    sign-in"} <= {line[:13] for line in checked.splitlines()}
    assert name.strip(".\n") not in checked

    with running(desktop, said):
        program.wait_for(lambda status: status["account"]["signed_in"])
        held = program.run("set", "in-a-call")
        assert held.returncode == 0, held.stderr
        assert desktop.shown == "Busy / InACall"
        platform.expire_access()
        assert program.run("set", "presenting").returncode == 0
        assert desktop.shown == "DoNotDisturb / Presenting"
    assert desktop.shown == "Offline / Offline"

    desktop.cloud.stop()
    with running(desktop, said):
        offline = program.run("set", "busy")
        assert offline.returncode == 0, offline.stderr
        assert program.status()["trouble"]["code"] == "offline"
        desktop.cloud.start()
        program.wait_for(lambda status: status["hold"]["held_by"] == "preferred")
        assert desktop.shown == "Busy / Busy"
    assert APPLICATION not in desktop.cloud.graph.model.sessions

    signed_out = program.run("sign-out")
    assert (signed_out.returncode, signed_out.stdout) == (0, "Signed out.\n"), signed_out.stderr
    assert kept_in_the_keyring() == []


def test_a_graph_url_that_is_turned_elsewhere_does_not_take_the_tokens_along(desktop: Desktop, tmp_path: Path) -> None:
    """`tests/signin/test_source.py` has the same of the authority."""
    desktop.sign_in()
    secrets = list(desktop.cloud.platform.tokens.given_out)
    (tmp_path / "elsewhere").mkdir()
    elsewhere = Cloud(tmp_path / "elsewhere")
    heard: list[bytes] = []
    elsewhere.fault = lambda request: heard.append(written(request))
    elsewhere.start()
    trusted = desktop.cloud.ca_file.read_text() + elsewhere.ca_file.read_text()
    desktop.cloud.ca_file.write_text(trusted)
    try:
        desktop.write_settings(graph_url=elsewhere.platform.graph_origin)
        with running(desktop, []):
            assert desktop.program.run("set", "busy").returncode in {0, 4}
            desktop.program.run("doctor")
    finally:
        elsewhere.stop()
    assert [secret for secret in secrets if any(secret.encode() in request for request in heard)] == []
    assert desktop.cloud.graph.model.sessions == {}


def written(request: HttpRequest) -> bytes:
    return f"{request.url} {dict(request.headers)}".encode() + request.content


def test_without_setup_every_way_in_says_what_to_do(tmp_path: Path) -> None:
    program = Program(tmp_path, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"})
    done = program.run("sign-in")
    assert done.returncode == 6
    assert "presence-tray setup" in done.stderr


def test_somebody_else_who_signs_in_by_command_takes_over_after_a_release_under_the_old_token(desktop: Desktop) -> None:
    program, platform = desktop.program, desktop.cloud.platform
    adele, grady = platform.object_id, str(uuid.uuid4())
    desktop.sign_in()
    heard: list[tuple[str, str]] = []

    def listen(request: HttpRequest) -> HttpResponse | None:
        if "/users/" not in request.path:
            return None
        user, verb = request.path.split("/users/")[1].split("/", 1)
        heard.append((user, verb.rpartition("/")[2]))
        return replied(200, json={}) if user == adele else None

    with running(desktop, []):
        assert program.run("set", "in-a-call").returncode == 0
        desktop.cloud.fault = listen
        platform.object_id, platform.username = grady, "Grady Archie"
        assert program.run("sign-in", "--device-code").returncode == 0
        program.wait_for(lambda status: status["account"]["username"] == "Grady Archie" and status["hold"] is None)
        assert heard[-1] == (adele, "clearPresence")
        assert program.run("set", "presenting").returncode == 0
        assert (grady, "setPresence") in heard
        assert adele not in {user for user, _ in heard[heard.index((grady, "setPresence")) :]}


def test_a_sign_in_that_microsoft_ended_is_asked_for_once_and_the_next_one_brings_the_hold_back(
    desktop: Desktop,
) -> None:
    program = desktop.program
    desktop.sign_in()
    with running(desktop, []):
        assert program.run("set", "in-a-call").returncode == 0
        desktop.cloud.platform.tokens.revoke()
        asked = program.run("set", "presenting")
        assert asked.returncode == 4
        assert "sign in again" in asked.stderr.casefold()
        assert program.run("sign-in", "--device-code").returncode == 0
        program.wait_for(lambda status: status["hold"] is not None and status["hold"]["held_by"] == "session")
        assert desktop.shown == "DoNotDisturb / Presenting"
        assert program.run("sign-out").returncode == 0
        assert kept_in_the_keyring() == []
