"""Whether the screen is locked: stand-ins for logind and the screensavers on real buses."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, Message, new_error, new_method_return, new_signal

from tests.desktop.linux.bus_peer import BusPeer
from tests.desktop.private_bus import PrivateBus
from tray.core.rules import CannotTell, Locked, LockReading, Unknown, Unlocked
from tray.desktop.linux.bus import DAEMON, Loop, open_session_bus
from tray.desktop.linux.logind import LogindWatch
from tray.desktop.linux.screen_lock import (
    AUTO_SESSION,
    LOGIND,
    PROPERTIES,
    SAVERS,
    SESSION,
    LinuxScreenLock,
    Saver,
    ScreenLock,
)
from tray.desktop.linux.system_bus import SystemBus

PATIENCE = 10  # seconds for what is bound to come
NO_SOURCE = CannotTell(Unknown.NO_SOURCE)
REAL_PATH = "/org/freedesktop/login1/session/_32"
PATHS = {"2": REAL_PATH, "3": "/org/freedesktop/login1/session/_33"}
GNOME = SAVERS[1]


class Screensaver(BusPeer):
    """Owns a name and tells whether it is active; answers `GetActive`, and nothing that would lock the screen."""

    def __init__(self, address: str, saver: Saver, active: bool = False) -> None:
        super().__init__(address)
        self.saver = saver
        self.active = active
        self.own(saver.name)

    def answer(self, message: Message, member: str) -> Message | None:
        assert member == "GetActive"
        if message.header.fields[HeaderFields.path] != self.saver.path:
            return new_error(message, "org.freedesktop.DBus.Error.UnknownObject")
        return new_method_return(message, "b", (self.active,))

    def tell(self, active: bool) -> None:
        emitter = DBusAddress(self.saver.path, interface=self.saver.name)
        self.connection.send(new_signal(emitter, "ActiveChanged", "b", (active,)))


class LogindSessions(BusPeer):
    """logind with one session, 2; started by systemd a program belongs to none, but its user has a display session."""

    def __init__(self, address: str, hint: bool = False, knows: str = "2", kind: str = "s") -> None:
        super().__init__(address)
        self.hint = hint
        self.knows = knows
        self.kind = kind
        self.own(LOGIND)

    def answer(self, message: Message, member: str) -> Message | None:
        path = message.header.fields[HeaderFields.path]
        match member, message.body:
            case "Get", (_, "Id") if path == AUTO_SESSION and self.knows:
                return new_method_return(message, "v", ((self.kind, self.knows if self.kind == "s" else 5),))
            case "GetSession", (name,) if name == self.knows:
                return new_method_return(message, "o", (PATHS[name],))
            case "Get", (_, "LockedHint") if path == PATHS.get(self.knows):
                return new_method_return(message, "v", (("b", self.hint),))
        return new_error(message, "org.freedesktop.login1.NoSuchSession")

    def tell(self, path: str = REAL_PATH, **changed: bool) -> None:
        variants = {name: ("b", value) for name, value in changed.items()}
        emitter = DBusAddress(path, interface=PROPERTIES)
        self.connection.send(new_signal(emitter, "PropertiesChanged", "sa{sv}as", (SESSION, variants, [])))

    def request(self, member: str) -> None:
        self.connection.send(new_signal(DBusAddress(REAL_PATH, interface=SESSION), member))


class Watching:
    """A screen lock on two buses, and whoever else is there, all driven by the test's own thread."""

    def __init__(self, address: str, environ: dict[str, str] | None = None) -> None:
        self.words: list[LockReading] = []
        self.lock = ScreenLock(self.words.append, environ or {})
        self.session, self.system = (open_session_bus({"DBUS_SESSION_BUS_ADDRESS": address}) for _ in range(2))
        self.peers: list[BusPeer] = []

    def join(self) -> None:
        self.lock.session_joined(self.session)
        self.lock.system_joined(self.system)
        self.lock.begin()

    def until(self, condition: Callable[[], object]) -> None:
        limit = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < limit, self.words
            for bus in (self.session, self.system):
                bus.serve_until(lambda: False, 0.01)
            for peer in self.peers:
                with contextlib.suppress(TimeoutError):
                    peer.handle_until(lambda: False, 0.01)

    def said(self, *words: LockReading) -> None:
        """Wait for exactly these words since the last time."""
        self.until(lambda: len(self.words) >= len(words))
        self.settle()
        assert self.words == list(words)
        self.words.clear()

    def settle(self) -> None:
        """Let everything that was sent arrive: a call to each bus comes back after it."""
        answers: list[Any] = []
        for bus in (self.session, self.system):
            if bus.alive:
                bus.call(DAEMON, "GetId", gives="s", then=answers.append)
        alive = sum(bus.alive for bus in (self.session, self.system))
        self.until(lambda: len(answers) == alive)


@pytest.fixture
def bus() -> Iterator[PrivateBus]:
    with PrivateBus() as bus:
        yield bus


@pytest.fixture
def watching(bus: PrivateBus) -> Iterator[Watching]:
    watching = Watching(bus.address)
    yield watching
    for connection in (watching.session, watching.system):
        connection.close()
    for peer in watching.peers:
        peer.connection.close()


@pytest.mark.parametrize("saver", SAVERS, ids=lambda saver: saver.name)
def test_every_screensaver_is_heard_from_its_first_word(watching: Watching, bus: PrivateBus, saver: Saver) -> None:
    watching.join()
    watching.said(NO_SOURCE)
    screensaver = Screensaver(bus.address, saver)  # it starts after us
    watching.peers.append(screensaver)
    screensaver.tell(True)
    watching.said(Locked())
    screensaver.tell(False)
    watching.said(Unlocked())


@pytest.mark.parametrize(("active", "reading"), [(True, Locked()), (False, Unlocked())])
def test_a_screensaver_that_runs_is_asked_and_its_silence_is_no_word(
    watching: Watching, bus: PrivateBus, active: bool, reading: LockReading
) -> None:
    watching.peers.append(Screensaver(bus.address, GNOME, active))
    watching.join()
    watching.said(reading)


def test_a_screensaver_that_dies_locks_nothing_any_more(watching: Watching, bus: PrivateBus) -> None:
    watching.peers.append(Screensaver(bus.address, GNOME, active=True))
    watching.join()
    watching.said(Locked())
    watching.peers.pop().connection.close()
    watching.said(NO_SOURCE)


@pytest.mark.parametrize("environ", [{}, {"XDG_SESSION_ID": "2"}, {"XDG_SESSION_ID": "1"}], ids=str)  # 1 is over
def test_logind_tells_by_the_hint_of_our_session_under_its_real_path(bus: PrivateBus, environ: dict[str, str]) -> None:
    watching = Watching(bus.address, environ)
    logind = LogindSessions(bus.address, hint=True)
    watching.peers.append(logind)
    watching.join()
    watching.said(Locked())
    logind.tell(IdleHint=True)
    logind.tell("/org/freedesktop/login1/session/_33", LockedHint=False)
    logind.request("Unlock")
    logind.tell(LockedHint=False)
    watching.said(Unlocked())
    logind.request("Lock")
    logind.tell(LockedHint=True)
    watching.said(Locked())
    for each in (watching.session, watching.system, logind.connection):
        each.close()


def test_any_of_them_is_enough_and_all_must_agree_that_it_is_unlocked(watching: Watching, bus: PrivateBus) -> None:
    logind, gnome = LogindSessions(bus.address), Screensaver(bus.address, GNOME)
    watching.peers += [logind, gnome]
    watching.join()
    watching.said(Unlocked())
    gnome.tell(True)
    watching.said(Locked())
    logind.tell(LockedHint=True)
    watching.settle()
    gnome.tell(False)
    watching.settle()
    assert watching.words == []
    logind.tell(LockedHint=False)
    watching.said(Unlocked())


def test_a_user_without_a_session_is_told_that_nobody_tells(watching: Watching, bus: PrivateBus) -> None:
    watching.peers.append(LogindSessions(bus.address, knows=""))
    watching.join()
    watching.said(NO_SOURCE)


def test_logind_and_the_session_may_start_anew(watching: Watching, bus: PrivateBus) -> None:
    watching.join()
    watching.said(NO_SOURCE)
    for hint in (True, False):
        logind = LogindSessions(bus.address, hint)
        watching.peers.append(logind)
        watching.said(Locked() if hint else Unlocked())
        watching.peers.remove(logind)
        logind.connection.close()
        watching.said(NO_SOURCE)

    late = LogindSessions(bus.address, knows="")
    watching.peers.append(late)
    watching.settle()
    late.knows, late.hint = "2", True
    manager = DBusAddress("/org/freedesktop/login1", interface="org.freedesktop.login1.Manager")
    late.connection.send(new_signal(manager, "SessionNew", "so", ("2", REAL_PATH)))
    watching.said(Locked())


def test_after_another_login_the_session_before_is_not_heard_any_more(watching: Watching, bus: PrivateBus) -> None:
    logind = LogindSessions(bus.address)
    watching.peers.append(logind)
    watching.join()
    watching.said(Unlocked())
    logind.knows, logind.hint = "3", True
    manager = DBusAddress("/org/freedesktop/login1", interface="org.freedesktop.login1.Manager")
    logind.connection.send(new_signal(manager, "SessionNew", "so", ("3", PATHS["3"])))
    watching.said(Locked())
    logind.tell(PATHS["2"], LockedHint=False)
    watching.settle()
    assert watching.words == []
    logind.knows = ""
    logind.connection.send(new_signal(manager, "SessionNew", "so", ("4", "/org/freedesktop/login1/session/_34")))
    watching.said(NO_SOURCE)


def test_an_answer_of_another_type_holds_up_no_word(watching: Watching, bus: PrivateBus) -> None:
    watching.peers += [LogindSessions(bus.address, kind="u"), Screensaver(bus.address, GNOME)]
    watching.join()
    watching.said(Unlocked())


def test_a_stranger_cannot_unlock_the_screen(watching: Watching, bus: PrivateBus) -> None:
    logind = LogindSessions(bus.address, hint=True)
    watching.peers.append(logind)
    watching.join()
    watching.said(Locked())
    with BusPeer(bus.address) as stranger:
        emitter = DBusAddress(REAL_PATH, interface=PROPERTIES)
        lie = new_signal(emitter, "PropertiesChanged", "sa{sv}as", (SESSION, {"LockedHint": ("b", False)}, []))
        lie.header.fields[HeaderFields.destination] = watching.system.name
        stranger.connection.send(lie)
        stranger.send(DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus"), "GetId")
    watching.settle()
    assert watching.words == []


def test_a_bus_that_is_lost_tells_nothing_any_more_and_the_other_goes_on(watching: Watching, bus: PrivateBus) -> None:
    logind, gnome = LogindSessions(bus.address, hint=True), Screensaver(bus.address, GNOME)
    watching.peers += [logind, gnome]
    watching.join()
    watching.said(Locked())
    watching.system.close()
    watching.lock.system_lost()
    watching.said(Unlocked())
    gnome.tell(True)
    watching.said(Locked())
    watching.session.close()
    watching.lock.session_lost()
    assert watching.words == [NO_SOURCE]


def test_without_any_bus_it_cannot_tell() -> None:
    words: list[LockReading] = []
    ScreenLock(words.append, {}).begin()
    assert words == [NO_SOURCE]


def test_a_question_that_a_dead_bus_swallowed_holds_up_nothing(watching: Watching) -> None:
    watching.lock.session_joined(watching.session)
    watching.session.close()
    watching.lock.session_lost()
    assert watching.words == [NO_SOURCE]


# --------------------------------------------------------------------------- on a loop that runs already


class Tray:
    """A tray's loop on a thread of its own, with its session bus and, perhaps, what hears the system bus."""

    def __init__(self, session: PrivateBus) -> None:
        self.loop, self._is_over = Loop(), False
        self.bus = open_session_bus({"DBUS_SESSION_BUS_ADDRESS": session.address})
        self.loop.serve(self.bus, lost=lambda: None)
        self.system_bus = SystemBus(self.loop)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._is_over:
            self.loop.turn()

    def turn(self) -> None:
        """Wait until the loop has done what it was given."""
        done = threading.Event()
        self.loop.call(done.set)
        assert done.wait(PATIENCE)

    def _end(self) -> None:
        self._is_over = True
        self.system_bus.close()
        self.loop.hang_up()

    def end(self) -> None:
        self.loop.call(self._end)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture(autouse=True)
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    with PrivateBus() as system:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", system.address)
        monkeypatch.delenv("XDG_SESSION_ID", raising=False)
        yield system


@pytest.fixture
def tray(bus: PrivateBus) -> Iterator[Tray]:
    tray = Tray(bus)
    yield tray
    tray.end()


def serve_until(words: SimpleQueue[LockReading], *peers: BusPeer) -> LockReading:
    """Return the next word; the peers answer meanwhile."""
    limit = time.monotonic() + PATIENCE
    while words.empty():
        assert time.monotonic() < limit
        for peer in peers:
            with contextlib.suppress(TimeoutError):
                peer.handle_until(lambda: not words.empty(), 0.01)
    return words.get()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_the_rule_adds_no_connection_and_no_thread_to_the_trays(tray: Tray, bus: PrivateBus) -> None:
    with Screensaver(bus.address, GNOME) as gnome:
        tray.loop.call(lambda: tray.system_bus.follow(LogindWatch(print, tray.loop)))  # as in every tray
        tray.turn()
        before = descriptors(), threading.active_count()
        words: SimpleQueue[LockReading] = SimpleQueue()
        lock = LinuxScreenLock(words.put, tray.loop, tray.system_bus, tray.bus)
        lock.start()
        assert serve_until(words, gnome) == Unlocked()
        gnome.tell(True)
        assert serve_until(words, gnome) == Locked()
        assert (descriptors(), threading.active_count()) == before
        lock.stop()


def test_a_rule_that_is_switched_off_hears_nothing_and_on_again_all_of_it(tray: Tray, bus: PrivateBus) -> None:
    with Screensaver(bus.address, GNOME) as gnome:
        for _time in range(3):
            words: SimpleQueue[LockReading] = SimpleQueue()
            lock = LinuxScreenLock(words.put, tray.loop, tray.system_bus, tray.bus)
            lock.start()
            assert serve_until(words, gnome) == Unlocked()
            gnome.tell(True)
            assert serve_until(words, gnome) == Locked()
            lock.stop()
            gnome.tell(False)
            tray.turn()
            assert words.empty()
            assert not any(tray.bus._listeners.values())


def test_without_a_tray_it_joins_the_session_bus_and_parts_from_it(
    tray: Tray, bus: PrivateBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    tray.turn()
    before = descriptors()
    with Screensaver(bus.address, GNOME, active=True) as gnome:
        words: SimpleQueue[LockReading] = SimpleQueue()
        lock = LinuxScreenLock(words.put, tray.loop, tray.system_bus)
        lock.start()
        assert serve_until(words, gnome) == Locked()
        lock.stop()
        tray.loop.call(tray.system_bus.close)
        tray.turn()
    assert descriptors() == before


def test_without_any_session_bus_logind_still_tells(
    tray: Tray, system: PrivateBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    with LogindSessions(system.address, hint=True) as logind:
        words: SimpleQueue[LockReading] = SimpleQueue()
        LinuxScreenLock(words.put, tray.loop, tray.system_bus).start()
        assert serve_until(words, logind) == Locked()


def test_a_system_bus_that_restarts_is_joined_anew(tray: Tray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tray.desktop.linux.system_bus.FIRST_PAUSE", timedelta(milliseconds=5))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/system")
    words: SimpleQueue[LockReading] = SimpleQueue()
    lock = LinuxScreenLock(words.put, tray.loop, tray.system_bus, tray.bus)
    for hint in (True, False):
        with PrivateBus(socket=tmp_path / "system") as system, LogindSessions(system.address, hint) as logind:
            if hint:
                lock.start()
            assert serve_until(words, logind) == (Locked() if hint else Unlocked())
        assert words.get(timeout=PATIENCE) == NO_SOURCE
    lock.stop()
