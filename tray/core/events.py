"""What can happen; every event reaches the engine through one inbox."""

from datetime import datetime, timedelta

from tray.core.config import Config
from tray.core.record import Record
from tray.core.rules import LockReading, MicrophoneReading
from tray.core.states import State
from tray.core.values import Answer, Document, Hold, Keep, LeaveReason, Message, Origin, Saved, SignInWay, TokenOutcome


class Started(Record):
    """The program started; `saved` is what an earlier run left, `None` when there was none."""

    saved: Saved | None = None
    taken_up: Hold | None = None  # what the replaced version held until stopped


class Picked(Record):
    """A state was picked; `until` and `pinned` are `None` when the menu's choices apply."""

    state: State
    until: datetime | None = None
    pinned: bool | None = None
    timed: bool = False  # True: `until` counts, and `None` means no end; False: *Keep for* decides
    by_command: bool = False  # who asked reads the outcome in a terminal: no sign-in opens by itself
    message: Message | None = None  # the status message that comes with it
    toggles: bool = False  # True: a state that is held already is stopped instead


class MessageAsked(Record):
    """A status message was chosen; an empty text clears whatever stands there."""

    message: Message  # without an expiry: until midnight


class KeepChosen(Record):
    """*Keep for* was chosen: for the present hold, else the next."""

    keep: Keep


class PinToggled(Record):
    """*Override Teams* was switched: for the present hold, else the next."""


class Stopped(Record):
    """The user stopped the hold."""


class LeaveAsked(Record):
    """The program is to end: release within 2.5 seconds, and be gone within three."""

    leaving: LeaveReason


class ChosenStatusClearAsked(Record):
    """*Clear the status set in Teams* was clicked."""


class Looked(Record):
    """The menu was opened, or `status` was asked."""


class Suspending(Record):
    """The machine is about to sleep and waits a moment for us."""


class Resumed(Record):
    """The machine woke."""


class SleepWatched(Record):
    """The system began to announce sleep and waking up, or ceased to."""

    announced: bool


class ClockSet(Record):
    """The wall clock was set, by so much."""

    by: timedelta


class Woke(Record):
    """The clock reached what `next_wake` asked for; nothing else happened."""


class Answered(Record):
    """Graph answered call number `call`."""

    call: int
    answer: Answer


class TokenAnswered(Record):
    """The token side answered errand number `call`."""

    call: int
    outcome: TokenOutcome


class EndChosen(Record):
    """Another end was chosen for the hold; `None`: until it is stopped."""

    until: datetime | None


class SignInAsked(Record):
    """*Sign in* was clicked."""

    way: SignInWay = SignInWay.BROWSER


class SignInProgressed(Record):
    """An errand waits for the user: a link to open and, for a device code, the code to type.

    `keyring`: it waits for an answer in the keyring's own window, and there is no link yet. `unopened`: no browser
    could be opened.
    """

    call: int
    link: str = ""
    code: str | None = None
    until: datetime | None = None
    keyring: bool = False
    unopened: bool = False


class SignInCancelled(Record):
    """The user gave the sign-in up."""


class SignOutAsked(Record):
    """*Sign out* was clicked."""


class UnlockAsked(Record):
    """*Unlock keyring* was clicked."""


class VaultChanged(Record):
    """Another process of ours has changed the vault: another account may be signed in."""


class AutostartToggled(Record):
    """*Launch at login* was clicked."""


class AutostartRead(Record):
    """The OS was asked whether the program launches at login; `None`: it cannot here."""

    on: bool | None


class OpenAsked(Record):
    """*Settings…*, *Log*, *Help* or *Automatic replies in Outlook…* was clicked."""

    document: Document


class SecondStarted(Record):
    """Somebody started the program again while this one runs."""


class TrayMissed(Record):
    """Nothing has shown the icon within a minute, or within three at login."""


class MenuMissed(Record):
    """A click opened no menu: this panel opens menus with the right button alone, or with none."""

    any_button: bool = False


class SensorChanged(Record):
    """A sensor says something new of what its rule watches."""

    sensor: Origin
    reading: MicrophoneReading | LockReading


class RuleToggled(Record):
    """A rule was switched on or off in the menu."""

    rule: Origin


class PauseToggled(Record):
    """*Pause* was switched: no rule sets anything until they are resumed."""


class SettingsChanged(Record):
    """The settings were read again."""

    config: Config


class SettingsWritten(Record):
    """A command has written the settings."""


class SettingsRefused(Record):
    """The settings have a mistake: what is wrong, and what would be right; the old ones stay."""

    title: str
    message: str


class ScenarioAsked(Record):
    """The demo's other side was played: a key of `sandbox/scenario.py`."""

    scenario: str


class ScenariosRead(Record):
    """The demo's scenarios as (key, label, is on) after one was played."""

    scenarios: tuple[tuple[str, str, bool | None], ...]


Asked = (  # by the user
    Picked
    | MessageAsked
    | KeepChosen
    | EndChosen
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
    | ScenarioAsked
    | RuleToggled
    | PauseToggled
)
Replied = Answered | TokenAnswered | SignInProgressed  # by Graph and the token side
Told = (  # from the program and the machine
    Started
    | LeaveAsked
    | Suspending
    | Resumed
    | SleepWatched
    | ClockSet
    | Woke
    | AutostartRead
    | SecondStarted
    | TrayMissed
    | MenuMissed
    | ScenariosRead
    | SensorChanged
    | SettingsChanged
    | SettingsRefused
    | SettingsWritten
    | VaultChanged
)
Event = Asked | Replied | Told
