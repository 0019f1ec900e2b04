"""The real program follows a real sound server and real words of the screen lock, and tells nobody whose they were."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jeepney import DBusAddress, new_signal

from tests.commands.test_rules import WRONG
from tests.desktop.linux.bus_peer import BusPeer
from tests.desktop.linux.recorder import START_CORKED
from tests.desktop.linux.sound import NEEDED, SPEAKER, PulseAudio
from tests.program.desktop import Desktop, needs_desktop, running
from tests.program.processes import Program
from tray.control.client import ask
from tray.desktop.linux.screen_lock import SAVERS

pytestmark = [needs_desktop, pytest.mark.needs(*NEEDED)]

CALLER = "Zoomtastic Calls"  # a name that nothing else has


@pytest.fixture
def server() -> Iterator[PulseAudio]:
    """Start one of the two servers; `tests/desktop/linux/test_microphone.py` tries both."""
    with PulseAudio() as server:
        server.start()
        yield server


def test_a_call_is_shown_while_a_program_records_and_nothing_while_the_screen_is_locked(
    desktop: Desktop, server: PulseAudio
) -> None:
    desktop.program.environ["PULSE_SERVER"] = f"unix:{server.folder}/pulse/native"
    desktop.sign_in()
    desktop.write_settings(microphone="in-a-call", when_locked="release")
    program, said = desktop.program, list[str]()
    with running(desktop, said):
        assert program.run("set", "available").returncode == 0
        assert desktop.shown == "Available / Available"
        with server.parecord(CALLER):
            program.wait_for(lambda _: desktop.shown == "Busy / InACall")
            hold = program.status()["hold"]
            assert (hold["origin"], hold["by"]) == ("microphone", CALLER)
            assert f"In a call: {CALLER} uses the microphone, then Available" in program.run("status").stdout
            assert f"used by {CALLER} since " in program.run("doctor").stdout
        program.wait_for(lambda _: desktop.shown == "Available / Available")
        with (
            server.parecord("Monitor", f"{SPEAKER}.monitor"),
            server.parecord("teams-for-linux"),
            server.recorder("Corked", START_CORKED),
            server.parecord(CALLER),
        ):
            program.wait_for(lambda status: bool(status["hold"]) and status["hold"]["by"] == CALLER)
        program.wait_for(lambda _: desktop.shown == "Available / Available")
        lock_and_unlock(desktop)
        trace = program.run("doctor", "--trace").stdout
    written = [path.read_text("utf-8", "replace") for path in desktop.home.rglob("*") if path.is_file()]
    assert any("SensorChanged" in text for text in written), "the log tells that there was something"
    assert [text for text in (*written, trace, *said) if CALLER in text] == []


def lock_and_unlock(desktop: Desktop) -> None:
    """Say the words of GNOME's screen saver, and wait until each is followed."""
    _, gnome, *_others = SAVERS
    assert desktop.bus
    emitter = DBusAddress(gnome.path, interface=gnome.name)
    with BusPeer(desktop.bus.address) as screensaver:
        screensaver.own(gnome.name)
        for locked, shown in ((True, "Offline / Offline"), (False, "Available / Available")):
            screensaver.connection.send(new_signal(emitter, "ActiveChanged", "b", (locked,)))
            desktop.program.wait_for(lambda _, shown=shown: desktop.shown == shown)


def test_a_mistake_by_hand_is_told_once_and_the_old_settings_stay(tmp_path: Path) -> None:
    program = Program(tmp_path)
    settings, paths = tmp_path / "settings.toml", program.paths(demo=True)
    right = 'microphone = "in-a-call"\n'
    settings.write_text(right, encoding="utf-8")
    with program.running("run", "--demo"):
        program.wait_for(lambda status: status["rules"][0]["on"])
        for count, wrong in enumerate(WRONG.values(), 1):
            settings.write_text(f"# {count}\n{wrong}", encoding="utf-8")
            for _look in range(2):
                ask(paths.channel, {"do": "settings-written"})
            program.wait_for(lambda _, count=count: notices(paths.log_file) == count)
            rules = program.status()["rules"]
            assert [rule["name"] for rule in rules if rule["on"]] == ["microphone"]
        settings.write_text('microphone = "nothing"\n', encoding="utf-8")
        ask(paths.channel, {"do": "settings-written"})
        program.wait_for(lambda status: not status["rules"][0]["on"])


def notices(log: Path) -> int:
    return log.read_text(encoding="utf-8").count("notice: Your settings have a mistake")
