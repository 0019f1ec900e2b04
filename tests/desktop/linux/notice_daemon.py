"""A stand-in for the notification daemon, driven step by step."""

from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, Message, new_method_return, new_signal

from tests.desktop.linux.bus_peer import BusPeer

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"


@dataclass(frozen=True)
class Popup:
    """One `Notify` call."""

    app_name: str
    replaces: int
    icon: str
    title: str
    message: str
    actions: list[str]
    hints: dict[str, tuple[str, Any]]
    timeout: int


class NoticeDaemon(BusPeer):
    """Shows nothing and remembers everything; a hung one never answers, a broken one answers nonsense."""

    def __init__(self, address: str, *abilities: str, hung: bool = False, broken: str | None = None) -> None:
        super().__init__(address)
        self.popups: list[Popup] = []
        self._abilities = list(abilities)
        self._hung = hung
        self._broken = broken  # the method whose answer is nonsense
        self.asked = 0
        self.own(NAME)

    def wait_popup(self) -> Popup:
        """Return the next popup."""
        count = len(self.popups)
        self.wait_for(lambda: len(self.popups) > count)
        return self.popups[-1]

    def wait_question(self) -> None:
        """Wait until somebody asks for the abilities."""
        count = self.asked
        self.wait_for(lambda: self.asked > count)

    def say(self, member: str, signature: str, *values: Any) -> None:
        """Send one of the daemon's signals to everybody."""
        self.connection.send(new_signal(DBusAddress(PATH, interface=NAME), member, signature, values))

    def answer(self, message: Message, member: str) -> Message | None:
        """Answer as popups do; a popup's number is its place in the list."""
        if member == self._broken:
            return new_method_return(message, "b", (True,))
        if member == "GetCapabilities":
            self.asked += 1
            return None if self._hung else new_method_return(message, "as", (self._abilities,))
        self.popups.append(Popup(*message.body))
        return new_method_return(message, "u", (len(self.popups),))
