"""Linux's keyrings, each of them played by a fake: no window comes unasked, nothing is lost, nothing grows."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from keyring.testing.backend import BackendBasicTests

from tests.desktop.private_bus import PrivateBus
from tests.effort import TIMES
from tests.signin.platform import DEVICE, nobody, registration_at
from tests.signin.storage import fake_secret_service
from tests.signin.storage.conftest import Started
from tests.signin.storage.fake_secret_service import (
    ALL,
    GNOME_KEYRING,
    HISTORY,
    KEEPASSXC,
    KEEPASSXC_TRUSTING,
    KEEPASSXC_WITHOUT_BIN,
    KWALLET,
    Collection,
    FakeSecretService,
    Manners,
    User,
)
from tests.signin.storage.test_vault import cache, same, vault
from tray.core.effects import ObtainToken, ReadAccount, SignOut, TokenErrand, UnlockKeyring
from tray.core.values import AccountRead, Granted, KeyringState, KeyringTrouble, SignedOut, TokenOutcome
from tray.sandbox.identity import IdentityPlatform
from tray.signin.child.__main__ import _reply
from tray.signin.pipe import ChildRequest
from tray.signin.storage import keyrings
from tray.signin.storage.keyrings import UnavailableStore, open_store
from tray.signin.storage.vault import _KEPT_LOCKS, Store, VaultError
from tray.signin.storage.vault_cache import VaultCache

pytestmark = pytest.mark.needs("dbus-daemon")


def state_of(call: Callable[[], object]) -> KeyringState | None:
    """Return why a call failed, `None` if it did not."""
    try:
        call()
    except VaultError as exc:
        return exc.state
    return None


# --------------------------------------------------------------------------- the package's contract


@pytest.mark.parametrize("manners", [GNOME_KEYRING, KEEPASSXC, KWALLET], ids=["gnome", "keepassxc", "kwallet"])
class TestContract(BackendBasicTests):
    """keyring's own tests."""

    @pytest.fixture(autouse=True)
    def _init_properties(self, started: Started, manners: Manners) -> Iterator[None]:
        from tray.signin.storage.linux_keyrings import SecretServiceConnection, SecretServiceKeyring  # noqa: PLC0415

        service = started(manners)
        connection = SecretServiceConnection()
        self.keyring = SecretServiceKeyring(connection, connection.collections()[0])
        self.credentials_created = set()
        yield
        self.cleanup()
        assert not [window for window in service.windows if window != "delete"]


# --------------------------------------------------------------------------- what is found, and what the user is asked


def kept(started: Started, manners: Manners, tmp_path: Path, *collections: Collection) -> FakeSecretService:
    """Start a service in which a sign-in is kept, saved by a process that has ended."""
    service = started(manners, *collections)
    vault(open_store(prompts=False), tmp_path).save(cache(1))
    service.write_to_disk()
    service.restart()
    return service


def look(tmp_path: Path) -> Callable[[], None]:
    def looked() -> None:
        assert same(vault(open_store(prompts=False), tmp_path).load(), 1)

    return looked


def nothing(_: FakeSecretService) -> None:
    """Leave all as it is."""


def pam_login(service: FakeSecretService) -> None:
    for each in service.collections.values():
        each.locked = True  # and the wallet is open by its own word


def no_default(service: FakeSecretService) -> None:
    service.default = None


def no_alias_object(service: FakeSecretService) -> None:
    service.has_alias_object = False


def another_default(service: FakeSecretService) -> None:
    service.collections["other"] = Collection("other")
    service.default = "other"


def a_locked_default(service: FakeSecretService) -> None:
    service.collections["other"] = Collection("other", locked=True, is_open=False)
    service.default = "other"


def one_session_a_connection(service: FakeSecretService) -> None:
    service.most_sessions = 1


def all_gone(service: FakeSecretService) -> None:
    service.collections.clear()
    service.default = None


# Whose manners, what happened since the sign-in was saved → what background work meets, and the windows of *Unlock*.
Happens = Callable[[FakeSecretService], None]
Situation = tuple[Manners, Happens, KeyringState | None, int]
FOUND = None
SITUATIONS: dict[str, Situation] = {
    "gnome-keyring": (GNOME_KEYRING, nothing, FOUND, 0),
    "gnome-keyring, locked": (GNOME_KEYRING, FakeSecretService.lock_all, KeyringState.LOCKED, 1),
    "gnome-keyring, another default": (GNOME_KEYRING, another_default, FOUND, 0),
    "gnome-keyring, another default, locked": (GNOME_KEYRING, a_locked_default, FOUND, 0),
    "gnome-keyring, no default": (GNOME_KEYRING, no_default, FOUND, 0),
    "gnome-keyring, one session": (GNOME_KEYRING, one_session_a_connection, FOUND, 0),
    "keepassxc": (KEEPASSXC, nothing, KeyringState.GUARDED, 1),
    "keepassxc, database locked": (KEEPASSXC, FakeSecretService.lock_all, KeyringState.LOCKED, 2),
    "keepassxc, trusting": (KEEPASSXC_TRUSTING, nothing, FOUND, 0),
    "keepassxc, trusting, database locked": (KEEPASSXC_TRUSTING, FakeSecretService.lock_all, KeyringState.LOCKED, 1),
    "keepassxc, another tab in front": (KEEPASSXC_TRUSTING, another_default, FOUND, 0),
    "keepassxc, another tab in front, asks": (KEEPASSXC, another_default, KeyringState.GUARDED, 1),
    "keepassxc, another tab in front, locked": (KEEPASSXC_TRUSTING, a_locked_default, FOUND, 0),
    "keepassxc, the alias has no object": (KEEPASSXC_TRUSTING, no_alias_object, FOUND, 0),
    "kwallet": (KWALLET, nothing, FOUND, 0),
    "kwallet, opened by PAM": (KWALLET, pam_login, FOUND, 0),
    "kwallet, closed": (KWALLET, FakeSecretService.lock_all, KeyringState.LOCKED, 1),
}


@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_background_work_asks_nobody_and_unlock_helps(started: Started, tmp_path: Path, situation: Situation) -> None:
    manners, happens, met, windows = situation
    service = kept(started, manners, tmp_path)
    happens(service)
    for _ in range(2):
        assert state_of(look(tmp_path)) is met
    assert service.windows == []

    service.user = User.DISMISSES
    if met:
        assert state_of(lambda: open_store(prompts=True)) is met
    service.user, service.windows = User.ANSWERS, []
    assert same(vault(open_store(prompts=True), tmp_path).load(), 1)
    assert len(service.windows) == windows
    assert "SearchItems" not in service.windows


@pytest.mark.parametrize("manners", ALL.values(), ids=ALL)
def test_where_nothing_is_shared_a_collection_is_made_only_for_the_user_and_only_where_users_do_that(
    started: Started, tmp_path: Path, manners: Manners
) -> None:
    service = started(manners)
    all_gone(service)
    assert state_of(lambda: open_store(prompts=False)) is KeyringState.NOTHING_SHARED
    assert service.windows == []
    if manners is not GNOME_KEYRING:
        assert state_of(lambda: open_store(prompts=True)) is KeyringState.NOTHING_SHARED
        assert service.windows == []
        return
    service.user = User.DISMISSES
    assert state_of(lambda: open_store(prompts=True)) is KeyringState.NOTHING_SHARED
    service.user, service.windows = User.ANSWERS, []
    vault(open_store(prompts=True), tmp_path).save(cache(1))
    assert service.windows == ["create a collection"]
    look(tmp_path)()


def test_a_window_that_nobody_answers_leaves_the_keyring_locked(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = kept(started, GNOME_KEYRING, tmp_path)
    service.lock_all()
    service.user = User.IGNORES
    monkeypatch.setattr(keyrings, "PROMPT_PATIENCE", 0.5)
    assert state_of(lambda: open_store(prompts=True)) is KeyringState.LOCKED
    assert service.windows != []


def test_the_newest_of_two_copies_is_used_and_a_sign_out_removes_both(started: Started, tmp_path: Path) -> None:
    service = kept(started, GNOME_KEYRING, tmp_path)
    another_default(service)
    service.collections["login"].locked = True
    service.collections["login"].items, hidden = {}, service.collections["login"].items
    vault(open_store(prompts=False), tmp_path).save(cache(2))
    service.collections["login"].items |= hidden
    service.unlock_all()
    assert same(vault(open_store(prompts=False), tmp_path).load(), 2)
    vault(open_store(prompts=True, everywhere=True), tmp_path).delete()
    assert service.items == []


def test_a_wallet_that_is_stopped_before_it_saved_keeps_the_sign_in_of_before(started: Started, tmp_path: Path) -> None:
    service = kept(started, KWALLET, tmp_path)
    vault(open_store(prompts=False), tmp_path).save(cache(2))
    service.restart()
    look(tmp_path)()


@pytest.mark.parametrize("manners", ALL.values(), ids=ALL)
def test_entries_have_a_name_that_a_user_recognises(started: Started, tmp_path: Path, manners: Manners) -> None:
    service = started(manners)
    for seed in range(3):
        vault(open_store(prompts=True), tmp_path).save(cache(seed))
    assert {item.label for item in service.items} == {"Presence Tray: sign-in"}
    assert {item.attributes["application"] for item in service.items} == {"presence-tray"}


def test_a_wallet_that_does_not_run_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody has logged in by PAM, D-Bus knows KWallet by its own name alone."""
    code = f"from {fake_secret_service.__name__} import KWALLET, serve; serve(KWALLET)"
    with PrivateBus(activatable={"org.kde.kwalletd5": [sys.executable, "-c", code]}) as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        monkeypatch.delitem(sys.modules, "tray.signin.storage.linux_keyrings", raising=False)  # a new process has none
        vault(open_store(prompts=False), tmp_path).save(cache(1))
        look(tmp_path)()


# --------------------------------------------------------------------------- errands, as the token child does them


def no_defect(_thread: str, exc: BaseException, _trace: object) -> None:
    raise exc


class Errands:
    """Carries errands out one after another as the tray has them carried out, each on a connection of its own."""

    def __init__(self, platform: IdentityPlatform, folder: Path) -> None:
        self._registration = registration_at(platform)
        self._lock_file = str(folder / "vault.lock")
        self.carried: str | None = None

    def __call__(self, errand: TokenErrand) -> TokenOutcome:
        request = ChildRequest(errand, self._registration, self._lock_file, self.carried)
        reply, self.carried = _reply(request, nobody, no_defect)
        while _KEPT_LOCKS:  # the child ends
            _KEPT_LOCKS.pop().release()
        return reply.outcome


@pytest.fixture
def errands(platform: IdentityPlatform, tmp_path: Path) -> Errands:
    return Errands(platform, tmp_path)


@pytest.mark.parametrize("manners", ALL.values(), ids=ALL)
def test_refreshes_open_no_window_and_fill_no_bin(started: Started, errands: Errands, manners: Manners) -> None:
    service = started(manners)
    assert isinstance(errands(DEVICE), Granted)
    for number in range(HISTORY + 2 if manners.has_history else 3):
        assert isinstance(errands(ObtainToken(number, fresh=True)), Granted)
    assert (service.windows, service.binned) == ([], [])
    assert len(service.items) <= 2
    assert max(len(item.history) for item in service.items) <= HISTORY


@pytest.mark.parametrize("manners", ALL.values(), ids=ALL)
def test_sign_ins_and_sign_outs_in_a_row_leave_nothing(started: Started, errands: Errands, manners: Manners) -> None:
    service = started(manners)
    for _ in range(2 * TIMES):
        assert isinstance(errands(DEVICE), Granted)
        assert isinstance(errands(SignOut(1)), SignedOut)
        assert service.items == []
    assert errands.carried is None
    assert {window.split(" ")[0] for window in service.windows} <= {"unlock", "delete"}


def test_keepassxc_asks_once_after_a_start_and_everything_until_quit_is_silent(
    started: Started, errands: Errands
) -> None:
    service = started(KEEPASSXC)
    assert isinstance(errands(DEVICE), Granted)
    errands.carried = None  # the tray starts anew
    assert errands(ReadAccount(1)) == KeyringTrouble(KeyringState.GUARDED)
    assert errands(ObtainToken(2)) == KeyringTrouble(KeyringState.GUARDED)
    assert service.windows == []
    assert isinstance(errands(UnlockKeyring(3)), AccountRead)
    assert len(service.windows) == 1
    for number in range(4, 8):
        assert isinstance(errands(ObtainToken(number, fresh=True)), Granted)
    assert len(service.windows) == 1


@pytest.mark.parametrize("manners", [KEEPASSXC, KEEPASSXC_TRUSTING], ids=["asks", "trusting"])
def test_what_a_sign_out_puts_into_the_recycle_bin_is_blank(
    started: Started, errands: Errands, manners: Manners
) -> None:
    service = started(manners)
    assert isinstance(errands(DEVICE), Granted)
    assert errands(SignOut(1)) == SignedOut(binned=True)
    assert errands(SignOut(2)) == SignedOut(), "there is nothing left to remove"
    assert service.binned != []
    assert {item.secret.strip() for item in service.binned} == {b""}


@pytest.mark.parametrize("user", [User.DISMISSES, User.IGNORES])
def test_a_sign_out_that_the_user_does_not_allow_says_what_is_in_the_way(
    started: Started, errands: Errands, monkeypatch: pytest.MonkeyPatch, user: User
) -> None:
    service = started(KEEPASSXC_WITHOUT_BIN)
    assert isinstance(errands(DEVICE), Granted)
    service.user = user
    monkeypatch.setattr(keyrings, "PROMPT_PATIENCE", 1.0)
    outcome = errands(SignOut(1))
    assert isinstance(outcome, KeyringTrouble)
    assert service.items != []
    service.user = User.ANSWERS
    monkeypatch.setattr(keyrings, "PROMPT_PATIENCE", 30.0)
    assert isinstance(errands(SignOut(2)), SignedOut)
    assert service.items == []


# --------------------------------------------------------------------------- in the middle of an errand


STEP = 1 if TIMES > 1 else 10  # calls
HAPPENINGS: dict[KeyringState, Happens] = {
    KeyringState.LOCKED: FakeSecretService.lock_all,
    KeyringState.HUNG: FakeSecretService.hang,
}


def at_call(service: FakeSecretService, number: int, happens: Happens) -> list[int]:
    """Let something happen at the n-th call from now; return a list that is filled when it has."""
    begun, reached = len(service.calls), list[int]()

    def before(calls: int) -> None:
        if calls - begun == number and not reached:
            reached.append(number)
            happens(service)

    service.before_call = before
    return reached


class Refreshes:
    """Each reads the cache and saves one that is then the only good one, in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._newest = 0
        self._carried: str | None = None

    def __call__(self) -> KeyringState | None:
        """Carry one out; return what kept it from the cache."""
        try:
            store: Store = open_store(prompts=False)
        except VaultError as exc:
            store = UnavailableStore(exc.state)
        cached = VaultCache(vault(store, self._folder), self._carried)
        try:
            found = cached.load()
        except VaultError as exc:
            return exc.state
        assert same(found, self._newest) if self._newest else found is None
        self._newest += 1
        cached.save(cache(self._newest))
        self._carried = cached.carried
        return None


@pytest.mark.parametrize("state", HAPPENINGS)
@pytest.mark.parametrize("manners", [GNOME_KEYRING, KEEPASSXC_TRUSTING, KWALLET], ids=["gnome", "keepassxc", "kwallet"])
def test_at_whatever_call_it_happens_nobody_is_asked_and_nothing_is_lost(
    started: Started,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    manners: Manners,
    state: KeyringState,
) -> None:
    service, refresh, met = started(manners), Refreshes(tmp_path), set[KeyringState | None]()
    assert refresh() is None
    for number in range(0, 200, STEP):
        reached = at_call(service, number, HAPPENINGS[state])
        with monkeypatch.context() as brief:
            if state is KeyringState.HUNG:
                brief.setattr(keyrings, "PATIENCE", 0.5)
            met.add(refresh())
        service.before_call = lambda _: None
        service.unlock_all()
        service.write_to_disk()
        if state is KeyringState.HUNG:
            service.restart()
        assert refresh() is None, number
        if not reached:
            break
    assert not reached
    assert number > 20
    assert met <= {None, state}
    assert manners is not GNOME_KEYRING or met == {None, state}
    assert service.windows == []
