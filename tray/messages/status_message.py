"""What commands and settings say about a status message."""

from tray.messages.catalogue import translated


def too_long(length: int, longest: int) -> tuple[str, str]:
    """Say how long a status message may be."""
    return (
        translated("This status message has {length} characters.", length=length),
        translated("Teams takes up to {longest}.", longest=longest),
    )


def not_one_line(unfit: str) -> tuple[str, str]:
    """Say which character a status message can't have."""
    return translated("A status message is one line of text."), without(unfit)


def is_empty() -> tuple[str, str]:
    """Say what a status message is."""
    return (
        translated("A status message is one line of text."),
        translated("To remove it, run: presence-tray message --clear"),
    )


def needs_text() -> tuple[str, str]:
    """Say how the command is typed."""
    return (
        translated("--for and --until need a text, and --clear takes none."),
        translated('Write it like this: presence-tray message "Lunch, back at 13:00" --until 13:00'),
    )


def is_set(until: str) -> str:
    """Say that Teams has the status message."""
    return translated("Your status message is set until {time}.", time=until)


def cleared() -> str:
    """Say that there is no status message."""
    return translated("Your status message is cleared.")


def refused() -> tuple[str, str]:
    """Say that Graph refused the status message."""
    return (
        translated("Teams didn't accept your status message."),
        translated("Try another text, or write it in Teams."),
    )


def later(why: str) -> str:
    """Say what is in the way, and that the status message is set as soon as it can be."""
    return translated("{problem} Your status message will be set automatically.", problem=why)


def without(character: str) -> str:
    """Say which character is to go, so that a text becomes a status message."""
    if character.splitlines() == [""]:
        return translated("Remove the line break.")
    code = f"U+{ord(character):04X}"
    return translated("Remove the character {code}.", code=code)
