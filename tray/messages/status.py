"""A status document in words, and what the terminal shows besides it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from tray.core.record import Record
from tray.core.states import BY_KEY, Pair
from tray.messages import APP_NAME
from tray.messages.catalogue import ptranslated, translated, whole
from tray.messages.presence import label, shown
from tray.messages.times import day_and_time


class Line(Record):
    """One thing to say: `name` is stable, `label` is what the user reads before the text."""

    name: str
    label: str
    text: str


def lines(status: Mapping[str, Any], zone: tzinfo, today: datetime) -> list[Line]:
    """Say a status document, most important first; times are local, days are named if they are not today.

    `headline` in it is the app's own sentence about what is set, what set it and what comes after it.
    """

    def at(instant: str) -> str:
        return local_time(instant, zone, today)

    told = [now(status.get("headline") or _of_an_older_app(status.get("hold")))]
    told.append(Line("teams", translated("Teams shows"), _teams(status)))
    if (message := status.get("message")) and message["text"]:
        told.append(Line("message", translated("Status message"), _message(message, at)))
    if why := status.get("why"):
        told.append(Line("why", translated("Why"), why["message"]))
    if trouble := status.get("trouble"):
        told.append(Line("trouble", translated("Problem"), _trouble(trouble, at)))
    if mistakes := status.get("mistakes"):
        named = " ".join(whole(each["title"], each["message"]) for each in mistakes)
        told.append(Line("settings", translated("Settings"), named))
    session = status.get("session")
    if session and _is_renewed(status.get("hold"), session.get("next_refresh_at")):
        told.append(Line("refresh", translated("Renews"), _renews(session, at)))
    return told


def _of_an_older_app(hold: Mapping[str, Any] | None) -> str:
    """Say what is set, for an app that has not been started again since the upgrade and does not say it itself."""
    return label(BY_KEY[hold["state"]]) if hold else translated("No status set")


def _is_renewed(hold: Mapping[str, Any] | None, at: str | None) -> bool:
    """Tell whether what is due next renews the status; otherwise it sets or clears one."""
    if not hold or not at or hold["held_by"] == "nothing":
        return False
    return not hold.get("until") or datetime.fromisoformat(at) < datetime.fromisoformat(hold["until"])


def account(status: Mapping[str, Any]) -> Line:
    """Say who is signed in."""
    who = status.get("account") or {}
    yes = who.get("username") or ptranslated("signed in", "yes")
    return Line("account", translated("Signed in"), yes if who.get("signed_in") else ptranslated("signed in", "no"))


def local_time(instant: str, zone: tzinfo, today: datetime) -> str:
    """Say an instant of a status document as people do."""
    return day_and_time(datetime.fromisoformat(instant), zone, today)


def _message(message: Mapping[str, Any], at: Callable[[str], str]) -> str:
    if message.get("expires_at") is None:
        return translated("“{text}”", text=message["text"])
    return translated("“{text}” until {time}", text=message["text"], time=at(message["expires_at"]))


def _teams(status: Mapping[str, Any]) -> str:
    seen = status.get("teams_shows")
    return shown(Pair(seen["availability"], seen["activity"])) if seen else translated("not known yet")


def _trouble(trouble: Mapping[str, Any], at: Callable[[str], str]) -> str:
    title, message = trouble["title"], trouble["message"]
    if not trouble.get("retry_at"):
        return whole(title, message)
    again = at(trouble["retry_at"])
    return translated("{problem} {remedy} Next attempt at {time}.", problem=title, remedy=message, time=again)


def _renews(session: Mapping[str, Any], at: Callable[[str], str]) -> str:
    renews = at(session["next_refresh_at"])
    if not session.get("expires_at"):
        return translated("at {time}", time=renews)
    ends = at(session["expires_at"])
    return translated(
        "at {time} (if this computer goes offline, Teams clears your status at {end})", time=renews, end=ends
    )


def title(*, demo: bool) -> str:
    """Name the program on top of the terminal."""
    if demo:
        return translated("{app} demo (`presence-tray demo` simulates Teams events)", app=APP_NAME)
    return APP_NAME


def now(text: str) -> Line:
    """Say what is set, as the app says it."""
    return Line("hold", translated("Status"), text)


def news(title: str, message: str) -> Line:
    """Repeat the last notice."""
    return Line("notice", translated("Notice"), whole(title, message))


def problem_solved() -> Line:
    """Say that a problem has gone."""
    return Line("trouble", translated("Problem"), translated("solved"))


def no_message() -> Line:
    """Say that there is no status message any more."""
    return Line("message", translated("Status message"), ptranslated("status message", "none"))


def no_mistakes() -> Line:
    """Say that the organisation has corrected its settings."""
    return Line("settings", translated("Settings"), translated("corrected"))


# What is said of lines that have gone.
_GONE: dict[str, Callable[[], Line]] = {
    "message": no_message,
    "trouble": problem_solved,
    "settings": no_mistakes,
}


def changes(before: Mapping[str, Line], now: Sequence[Line]) -> list[Line]:
    """Return what is new among lines, and what is to be said of those that have gone; `before` has them by name.

    Why Teams shows something else is no longer said with what Teams shows now.
    """
    new = [line for line in now if before.get(line.name) != line]
    gone = before.keys() - {line.name for line in now}
    if "why" in gone:
        new += [line for line in now if line.name == "teams" and line not in new]
    return new + [solved() for name, solved in _GONE.items() if name in gone]


def choice(label: str, chosen: str) -> str:
    """Name a submenu and what is chosen in it, or a line and what it says."""
    return translated("{label}: {choice}", label=label, choice=chosen)
