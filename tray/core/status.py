"""The document of `status --json`, schema version 1, from one snapshot: JSON values only."""

from datetime import UTC, datetime
from typing import Any

from tray.core.effects import ObtainToken
from tray.core.model import Engine, TroubleCode
from tray.core.next_request import next_write_at
from tray.core.readback import by_preferred, difference, is_kept, shown
from tray.core.rule_reports import RuleReport, reports
from tray.core.rules import Unknown, in_force
from tray.core.schedule import deadline
from tray.core.states import PreferredUse
from tray.core.status_message import same
from tray.core.user_actions import stoppable
from tray.core.values import HeldBy, KeyringTrouble, SignInNeeded, TryLater
from tray.messages import menu as menu_words
from tray.messages import presence as words
from tray.messages.notices import failure_words, trouble_words


def status(engine: Engine) -> dict[str, Any]:
    """Return what `status --json` prints."""
    account = engine.identity.account
    return {
        "version": 1,
        "demo": engine.config.demo,
        "account": {"username": account.username if account else None, "signed_in": engine.identity.signed_in},
        "hold": _hold(engine),
        "then": _then(engine),
        "rules": [_rule(report, paused=engine.rules.paused) for report in reports(engine.situation)],
        "message": _message(engine),
        "session": _session(engine),
        "clearing": _clearing(engine),
        "teams_shows": _teams_shows(engine),
        "why": _why(engine),
        "trouble": _trouble(engine),
        "mistakes": [{"title": title, "message": message} for title, message in engine.config.mistakes],
    }


def errands(engine: Engine) -> dict[str, Any]:
    """Return what only commands need: how many errands have ended, why the last one failed, and what is allowed."""
    calls, prompt = engine.calls, engine.calls.prompt
    return {
        "sign_outs": calls.ended.sign_outs,
        "unlocks": calls.ended.unlocks,
        "asking": bool(prompt and prompt.keyring),
        "failure": _failure(calls.ended.failure),
        "binned": calls.ended.binned,
        "may_override": engine.config.override,
        "hidden": engine.wish.hidden_pick is not None,
        "stoppable": stops.key if (stops := stoppable(engine)) else None,
    }


def _failure(of: TryLater | SignInNeeded | KeyringTrouble | None) -> dict[str, str] | None:
    if of is None:
        return None
    code = TroubleCode.KEYRING if isinstance(of, KeyringTrouble) else TroubleCode.SERVICE
    title, message = failure_words(of)
    return {"code": code.value, "title": title, "message": message}


def instant(of: datetime | None) -> str | None:
    """Write an instant as RFC 3339 in UTC, to the second."""
    return of.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if of else None


def held_by(engine: Engine) -> HeldBy:
    """Name what the hold is held by: its session, the preferred presence, or nothing yet.

    Nothing, too, while its session is there and would not show: without the preferred presence that it always needs, or
    beneath the one of the hold before.
    """
    hold, service = engine.wish.hold, engine.service
    if hold is None or any(lease.pair != hold.state.preferred for lease in service.preferred.all):
        return HeldBy.NOTHING
    if by_preferred(engine, hold.state) and service.preferred.lease is None:
        return HeldBy.NOTHING
    if hold.state.key in service.declined:
        return HeldBy.PREFERRED
    lease = service.session.lease
    return HeldBy.SESSION if lease and lease.pair == hold.state.pair else HeldBy.NOTHING


def override_would_help(engine: Engine) -> bool:
    """Tell whether pinning would help: there is a preferred pair, and it is not in use."""
    hold = engine.wish.hold
    if hold is None or hold.pinned or hold.state.preferred_use is PreferredUse.NEVER:
        return False
    return not by_preferred(engine, hold.state)


def _hold(engine: Engine) -> dict[str, Any] | None:
    hold = engine.wish.hold
    if hold is None:
        return None
    return {
        "state": hold.state.key,
        "since": instant(hold.since),
        "until": instant(hold.until),
        "pinned": hold.pinned,
        "held_by": held_by(engine).value,
        "confirmed": held_by(engine) is not HeldBy.NOTHING and is_kept(engine),
        "origin": hold.origin.value,
        "by": hold.by or None,
    }


def _then(engine: Engine) -> dict[str, Any] | None:
    """Say what shows when what is in force ends; `None` when nothing does, or the end is the user's to say."""
    coming = in_force(engine.situation).then if engine.config.rules.any else None
    if coming is None or coming.hold is None:
        return None
    return {"state": coming.hold.state.key, "until": instant(coming.hold.until), "origin": coming.origin.value}


def _rule(report: RuleReport, *, paused: bool) -> dict[str, Any]:
    return {
        "name": report.origin.value,
        "on": report.on,
        "met": report.met,
        "active": report.active,
        "silenced": report.silenced,
        "paused": paused,
        "since": instant(report.since) if report.on else None,
        "state": report.state.key if report.state else None,
        "by": report.by or None,
        "can_tell": report.cannot_tell in {None, Unknown.NOT_ASKED},
        "why": report.cannot_tell.value if report.cannot_tell else None,
    }


def _message(engine: Engine) -> dict[str, Any] | None:
    """Return the status message that is to be sent, was refused or is shown."""
    message = engine.message
    of = message.current(engine.clock)
    if of is None:
        return None
    accepted = None if message.asked else not message.refused
    ours = bool(message.asked or message.refused) or (message.ours is not None and same(message.ours, of))
    return {"text": of.text, "expires_at": instant(of.expires_at), "ours": ours, "accepted": accepted}


def _session(engine: Engine) -> dict[str, Any] | None:
    lease = engine.service.session.lease or engine.service.preferred.lease
    if lease is None:
        return None
    return {
        "confirmed_at": instant(lease.confirmed_at),
        "next_refresh_at": instant(next_write_at(engine, engine.clock)),
        "expires_at": instant(deadline(lease)),
    }


def _clearing(engine: Engine) -> list[dict[str, Any]] | None:
    """Return what an ended hold has left on the service, which is still to be released or ends by itself."""
    closing, service = engine.phase.closing, engine.service
    leases = [*service.preferred.all, *service.session.all]
    if closing:
        leases += [*closing.left_preferred.all, *closing.left_session.all]
    left = [
        {
            "availability": lease.pair.availability,
            "activity": lease.pair.activity,
            "expires_at": instant(lease.expires_at),
        }
        for lease in leases
        if lease.expires_at > engine.clock
    ]
    return None if engine.wish.hold else left or None


def _teams_shows(engine: Engine) -> dict[str, Any] | None:
    seen = shown(engine)
    if seen is None:
        return None
    return {
        "availability": seen.pair.availability,
        "activity": seen.pair.activity,
        "observed_at": instant(seen.at),
        "out_of_office": seen.out_of_office,
    }


def _why(engine: Engine) -> dict[str, Any] | None:
    code = difference(engine)
    if code is None:
        return None
    return {"code": code.value, "message": words.why(code, override_would_help=override_would_help(engine))}


def meanwhile(engine: Engine) -> str | None:
    """Say what happens by itself when a trouble is over, if that is not that a status is set."""
    if engine.wish.hold:
        return None
    return menu_words.will_be_cleared() if engine.service.has_leases else menu_words.keeps_trying()


def _trouble(engine: Engine) -> dict[str, Any] | None:
    trouble = engine.trouble
    if trouble is None:
        return None
    title, message = trouble_words(trouble, meanwhile(engine))
    by_itself = engine.wish.hold or trouble.code is not TroubleCode.SIGN_IN_NEEDED  # nobody signs in by waiting
    return {
        "code": trouble.code.value,
        "title": title,
        "message": message,
        "retry_at": instant(_retry_at(engine)) if by_itself else None,
    }


def _retry_at(engine: Engine) -> datetime | None:
    """Return when the next attempt is made, or the one under way began; a wait that is over is neither."""
    calls = engine.calls
    waits = [each for each in (calls.retry.due, calls.token_retry.due) if each and each > engine.clock]
    under_way = calls.request_at or (calls.errand_at if isinstance(calls.errand, ObtainToken) else None)
    return max(waits, default=under_way)
