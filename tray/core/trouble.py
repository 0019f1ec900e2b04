"""What is in the way: raised once, told to the user once, and over once the hold is kept again."""

from datetime import datetime

from tray.core.model import Engine, Trouble, TroubleCode
from tray.core.readback import by_preferred, is_kept
from tray.core.record import replace
from tray.core.schedule import TELL_AFTER, deadline
from tray.messages import notices

# Troubles that may pass without the user; the user must act on all others.
PASSING = frozenset({TroubleCode.OFFLINE, TroubleCode.THROTTLED, TroubleCode.SERVICE})
# Troubles that have nothing to do with a hold, or that ended it.
WITHOUT_HOLD = frozenset({TroubleCode.DECLINED, TroubleCode.SIGN_IN_NEEDED, TroubleCode.KEYRING})


def trouble(engine: Engine, found: Trouble, *, asked: bool = False) -> Engine:
    """Raise a trouble; one that the user must act on is told at once, a passing one when it has lasted.

    `asked`: the user has just asked for what fails, and is told again.
    """
    before = engine.trouble
    same = before is not None and (before.code == found.code or {before.code, found.code} <= PASSING)
    if before is not None and same:
        found = replace(found, since=before.since, told=before.told)
    if found.code not in PASSING and (asked or not (found.told or _may_come_late(engine, found))):
        engine, found = engine.tell(notices.trouble(found)), replace(found, told=True)
    return replace(engine, trouble=found)


def _may_come_late(engine: Engine, found: Trouble) -> bool:
    """Tell whether the keyring may only be waiting for the login to finish, which unlocks it."""
    quiet = engine.config.login_until
    return found.code is TroubleCode.KEYRING and quiet is not None and engine.clock < quiet


def broken_since(engine: Engine) -> datetime | None:
    """Return since when the hold is really not kept: a lease that still runs keeps it."""
    if engine.trouble is None or engine.wish.hold is None:
        return None
    service, since = engine.service, engine.trouble.since
    if by_preferred(engine, engine.wish.hold.state):
        return max(since, service.preferred.lease.expires_at) if service.preferred.lease else since
    return max(since, deadline(service.session.lease)) if service.session.lease else since


def tell_at(engine: Engine) -> datetime | None:
    """Return when the user is to hear of a trouble that lasts; `None` when there is nothing to tell."""
    if engine.trouble is None or engine.trouble.told:
        return None
    quiet = engine.config.login_until
    if engine.trouble.code not in PASSING:
        return quiet  # only a keyring that may come late is not told at once
    since = broken_since(engine)
    return since and max(since + TELL_AFTER, quiet or since)


def tell_if_lasting(engine: Engine, now: datetime) -> Engine:
    """Tell a trouble that has lasted."""
    at = tell_at(engine)
    if engine.trouble is None or at is None or now < at:
        return engine
    return replace(engine.tell(notices.trouble(engine.trouble)), trouble=replace(engine.trouble, told=True))


def heal(engine: Engine) -> Engine:
    """Drop the trouble once the hold is kept again, with a notice if the user had one of the trouble."""
    if engine.trouble is None or not is_kept(engine):
        return engine
    if engine.wish.hold is None:
        return engine if engine.trouble.code in WITHOUT_HOLD else replace(engine, trouble=None)
    if engine.trouble.told:
        engine = engine.tell(notices.healed(engine.wish.hold))
    return replace(engine, trouble=None)
