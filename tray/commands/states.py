"""The states on the command line: as they are typed for `set` and `hold`, and as `states` lists them."""

import argparse
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import cast

from tray import durations
from tray.clock import LocalZone
from tray.columns import padded, width
from tray.commands.output import say
from tray.core.states import (
    APPEAR_OFFLINE,
    BE_RIGHT_BACK,
    BY_KEY,
    DO_NOT_DISTURB,
    IN_A_CALL,
    IN_A_CONFERENCE_CALL,
    NEVER_SENT,
    NEVER_SENT_BY_NAME,
    STATES,
    NeverSent,
    State,
    plain,
)
from tray.core.status_message import LONGEST
from tray.core.values import Keep
from tray.errors import UsageError, nearest
from tray.messages import commands as words
from tray.messages import status_message as message_words
from tray.messages.catalogue import UNFIT
from tray.messages.presence import label, pair

SHORT = {
    "dnd": DO_NOT_DISTURB,
    "brb": BE_RIGHT_BACK,
    "call": IN_A_CALL,
    "conference": IN_A_CONFERENCE_CALL,
    "offline": APPEAR_OFFLINE,
}


def find_state(typed: str) -> State | None:
    """Return the state with this key, short name or label, however it is written; `None` where there is none."""
    if any(map(str.isdigit, typed)):
        return None
    names = {plain(key): state for key, state in (BY_KEY | SHORT).items()}
    return names.get(plain(typed)) or next((state for state in STATES if plain(label(state)) == plain(typed)), None)


def find_never_sent(typed: str) -> NeverSent | None:
    """Return the state that cannot be set and has this name, or a part of it: "meeting", "office"."""
    asked = _as_key(typed)
    by_part = (row for row in NEVER_SENT if asked and f"-{asked}-" in f"-{row.key}-")
    return NEVER_SENT_BY_NAME.get(plain(typed)) or next(by_part, None)


def _as_key(typed: str) -> str:
    return "-".join(typed.casefold().replace(",", "").replace("_", " ").replace("-", " ").split())


def state_for(typed: str) -> State:
    """Return the state with this key, short name or label.

    Raise `UsageError`; of a state that cannot be set it says where that comes from.
    """
    if state := find_state(typed):
        return state
    if never := find_never_sent(typed):
        raise UsageError(*words.never_sent(never.key))
    key = _as_key(typed)
    raise UsageError(*words.unknown_state(typed, nearest(key, [*BY_KEY, *SHORT])))


def keep_for(typed: str) -> Keep | timedelta | time:
    """Return a choice of *Keep for*, a duration or a time of day; raise `UsageError`."""
    first, _, rest = typed.partition(" ")
    length = rest if first.casefold() in {"for", "until"} else typed
    for said in (typed, length):  # until stopped; until the end of day
        choice = "-".join(word for word in said.casefold().split() if word != "the")
        if choice in list(Keep):
            return Keep(choice)
    if durations.is_duration(length):
        return durations.duration(length)
    with suppress(UsageError):
        return durations.time_of_day(length)
    raise UsageError(*words.bad_keep(typed))


def message_for(typed: str) -> str:
    """Return a status message as it was typed, without white space around it; raise `UsageError`."""
    text = typed.strip()
    if len(text) > LONGEST:
        raise UsageError(*message_words.too_long(len(text), LONGEST))
    if not text:
        raise UsageError(*message_words.is_empty())
    if found := UNFIT.search(text):
        raise UsageError(*message_words.not_one_line(found[0]))
    return text


def chosen_until(args: argparse.Namespace, now: datetime) -> datetime | None:
    """Return when the hold is to end, in UTC; `None` means when it is stopped."""
    if args.length is not None:
        return now + cast("timedelta", args.length)
    if args.until is not None:
        return durations.next_time(args.until, now, LocalZone())
    return None


def require_overridable(args: argparse.Namespace) -> None:
    """Refuse `--pin` with a state that can never override Teams; raise `UsageError`."""
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
    first, second = (max(width(row[column]) for row in rows) for column in (0, 1))
    for key, shown, how in rows:
        say(f"{padded(key, first)}  {padded(shown, second)}  {how}")
