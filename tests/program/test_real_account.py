"""The real program with a real account, as far as a loopback cloud and a real keyring can be one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.program.desktop import Desktop
from tests.program.running import PATIENCE, Program
from tests.signin.secret_service import SecretService, wait_for_store
from tray.sandbox.service import APPLICATION

pytestmark = pytest.mark.skipif(shutil.which("gnome-keyring-daemon") is None, reason="needs Debian's gnome-keyring")


@contextmanager
def running(desktop: Desktop, errors: list[str]) -> Iterator[None]:
    """Run the tray, quit it, and keep what it said."""
    with desktop.program.running("run") as process:
        desktop.program.wait_for(lambda status: status["version"] == 1)
        yield
        desktop.program.run("quit")
        assert process.wait(PATIENCE) == 0
        out, err = process.communicate()
        errors.extend((out, err))


def test_an_account_is_signed_in_once_held_offline_kept_and_signed_out_and_leaks_nothing(desktop: Desktop) -> None:
    program, platform, said = desktop.program, desktop.cloud.platform, list[str]()
    assert program.run("set", "busy").returncode == 3
    signed_in = program.run("sign-in", "--device-code")
    assert signed_in.returncode == 0, signed_in.stderr
    said += [signed_in.stdout, signed_in.stderr]

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
        scan(desktop, said)
    assert APPLICATION not in desktop.cloud.graph.model.sessions

    signed_out = program.run("sign-out")
    assert signed_out.returncode == 0, signed_out.stderr
    with running(desktop, said):
        asked = program.run("set", "busy")
        assert asked.returncode == 4, asked.stderr
    scan(desktop, said)


def scan(desktop: Desktop, said: list[str]) -> None:
    """Look for any twelve characters of a secret in files and in what was said."""
    platform = desktop.cloud.platform
    secrets = [*platform.tokens.access, *(family.good for family in platform.tokens.families), platform.object_id]
    texts = [path.read_bytes().decode("utf-8", "replace") for path in desktop.home.rglob("*") if path.is_file()]
    assert len(texts) >= 3
    for text in (*texts, *said):
        for secret in secrets:
            for start in range(len(secret) - 11):
                assert secret[start : start + 12] not in text


def test_settings_that_point_elsewhere_do_not_take_the_tokens_along(desktop: Desktop) -> None:
    assert desktop.program.run("sign-in", "--device-code").returncode == 0
    desktop.write_settings(f"{desktop.cloud.platform.origin}/another-tenant")
    desktop.cloud.platform.log.clear()
    with running(desktop, []):
        assert desktop.program.run("set", "busy").returncode == 4
    assert not any("token" in path for path in desktop.cloud.platform.log)


def test_without_setup_every_way_in_says_what_to_do(tmp_path: Path) -> None:
    program = Program(tmp_path, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"})
    done = program.run("sign-in")
    assert done.returncode == 6
    assert "presence-tray setup" in done.stderr


def test_a_keyring_that_comes_late_is_found(desktop: Desktop) -> None:
    assert desktop.program.run("sign-in", "--device-code").returncode == 0
    desktop.keyring.stop()
    with running(desktop, []):
        early = desktop.program.run("set", "busy")
        assert early.returncode == 7, early.stderr
        desktop.keyring = SecretService(desktop.home.parent, desktop.bus)
        wait_for_store()
        assert desktop.program.run("set", "in-a-call").returncode == 0
        assert desktop.shown == "Busy / InACall"
