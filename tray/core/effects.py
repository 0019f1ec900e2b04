"""What the engine asks for, as verbs; an effect with a call number is answered by an event that names it."""

from datetime import timedelta

from tray.core.record import Record
from tray.core.states import Pair
from tray.core.values import Document, Message, Origin, Saved, SignInWay
from tray.core.view_model import Notice


class SetSession(Record):
    """`setPresence`: lease in whole minutes, 5 to 240."""

    call: int
    pair: Pair
    lease: timedelta


class ClearSession(Record):
    """`clearPresence`."""

    call: int


class SetPreferred(Record):
    """`setUserPreferredPresence`: lease in whole minutes."""

    call: int
    pair: Pair
    lease: timedelta


class ClearPreferred(Record):
    """`clearUserPreferredPresence`."""

    call: int


class SetMessage(Record):
    """`setStatusMessage`; an empty text clears."""

    call: int
    message: Message


class ReadPresence(Record):
    """`GET …/presence`."""

    call: int


Request = SetSession | ClearSession | SetPreferred | ClearPreferred | SetMessage | ReadPresence


class ReadAccount(Record):
    """Read who is signed in from the vault, without the network."""

    call: int


class ObtainToken(Record):
    """Get an access token; `fresh`: not the cached one, answering `claims` if there is a challenge."""

    call: int
    fresh: bool = False
    claims: str | None = None


class SignIn(Record):
    """Sign in with the user's help; `stored`: fail if no keyring can keep the sign-in."""

    call: int
    way: SignInWay
    stored: bool = False


class CancelSignIn(Record):
    """Give up the sign-in under way."""

    call: int


class SignOut(Record):
    """Remove the tokens from keyring and memory."""

    call: int


class UnlockKeyring(Record):
    """Unlock the keyring; the only effect that may raise a prompt besides `SignIn` and `SignOut`."""

    call: int


TokenErrand = ReadAccount | ObtainToken | SignIn | SignOut | UnlockKeyring


class Abandon(Record):
    """Stop waiting for Graph call number `call`: drop its connection, take the next on a new one."""

    call: int


class AbandonErrand(Record):
    """Stop waiting for token errand number `call`, which its own limit did not end: the next must not wait."""

    call: int


class Save(Record):
    """Write what must survive the process."""

    saved: Saved


class Notify(Record):
    """Tell the user of a problem or a recovery."""

    notice: Notice


class AllowSuspend(Record):
    """Let the machine sleep: what had to be done before is done."""


class Open(Record):
    """Open a document in the user's own program for it."""

    document: Document


class ToggleAutostart(Record):
    """Switch *Launch at login* over and read it back."""


class ReadAutostart(Record):
    """Read *Launch at login* back: it may have been switched elsewhere."""


class Watch(Record):
    """Have these sensors started, and no others; what `ignored` programs record does not count."""

    microphone: bool = False
    ignored: tuple[str, ...] = ()
    screen_lock: bool = False


class SwitchRule(Record):
    """Switch a rule in the settings file, and read the settings again."""

    rule: Origin
    on: bool


class ReadSettings(Record):
    """Read the settings again if a file of theirs has changed."""


class PlayScenario(Record):
    """Play the demo's other side."""

    scenario: str


class Exit(Record):
    """End the program; `left` says what could not be released, `None` when nothing stayed."""

    left: str | None = None
    failed: bool = False  # a foreground hold ended because of the trouble there is


Effect = (
    Request
    | TokenErrand
    | CancelSignIn
    | Abandon
    | AbandonErrand
    | Save
    | Notify
    | AllowSuspend
    | Open
    | ToggleAutostart
    | ReadAutostart
    | PlayScenario
    | Watch
    | SwitchRule
    | ReadSettings
    | Exit
)
