"""Linux' keyrings: the keyring package's backends, changed so that no use of them raises a prompt.

The package unlocks whatever it finds locked, with a dialog. These raise `KeyringLocked` instead, and show the dialog
when the user asks for it.
"""

from contextlib import closing
from typing import Any

import secretstorage
from keyring.backends import SecretService, kwallet
from keyring.errors import KeyringLocked


class PromptFreeSecretService(SecretService.Keyring):
    """The Secret Service: GNOME Keyring, KeePassXC, and KWallet since KDE Frameworks 5.97."""

    def get_preferred_collection(self) -> Any:
        """Return the default collection, whose connection the caller closes; raise `KeyringLocked`."""
        connection = secretstorage.dbus_init()
        try:
            collection = secretstorage.Collection(connection)
            if not collection.is_locked():
                return collection
        except secretstorage.ItemNotFoundException:
            pass  # there is no collection yet: making the first one asks for its password
        except BaseException:
            connection.close()
            raise
        connection.close()
        raise KeyringLocked

    def unlock(self, item: Any) -> None:
        """Unlock nothing; raise `KeyringLocked` where that would be needed."""
        if item.is_locked():
            raise KeyringLocked

    def check(self) -> None:
        """Raise whatever keeps the collection from being used."""
        with closing(self.get_preferred_collection().connection):
            pass

    def let_user_unlock(self) -> None:
        """Ask the user for the collection's password, or for a new one if there is no collection yet."""
        super().get_preferred_collection().connection.close()  # type: ignore[no-untyped-call]  # the package ships no types


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
