"""What a user waits for: from a click to the request on the wire, to the header that says it, and for the menu."""

import select
import time
from dataclasses import dataclass, field

from jeepney import DBusAddress, new_method_call

from tests.benchmarks.weight.cloud import ServedCloud
from tests.benchmarks.weight.desk import PATIENCE, Started
from tests.desktop.tray_host import MENU, TrayHost
from tray.desktop.linux.status_item import MENU_PATH

CLICKS = 50
STATES = ("In a call", "Available", "In a conference call", "Presenting")  # each is one request by session
IDLE_LIFE = 6.0  # seconds; a connection that was idle for five is not used again


@dataclass
class Waits:
    """In milliseconds, a value for each click."""

    to_wire: list[float] = field(default_factory=list)  # on a connection that is open
    to_wire_anew: list[float] = field(default_factory=list)  # with a new connection and its TLS handshake
    to_header: list[float] = field(default_factory=list)
    layout: list[float] = field(default_factory=list)


def measure(program: Started, cloud: ServedCloud, waits: Waits, *, count: int = CLICKS, anew: int = 7) -> None:
    """Click through states, one after another and after pauses, and read the menu as often."""
    for number in range(count):
        to_wire, to_header = _click(program, cloud, STATES[number % len(STATES)])
        waits.to_wire.append(to_wire)
        waits.to_header.append(to_header)
        waits.layout.append(_layout(program.host))
    for number in range(anew):
        program.pump(IDLE_LIFE)
        waits.to_wire_anew.append(_click(program, cloud, STATES[(count + number) % len(STATES)])[0])


def _layout(host: TrayHost) -> float:
    """Return the milliseconds until the whole menu has come; reading it is the panel's own affair."""
    host.settle()
    address = DBusAddress(MENU_PATH, host.registrations[-1], MENU)
    call = new_method_call(address, "GetLayout", "iias", (0, -1, []))
    began = time.monotonic()
    host.connection.send(call)
    select.select([host.connection.sock], [], [], PATIENCE)
    took = (time.monotonic() - began) * 1000
    host.settle()
    return took


def _click(program: Started, cloud: ServedCloud, label: str) -> tuple[float, float]:
    """Return the milliseconds from a click to its request, and to its header."""
    host = program.host
    number = host.layout().find(label).number
    before = len(cloud.heard())
    began = time.monotonic()
    host.click_number(number)
    wait_for_header(host, label)
    shown = time.monotonic()
    return (cloud.heard()[before] - began) * 1000, (shown - began) * 1000


def wait_for_menu(host: TrayHost) -> None:
    """Wait until there is a menu: the icon is there before it."""
    limit = time.monotonic() + PATIENCE
    while not host.layout().labels:
        host.wait_for(lambda: bool(host.signals), limit - time.monotonic())
        host.signals.clear()


def show(host: TrayHost, label: str) -> None:
    """Click a state and wait until it is held."""
    host.click(label)
    wait_for_header(host, label)


def wait_for_header(host: TrayHost, label: str) -> None:
    """Wait until the menu's first line says that a state is held; raises TimeoutError."""
    limit = time.monotonic() + PATIENCE
    while host.layout().labels[:1] != [f"{label} (no end time)"]:
        host.signals.clear()
        host.wait_for(lambda: bool(host.signals), limit - time.monotonic())
