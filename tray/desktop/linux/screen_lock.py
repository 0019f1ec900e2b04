"""Whether the screen is locked, as logind and the screensavers tell it on the buses that are open already.

| who tells                         | on          | by                        | set by                            |
|-----------------------------------|-------------|---------------------------|-----------------------------------|
| logind                            | system bus  | LockedHint of our session | GNOME, Plasma, niri, light-locker |
| org.freedesktop.ScreenSaver       | session bus | ActiveChanged             | Plasma, some wlroots shells       |
| ScreenSaver of gnome, cinnamon, … | session bus | ActiveChanged             | the desktop of that name          |

The screen is locked while any of them says so. logind's signals `Lock` and `Unlock` are requests, not facts: they are
not heard. With swaylock, hyprlock and i3lock nobody tells; their users call `presence-tray` from the locker's command.
"""

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tray.core.rules import CannotTell, Locked, LockReading, Unknown, Unlocked
from tray.desktop.linux.bus import BUS, DAEMON, Bus, Heard, Loop, Reply, Target, open_session_bus
from tray.desktop.linux.system_bus import SystemBus
from tray.desktop.sensors import TellLock
from tray.errors import TrayError

LOG = logging.getLogger("tray.desktop")

Answered = Callable[[Reply], None]

LOGIND = "org.freedesktop.login1"
MANAGER = Target(LOGIND, "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
SESSION = "org.freedesktop.login1.Session"
AUTO_SESSION = "/org/freedesktop/login1/session/auto"  # signals never come from this path
PROPERTIES = "org.freedesktop.DBus.Properties"


class Saver(NamedTuple):
    """A screensaver's name on the session bus, which is its interface too, and its object."""

    name: str
    path: str


SAVERS = (
    Saver("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    Saver("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    Saver("org.cinnamon.ScreenSaver", "/org/cinnamon/ScreenSaver"),
    Saver("org.mate.ScreenSaver", "/org/mate/ScreenSaver"),
    Saver("org.xfce.ScreenSaver", "/org/xfce/ScreenSaver"),
)


class Listening(NamedTuple):
    """What was asked of a bus."""

    bus: Bus
    rule: Mapping[str, str]
    signature: str
    heard: Heard


class ScreenLock:
    """Hears both buses, on their loop's thread; either may be missing, go away and come back."""

    def __init__(self, tell: TellLock, environ: Mapping[str, str] = os.environ) -> None:
        self._tell = tell
        self._session_id = environ.get("XDG_SESSION_ID", "")
        self._said: dict[str, bool] = {}  # what each of them said last
        self._asked: list[Bus] = []  # once for each question that has no answer yet
        self._last: LockReading | None = None
        self._heard: list[Listening] = []
        self._system: Bus | None = None
        self._session_path = ""
        self._logind = ""  # its own name on the bus: anybody may send us a signal that looks like its

    def begin(self) -> None:
        """Say what can be told without any bus; call this once the buses that are there have been joined."""
        self._say()

    def end(self) -> None:
        """Hear no more: the buses are others' as well."""
        self._system = None
        for bus, rule, signature, heard in self._heard:
            bus.stop_listening(rule, signature, heard)
        self._heard.clear()

    def _listen(self, bus: Bus, rule: Mapping[str, str], signature: str, heard: Heard) -> None:
        bus.listen(rule, signature, heard)
        self._heard.append(Listening(bus, rule, signature, heard))

    # ------------------------------------------------------------------- the session bus

    def session_joined(self, bus: Bus) -> None:
        """Hear the screensavers. Hearing starts none of them, and only those that run are asked."""
        for saver in SAVERS:
            self._listen(bus, {"interface": saver.name, "member": "ActiveChanged"}, "b", self._changed(saver.name))
            owner = {"sender": BUS, "interface": BUS, "member": "NameOwnerChanged", "arg0": saver.name}
            self._listen(bus, owner, "sss", self._owner_changed)
            self._ask(bus, DAEMON, "NameHasOwner", (saver.name,), gives="b", then=self._ask_active(bus, saver))

    def session_lost(self) -> None:
        """Forget what the screensavers said."""
        self._heard = [each for each in self._heard if each.bus.alive]
        for saver in SAVERS:
            self._said.pop(saver.name, None)
        self._say()

    def _changed(self, name: str) -> Heard:
        def heard(_sender: str, body: tuple[Any, ...]) -> None:
            (self._said[name],) = body
            self._say()

        return heard

    def _owner_changed(self, sender: str, body: tuple[Any, ...]) -> None:
        """Forget what a screensaver said that is gone: it locks nothing any more."""
        name, _old_owner, new_owner = body
        if sender == BUS and not new_owner and name in self._said:
            del self._said[name]
            self._say()

    def _ask_active(self, bus: Bus, saver: Saver) -> Answered:
        def answered(reply: Reply) -> None:
            if reply.error is None and reply.body == (True,):
                target = Target(saver.name, saver.path, saver.name)
                self._ask(bus, target, "GetActive", (), gives="b", then=self._take(saver.name))

        return answered

    # ------------------------------------------------------------------- the system bus

    def system_joined(self, bus: Bus) -> None:
        """Hear our session at logind, and find it anew when logind or the session starts anew."""
        self._system = bus
        self._listen(
            bus, {"sender": LOGIND, "interface": MANAGER.interface, "member": "SessionNew"}, "so", self._session_new
        )
        owner = {"sender": BUS, "interface": BUS, "member": "NameOwnerChanged", "arg0": LOGIND}
        self._listen(bus, owner, "sss", self._logind_changed)
        self._find_session()

    def system_lost(self) -> None:
        """Forget what logind said."""
        self._heard = [each for each in self._heard if each.bus.alive]
        self._system = None
        self._session_path = ""
        self._said.pop(LOGIND, None)
        self._say()

    def _logind_changed(self, sender: str, body: tuple[Any, ...]) -> None:
        name, _old_owner, new_owner = body
        if sender != BUS or name != LOGIND:
            return
        self._logind = new_owner
        self._session_path = ""
        if new_owner:
            self._find_session()
        elif self._said.pop(LOGIND, None) is not None:
            self._say()

    def _session_new(self, sender: str, _body: tuple[Any, ...]) -> None:
        if sender == self._logind:
            self._find_session()

    def _find_session(self) -> None:
        """Learn our session's real path, and hear it; the environment may still name an earlier login's."""
        if self._session_id:
            self._get_session(self._session_id, otherwise=self._find_display_session)
        else:
            self._find_display_session()

    def _find_display_session(self) -> None:
        """Learn of the session that the user has although we, started by systemd, belong to none."""

        def told(body: tuple[Any, ...]) -> None:
            ((kind, session_id),) = body
            if kind == "s":
                self._get_session(session_id)

        self._ask_logind(Target(LOGIND, AUTO_SESSION, PROPERTIES), "Get", (SESSION, "Id"), gives="v", then=told)

    def _get_session(self, session_id: str, otherwise: Callable[[], None] | None = None) -> None:
        def told(body: tuple[Any, ...]) -> None:
            self._hear_session(body[0])

        self._ask_logind(MANAGER, "GetSession", (session_id,), gives="o", then=told, otherwise=otherwise)

    def _hear_session(self, path: str) -> None:
        if self._system is None or path == self._session_path:
            return
        for each in [each for each in self._heard if each.rule.get("member") == "PropertiesChanged"]:
            each.bus.stop_listening(each.rule, each.signature, each.heard)  # that of an earlier session
            self._heard.remove(each)
        self._session_path = path
        rule = {"sender": LOGIND, "path": path, "interface": PROPERTIES, "member": "PropertiesChanged", "arg0": SESSION}
        self._listen(self._system, rule, "sa{sv}as", self._properties_changed)
        properties = Target(LOGIND, path, PROPERTIES)
        self._ask_logind(
            properties, "Get", (SESSION, "LockedHint"), gives="v", then=lambda body: self._hear_hint(body[0])
        )

    def _properties_changed(self, sender: str, body: tuple[Any, ...]) -> None:
        interface, changed, _invalidated = body
        if sender == self._logind and interface == SESSION and "LockedHint" in changed:
            self._hear_hint(changed["LockedHint"])

    def _hear_hint(self, variant: Any) -> None:
        self._said[LOGIND] = variant == ("b", True)
        self._say()

    def _ask_logind(  # noqa: PLR0913  a call has that many parts
        self,
        target: Target,
        member: str,
        body: tuple[str, ...],
        *,
        gives: str,
        then: Callable[[tuple[Any, ...]], None],
        otherwise: Callable[[], None] | None = None,
    ) -> None:
        def answered(reply: Reply) -> None:
            if reply.error is None:
                self._logind = reply.sender
                then(reply.body)
            elif otherwise:
                otherwise()
            else:
                LOG.info("logind tells of no lock (%s).", reply.error)
                self._session_path = ""
                self._said.pop(LOGIND, None)

        if self._system:
            self._ask(self._system, target, member, body, gives=gives, then=answered)

    # ------------------------------------------------------------------- saying it

    def _take(self, name: str) -> Answered:
        def answered(reply: Reply) -> None:
            if reply.error is None:
                (self._said[name],) = reply.body

        return answered

    def _ask(  # noqa: PLR0913  a call has that many parts
        self, bus: Bus, target: Target, member: str, body: tuple[str, ...], *, gives: str, then: Answered
    ) -> None:
        """Send a question; as long as one has no answer, nothing is said."""

        def answered(reply: Reply) -> None:
            self._asked.remove(bus)
            then(reply)
            self._say()

        self._asked.append(bus)
        bus.call(target, member, "s" * len(body), body, gives=gives, then=answered)

    def _say(self) -> None:
        self._asked = [bus for bus in self._asked if bus.alive]  # one that is gone answers nothing
        reading: LockReading = CannotTell(Unknown.NO_SOURCE)
        if self._said:
            reading = Locked() if any(self._said.values()) else Unlocked()
        is_certain = isinstance(reading, Locked) or not self._asked
        if is_certain and reading != self._last:
            self._last = reading
            self._tell(reading)


class LinuxScreenLock:
    """Runs a `ScreenLock` from start to stop on a loop that runs already, and on the buses that it serves.

    Without a tray nobody has joined the session bus: then this does.
    """

    def __init__(self, tell: TellLock, loop: Loop, system_bus: SystemBus, session_bus: Bus | None = None) -> None:
        self._tell = tell
        self._lock = ScreenLock(self._pass_on)
        self._loop = loop
        self._system_bus = system_bus
        self._session_bus = session_bus
        self._own_bus: Bus | None = None
        self._is_over = False

    def start(self) -> None:
        """Begin to hear."""
        self._loop.call(self._begin)

    def stop(self) -> None:
        """Hear no more."""
        self._is_over = True
        self._loop.call(self._end)

    def _pass_on(self, reading: LockReading) -> None:
        if not self._is_over:
            self._tell(reading)

    def _begin(self) -> None:
        session_bus = self._session_bus or self._join_session()
        if session_bus:
            self._lock.session_joined(session_bus)
        self._system_bus.follow(self._lock)
        self._lock.begin()

    def _join_session(self) -> Bus | None:
        try:
            bus = open_session_bus()
        except TrayError as exc:
            LOG.info("No screensaver can tell of the screen lock (%s).", exc.title)
            return None
        self._own_bus = bus
        self._loop.serve(bus, lost=self._lock.session_lost)
        return bus

    def _end(self) -> None:
        self._system_bus.leave(self._lock)
        self._lock.end()
        if self._own_bus:
            self._own_bus.close()
