"""What `rules` says of what sets a status automatically."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from tray.messages.catalogue import N_, translated
from tray.messages.status import local_time

_CANNOT_TELL = {
    "not-asked": N_("not known yet"),
    "no-library": N_("can't tell: libpulse is not installed"),
    "no-server": N_("can't tell: no sound server is running"),
    "no-source": N_("can't tell: this desktop doesn't say"),
    "not-allowed": N_("can't tell: the privacy settings of Windows keep apps from the microphone"),
    "failed": N_("can't tell: the system answered with an error"),
}


# Why a sensor cannot tell, and what helps.
_HELPS = {
    "not-asked": N_("Wait a moment, then check again."),
    "no-library": N_("Install libpulse (on Debian and Ubuntu the package libpulse0)."),
    "no-server": N_("Start PipeWire or PulseAudio, or log in to your desktop again."),
    "no-source": N_("Turn the rule off: presence-tray rules {rule} off"),
    "not-allowed": N_("In Windows, let desktop apps use the microphone: Settings › Privacy › Microphone."),
    "failed": N_("Presence Tray tries again every minute. The log says more: presence-tray open log"),
}


def rule(document: Mapping[str, Any], hold: Mapping[str, Any] | None) -> str:
    """Say in one line whether a rule of the status document is on, and what it does beside the hold in force."""
    name = document["name"]
    if not document["on"]:
        return translated("{rule}: off", rule=name)
    if document.get("paused"):
        return translated("{rule}: on, paused", rule=name)
    if not document["can_tell"]:
        return translated("{rule}: on, but this computer can't detect it", rule=name)
    if document["silenced"]:
        return translated("{rule}: on, not used now because you set or cleared your status", rule=name)
    if not document["active"]:
        return translated("{rule}: on", rule=name)
    if hold and hold["origin"] != name:
        return translated("{rule}: on, but another status comes first now", rule=name)
    return translated("{rule}: on, in use now", rule=name)


def knows(document: Mapping[str, Any], zone: tzinfo, now: datetime) -> str:
    """Say what the sensor of a rule that is on knows, or why it cannot tell."""
    if why := document["why"]:
        return translated(_CANNOT_TELL[why])
    since = local_time(document["since"], zone, now) if document["since"] else ""
    if document["name"] == "screen-lock":
        return translated("locked since {time}", time=since) if document.get("met") else translated("not locked")
    if not document.get("met"):
        return translated("not in use")
    if program := document["by"]:
        return translated("used by {program} since {time}", program=program, time=since)
    return translated("in use since {time}", time=since)


def helps(document: Mapping[str, Any]) -> str:
    """Say what helps a sensor that cannot tell."""
    why = document["why"]
    return translated(_HELPS[why], rule=document["name"]) if why else ""


def switched(rule: str, *, on: bool) -> str:
    """Say that a rule was switched."""
    return translated("{rule} is on.", rule=rule) if on else translated("{rule} is off.", rule=rule)


def paused(*, pause: bool) -> str:
    """Say that all rules were paused or resumed."""
    return (
        translated("Automatic statuses are paused.")
        if pause
        else translated("Automatic statuses are no longer paused.")
    )


def no_rules() -> tuple[str, str]:
    """Say that there is nothing to pause."""
    return (
        translated("Nothing sets your status automatically."),
        translated("Turn a rule on first: presence-tray rules microphone on"),
    )


def no_hours() -> tuple[str, str]:
    """Say that there are no working hours to follow."""
    return (
        translated("There are no working hours."),
        translated("Add them on the settings page: presence-tray settings"),
    )


def on_or_off(rule: str) -> tuple[str, str]:
    """Say what is missing."""
    return translated("Turn {rule} on or off?", rule=rule), translated("presence-tray rules {rule} on", rule=rule)


def rule_is_managed(rule: str) -> tuple[str, str]:
    """Say that users cannot switch a rule."""
    return (
        translated("{rule} is set by your organisation.", rule=rule),
        translated("Ask your IT department to change it."),
    )
