"""A status document in words, for `status` and for the terminal; text only, it knows no terminal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from tray.core.states import BY_KEY, Pair
from tray.messages.presence import day_and_time, shown

HELD_BY = {
    "session": "",
    "preferred": " (as a status chosen in Teams)",
    "nothing": " (not confirmed yet)",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say: `name` is stable, `label` is what it is called."""

    name: str
    label: str
    text: str


def lines(status: Mapping[str, Any], zone: tzinfo, today: datetime) -> list[Line]:
    """Say a status document, most important first; times are local, days are named if they are not today."""

    def at(instant: str) -> str:
        return local_time(instant, zone, today)

    told = [Line("hold", "Holding", _hold(status, at)), Line("teams", "Teams shows", _teams(status))]
    if why := status.get("why"):
        told.append(Line("why", "Why", why["message"]))
    if trouble := status.get("trouble"):
        again = f" Next try {at(trouble['retry_at'])}." if trouble.get("retry_at") else ""
        told.append(Line("trouble", "Trouble", f"{trouble['title']} {trouble['message']}{again}"))
    session = status.get("session")
    if session and session.get("next_refresh_at"):
        ends = f", lasts until {at(session['expires_at'])}" if session.get("expires_at") else ""
        told.append(Line("refresh", "Next refresh", f"{at(session['next_refresh_at'])}{ends}"))
    return told


def account(status: Mapping[str, Any]) -> Line:
    """Say who is signed in."""
    who = status.get("account") or {}
    name = who.get("username") or "yes"
    return Line("account", "Signed in", name if who.get("signed_in") else "no")


def local_time(instant: str, zone: tzinfo, today: datetime) -> str:
    """Say an instant of a status document as people do."""
    return day_and_time(datetime.fromisoformat(instant), zone, today)


def _hold(status: Mapping[str, Any], at: Callable[[str], str]) -> str:
    hold = status.get("hold")
    if not hold:
        return "Nothing"
    until = f", until {at(hold['until'])}" if hold.get("until") else ", until you stop"
    pinned = ", overriding Teams" if hold.get("pinned") else ""
    return f"{BY_KEY[hold['state']].label}{until}{pinned}{HELD_BY[hold['held_by']]}"


def _teams(status: Mapping[str, Any]) -> str:
    seen = status.get("teams_shows")
    return shown(Pair(seen["availability"], seen["activity"])) if seen else "not known"
