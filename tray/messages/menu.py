"""The menu's rows, its header lines and the tooltip."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from tray.core.states import IN_A_CALL, State
from tray.core.values import Hold, Message, Origin
from tray.messages import APP_NAME
from tray.messages.catalogue import N_, listed, ntranslated, printable, translated
from tray.messages.presence import label, set_by
from tray.messages.times import at, day_and_time

BLANK = " "  # some panels leave out a row without a label
MESSAGE_SHOWN = 60  # characters of a status message
MANAGED_NAMED = 3  # settings; the doctor names them all

# The label of each row, by the row's key.
_ROWS = {
    "keep": N_("Keep for"),
    "keep-until-stopped": N_("No end time"),
    "keep-30m": N_("30 minutes"),
    "keep-1h": N_("1 hour"),
    "keep-2h": N_("2 hours"),
    "keep-4h": N_("4 hours"),
    "message": N_("Message"),
    "message-none": N_("None"),
    "message-edit": N_("Edit…"),
    "automatic": N_("Automatic"),
    "rules-pause": N_("Pause"),
    "pin": N_("Override Teams"),
    "stop": N_("Stop"),
    "clear-chosen": N_("Clear the status set in Teams"),
    "sign-in": N_("Sign in…"),
    "sign-in-other": N_("Sign in with another account…"),
    "sign-in-code": N_("Sign in with a code…"),
    "sign-in-cancel": N_("Cancel sign-in"),
    "sign-out": N_("Sign out"),
    "unlock": N_("Unlock keyring…"),
    "autostart": N_("Launch at login"),
    "more": N_("More"),
    "automatic-replies": N_("Automatic replies in Outlook…"),
    "settings": N_("Settings…"),
    "log": N_("Log"),
    "help": N_("Help"),
    "demo": N_("Demo"),
    "quit": N_("Quit"),
}
# What can happen in the demo, by key.
_SCENARIOS = {
    "teams-active": N_("Teams is in use"),
    "teams-idle": N_("Teams goes idle"),
    "teams-meeting": N_("Teams joins a meeting"),
    "teams-quits": N_("Teams quits"),
    "choose-busy": N_("“Busy” is set in Teams"),
    "choose-offline": N_("“Appear offline” is set in Teams"),
    "choose-nothing": N_("Status is reset in Teams"),
    "lost": N_("Teams loses your status"),
    "network": N_("The connection drops"),
    "throttle": N_("Microsoft limits requests (30 s)"),
    "down": N_("Microsoft's service is down"),
    "expire": N_("The access token expires"),
    "microphone": N_("Another program uses the microphone"),
    "lock": N_("The screen is locked"),
}
# What happens instead in those that stay on until they are played again.
_SCENARIO_ENDS = {
    "network": N_("The connection is back"),
    "down": N_("Microsoft's service is back"),
    "microphone": N_("The other program no longer uses the microphone"),
    "lock": N_("The screen is unlocked"),
}
SCENARIOS = tuple(_SCENARIOS)


def row(key: str) -> str:
    """Name a row."""
    return translated(_ROWS[key])


def scenario(key: str) -> str:
    """Name what happens in the demo."""
    return translated(_SCENARIOS[key])


def scenario_ends(key: str) -> str:
    """Name what happens in the demo when this is played while it is on."""
    return translated(_SCENARIO_ENDS.get(key, _SCENARIOS[key]))


def starting() -> str:
    """Say that it is not known yet who is signed in."""
    return translated("Starting…")


def no_status() -> str:
    """Say that no status is set."""
    return translated("No status set")


def signed_out() -> str:
    """Say that nobody is signed in."""
    return translated("Not signed in")


def signing_in() -> str:
    """Say that a sign-in waits for the user."""
    return translated("Signing in…")


def in_your_browser() -> str:
    """Say where the sign-in goes on."""
    return translated("Continue in your browser.")


def keyring_asks() -> str:
    """Say where the user is waited for."""
    return translated("Answer in your keyring's window.")


def clearing() -> str:
    """Say that a status is being cleared."""
    return translated("Clearing your status…")


def setting(hold: Hold) -> str:
    """Say that Teams has not answered yet."""
    return translated("Setting {status}…", status=label(hold.state))


def held(hold: Hold, zone: tzinfo, now: datetime) -> str:
    """Say which status is set and until when."""
    until = day_and_time(hold.until, zone, now) if hold.until else None
    return set_by(hold.origin, label(hold.state), until, by=hold.by, overrides=hold.pinned)


_NOTHING_OF_OURS = {
    Origin.SCREEN_LOCK: N_("No status set: the screen is locked"),
    Origin.HOURS: N_("No status set: outside working hours"),
}


def nothing_of_ours(origin: Origin) -> str:
    """Say which rule sets nothing."""
    return translated(_NOTHING_OF_OURS[origin])


def rule(origin: Origin, state: State | None, hours: tuple[datetime, datetime] | None, zone: tzinfo) -> str:
    """Name a rule by what it does."""
    match origin:
        case Origin.MICROPHONE:
            return translated("{status} while the microphone is in use", status=label(state or IN_A_CALL))
        case Origin.SCREEN_LOCK if state:
            return translated("{status} while the screen is locked", status=label(state))
        case Origin.SCREEN_LOCK:
            return translated("No status while the screen is locked")
    if hours is None or state is None:
        return translated("Working hours")
    begins, ends = (at(instant, zone) for instant in hours)
    return translated("Working hours: {status} {begins} to {ends}", status=label(state), begins=begins, ends=ends)


def message(text: str) -> str:
    """Name a status message by its beginning: a menu is as wide as its longest row."""
    return printable(text, MESSAGE_SHOWN)


def out_of_office() -> str:
    """Say that Teams shows it beside the status."""
    return translated("Teams also shows that you're out of office.")


def no_message() -> str:
    """Say that there is no status message."""
    return translated("No status message")


def status_message(message: Message, zone: tzinfo, now: datetime) -> str:
    """Say which status message Teams shows, and until when."""
    if message.expires_at is None:
        return translated("Message: “{text}”", text=message.text)
    time = day_and_time(message.expires_at, zone, now)
    return translated("Message: “{text}” until {time}", text=message.text, time=time)


def end_of_day(until: datetime, zone: tzinfo) -> str:
    """Name the end of the day by its time."""
    return translated("Until {time}", time=at(until, zone))


def limited(left: timedelta) -> str:
    """Say how long Microsoft wants us to wait."""
    seconds = max(1, round(left.total_seconds()))
    return translated("Microsoft is limiting requests. Trying again in {seconds} s", seconds=seconds)


def will_be_set() -> str:
    """Say that the user has nothing to do."""
    return translated("Your status will be set automatically.")


def will_be_cleared() -> str:
    """Say that the user has nothing to do, and that nothing will be set."""
    return translated("Your status will be cleared automatically.")


def keeps_trying() -> str:
    """Say that the user has nothing to do, and that no status is concerned."""
    return translated("Presence Tray keeps trying.")


def teams_shows(status: str | None) -> str:
    """Say what Teams shows."""
    return translated("Teams shows: {status}", status=status) if status else translated("Teams shows: not known yet")


def chosen_in_teams(status: str) -> str:
    """Say what Teams shows, and why it is left alone."""
    return translated("Teams shows: {status}. You set it in Teams, so it stays.", status=status)


def chosen_instead(status: str) -> str:
    """Say what Teams shows instead of the status that is set here, and what helps."""
    return translated("Teams shows: {status}. You set it in Teams; clear it under More.", status=status)


def sign_in_first() -> str:
    """Say where to sign in."""
    return translated("To sign in, choose More › Sign in.")


def set_after_sign_in(hold: Hold) -> str:
    """Say what happens to the status that was picked with nobody signed in."""
    return translated("{status} will be set once you have signed in.", status=label(hold.state))


def override_needed(state: State) -> str:
    """Say why *Override Teams* cannot be switched off."""
    return translated("Override Teams (needed for “{status}”)", status=label(state))


def no_override(state: State) -> str:
    """Say why *Override Teams* cannot be switched on."""
    return translated("Override Teams (not possible for “{status}”)", status=label(state))


def no_override_by_rule() -> str:
    """Say why *Override Teams* cannot be switched on while a rule sets the status."""
    return translated("Override Teams (not for an automatic status)")


def go_to(link: str) -> str:
    """Say where a code is to be entered."""
    return translated("On any device, go to {link}", link=link)


def enter_code(code: str, left: timedelta | None) -> str:
    """Say which code to enter, and for how long it can be used."""
    if left is None:
        return translated("Enter the code {code}", code=code)
    minutes = int(left.total_seconds() / 60)
    if minutes < 1:
        return translated("Enter the code {code} (less than a minute left)", code=code)
    return ntranslated(
        "Enter the code {code} ({count} min left)", "Enter the code {code} ({count} min left)", minutes, code=code
    )


def second_start(when: datetime, zone: tzinfo) -> str:
    """Say that the program was started a second time."""
    return translated("Already running (started again at {time})", time=at(when, zone))


def managed(keys: Sequence[str]) -> str:
    """Say which settings the organisation sets, on a line that fits a menu."""
    if len(keys) <= MANAGED_NAMED:
        return translated("Set by your organisation: {settings}", settings=listed(keys))
    named = keys[: MANAGED_NAMED - 1]
    return ntranslated(
        "Set by your organisation: {settings}, {count} more",
        "Set by your organisation: {settings}, {count} more",
        len(keys) - len(named),
        settings=listed(named),
    )


def locked(row: str) -> str:
    """Say why a row cannot be clicked."""
    return translated("{row} (locked by your organisation)", row=row)


def mistakes(count: int) -> str:
    """Say that the organisation's settings are not all right."""
    return ntranslated(
        "Your organisation's settings have {count} mistake (see Settings)",
        "Your organisation's settings have {count} mistakes (see Settings)",
        count,
    )


def version(of: str) -> str:
    """Name the program and its version."""
    return f"{APP_NAME} {of}"


def tooltip(line: str, remark: str | None) -> str:
    """Say in one line what the header says."""
    return translated("{status} · {remark}", status=line, remark=remark) if remark else line
