"""The real program behind a company's proxy: whatever it asks goes through it, and what the proxy wants is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.private_bus import PrivateBus
from tests.graph.test_proxies import proxied_to
from tests.program.desktop import Desktop, needs_desktop, running
from tests.signin.platform import Cloud
from tests.signin.secret_service import wait_for_store

pytestmark = needs_desktop
LOGIN = "anna:secret"


@pytest.fixture
def behind(tmp_path: Path, bus: PrivateBus, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A desktop whose cloud has a name that this computer cannot resolve."""
    cloud = Cloud(tmp_path, host="portal.test")
    cloud.start()
    desktop = Desktop(tmp_path, bus, cloud)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    try:
        wait_for_store()
        yield desktop
    finally:
        desktop.keyring.stop()
        cloud.stop()


def test_signing_in_setting_refreshing_and_the_doctor_all_go_through_the_proxy(behind: Desktop) -> None:
    program, cloud = behind.program, behind.cloud
    with proxied_to(cloud.port, login=LOGIN) as proxy:
        program.environ["HTTPS_PROXY"] = f"http://{LOGIN}@127.0.0.1:{proxy.port}"
        done = program.run("sign-in", "--device-code")
        assert done.returncode == 0, done.stderr
        said = list[str]()
        with running(behind, said):
            assert program.run("set", "in-a-call").returncode == 0
            assert behind.shown == "Busy / InACall"
            cloud.platform.expire_access()
            assert program.run("set", "presenting").returncode == 0
            assert behind.shown == "DoNotDisturb / Presenting"
            doctor = program.run("doctor").stdout
            assert "ok    network" in doctor
            assert "secret" not in doctor
        assert behind.shown == "Offline / Offline"
        assert set(proxy.asked) == {f"portal.test:{cloud.port}".encode()}
    log = program.paths().log_file.read_text(encoding="utf-8")
    assert "secret" not in log + "".join(said)


def test_a_proxy_that_wants_a_login_is_said_by_every_part(behind: Desktop) -> None:
    program, cloud = behind.program, behind.cloud
    with proxied_to(cloud.port, login=LOGIN) as proxy:
        program.environ["HTTPS_PROXY"] = f"http://127.0.0.1:{proxy.port}"
        refused = program.run("sign-in", "--device-code")
        assert refused.returncode == 1
        assert "proxy wants a user name and password" in refused.stderr
        behind.sign_in()
        with running(behind, []):
            assert "proxy wants a user name and password" in program.run("set", "busy").stdout
            trouble = program.status()["trouble"]
            assert (trouble["code"], "HTTPS_PROXY" in trouble["message"]) == ("offline", True)
            assert "proxy wants a user name and password" in program.run("doctor").stdout
