"""What the engine asks for, as verbs; an effect with a call number is answered by an event that names it."""

from dataclasses import dataclass
from datetime import timedelta

from tray.core.states import Pair
from tray.core.values import Document, Saved, SignInWay
from tray.core.view_model import Notice


@dataclass(frozen=True, slots=True)
class SetSession:
    """`setPresence`: lease in whole minutes, 5 to 240."""

    call: int
    pair: Pair
    lease: timedelta


@dataclass(frozen=True, slots=True)
class ClearSession:
    """`clearPresence`."""

    call: int


@dataclass(frozen=True, slots=True)
class SetPreferred:
    """`setUserPreferredPresence`: lease in whole minutes."""

    call: int
    pair: Pair
    lease: timedelta


@dataclass(frozen=True, slots=True)
class ClearPreferred:
    """`clearUserPreferredPresence`."""

    call: int


@dataclass(frozen=True, slots=True)
class ReadPresence:
    """`GET …/presence`."""

    call: int


Request = SetSession | ClearSession | SetPreferred | ClearPreferred | ReadPresence


@dataclass(frozen=True, slots=True)
class ReadAccount:
    """Read who is signed in from the vault, without the network."""

    call: int


@dataclass(frozen=True, slots=True)
class ObtainToken:
    """Get an access token; `fresh`: not the cached one, answering `claims` if there is a challenge."""

    call: int
    fresh: bool = False
    claims: str | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign in with the user's help."""

    call: int
    way: SignInWay


@dataclass(frozen=True, slots=True)
class CancelSignIn:
    """Give up the sign-in under way."""

    call: int


@dataclass(frozen=True, slots=True)
class SignOut:
    """Remove the tokens from keyring and memory."""

    call: int


@dataclass(frozen=True, slots=True)
class UnlockKeyring:
    """Unlock the keyring; the only effect that may raise a prompt besides `SignIn`."""

    call: int


TokenErrand = ReadAccount | ObtainToken | SignIn | SignOut | UnlockKeyring


@dataclass(frozen=True, slots=True)
class Abandon:
    """Stop waiting for Graph call number `call`: drop its connection, take the next on a new one."""

    call: int


@dataclass(frozen=True, slots=True)
class Save:
    """Write what must survive the process."""

    saved: Saved


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the user of a problem or a recovery."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class AllowSuspend:
    """Let the machine sleep: what had to be done before is done."""


@dataclass(frozen=True, slots=True)
class Open:
    """Open a document in the user's own program for it."""

    document: Document


@dataclass(frozen=True, slots=True)
class ToggleAutostart:
    """Switch *Launch at login* over and read it back."""


@dataclass(frozen=True, slots=True)
class ReadAutostart:
    """Read *Launch at login* back: it may have been switched elsewhere."""


@dataclass(frozen=True, slots=True)
class PlayScenario:
    """Play the demo's other side."""

    scenario: str


@dataclass(frozen=True, slots=True)
class Exit:
    """End the program; `left` says what could not be released, `None` when nothing stayed."""

    left: str | None = None


Effect = (
    Request
    | TokenErrand
    | CancelSignIn
    | Abandon
    | Save
    | Notify
    | AllowSuspend
    | Open
    | ToggleAutostart
    | ReadAutostart
    | PlayScenario
    | Exit
)
