"""Linux's keyrings: GNOME Keyring, KeePassXC and KWallet, used without a prompt unless the user asks for it.

The keyring package opens a connection for each call, knows only the default collection, and unlocks whatever it finds
locked. KeePassXC's consent belongs to a connection, so one errand has one connection and one session here; ours is
looked for in every open collection, and nothing is unlocked unasked.
"""

import time
import weakref
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Self

import secretstorage
from jeepney import DBusAddress, DBusErrorResponse, MessageType, new_method_call
from keyring.backend import KeyringBackend
from keyring.backends import kwallet
from keyring.errors import KeyringLocked, NoKeyringError, PasswordDeleteError

BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
SERVICE = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
WALLETS = ("org.kde.kwalletd6", "org.kde.kwalletd5")  # each has its object at /modules/kwalletd6 or 5
KEEPASSXC = "org.keepassxc.KeePassXC.MainWindow"  # the name by which it finds its first instance
SESSION = "/org/freedesktop/secrets/collection/session"  # what lies there is gone with the session
LABEL = "Presence Tray: sign-in"  # KWallet makes a folder of what stands before a slash
APPLICATION = "presence-tray"
PRIORITY = 5  # the package's own asks the bus for it at once, and raises where a service still has to be started
START_SECONDS = 5.0  # a service that D-Bus cannot start within these is not there
POLL_SECONDS = 0.05
SILENT_SECONDS = 2.0  # a wallet that is open answers in milliseconds, without a window


class NotAllowedError(KeyringLocked):
    """The collection is open, but the user has to allow this program to read its item."""


class NothingSharedError(KeyringLocked):
    """The service runs and has no collection."""


class SecretServiceConnection:
    """A connection to the Secret Service and what is known of the program behind it; raise `NoKeyringError`."""

    def __init__(self) -> None:
        self.bus = secretstorage.dbus_init()
        weakref.finalize(self, self.bus.close)
        owner = self._owner("org.freedesktop.secrets") or self._started()
        if owner is None:
            raise NoKeyringError
        self.wallet = next((name for name in WALLETS if self._owner(name) == owner), None)
        self.is_keepassxc = self._owner(KEEPASSXC) == owner
        self._session: Any = None

    @property
    def session(self) -> Any:
        """Return the session that all secrets of this connection travel in."""
        self._session = self._session or secretstorage.util.open_session(self.bus)
        return self._session

    def collections(self) -> list[secretstorage.Collection]:
        """Return every collection that lasts, the default one first.

        The default's real path is asked for: KeePassXC has no object at the alias when its second database is shared.
        """
        (default,) = self._call(SERVICE, "ReadAlias", "s", "default")
        paths = dict.fromkeys([default, *self._properties(SERVICE, "Collections")])
        return [secretstorage.Collection(self.bus, path) for path in paths if path not in {"/", SESSION}]

    def unlock_an_open_wallet(self, collection: secretstorage.Collection) -> None:
        """Unlock a collection that KWallet shows as locked although its wallet is open, as after a login by PAM."""
        if self.wallet:
            daemon = DBusAddress(f"/modules/{self.wallet.rsplit('.', 1)[1]}", self.wallet, "org.kde.KWallet")
            (is_open,) = self._call(daemon, "isOpen", "s", collection.get_label())
            if is_open:
                with suppress(TimeoutError):
                    collection.unlock(timeout=SILENT_SECONDS)

    def unlock(self, paths: list[str]) -> None:
        """Unlock collections or items, asking the user where that is needed."""
        secretstorage.util.unlock_objects(self.bus, paths)

    def make_collection(self) -> None:
        """Make the first collection; the user chooses its password; raise `NothingSharedError` where users do that."""
        if self.wallet or self.is_keepassxc:
            raise NothingSharedError
        try:
            secretstorage.create_collection(self.bus, "Default", "default", self.session)
        except secretstorage.PromptDismissedException as exc:
            raise NothingSharedError from exc

    def _started(self) -> str | None:
        """Start the service, or KWallet, which brings one a moment later, if D-Bus can; return its owner."""
        until = time.monotonic() + START_SECONDS
        (names,) = self._call(BUS, "ListActivatableNames", "")
        for name in ("org.freedesktop.secrets", *WALLETS):
            if name in names:
                with suppress(TimeoutError, DBusErrorResponse):
                    self._call(BUS, "StartServiceByName", "su", name, 0, timeout=START_SECONDS)
                    while (owner := self._owner("org.freedesktop.secrets")) is None and time.monotonic() < until:
                        time.sleep(POLL_SECONDS)
                    return owner
        return None

    def _owner(self, name: str) -> str | None:
        with suppress(DBusErrorResponse):
            (owner,) = self._call(BUS, "GetNameOwner", "s", name)
            return str(owner)
        return None

    def _properties(self, address: DBusAddress, name: str) -> Any:
        ((_, value),) = self._call(
            address.with_interface("org.freedesktop.DBus.Properties"), "Get", "ss", address.interface, name
        )
        return value

    def _call(self, to: DBusAddress, method: str, signature: str, *body: Any, timeout: float | None = None) -> Any:
        message = new_method_call(to, method, signature or None, body)
        reply = self.bus.send_and_get_reply(message, timeout=timeout)
        if reply.header.message_type is MessageType.error:
            raise DBusErrorResponse(reply)
        return reply.body


class SecretServiceKeyring(KeyringBackend):
    """One collection of the Secret Service."""

    priority = PRIORITY

    def __init__(self, connection: SecretServiceConnection, collection: secretstorage.Collection) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the package ships no types
        self.connection = connection
        self._collection = collection
        self._collection.session = self.connection.session

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret; raise `NotAllowedError`.

        A wallet that was stopped before it was saved gives bytes that are no text: those are a damaged entry.
        """
        item = self._item(service, username)
        return self.usable(item).get_secret().decode(errors="replace") if item else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret, in place of the one before if there is one; raise `NotAllowedError`.

        An item is never replaced by a new one: KeePassXC asks the user before it does that, and keeps both.
        """
        attributes = {"application": APPLICATION, "service": service, "username": username}
        item = self._item(service, username)
        if item is None:
            self._collection.create_item(LABEL, attributes, password.encode())
            return
        self.usable(item).set_secret(password.encode())
        if item.get_attributes().get("application") != APPLICATION:  # stored by an older version
            item.set_attributes(attributes)
            item.set_label(LABEL)

    def delete_password(self, service: str, username: str) -> None:
        """Remove a secret, which may ask the user; raise `PasswordDeleteError` if there is none."""
        item = self._item(service, username)
        if item is None:
            raise PasswordDeleteError
        if self.connection.is_keepassxc:
            self.usable(item).set_secret(b" ")  # what goes to the recycle bin is empty, but for its history
        try:
            self.usable(item).delete()
        except secretstorage.PromptDismissedException as exc:
            raise NotAllowedError from exc

    def ours(self, username: str) -> list[secretstorage.Item]:
        """Return the program's items; none where a locked collection does not tell."""
        try:
            found = list(self._collection.search_items({"username": username}))
            return [item for item in found if item.get_attributes().get("service", "").startswith(f"{APPLICATION}/")]
        except (DBusErrorResponse, secretstorage.SecretStorageException):
            return []

    def usable(self, item: secretstorage.Item) -> secretstorage.Item:
        """Return an item that can be read; raise `NotAllowedError`, or `KeyringLocked` if the whole collection is."""
        if item.is_locked():
            raise KeyringLocked if self._collection.is_locked() else NotAllowedError
        return item

    def is_locked(self) -> bool:
        """Return whether the collection is locked; an open wallet is unlocked on the way."""
        if self._collection.is_locked():
            self.connection.unlock_an_open_wallet(self._collection)
        return self._collection.is_locked()

    @property
    def path(self) -> str:
        """Return the collection's path."""
        return str(self._collection.collection_path)

    def _item(self, service: str, username: str) -> secretstorage.Item | None:
        """Return an item, `None` where there is none; raise `KeyringLocked` where a locked collection hides it."""
        item = next(self._collection.search_items({"service": service, "username": username}), None)
        if item is None and self._collection.is_locked():
            raise KeyringLocked
        return item


class SecretServiceSearch:
    """Looks for the program's items in all collections, and lets the user open what is in the way."""

    priority = PRIORITY

    def __init__(self, username: str) -> None:
        self._username = username
        self._connection: SecretServiceConnection | None = None

    def connected(self) -> Self:
        """Make the connection now; raise `NoKeyringError` where there is nothing to connect to."""
        self._connection = SecretServiceConnection()
        return self

    @property
    def connection(self) -> SecretServiceConnection:
        """Return the connection, made when it is first used."""
        self._connection = self._connection or SecretServiceConnection()
        return self._connection

    def open_collections(self, *, everywhere: bool) -> list[SecretServiceKeyring]:
        """Return the collections to use, that with ours first; raise `KeyringLocked` for what the user has to open.

        `everywhere`: what lies in a locked collection counts although there is some in an open one.
        """
        collections, closed = self._collections()
        if not collections:
            raise NothingSharedError
        if self._hidden(collections, closed, everywhere=everywhere):
            raise KeyringLocked
        usable = [each for each in collections if each.path not in closed]
        for each in usable:
            for item in each.ours(self._username):
                each.usable(item)
        return sorted(usable, key=lambda each: not each.ours(self._username))

    def let_user_open(self, *, everywhere: bool) -> None:
        """Ask the user for everything at once: first the collection, then the items in it."""
        collections, closed = self._collections()
        if not collections:
            self.connection.make_collection()
            collections, closed = self._collections()
        if hidden := self._hidden(collections, closed, everywhere=everywhere):
            self.connection.unlock(hidden)
            collections, closed = self._collections()
        usable = [each for each in collections if each.path not in closed]
        locked = [item for each in usable for item in each.ours(self._username) if item.is_locked()]
        if locked:
            self.connection.unlock([item.item_path for item in locked])

    def _collections(self) -> tuple[list[SecretServiceKeyring], set[str]]:
        """Return every collection, the default first, and the paths of those that are locked."""
        found = [SecretServiceKeyring(self.connection, each) for each in self.connection.collections()]
        return found, {each.path for each in found if each.is_locked()}

    def _hidden(self, collections: list[SecretServiceKeyring], closed: set[str], *, everywhere: bool) -> list[str]:
        """Return the locked collections that have ours, or may have it because no open one has."""
        having = [each.path for each in collections if each.ours(self._username)]
        if having and not (everywhere or closed >= set(having)):
            return []
        if having:
            return [path for path in having if path in closed]
        return list(self._where_it_may_be(collections, closed))

    def _where_it_may_be(self, collections: list[SecretServiceKeyring], closed: set[str]) -> Iterator[str]:
        """Yield the default collection, and every database of KeePassXC, which shows nothing of a locked one."""
        for number, each in enumerate(collections):
            if each.path in closed and (number == 0 or self.connection.is_keepassxc):
                yield each.path


class PromptFreeKWallet(kwallet.DBusKeyring):
    """KWallet from before KDE Frameworks 5.97, where dbus-python is installed."""

    def connected(self, service: str) -> bool:
        """Open the wallet if that takes no dialog; raise `KeyringLocked` otherwise."""
        self.check()
        return bool(super().connected(service))  # type: ignore[no-untyped-call]  # the package ships no types

    def check(self) -> None:
        """Raise whatever keeps the wallet from being used."""
        import dbus  # noqa: PLC0415  not a dependency; without it this backend is not viable

        wallets = dbus.Interface(dbus.SessionBus().get_object(self.bus_name, self.object_path), "org.kde.KWallet")
        if not wallets.isOpen(wallets.networkWallet()):
            raise KeyringLocked

    def let_user_unlock(self) -> None:
        """Ask the user for the wallet's password."""
        if not super().connected(""):  # type: ignore[no-untyped-call]  # the package ships no types
            raise KeyringLocked
