"""macOS' Keychain through the keyring package's errors, played by a stand-in: it asks the user only when it may."""

from collections.abc import Callable

import pytest
from keyring.errors import KeyringError, PasswordDeleteError, PasswordSetError

from tray.core.values import KeyringState
from tray.signin.storage import keyrings
from tray.signin.storage.keyrings import open_store
from tray.signin.storage.vault import VaultError


class Error(Exception):
    """The package's own class for what the Keychain returns."""


class NotFound(Error):  # noqa: N818  the name decides
    """The package's own class for an item that is not there."""


class Keychain:
    """An item that another build of the program stored; reading, changing and removing it asks the user."""

    priority = 5

    def __init__(self) -> None:
        self.may_ask = True
        self.dialogs = 0
        self.items = {("service", "name"): "secret"}

    def SecKeychainSetUserInteractionAllowed(self, allowed: bool) -> int:  # noqa: N802  macOS' own
        self.may_ask = allowed
        return 0

    def get_password(self, service: str, username: str) -> str | None:
        self._ask(KeyringError)
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._ask(PasswordSetError)
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._ask(PasswordDeleteError)
        if self.items.pop((service, username), None) is None:
            raise PasswordDeleteError from NotFound(-25300, "Item not found")

    def _ask(self, error: type[Exception]) -> None:
        if not self.may_ask:
            raise error("Can't get password from keychain") from Error(-25308, "Unknown Error")
        self.dialogs += 1


@pytest.fixture
def keychain(monkeypatch: pytest.MonkeyPatch) -> Keychain:
    keychain = Keychain()
    monkeypatch.setattr(keyrings.sys, "platform", "darwin")
    monkeypatch.setattr(keyrings.ctypes, "CDLL", {keyrings.SECURITY: keychain}.__getitem__)
    monkeypatch.setattr(keyrings, "_allowed", lambda: (lambda: keychain,))
    return keychain


USES: dict[str, Callable[[keyrings.KeyringStore], object]] = {
    "read": lambda store: store.get("service", "name"),
    "change": lambda store: store.set("service", "name", "new"),
    "remove": lambda store: store.delete("service", "name"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_background_work_opens_no_dialog_and_claims_nothing(
    keychain: Keychain, use: Callable[[object], object]
) -> None:
    with pytest.raises(VaultError) as trouble:
        use(open_store(prompts=False))
    assert trouble.value.state is KeyringState.GUARDED
    assert (keychain.dialogs, keychain.items) == (0, {("service", "name"): "secret"})


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_what_the_user_asked_for_may_ask_the_user(keychain: Keychain, use: Callable[[object], object]) -> None:
    use(open_store(prompts=True))
    assert keychain.dialogs == 1


def test_what_is_not_there_is_removed(keychain: Keychain) -> None:
    open_store(prompts=True).delete("service", "another name")
    assert keychain.items != {}
