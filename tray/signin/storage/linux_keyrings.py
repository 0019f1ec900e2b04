"""Linux' keyrings as the keyring package speaks to them, except that no use of them raises a prompt.

The package unlocks whatever it finds locked, with a dialog. These say so instead, until the user asks for the dialog.
"""

from contextlib import closing
from typing import Any

import secretstorage
from keyring.backends import SecretService, kwallet
from keyring.errors import KeyringLocked


class QuietKeyring(SecretService.Keyring):
    """The Secret Service: GNOME Keyring, KeePassXC, and KWallet since KDE Frameworks 5.97."""

    def get_preferred_collection(self) -> Any:
        """Return the default collection, whose connection the caller closes. Raises KeyringLocked."""
        connection = secretstorage.dbus_init()
        try:
            collection = secretstorage.Collection(connection)
            if not collection.is_locked():
                return collection
        except secretstorage.ItemNotFoundException:
            pass  # the first use of all makes the collection, and asks for its password
        except BaseException:
            connection.close()
            raise
        connection.close()
        raise KeyringLocked

    def unlock(self, item: Any) -> None:
        """Leave an item as it is. Raises KeyringLocked."""
        if item.is_locked():
            raise KeyringLocked

    def check(self) -> None:
        """Raise whatever keeps the collection from being used."""
        with closing(self.get_preferred_collection().connection):
            pass

    def let_user_unlock(self) -> None:
        """Ask the user for the collection's password, or to make the first collection of all."""
        super().get_preferred_collection().connection.close()  # type: ignore[no-untyped-call]  # none are shipped


class QuietWallet(kwallet.DBusKeyring):
    """KWallet before it was a Secret Service, where dbus-python is installed."""

    def connected(self, service: str) -> bool:
        """Open the wallet if that takes no dialog. Raises KeyringLocked."""
        self.check()
        return bool(super().connected(service))  # type: ignore[no-untyped-call]  # the same

    def check(self) -> None:
        """Raise whatever keeps the wallet from being used."""
        import dbus  # noqa: PLC0415  no dependency of ours: without it this keyring is not chosen

        wallets = dbus.Interface(dbus.SessionBus().get_object(self.bus_name, self.object_path), "org.kde.KWallet")
        if not wallets.isOpen(wallets.networkWallet()):
            raise KeyringLocked

    def let_user_unlock(self) -> None:
        """Ask the user for the wallet's password."""
        if not super().connected(""):  # type: ignore[no-untyped-call]  # the same
            raise KeyringLocked
