"""What can happen, as past participles; every event reaches the engine through one inbox."""

from dataclasses import dataclass
from datetime import datetime

from tray.core.states import State
from tray.core.values import Answer, Document, Keep, Leaving, Saved, SignInWay, TokenOutcome


@dataclass(frozen=True, slots=True)
class Started:
    """The program started; `saved` is what an earlier run left, `None` when there was none."""

    saved: Saved | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """A state was picked; `until` and `pinned` are `None` when the menu's choices apply."""

    state: State
    until: datetime | None = None
    pinned: bool | None = None
    timed: bool = False  # True: `until` is meant, `None` included; False: use *Keep for*


@dataclass(frozen=True, slots=True)
class KeepChosen:
    """*Keep for* was chosen: for the present hold, else the next."""

    keep: Keep


@dataclass(frozen=True, slots=True)
class PinToggled:
    """*Override Teams* was switched: for the present hold, else the next."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user stopped the hold."""


@dataclass(frozen=True, slots=True)
class LeaveAsked:
    """The program is to end: release within three seconds, then go."""

    leaving: Leaving


@dataclass(frozen=True, slots=True)
class ChosenStatusClearAsked:
    """*Clear the status chosen in Teams* was clicked."""


@dataclass(frozen=True, slots=True)
class Looked:
    """The menu was opened, or `status` was asked."""


@dataclass(frozen=True, slots=True)
class Suspending:
    """The machine is about to sleep and waits a moment for us."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The machine woke."""


@dataclass(frozen=True, slots=True)
class Woke:
    """The clock reached what `next_wake` asked for; nothing else happened."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Graph answered call number `call`."""

    call: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class TokenAnswered:
    """The token side answered errand number `call`."""

    call: int
    outcome: TokenOutcome


@dataclass(frozen=True, slots=True)
class SignInAsked:
    """*Sign in* was clicked."""

    way: SignInWay = SignInWay.BROWSER


@dataclass(frozen=True, slots=True)
class SignInProgressed:
    """A sign-in waits for the user: a link to open and, for a device code, the code to type."""

    call: int
    link: str
    code: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignInCancelled:
    """The user gave the sign-in up."""


@dataclass(frozen=True, slots=True)
class SignOutAsked:
    """*Sign out* was clicked."""


@dataclass(frozen=True, slots=True)
class UnlockAsked:
    """*Unlock keyring* was clicked."""


@dataclass(frozen=True, slots=True)
class VaultChanged:
    """Another process of ours has changed the vault: another account may be signed in."""


@dataclass(frozen=True, slots=True)
class AutostartToggled:
    """*Launch at login* was clicked."""


@dataclass(frozen=True, slots=True)
class AutostartRead:
    """The OS was asked whether the program launches at login; `None`: it cannot here."""

    on: bool | None


@dataclass(frozen=True, slots=True)
class OpenAsked:
    """*Open settings*, *Open log* or *Help* was clicked."""

    document: Document


@dataclass(frozen=True, slots=True)
class SecondStarted:
    """Somebody started the program again while this one runs."""


@dataclass(frozen=True, slots=True)
class TrayMissed:
    """No tray host answered within a minute."""


@dataclass(frozen=True, slots=True)
class MenuMissed:
    """A left click opened no menu: this panel opens menus with the right button alone."""


@dataclass(frozen=True, slots=True)
class ScenarioPlayed:
    """The demo's other side was played: a key of `sandbox/scenario.py`."""

    scenario: str


@dataclass(frozen=True, slots=True)
class ScenariosRead:
    """The demo's scenarios as (key, label, is on) after one was played."""

    scenarios: tuple[tuple[str, str, bool | None], ...]


Asked = (  # by the user
    Picked
    | KeepChosen
    | PinToggled
    | Stopped
    | ChosenStatusClearAsked
    | Looked
    | SignInAsked
    | SignInCancelled
    | SignOutAsked
    | UnlockAsked
    | AutostartToggled
    | OpenAsked
    | ScenarioPlayed
)
Event = (
    Asked
    | Started
    | LeaveAsked
    | Suspending
    | Resumed
    | Woke
    | Answered
    | TokenAnswered
    | SignInProgressed
    | VaultChanged
    | AutostartRead
    | SecondStarted
    | TrayMissed
    | MenuMissed
    | ScenariosRead
)
