"""Strangers on the bus, who send whatever it lets through.

`python -m tests.desktop.linux.hostile ADDRESS NAME SECONDS`. Seeded, so that a failure can be seen again.
"""

import contextlib
import random
import sys
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageFlag,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tray.desktop.linux import status_item

PATHS = ("/", status_item.PATH, "/MenuBar", "/nowhere", f"{status_item.PATH}/deeper")
INTERFACES = (
    None,
    "org.kde.StatusNotifierItem",
    "com.canonical.dbusmenu",
    "org.freedesktop.DBus.Properties",
    "org.freedesktop.DBus.Introspectable",
    "org.freedesktop.DBus.Peer",
    "org.example.Other",
)
MEMBERS = (
    "GetLayout",
    "GetGroupProperties",
    "GetProperty",
    "Event",
    "EventGroup",
    "AboutToShow",
    "AboutToShowGroup",
    "Activate",
    "ContextMenu",
    "SecondaryActivate",
    "Scroll",
    "Get",
    "GetAll",
    "Set",
    "Introspect",
    "Ping",
    "GetMachineId",
    "Nothing",
)
CLICKS = 200  # a second
NUMBERS = (0, 1, 3, -1, 2**31 - 1, -(2**31))
BODIES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("", ()),
    ("iias", (-1, 2**31 - 1, ["label"] * 100)),
    ("iias", (0, -1, [])),
    ("aias", (list(range(5000)), [])),
    ("isvu", (0, "clicked", ("i", 0), 0)),
    ("a(isvu)", ([(number, "clicked", ("s", ""), 0) for number in NUMBERS],)),
    ("a(isvu)", ([],)),
    ("ai", (list(NUMBERS),)),
    ("is", (0, "label")),
    ("i", (0,)),
    ("i", (-(2**31),)),
    ("ii", (2**31 - 1, -5)),
    ("ss", ("org.kde.StatusNotifierItem", "IconPixmap")),
    ("s", ("",)),
    ("s", ("\ud7ff\U0010ffff" * 1000,)),
    ("ssv", ("org.kde.StatusNotifierItem", "Title", ("s", "hacked"))),
    ("v", (("v", ("v", ("v", ("a{sv}", {"a": ("v", ("i", 1))})))),)),
    ("ay", (b"\0" * 100_000,)),
    ("ay", (b"\0" * 3_000_000,)),
    ("(iiay)a{s(ib)}", ((1, 2, b"x"), {"a": (1, True)})),
)


def _messages(name: str, dice: random.Random) -> Iterator[Message]:
    while True:
        address = DBusAddress(dice.choice(PATHS), name, dice.choice(INTERFACES))
        signature, body = dice.choice(BODIES)
        call = new_method_call(address, dice.choice(MEMBERS), signature or None, body)
        match dice.randrange(10):
            case 0:  # an answer to nothing
                call.header.serial = dice.randrange(1, 100)
                call.header.fields[HeaderFields.sender] = name
                yield new_method_return(call, signature or None, body)
            case 1:  # a signal for us alone, in the name of the bus or of the popups
                interface, member = dice.choice(
                    (
                        ("org.freedesktop.DBus", "NameOwnerChanged"),
                        ("org.freedesktop.Notifications", "ActionInvoked"),
                        ("org.freedesktop.Notifications", "NotificationClosed"),
                    )
                )
                emitter = DBusAddress("/org/freedesktop/DBus", interface=interface)
                signal = new_signal(emitter, member, "sss", ("org.kde.StatusNotifierWatcher", "", ":1.1"))
                signal.header.fields[HeaderFields.destination] = name
                yield signal
            case 2:
                call.header.flags = MessageFlag.no_reply_expected
                yield call
            case _:
                yield call


def annoy(address: str, name: str, count: int, seed: int = 1) -> None:
    """Send so many messages to a connection, as fast as the bus takes them."""
    dice = random.Random(seed)  # noqa: S311  not for secrets
    with open_dbus_connection(address) as connection:
        for message in islice(_messages(name, dice), count):
            connection.send(message)
            if dice.randrange(20) == 0:
                _send_without_descriptor(connection, DBusAddress("/", name, "org.example.Odd"))
            _drain(connection)


def _send_without_descriptor(connection: DBusConnection, address: DBusAddress) -> None:
    """Send a call that names a file descriptor and brings none, which the bus lets through."""
    call = new_method_call(address, "Nothing", "u", (3,)).serialise(next(connection.outgoing_serial))
    connection.sock.sendall(call.replace(b"\x08\x01g\x00\x01u\x00", b"\x08\x01g\x00\x01h\x00"))


def click(address: str, name: str, numbers: list[int], count: int, rate: float = CLICKS) -> None:
    """Click items of a menu so many times, in turn and at most so many a second."""
    with open_dbus_connection(address) as connection:
        for sent in range(count):
            time.sleep(1 / rate)
            body = (numbers[sent % len(numbers)], "clicked", ("i", 0), 0)
            menu = DBusAddress("/MenuBar", name, "com.canonical.dbusmenu")
            connection.send(new_method_call(menu, "Event", "isvu", body))
            _drain(connection)


def _drain(connection: DBusConnection) -> None:
    """Take what has come back, so that the bus does not hang up on us."""
    with contextlib.suppress(TimeoutError):
        while True:
            connection.receive(timeout=0)


if __name__ == "__main__":
    annoy(sys.argv[1], sys.argv[2], int(sys.argv[3]))
