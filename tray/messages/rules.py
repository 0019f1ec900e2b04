"""What `rules` says of what sets a status automatically."""

from collections.abc import Mapping
from typing import Any

from tray.messages.catalogue import translated


def rule(document: Mapping[str, Any]) -> str:
    """Say in one line whether a rule of the status document is on, and what it knows."""
    name = document["name"]
    if not document["on"]:
        return translated("{rule}: off", rule=name)
    if not document["can_tell"]:
        return translated("{rule}: on, but this computer doesn't tell", rule=name)
    if document["silenced"]:
        return translated("{rule}: on, not used now because you set or cleared your status", rule=name)
    return (
        translated("{rule}: on, in use now", rule=name) if document["active"] else translated("{rule}: on", rule=name)
    )


def switched(rule: str, *, on: bool) -> str:
    """Say that a rule was switched."""
    return translated("{rule} is on.", rule=rule) if on else translated("{rule} is off.", rule=rule)


def paused(*, pause: bool) -> str:
    """Say that all rules were paused or resumed."""
    return translated("Automatic is paused.") if pause else translated("Automatic is no longer paused.")


def no_rules() -> tuple[str, str]:
    """Say that there is nothing to pause."""
    return (
        translated("Nothing sets your status automatically."),
        translated("Turn a rule on first: presence-tray rules microphone on"),
    )


def on_or_off(rule: str) -> tuple[str, str]:
    """Say what is missing."""
    return translated("Turn {rule} on or off?", rule=rule), translated("presence-tray rules {rule} on", rule=rule)


def rule_is_managed(rule: str) -> tuple[str, str]:
    """Say that users cannot switch a rule."""
    return (
        translated("Your organisation decides about {rule}.", rule=rule),
        translated("Ask your administrator to change it."),
    )
