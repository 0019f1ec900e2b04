"""What the command line says: errors of the channel and of what was typed; text only."""


def not_running() -> tuple[str, str]:
    """Say that there is no running app."""
    return (
        "Presence Tray is not running.",
        "Start it with `presence-tray`, or use `presence-tray hold STATE`.",
    )


def already_running() -> tuple[str, str]:
    """Say that there is a running app."""
    return (
        "Presence Tray is already running.",
        "Its icon is in the tray; `presence-tray status` shows what it does.",
    )


def no_answer() -> tuple[str, str]:
    """Say that the running app hangs."""
    return (
        "Presence Tray is running and does not answer.",
        "Try again; if it stays so, end it and look in its log.",
    )


def garbled_answer() -> tuple[str, str]:
    """Say that the running app speaks otherwise."""
    return (
        "Presence Tray gave an answer that makes no sense.",
        "Perhaps two versions are installed: restart it.",
    )


def channel_failed(address: str, why: str) -> tuple[str, str]:
    """Say that commands cannot reach the app."""
    return f"Commands cannot be received at {address}: {why}.", "Make that folder writable for you."


def channel_taken(address: str) -> tuple[str, str]:
    """Say that something of another kind lies where the socket belongs."""
    return f"{address} is in the way: it is not a socket.", "Remove it."


def folder_failed(folder: str, why: str) -> tuple[str, str]:
    """Say that there is nowhere to keep what runs."""
    return f"{folder} cannot be made: {why}.", "Make it possible, or set PRESENCE_TRAY_HOME to a folder of yours."


def folder_taken(folder: str) -> tuple[str, str]:
    """Say that somebody else's folder is in the way."""
    return f"{folder} does not belong to you.", "Remove it, or set XDG_RUNTIME_DIR to a folder of yours."


def lock_failed(file: str, why: str) -> tuple[str, str]:
    """Say that it cannot be known whether the app runs."""
    return f"{file} cannot be locked: {why}.", "Remove it, or make it writable for you."


def bad_duration(text: str) -> tuple[str, str]:
    """Say how a duration is written."""
    return f"{text!r} is not a duration.", "Write 90m, 1h30m or PT1H30M."


def duration_out_of_range(text: str) -> tuple[str, str]:
    """Say how long a hold can last."""
    return f"{text!r} is no length for a hold.", "Take more than nothing and at most a week (168h)."


def bad_time(text: str) -> tuple[str, str]:
    """Say how a time of the day is written."""
    return f"{text!r} is not a time of the day.", "Write 17:00."


def use_set_instead() -> tuple[str, str]:
    """Say what `hold` is not for."""
    return "Presence Tray is already running.", "Use `presence-tray set STATE` to tell it what to hold."


def never_sent(label: str, comes_from: str) -> tuple[str, str]:
    """Say where a state comes from that cannot be set."""
    return (
        f"{label} cannot be set: it comes from {comes_from}.",
        "`presence-tray states` lists what can be set.",
    )


def unknown_state(typed: str, near: str | None) -> tuple[str, str]:
    """Say that there is no such state."""
    cure = f"Did you mean {near}?" if near else "`presence-tray states` lists them."
    return f"There is no state {typed!r}.", cure


def refused_request(why: str) -> tuple[str, str]:
    """Say that the running app did not understand."""
    return (
        f"The running Presence Tray did not accept this: {why}.",
        "Perhaps two versions are installed: restart it.",
    )


def speaking_to_the_demo() -> str:
    """Say whom the command reaches."""
    return "(This is the demo: the real Presence Tray is not running.)"


def holding(what: str) -> str:
    """Say that a hold is confirmed."""
    return f"Holding {what}."


NO_ANSWER_YET = "No answer from Teams yet."
STOPPED = "Stopped: nothing is held."
LEFT = "Presence Tray has ended."


def will_be_taken_up(label: str, why: str) -> str:
    """Say that a hold is wanted and waits."""
    return f"{why} {label} will be taken up as soon as possible."


def ended_at_once(label: str) -> tuple[str, str]:
    """Say that a hold has ended as soon as it began."""
    return (
        f"{label} has ended already: a status chosen in Teams comes first.",
        "Clear it (`presence-tray clear-chosen`) and try again.",
    )


def stopped_but_kept(until: str | None) -> str:
    """Say what could not be released."""
    by_itself = f" It lets go by itself at {until}." if until else ""
    return f"Stopping, but Teams could not be told yet.{by_itself}"


def still_there() -> tuple[str, str]:
    """Say that the app does not end."""
    return (
        "Presence Tray was told to end and is still there.",
        "Try again, or end it in the system's task list.",
    )


def speed_without_demo() -> tuple[str, str]:
    """Say that real time cannot be sped up."""
    return "--speed is for the demo, and for a graph_url on this machine.", "Add --demo."
