# ruff: noqa: N802  D-Bus' names, which name the methods
"""A Secret Service that plays GNOME Keyring, KeePassXC and KWallet, with the traps that the real ones have.

It owns the names on a private bus that the real programs own, and refuses what they refuse. `Manners` is the table of
what the specification leaves open; each line was seen on the real program. A window that it opens is noted, and the
user that a test plays answers, dismisses or ignores it.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from threading import Lock, Thread
from typing import Any, NoReturn, Self

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tests.desktop.linux.bus_peer import BUS, REPLACE_NOBODY

ROOT = "/org/freedesktop/secrets"
SECRET = "org.freedesktop.Secret."  # noqa: S105  the name of an interface
UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"
NOT_SUPPORTED = "org.freedesktop.DBus.Error.NotSupported"
HISTORY = 10  # old values that KeePassXC keeps of an entry


@dataclass(frozen=True)
class Manners:
    """What one program does where the specification leaves it open."""

    names: tuple[str, ...] = ()  # what it owns on the bus besides org.freedesktop.secrets
    asks_each_connection: bool = False  # an item is locked for a connection until the user allows it
    hides_what_is_locked: bool = False  # a locked collection shows no items
    always_prompts: bool = False  # CreateItem and Delete answer with a prompt that ends by itself
    asks_before_delete: bool = False
    asks_before_replace: bool = False  # also where no confirmation is wanted
    has_bin: bool = False
    has_history: bool = False
    saves_late: bool = False  # attributes at once, secrets some seconds later
    makes_collections: bool = True


GNOME_KEYRING = Manners()
KEEPASSXC = Manners(
    names=("org.keepassxc.KeePassXC.MainWindow",),
    asks_each_connection=True,
    hides_what_is_locked=True,
    always_prompts=True,
    asks_before_replace=True,
    has_bin=True,
    has_history=True,
    makes_collections=False,
)
KEEPASSXC_TRUSTING = replace(KEEPASSXC, asks_each_connection=False)  # its confirmations are switched off
KEEPASSXC_WITHOUT_BIN = replace(KEEPASSXC_TRUSTING, has_bin=False, asks_before_delete=True)
KWALLET = Manners(names=("org.kde.kwalletd5",), hides_what_is_locked=True, saves_late=True, makes_collections=False)
ALL = {
    "gnome-keyring": GNOME_KEYRING,
    "keepassxc": KEEPASSXC,
    "keepassxc-trusting": KEEPASSXC_TRUSTING,
    "keepassxc-without-bin": KEEPASSXC_WITHOUT_BIN,
    "kwallet": KWALLET,
}


class User(Enum):
    """What the user does about a window."""

    ANSWERS = auto()
    DISMISSES = auto()
    IGNORES = auto()


class Refusal(Exception):  # noqa: N818  an answer
    """An error that goes back to the caller."""


@dataclass
class Item:
    """A secret; `allowed` are the connections that may read it where each has to ask."""

    label: str
    attributes: dict[str, str]
    secret: bytes
    allowed: set[str] = field(default_factory=set)
    saved: bytes = b""  # what is on the disk
    history: list[bytes] = field(default_factory=list)

    def put(self, secret: bytes, manners: Manners) -> None:
        if manners.has_history:
            self.history = [*self.history, self.secret][-HISTORY:]
        self.secret = secret


@dataclass
class Collection:
    """Items by their numbers; `is_open` is KWallet's own word for a wallet, which D-Bus may show as locked."""

    name: str
    locked: bool = False
    is_open: bool = True
    items: dict[int, Item] = field(default_factory=dict)
    bin: list[Item] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"{ROOT}/collection/{self.name}"


@dataclass
class Prompt:
    """A dialog, or one that ends by itself when it has no window."""

    window: str
    signature: str
    nothing: Any
    act: Callable[[], Any]


class FakeSecretService:
    """Serves the Secret Service on a thread of its own, from `with` to its end."""

    def __init__(self, address: str, manners: Manners, *collections: Collection) -> None:
        self.manners = manners
        self.collections = {each.name: each for each in collections or (Collection("login"),)}
        self.default: str | None = next(iter(self.collections), None)
        self.user = User.ANSWERS
        self.windows: list[str] = []
        self.calls: list[str] = []
        self.before_call: Callable[[int], None] = lambda _: None  # told how many calls came before
        self.has_alias_object = True
        self.most_sessions = 100
        self._address = address
        self._sessions: dict[str, str] = {}
        self._prompts: dict[str, Prompt] = {}
        self._made = 0
        self._is_hung = False
        self._lock = Lock()
        self._connection: DBusConnection

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # ------------------------------------------------------------------ the test's side

    def start(self, *, pause: float = 0) -> None:
        """Take the names, as a daemon that starts does."""
        self._sessions, self._prompts, self._is_hung = {}, {}, False
        self._connection = open_dbus_connection(self._address)
        for name in (*self.manners.names, "org.freedesktop.secrets"):
            time.sleep(0 if name in self.manners.names else pause)
            request = new_method_call(BUS, "RequestName", "su", (name, REPLACE_NOBODY))
            self._connection.send_and_get_reply(request)
        self._thread = Thread(target=self._serve, args=(self._connection,), name="secret-service", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Leave the bus; what a daemon has not saved by now is lost."""
        self._leave(self._connection)
        self._thread.join()
        self._connection.close()
        for item in self.items:
            item.allowed.clear()
            if self.manners.saves_late:
                item.secret = item.saved

    def join(self) -> None:
        """Wait for the end of the bus."""
        self._thread.join()

    def restart(self) -> None:
        """Leave the bus and come again."""
        self.stop()
        self.start()

    def hang(self) -> None:
        """Answer nothing until the next start."""
        self._is_hung = True

    def write_to_disk(self) -> None:
        """Let the seconds pass after which secrets are saved."""
        for item in self.items:
            item.saved = item.secret

    def lock_all(self) -> None:
        """Lock every collection, as a lock screen or a suspend does."""
        for each in self.collections.values():
            each.locked, each.is_open = True, False

    def unlock_all(self) -> None:
        """Unlock every collection, as the user does in the keyring's own window."""
        for each in self.collections.values():
            each.locked, each.is_open = False, True

    @property
    def items(self) -> list[Item]:
        """Return what is kept, wherever it lies."""
        return [item for each in self.collections.values() for item in each.items.values()]

    @property
    def binned(self) -> list[Item]:
        """Return what lies in the recycle bins."""
        return [item for each in self.collections.values() for item in each.bin]

    # ------------------------------------------------------------------ the bus

    @staticmethod
    def _leave(connection: DBusConnection) -> None:
        connection.sock.shutdown(2)

    def _serve(self, connection: DBusConnection) -> None:
        while True:
            try:
                message = connection.receive()
            except (OSError, EOFError):
                return  # the end
            if message.header.message_type is not MessageType.method_call or self._is_hung:
                continue
            try:
                self._answer(connection, message)
            except (BrokenPipeError, ConnectionError):
                return

    def _answer(self, connection: DBusConnection, message: Message) -> None:
        fields = message.header.fields
        member, sender = fields[HeaderFields.member], fields[HeaderFields.sender]
        interface = fields.get(HeaderFields.interface, "").rpartition(".")[2]
        with self._lock:
            self.before_call(len(self.calls))
            self.calls.append(f"{interface}.{member}")
            if self._is_hung:
                return
            handler = getattr(self, f"_{interface}_{member}", self._unknown)
            try:
                signature, values = handler(fields[HeaderFields.path], sender, *message.body)
            except Refusal as exc:
                connection.send(new_error(message, str(exc), "s", ("",)))
                return
            connection.send(new_method_return(message, signature or None, values))
            if (interface, member) == ("Prompt", "Prompt"):
                self._show(connection, fields[HeaderFields.path], sender)

    def _unknown(self, *_: Any) -> NoReturn:
        raise Refusal("org.freedesktop.DBus.Error.UnknownMethod")

    def _show(self, connection: DBusConnection, path: str, sender: str) -> None:
        prompt = self._prompts.pop(path)
        if prompt.window:
            self.windows.append(prompt.window)
            if self.user is User.IGNORES:
                return
        dismissed = bool(prompt.window) and self.user is User.DISMISSES
        value = prompt.nothing if dismissed else prompt.act()
        emitter = DBusAddress(path, interface=f"{SECRET}Prompt")
        completed = new_signal(emitter, "Completed", "bv", (dismissed, (prompt.signature, value)))
        completed.header.fields[HeaderFields.destination] = sender
        connection.send(completed)

    def _prompt(self, window: str, signature: str, nothing: Any, act: Callable[[], Any]) -> str:
        self._made += 1
        path = f"{ROOT}/prompt/p{self._made}"
        self._prompts[path] = Prompt(window, signature, nothing, act)
        return path

    # ------------------------------------------------------------------ objects

    def _collection(self, path: str) -> Collection:
        name = path.removeprefix(f"{ROOT}/collection/").split("/")[0]
        if path.startswith(f"{ROOT}/aliases/default") and self.has_alias_object:
            name = self.default or ""
        if name not in self.collections:
            raise Refusal(UNKNOWN_OBJECT)
        return self.collections[name]

    def _item(self, path: str) -> tuple[Collection, int, Item]:
        collection, number = self._collection(path), int(path.rpartition("/")[2])
        if number not in collection.items:
            raise Refusal(UNKNOWN_OBJECT)
        return collection, number, collection.items[number]

    def _usable(self, path: str, sender: str) -> tuple[Collection, int, Item]:
        collection, number, item = self._item(path)
        if self._is_locked(collection, item, sender):
            raise Refusal(f"{SECRET}Error.IsLocked")
        return collection, number, item

    def _is_locked(self, collection: Collection, item: Item, sender: str) -> bool:
        return collection.locked or (self.manners.asks_each_connection and sender not in item.allowed)

    def _check_session(self, session: str, sender: str) -> None:
        if self._sessions.get(session) != sender:
            raise Refusal(f"{SECRET}Error.NoSession")

    # ------------------------------------------------------------------ org.freedesktop.DBus.Properties

    def _Properties_Get(self, path: str, sender: str, interface: str, name: str) -> tuple[str, Any]:
        kind = interface.removeprefix(SECRET)
        match kind, name:
            case "Service", "Collections":
                return "v", (("ao", [each.path for each in self.collections.values()]),)
            case "Collection", "Locked":
                return "v", (("b", self._collection(path).locked),)
            case "Collection", "Label":
                return "v", (("s", self._collection(path).name),)
            case "Collection", "Items":
                return "v", (("ao", self._shown(self._collection(path))),)
            case "Item", "Locked":
                collection, _, item = self._item(path)
                return "v", (("b", self._is_locked(collection, item, sender)),)
            case "Item", "Attributes":
                return "v", (("a{ss}", self._item(path)[2].attributes),)
            case "Item", "Label":
                return "v", (("s", self._item(path)[2].label),)
        raise Refusal("org.freedesktop.DBus.Error.UnknownProperty")

    def _Properties_Set(
        self, path: str, sender: str, _interface: str, name: str, value: tuple[str, Any]
    ) -> tuple[str, Any]:
        _, _, item = self._usable(path, sender)
        if name == "Label":
            item.label = value[1]
        else:
            item.attributes = value[1]
        return "", ()

    def _shown(self, collection: Collection) -> list[str]:
        if collection.locked and self.manners.hides_what_is_locked:
            return []
        return [f"{collection.path}/{number}" for number in collection.items]

    # ------------------------------------------------------------------ org.freedesktop.Secret.Service

    def _Service_OpenSession(self, _path: str, sender: str, algorithm: str, _input: Any) -> tuple[str, Any]:
        if algorithm != "plain":
            raise Refusal(NOT_SUPPORTED)
        if list(self._sessions.values()).count(sender) >= self.most_sessions:
            raise Refusal("org.freedesktop.DBus.Error.LimitsExceeded")
        session = f"{ROOT}/session/s{len(self._sessions)}"
        self._sessions[session] = sender
        return "vo", (("s", ""), session)

    def _Service_ReadAlias(self, _path: str, _sender: str, alias: str) -> tuple[str, Any]:
        named = self.default if alias == "default" else None
        return "o", (self.collections[named].path if named else "/",)

    def _Service_SearchItems(self, *_: Any) -> tuple[str, Any]:
        self.windows.append("SearchItems")  # KeePassXC, with everything locked, asks and lets the caller wait
        return "aoao", ([], [])

    def _Service_Unlock(self, _path: str, sender: str, paths: list[str]) -> tuple[str, Any]:
        locked = [path for path in paths if self._needs_the_user(path, sender)]
        wallets = [path for path in paths if self._is_wallet_shown_as_locked(path)]
        if not locked and not wallets:
            return "aoo", (paths, "/")

        def act() -> list[str]:
            for path in paths:
                self._open(path, sender)
            return paths

        return "aoo", ([], self._prompt(f"unlock {len(locked)}" if locked else "", "ao", [], act))

    def _needs_the_user(self, path: str, sender: str) -> bool:
        if path in {each.path for each in self.collections.values()}:
            collection = self._collection(path)
            return collection.locked and not self._is_wallet_shown_as_locked(path)
        collection, _, item = self._item(path)
        return self._is_locked(collection, item, sender)

    def _is_wallet_shown_as_locked(self, path: str) -> bool:
        collection = self._collection(path)
        return "org.kde.kwalletd5" in self.manners.names and collection.locked and collection.is_open

    def _open(self, path: str, sender: str) -> None:
        collection = self._collection(path)
        collection.locked, collection.is_open = False, True
        if path != collection.path:
            self._item(path)[2].allowed.add(sender)

    def _Service_CreateCollection(
        self, _path: str, _sender: str, properties: dict[str, Any], alias: str
    ) -> tuple[str, Any]:
        def act() -> str:
            name = properties[f"{SECRET}Collection.Label"][1]
            self.collections[name] = Collection(name)
            self.default = name if alias == "default" else self.default
            return self.collections[name].path

        window = "create a collection" if self.manners.makes_collections else "create a database"
        return "oo", ("/", self._prompt(window, "o", "/", act))

    # ------------------------------------------------------------------ org.freedesktop.Secret.Collection

    def _Collection_SearchItems(self, path: str, _sender: str, wanted: dict[str, str]) -> tuple[str, Any]:
        collection = self._collection(path)
        if collection.locked and self.manners.hides_what_is_locked:
            return "ao", ([],)
        found = [
            f"{collection.path}/{number}"
            for number, item in collection.items.items()
            if wanted.items() <= item.attributes.items()
        ]
        return "ao", (found,)

    def _Collection_CreateItem(
        self,
        path: str,
        sender: str,
        properties: dict[str, Any],
        secret: Any,
        replaces: bool,
    ) -> tuple[str, Any]:
        collection = self._collection(path)
        if collection.locked:
            raise Refusal(f"{SECRET}Error.IsLocked")
        self._check_session(secret[0], sender)
        label, attributes = (properties[f"{SECRET}Item.{each}"][1] for each in ("Label", "Attributes"))
        there = next((item for item in collection.items.values() if item.attributes == attributes), None)

        def act() -> str:
            if replaces and there:
                there.put(bytes(secret[2]), self.manners)
                return collection.path
            self._made += 1
            collection.items[self._made] = Item(label, attributes, bytes(secret[2]), {sender})
            return f"{collection.path}/{self._made}"

        if self.manners.always_prompts:
            asks = replaces and there is not None and self.manners.asks_before_replace
            return "oo", ("/", self._prompt("replace" if asks else "", "o", "/", act))
        return "oo", (act(), "/")

    # ------------------------------------------------------------------ org.freedesktop.Secret.Item

    def _Item_GetSecret(self, path: str, sender: str, session: str) -> tuple[str, Any]:
        _, _, item = self._usable(path, sender)
        self._check_session(session, sender)
        return "(oayays)", ((session, b"", item.secret, "text/plain"),)

    def _Item_SetSecret(self, path: str, sender: str, secret: Any) -> tuple[str, Any]:
        _, _, item = self._usable(path, sender)
        self._check_session(secret[0], sender)
        item.put(bytes(secret[2]), self.manners)
        return "", ()

    def _Item_Delete(self, path: str, sender: str) -> tuple[str, Any]:
        collection, number, item = self._usable(path, sender)

        def act() -> str:
            del collection.items[number]
            if self.manners.has_bin:
                collection.bin.append(item)
            return ""

        if self.manners.always_prompts:
            return "o", (self._prompt("delete" if self.manners.asks_before_delete else "", "s", "", act),)
        act()
        return "o", ("/",)

    # ------------------------------------------------------------------ prompts, and org.kde.KWallet

    def _Prompt_Prompt(self, path: str, _sender: str, _window: str) -> tuple[str, Any]:
        if path not in self._prompts:
            raise Refusal(UNKNOWN_OBJECT)
        return "", ()

    def _KWallet_isOpen(self, _path: str, _sender: str, wallet: str) -> tuple[str, Any]:
        return "b", (self.collections[wallet].is_open,)


def serve(manners: Manners) -> None:
    """Serve the bus that started this process, to the bus' end; its own names come first, as KWallet's do."""
    service = FakeSecretService(os.environ["DBUS_STARTER_ADDRESS"], manners)
    service.start(pause=0.5)
    service.join()
