"""What the program can say, with the longest values: for tests that go through all of it."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tray.core.model import Trouble, TroubleCode
from tray.core.states import STATES
from tray.core.values import Hold, KeyringState, KeyringTrouble, Lease, NetworkFailure, SignInNeeded, TryLater
from tray.core.view_model import Notice
from tray.messages import notices, signin

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=8)
LEASES = [Lease(state.pair, NOW, LATER) for state in STATES]


def troubles() -> Iterator[Trouble]:
    for code in set(TroubleCode) - {TroubleCode.KEYRING}:
        yield Trouble(code, NOW, state=STATES[0])
    for state in STATES:
        yield Trouble(TroubleCode.DECLINED, NOW, state=state)
    for failure in NetworkFailure:
        yield Trouble(TroubleCode.OFFLINE, NOW, failure=failure)
    for keyring in KeyringState:
        yield Trouble(TroubleCode.KEYRING, NOW, keyring=keyring)


def of_the_sign_in() -> Iterator[tuple[str, str]]:
    kinds = ("", "consent_required", "basic_action", "additional_action", "message_only", "user_password_expired")
    yield from map(signin.again, kinds)
    yield from map(signin.unreached, NetworkFailure)
    for say in (
        *(signin.nobody, signin.busy, signin.strange_link, signin.not_registered, signin.not_public),
        *(signin.wrong_redirect, signin.no_browser, signin.unknown_tenant, signin.cancelled, signin.code_expired),
        *(signin.timed_out, signin.unknown_person, signin.another_at_work, signin.not_set_up, signin.no_answer),
        *(signin.child_hung, signin.child_broke),
    ):
        yield say()


def every_notice() -> Iterator[Notice]:
    yield from map(notices.trouble, troubles())
    yield from (notices.sign_in_failed(*words) for words in of_the_sign_in())
    for state in STATES:
        hold = Hold(state, NOW)
        yield notices.healed(hold)
        yield notices.slept(hold)
        for ends, is_certain in itertools.product((True, False), repeat=2):
            yield notices.chosen(state, STATES[0].pair, ends=ends, is_certain=is_certain)
    why = (TryLater(*signin.no_answer()), SignInNeeded(*signin.nobody()), KeyringTrouble(KeyringState.NOTHING_SHARED))
    yield from map(notices.sign_out_failed, why)
    yield notices.message_refused()
    yield notices.left_behind(LEASES, UTC)
    yield notices.not_remembered()
    yield notices.code("ABCD-EFGH", "https://login.microsoft.com/device", LATER, UTC)
    for missing in (True, False):
        yield notices.second_start(tray_missing=missing)
        yield notices.menu_missing(any_button=missing)
    yield notices.tray_missing()
