"""What the other commands say, and the errors that any command can end with."""

from collections.abc import Sequence

from tray.messages.catalogue import N_, listed, quoted, translated

# --- the running app ---------------------------------------------------------------------------------------------


def not_running() -> tuple[str, str]:
    """Say that there is no running app."""
    return translated("Presence Tray isn't running."), translated("Start it with `presence-tray`.")


def not_running_to_stop() -> tuple[str, str]:
    """Say that there is no running app, to somebody who wants none or no status."""
    return translated("Presence Tray isn't running."), ""


def not_running_to_set() -> tuple[str, str]:
    """Say that there is no running app, and how to set a status without one."""
    return (
        translated("Presence Tray isn't running."),
        translated("Start it with `presence-tray`, or set a status from this terminal: presence-tray hold STATE"),
    )


def already_running() -> tuple[str, str]:
    """Say that the app runs already."""
    return (
        translated("Presence Tray is already running."),
        translated("Use its icon in the tray or the terminal it runs in, or set a status with `presence-tray set`."),
    )


def running_elsewhere() -> tuple[str, str]:
    """Say that the app runs where this desktop does not show it."""
    return (
        translated("Presence Tray is already running, on another desktop of yours or in a terminal."),
        translated("Use it there, or set a status from here with `presence-tray set`."),
    )


def use_set_instead() -> tuple[str, str]:
    """Say which command sets a status while the app runs."""
    return translated("Presence Tray is already running."), translated("To set a status, run: presence-tray set STATE")


def no_answer() -> tuple[str, str]:
    """Say that the running app hangs."""
    return (
        translated("Presence Tray is running but not responding."),
        translated("Try again. If that doesn't help, end it in the system's task list and start it again."),
    )


def not_printed(why: str) -> tuple[str, str]:
    """Say that there is no room for the result."""
    return translated("The output can't be written: {why}.", why=why), ""


def still_working() -> tuple[str, str]:
    """Say that the running app has not done in time what was asked."""
    return (
        translated("Presence Tray hasn't finished yet."),
        translated("Check again with `presence-tray status`."),
    )


def garbled_answer() -> tuple[str, str]:
    """Say that the running app speaks another version's language."""
    return (
        translated("Presence Tray sent an answer that this command doesn't understand."),
        translated("You may have two versions installed. Restart Presence Tray."),
    )


def refused_request(why: str) -> tuple[str, str]:
    """Say that the running app did not understand the command."""
    return (
        translated("The running Presence Tray did not accept this command: {why}.", why=why),
        translated("You may have two versions installed. Restart Presence Tray."),
    )


def channel_failed(address: str, why: str) -> tuple[str, str]:
    """Say that commands cannot reach the app."""
    return (
        translated("Presence Tray can't receive commands at {address}: {why}.", address=address, why=why),
        translated("Make sure that you can write to that folder."),
    )


def channel_taken(address: str) -> tuple[str, str]:
    """Say that something of another kind lies where the socket belongs."""
    return translated("{address} is in the way: it is not a socket.", address=address), translated("Delete it.")


def folder_failed(folder: str, why: str) -> tuple[str, str]:
    """Say that a folder the program needs cannot be made."""
    return (
        translated("The folder {folder} can't be created: {why}.", folder=folder, why=why),
        translated("Make sure that you can write there, or set PRESENCE_TRAY_HOME to a folder of your own."),
    )


def folder_taken(folder: str) -> tuple[str, str]:
    """Say that somebody else's folder is in the way."""
    return (
        translated("The folder {folder} belongs to somebody else.", folder=folder),
        translated("Delete it, or set XDG_RUNTIME_DIR to a folder of your own."),
    )


def no_home(named: str | None = None) -> tuple[str, str]:
    """Say that there is no home folder to keep anything in."""
    cure = translated("Set HOME or PRESENCE_TRAY_HOME to a folder of your own.")
    if named:
        return translated("The folder {folder} can't be found.", folder=named), cure
    return translated("Your account has no home folder."), cure


def no_locks(folder: str, why: str) -> tuple[str, str]:
    """Say that the file system of a folder cannot lock files."""
    return (
        translated("Files in {folder} can't be locked: {why}.", folder=folder, why=why),
        translated("Set XDG_RUNTIME_DIR or PRESENCE_TRAY_HOME to a folder on a disk of this computer."),
    )


def no_channel(why: str) -> tuple[str, str]:
    """Say that the app runs, and that no command can reach it."""
    return (
        translated("Commands can't reach Presence Tray."),
        translated("Its icon works as usual. {problem}", problem=why),
    )


def lock_failed(file: str, why: str) -> tuple[str, str]:
    """Say that it cannot be known whether the app runs."""
    return (
        translated("{file} can't be locked: {why}.", file=file, why=why),
        translated("Delete it, or make sure that you can write to it."),
    )


def speaking_to_the_demo() -> str:
    """Say whom the command reaches."""
    return translated("(This is the demo. The real Presence Tray isn't running.)")


# --- what was typed ----------------------------------------------------------------------------------------------


def bad_duration(text: str) -> tuple[str, str]:
    """Say how a duration is written."""
    return translated("{typed} is not a duration.", typed=quoted(text)), translated("Write 90m, 1h30m or PT1H30M.")


def duration_out_of_range(text: str) -> tuple[str, str]:
    """Say how long something can be set for: a status, or a message."""
    return (
        translated("{typed} is too short or too long.", typed=quoted(text)),
        translated("The shortest time is a second, the longest a week (168h)."),
    )


def bad_time(text: str) -> tuple[str, str]:
    """Say how a time of day is written."""
    return translated("{typed} is not a time of day.", typed=quoted(text)), translated("Write it like this: 17:00")


_NEVER_SENT = {
    "out-of-office": (
        N_("Out of office"),
        N_("Teams shows it during automatic replies or an out-of-office event."),
    ),
    "available-out-of-office": (
        N_("Available, out of office"),
        N_("Teams shows it during automatic replies or an out-of-office event."),
    ),
    "in-a-meeting": (N_("In a meeting"), N_("Teams shows it during a meeting in your calendar.")),
    "in-a-call-out-of-office": (
        N_("In a call, out of office"),
        N_("Teams shows it during automatic replies or an out-of-office event."),
    ),
    "focusing": (N_("Focusing"), N_("Teams shows it during focus time in your calendar.")),
    "status-unknown": (N_("Status unknown"), N_("Teams shows it when it knows nothing about you.")),
}


def never_sent(key: str) -> tuple[str, str]:
    """Say where a status comes from that cannot be set."""
    label, reason = _NEVER_SENT[key]
    return translated("{status} can't be set here.", status=translated(label)), translated(reason)


def unknown_state(typed: str, near: str | None) -> tuple[str, str]:
    """Say that there is no such status."""
    title = translated("There is no status {typed}.", typed=quoted(typed))
    if near:
        return title, translated("Did you mean {status}?", status=near)
    return title, translated("`presence-tray states` lists them.")


def state_locked(label: str) -> tuple[str, str]:
    """Say that the organisation does not allow a status."""
    return (
        translated("Your organisation doesn't allow “{status}” here.", status=label),
        translated("`presence-tray doctor` names what your organisation has set."),
    )


def override_locked() -> tuple[str, str]:
    """Say that the organisation does not allow overriding Teams."""
    return (
        translated("Your organisation doesn't allow Override Teams."),
        translated("`presence-tray doctor` names what your organisation has set."),
    )


def unknown_command(typed: str, near: str | None) -> tuple[str, str]:
    """Say that there is neither such a command nor such a status."""
    title = translated("There is no command or status {typed}.", typed=quoted(typed))
    if near:
        return title, translated("Did you mean {command}?", command=near)
    return title, translated("`presence-tray --help` lists the commands, `presence-tray states` the statuses.")


def not_after_a_state(typed: str, near: str | None) -> tuple[str, str]:
    """Say that a word means nothing behind a status."""
    title = translated("{typed} isn't understood after a status.", typed=quoted(typed))
    if near:
        return title, translated("Did you mean {command}?", command=near)
    return title, translated("Write how long it stays: for 90m, or until 17:00.")


def unknown_choice(typed: str, choices: Sequence[str], near: str | None) -> tuple[str, str]:
    """Say what can be typed instead."""
    title = translated("{typed} is not a choice here.", typed=quoted(typed))
    if near:
        return title, translated("Did you mean {command}?", command=near)
    return title, translated("The choices are {choices}.", choices=listed(choices))


def bad_keep(typed: str) -> tuple[str, str]:
    """Say how long a status can stay."""
    return (
        translated("{typed} is neither a duration nor a time of day.", typed=quoted(typed)),
        translated("Write until-stopped, end-of-day, 90m or 17:00."),
    )


def nothing_to_keep() -> tuple[str, str]:
    """Say that an end needs a status that ends."""
    return translated("You haven't set a status."), translated(
        "Set one that ends: presence-tray set STATE --until 17:00"
    )


def hidden_is_changed() -> str:
    """Say that what a rule hides has another end now."""
    return translated("Your own status is changed. It shows again when the automatic status ends.")


def speed_without_demo() -> tuple[str, str]:
    """Say that only the demo's clock can be sped up."""
    return translated("--speed works only in the demo."), translated("Add --demo.")


# --- setting and clearing a status -------------------------------------------------------------------------------


def is_set(status: str) -> str:
    """Say that a status is set in Teams."""
    return translated("Your status is set: {status}.", status=status)


def no_answer_yet() -> str:
    """Say that Teams has not answered in time."""
    return translated("Teams hasn't answered yet.")


def will_be_set(label: str, why: str) -> str:
    """Say what is in the way, and that the status is set as soon as it can be."""
    return translated("{problem} Your status {status} will be set automatically.", problem=why, status=label)


def will_be_changed(why: str) -> str:
    """Say what is in the way, and that the change is made as soon as it can be."""
    return translated("{problem} The change will be made automatically.", problem=why)


def ended_at_once(label: str) -> tuple[str, str]:
    """Say that a status was cleared as soon as it was set."""
    return (
        translated("{status} isn't set, because you set a status in Teams, and that one stays.", status=label),
        translated("Clear that one with `presence-tray clear-chosen`, then try again."),
    )


def change_ended_at_once() -> tuple[str, str]:
    """Say that the status that was to be changed is gone."""
    return (
        translated("There is nothing to change: you set another status in Teams, and it shows instead."),
        translated("Clear that one with `presence-tray clear-chosen`, then try again."),
    )


def stopped() -> str:
    """Say that the status is cleared."""
    return translated("Your status is cleared.")


def no_longer_set(label: str) -> str:
    """Say that a status will not be set that was to be set later."""
    return translated("“{status}” will no longer be set.", status=label)


def nothing_to_stop() -> str:
    """Say that there was no status to clear."""
    return translated("No status was set.")


def left() -> str:
    """Say that the app has ended."""
    return translated("Presence Tray has quit.")


def still_there() -> tuple[str, str]:
    """Say that the app does not end."""
    return translated("Presence Tray hasn't quit yet."), translated("Try again, or end it in the system's task list.")


# --- the menu's other rows as commands ---------------------------------------------------------------------------


# For each command that only presses a row: what comes of it, and why the row could not be clicked.
_PRESSED = {
    "clear-chosen": (
        N_("Clearing the status you set in Teams. `presence-tray status` shows the result."),
        N_("There is nothing to clear: no status set in Teams hides yours."),
    ),
}


def pressed(command: str, *, clickable: bool) -> str:
    """Say what comes of a row that was pressed, or why there is nothing to press."""
    done, nothing_to_do = _PRESSED[command]
    return translated(done if clickable else nothing_to_do)


def override_is_not_for_rules() -> tuple[str, str]:
    """Say that a status that a rule sets does not override Teams."""
    return (
        translated("Override Teams can't be changed while a status is set automatically."),
        translated("Set a status yourself first."),
    )


def cannot_override(*, on: bool) -> tuple[str, str]:
    """Say that there is no choice about overriding Teams now."""
    if on:
        return (
            translated("Override Teams can't be turned on for this status."),
            translated("It works for Available, Busy and Do not disturb."),
        )
    return (
        translated("Override Teams can't be turned off for this status: without it, Teams would show its own."),
        translated("Set another status first."),
    )


def cannot_pin(label: str) -> tuple[str, str]:
    """Say that a status cannot override Teams."""
    return (
        translated("“{status}” can't override Teams, so --pin doesn't work with it.", status=label),
        translated("It works for Available, Busy and Do not disturb."),
    )


def next_overrides(*, on: bool) -> str:
    """Say what becomes of the next status."""
    if on:
        return translated("The next status you set will override Teams.")
    return translated("The next status you set will not override Teams.")


_NEXT_IS_KEPT = {
    "until-stopped": N_("The next status you set will stay until you clear it."),
    "30m": N_("The next status you set will stay for 30 minutes."),
    "1h": N_("The next status you set will stay for 1 hour."),
    "2h": N_("The next status you set will stay for 2 hours."),
    "4h": N_("The next status you set will stay for 4 hours."),
    "end-of-day": N_("The next status you set will stay until the end of the day."),
}


def next_is_kept(keep: str) -> str:
    """Say how long the next status stays."""
    return translated(_NEXT_IS_KEPT[keep])


def day_is_over() -> tuple[str, str]:
    """Say that the end of the day has passed."""
    return translated("The end of the day has already passed."), translated("Choose a duration: presence-tray keep 1h")


def opening(target: str) -> str:
    """Name what is opened, for those who have nothing to open it with."""
    return translated("Opening {target}", target=target)


def not_opened(file: str, why: str) -> tuple[str, str]:
    """Say that there is no file to open."""
    return (
        translated("{file} can't be written: {why}.", file=file, why=why),
        translated("Make sure that you can write to its folder."),
    )


def no_demo() -> tuple[str, str]:
    """Say that there is no demo to play with."""
    return translated("The demo isn't running."), translated("Start it with `presence-tray --demo`.")


def not_played() -> tuple[str, str]:
    """Say that the demo cannot do this now."""
    return translated("The demo can't do this now."), translated("It may still be starting. Try again in a moment.")


def played(label: str) -> str:
    """Say what happened in the demo."""
    return translated("Demo: {event}", event=label)


# --- `states` ----------------------------------------------------------------------------------------------------

_SHOWS = {
    "never": N_("unless something in Teams comes first"),
    "pinned": N_("unless something in Teams comes first; always with Override Teams"),
    "pinned or declined": N_("unless something in Teams comes first; always with Override Teams"),
    "always": N_("always"),
}


def states_head() -> tuple[str, str, str]:
    """Name the columns of the list."""
    return translated("status"), translated("sent to Microsoft Graph"), translated("when it shows")


def shows(use: str) -> str:
    """Say when a status shows."""
    return translated(_SHOWS[use])


def states_never_sent() -> str:
    """Introduce what cannot be set."""
    return translated("These can't be set here, because Teams sets them itself:")


def why_never_sent(key: str) -> str:
    """Say where a status comes from that cannot be set."""
    return translated(_NEVER_SENT[key][1])
