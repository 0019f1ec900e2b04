"""The states on the command line: as they are typed for `set` and `hold`, and as `states` lists them."""

import argparse
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import cast

from tray import durations
from tray.clock import LocalZone
from tray.commands.output import say
from tray.core.states import BY_KEY, NEVER_SENT, NEVER_SENT_BY_NAME, STATES, State, plain
from tray.core.status_message import LONGEST, is_sendable
from tray.errors import UsageError
from tray.messages import commands as words
from tray.messages.presence import label, pair


def state_for(typed: str) -> State:
    """Return the state with this key, or with this label in any case.

    Raise `UsageError`; of a state that cannot be set it says where that comes from.
    """
    key = "-".join(typed.casefold().replace(",", "").replace("_", " ").replace("-", " ").split())
    if key in BY_KEY:
        return BY_KEY[key]
    if never := NEVER_SENT_BY_NAME.get(plain(typed)):
        raise UsageError(*words.never_sent(never.key))
    asked = f"-{key}-"
    if never := next((row for row in NEVER_SENT if key and asked in f"-{row.key}-"), None):  # "meeting", "office"
        raise UsageError(*words.never_sent(never.key))
    near = get_close_matches(key, list(BY_KEY), n=1)
    raise UsageError(*words.unknown_state(typed, near[0] if near else None))


def message_for(typed: str) -> str:
    """Return a status message as it was typed, without white space around it; raise `UsageError`."""
    text = typed.strip()
    if len(text) > LONGEST:
        raise UsageError(*words.message_too_long(len(text), LONGEST))
    if not text or not is_sendable(text):
        raise UsageError(*words.message_not_one_line())
    return text


def chosen_until(args: argparse.Namespace, now: datetime) -> datetime | None:
    """Return when the hold is to end, in UTC; `None` means when it is stopped."""
    if args.length is not None:
        return now + cast("timedelta", args.length)
    if args.until is not None:
        return durations.next_time(args.until, now, LocalZone())
    return None


def require_pinnable(args: argparse.Namespace) -> None:
    """Refuse `--pin` with a state that cannot override Teams; raise `UsageError`."""
    state = cast("State", args.state)
    if args.pin and state.preferred is None:
        raise UsageError(*words.cannot_pin(label(state)))


def states(_args: argparse.Namespace) -> int:
    """List the states, and those that cannot be set."""
    rows = [words.states_head()]
    rows += [(state.key, pair(state.pair), words.shows(state.preferred_use)) for state in STATES]
    _table(rows)
    say(f"\n{words.states_never_sent()}")
    _table([(row.key, row.pair, words.why_never_sent(row.key)) for row in NEVER_SENT])
    return 0


def _table(rows: list[tuple[str, str, str]]) -> None:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for key, shown, how in rows:
        say(f"{key:<{first}}  {shown:<{second}}  {how}")
