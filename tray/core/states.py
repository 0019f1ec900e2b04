"""The states that a user can pick, as a table.

Source: the tables "Presence states permutations" and "Supported combinations" of Graph's page on
`presence: setPresence`. The first marks eight pairs as compatible, the second lists five; the table is their union.
The live service is reported to accept only the five, so the engine asks and remembers the answer.
"""

from enum import StrEnum

from tray.core.record import Record


class Pair(Record):
    """Graph's `availability` and `activity`, in Graph's own spelling."""

    availability: str
    activity: str

    def same_as(self, other: "Pair") -> bool:
        """Compare without case: Graph's documents spell the values in two ways."""
        return (self.availability.casefold(), self.activity.casefold()) == (
            other.availability.casefold(),
            other.activity.casefold(),
        )

    def is_shown_as(self, seen: "Pair") -> bool:
        """Tell whether a read-back shows this pair; Graph shows Offline with activities of its own."""
        if self.availability == "Offline":
            return seen.availability.casefold() == "offline"
        return self.same_as(seen)


class PreferredUse(StrEnum):
    """When a state is also written as the user-preferred presence."""

    NEVER = "never"
    PINNED = "pinned"
    PINNED_OR_DECLINED = "pinned or declined"
    ALWAYS = "always"


class State(Record):
    """One state a user can pick."""

    key: str
    pair: Pair
    in_the_five: bool
    preferred: Pair | None
    preferred_use: PreferredUse


def _both(value: str) -> Pair:
    return Pair(value, value)


AVAILABLE = State("available", _both("Available"), True, _both("Available"), PreferredUse.PINNED)
BUSY = State("busy", _both("Busy"), False, _both("Busy"), PreferredUse.PINNED_OR_DECLINED)
IN_A_CALL = State("in-a-call", Pair("Busy", "InACall"), True, None, PreferredUse.NEVER)
IN_A_CONFERENCE_CALL = State(
    "in-a-conference-call",
    Pair("Busy", "InAConferenceCall"),
    True,
    None,
    PreferredUse.NEVER,
)
DO_NOT_DISTURB = State(
    "do-not-disturb",
    _both("DoNotDisturb"),
    False,
    _both("DoNotDisturb"),
    PreferredUse.PINNED_OR_DECLINED,
)
PRESENTING = State("presenting", Pair("DoNotDisturb", "Presenting"), True, None, PreferredUse.NEVER)
BE_RIGHT_BACK = State("be-right-back", _both("BeRightBack"), False, _both("BeRightBack"), PreferredUse.ALWAYS)
AWAY = State("away", _both("Away"), True, _both("Away"), PreferredUse.ALWAYS)
APPEAR_OFFLINE = State(
    "appear-offline",
    Pair("Offline", "OffWork"),
    False,
    Pair("Offline", "OffWork"),
    PreferredUse.ALWAYS,
)

STATES: tuple[State, ...] = (
    AVAILABLE,
    BUSY,
    IN_A_CALL,
    IN_A_CONFERENCE_CALL,
    DO_NOT_DISTURB,
    PRESENTING,
    BE_RIGHT_BACK,
    AWAY,
    APPEAR_OFFLINE,
)
BY_KEY: dict[str, State] = {state.key: state for state in STATES}


class NeverSent(Record):
    """A permutation that the document marks "No"."""

    key: str
    pair: str
    short: tuple[str, ...] = ()  # what people call it as well


NEVER_SENT: tuple[NeverSent, ...] = (
    NeverSent("out-of-office", "OutOfOffice", ("ooo", "oof")),
    NeverSent("available-out-of-office", "Available / OutOfOffice"),
    NeverSent("in-a-meeting", "Busy / InAMeeting"),
    NeverSent("in-a-call-out-of-office", "Busy / InACall + OOF"),
    NeverSent("focusing", "DoNotDisturb / Focusing", ("focus",)),
    NeverSent("status-unknown", "PresenceUnknown / PresenceUnknown"),
)


def plain(name: str) -> str:
    """Return a name as it is compared: its letters alone, without case."""
    return "".join(filter(str.isalpha, name.casefold()))


NEVER_SENT_BY_NAME: dict[str, NeverSent] = {  # by key, pair, activity; the first row with a name has it
    plain(name): row
    for row in reversed(NEVER_SENT)
    for name in (row.key, row.pair, row.pair.rpartition("/")[2], *row.short)
}
