"""D-Bus objects as tables of interfaces, with what every object answers: properties, introspection, peer."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

PEER = "org.freedesktop.DBus.Peer"
PROPERTIES = "org.freedesktop.DBus.Properties"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # marks that turn text around
ALIGNMENT = 8  # bytes of the values behind a header
MACHINE_ID = Path("/etc/machine-id")


class RefusedCall(Exception):  # noqa: N818  it is an answer, not a fault of ours
    """A call that is answered with an error; `name` is D-Bus's name of it without the common prefix."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, text)
        self.name = name
        self.text = text


class KeptAnswer(tuple[Any, ...]):  # noqa: SLOT001  a tuple's subclass can have no slots with names
    """An answer that is given more than once: what it is on the wire is kept with it."""

    encoded: bytes = b""


class Method(NamedTuple):
    """Signatures of arguments and answer, and what to do; `act` returns the answer's values."""

    takes: str
    gives: str
    act: Callable[..., tuple[Any, ...]]


class Property(NamedTuple):
    """A readable value."""

    signature: str
    read: Callable[[], Any]


class Interface(NamedTuple):
    """One interface of an object; signals map a name to a signature."""

    name: str
    methods: Mapping[str, Method] = {}
    properties: Mapping[str, Property] = {}
    signals: Mapping[str, str] = {}


class Call(NamedTuple):
    """What a method call asks for; `interface` may be missing."""

    path: str
    interface: str | None
    member: str
    signature: str


Objects = Mapping[str, tuple[Interface, ...]]


def clean(text: str) -> str:
    """Return text that D-Bus can carry: a lone surrogate or a NUL would cost us the connection."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def one_line(text: str) -> str:
    """Return text as one line that panels draw in the order it is written: names come from outside."""
    return clean("".join(" " if each < " " or each == "\x7f" else each for each in text if each not in TURNS))


def encoded(message: Any, serial: int) -> bytes:
    """Return one of jeepney's messages as bytes; an answer that is kept is encoded once.

    The values come last and begin at a multiple of eight, so that their bytes are the same behind every header.
    """
    kept = message.body if isinstance(message.body, KeptAnswer) else None
    if kept is None or not kept.encoded:
        raw: bytes = message.serialise(serial)
        if kept is not None:
            kept.encoded = raw[len(raw) - message.header.body_length :]
        return raw
    message.header.body_length = len(kept.encoded)
    header: bytes = message.header.serialise(serial)
    return header + bytes(-len(header) % ALIGNMENT) + kept.encoded


def find_method(objects: Objects, call: Call) -> Method:
    """Return the method that a call means; raise `RefusedCall`."""
    if call.path not in objects and not _children(objects, call.path) and call.interface != PEER:
        raise RefusedCall("UnknownObject", f"There is no object at {call.path}.")
    everything = (*objects.get(call.path, ()), *_standard(objects, call.path))
    candidates = [interface for interface in everything if call.interface in (None, interface.name)]
    if not candidates:
        raise RefusedCall("UnknownInterface", f"{call.path} does not speak {call.interface}.")

    method = next((each.methods[call.member] for each in candidates if call.member in each.methods), None)
    if method is None:
        raise RefusedCall("UnknownMethod", f"{call.path} has no method {call.member}.")
    if call.signature != method.takes:
        raise RefusedCall("InvalidArgs", f"{call.member} takes ({method.takes}), not ({call.signature}).")
    return method


def _standard(objects: Objects, path: str) -> tuple[Interface, ...]:
    """Return the interfaces that every object has."""
    here = objects.get(path, ())

    def get(interface: str, name: str) -> tuple[Any, ...]:
        wanted = _property(here, interface, name)
        return ((wanted.signature, wanted.read()),)

    def get_all(interface: str) -> tuple[Any, ...]:
        found = [each for each in here if interface in ("", each.name)]
        if not found and interface not in (PEER, PROPERTIES, INTROSPECTABLE):
            raise RefusedCall("UnknownInterface", f"{path} does not speak {interface}.")
        return ({name: (each.signature, each.read()) for table in found for name, each in table.properties.items()},)

    def refuse_set(interface: str, name: str, _value: Any) -> tuple[Any, ...]:
        _property(here, interface, name)
        raise RefusedCall("PropertyReadOnly", f"{name} cannot be written.")

    return (
        Interface(
            PROPERTIES,
            {
                "Get": Method("ss", "v", get),
                "GetAll": Method("s", "a{sv}", get_all),
                "Set": Method("ssv", "", refuse_set),
            },
        ),
        Interface(INTROSPECTABLE, {"Introspect": Method("", "s", lambda: (describe(objects, path),))}),
        Interface(PEER, {"Ping": Method("", "", lambda: ()), "GetMachineId": Method("", "s", _read_machine_id)}),
    )


def _property(interfaces: tuple[Interface, ...], interface: str, name: str) -> Property:
    for each in interfaces:
        if interface in ("", each.name) and name in each.properties:
            return each.properties[name]
    raise RefusedCall("UnknownProperty", f"There is no property {name} in {interface!r}.")


def _read_machine_id() -> tuple[Any, ...]:
    try:
        return (MACHINE_ID.read_text(encoding="ascii").strip(),)
    except OSError as exc:
        raise RefusedCall("FileNotFound", "This machine has no id.") from exc


def _children(objects: Objects, path: str) -> list[str]:
    """Return the names of what lies directly under a path."""
    prefix = path.rstrip("/") + "/"
    return sorted({each[len(prefix) :].split("/")[0] for each in objects if each.startswith(prefix)})


def describe(objects: Objects, path: str) -> str:
    """Return the introspection document of an object."""
    lines = ["<node>"]
    for interface in (*objects.get(path, ()), *_standard(objects, path)):
        lines.append(f'<interface name="{interface.name}">')
        for name, method in interface.methods.items():
            arguments = _arguments(method.takes, "in") + _arguments(method.gives, "out")
            lines.append(f'<method name="{name}">{arguments}</method>')
        for name, signature in interface.signals.items():
            lines.append(f'<signal name="{name}">{_arguments(signature, "out")}</signal>')
        lines.extend(
            f'<property name="{name}" type="{each.signature}" access="read"/>'
            for name, each in interface.properties.items()
        )
        lines.append("</interface>")
    lines.extend(f'<node name="{child}"/>' for child in _children(objects, path))
    return "\n".join([*lines, "</node>"])


def _arguments(signature: str, direction: str) -> str:
    return "".join(f'<arg type="{each}" direction="{direction}"/>' for each in split_signature(signature))


def split_signature(signature: str) -> list[str]:
    """Return the complete types that a signature is made of, in order."""
    types, start, depth = [], 0, 0
    for index, letter in enumerate(signature):
        depth += (letter in "({") - (letter in ")}")
        if depth == 0 and letter != "a":
            types.append(signature[start : index + 1])
            start = index + 1
    return types
