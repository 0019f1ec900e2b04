"""Every error a user can meet, with the exit code of its kind.

TrayError                 1  unexpected
├── UsageError            2  what was typed cannot be done
├── NotRunning            3  no running app to talk to
├── SignInRequired        4  the identity platform wants the user
├── RefusedByGraph        5  Graph does not accept it
├── BadSettings           6  settings.toml is wrong
├── NoKeyring             7  no usable keyring
└── AlreadyRunning        8  another instance holds the lock
"""

from collections.abc import Iterable

from tray.messages.catalogue import in_english, whole

ALIKE = 0.65  # one letter of three may be wrong, not two of five


class TrayError(Exception):
    """An error fit to be read: `title` says what is wrong, `message` what to do next."""

    exit_code = 1

    def __init__(self, title: str, message: str = "") -> None:
        super().__init__(title, message)
        self.title = title
        self.message = message

    def __str__(self) -> str:
        """Return one line in English, for the log."""
        return f"{in_english(self.title)} {in_english(self.message)}".strip()

    @property
    def words(self) -> str:
        """Return one line in the user's language."""
        return whole(self.title, self.message)


class UsageError(TrayError):
    """What was typed cannot be done."""

    exit_code = 2


class NotRunning(TrayError):  # noqa: N818  the words of the exit-code table
    """No running app to talk to."""

    exit_code = 3


class SignInRequired(TrayError):  # noqa: N818
    """The identity platform wants the user."""

    exit_code = 4


class RefusedByGraph(TrayError):  # noqa: N818
    """Graph does not accept it."""

    exit_code = 5


class BadSettings(TrayError):  # noqa: N818
    """The settings file is wrong."""

    exit_code = 6


class NoKeyring(TrayError):  # noqa: N818
    """No usable keyring."""

    exit_code = 7


class AlreadyRunning(TrayError):  # noqa: N818
    """Another instance holds the lock."""

    exit_code = 8


# Trouble that does not heal by itself, as `status --json` names it, and the error that a command ends with.
BY_TROUBLE: dict[str, type[TrayError]] = {
    "declined": RefusedByGraph,
    "forbidden": RefusedByGraph,
    "not-a-teams-user": RefusedByGraph,
    "sign-in-needed": SignInRequired,
    "keyring": NoKeyring,
}


def nearest(typed: str, known: Iterable[str]) -> str | None:
    """Return what was perhaps meant by something that is not known: `hors` is `hours`, `bogus` is not."""
    from difflib import get_close_matches  # noqa: PLC0415  who makes no mistake needs none of it

    return next(iter(get_close_matches(typed, list(known), n=1, cutoff=ALIKE)), None)
