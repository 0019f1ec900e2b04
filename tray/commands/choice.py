"""A state and how long, as typed for `set` and `hold`; must not know who holds it."""

import argparse
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import cast

from tray import durations
from tray.clock import LocalZone
from tray.core.states import BY_KEY, NEVER_SENT_BY_KEY, State
from tray.errors import UsageError
from tray.messages import commands as words


def state_for(typed: str) -> State:
    """Return the state with a key, or with a label in any case.

    Raise `UsageError`, which for a state that only a calendar sets says where it comes from.
    """
    key = "-".join(typed.casefold().replace(",", "").replace("_", " ").replace("-", " ").split())
    if key in BY_KEY:
        return BY_KEY[key]
    if key in NEVER_SENT_BY_KEY:
        raise UsageError(*words.never_sent(key))
    near = get_close_matches(key, list(BY_KEY), n=1)
    raise UsageError(*words.unknown_state(typed, near[0] if near else None))


def chosen_until(args: argparse.Namespace, now: datetime) -> datetime | None:
    """Return when the hold is to end, in UTC; nothing means until stopped."""
    if args.length is not None:
        return now + cast("timedelta", args.length)
    if args.until is not None:
        return durations.next_time(args.until, now, LocalZone())
    return None
