"""Why Teams shows something else: the whole table of ours against seen, and whose a preferred presence is."""

from datetime import timedelta
from typing import NamedTuple

from tests.core.driver import ADELE, OFFLINE, START, held, knowing, shows, started
from tests.rows import for_each
from tray.core.config import Config
from tray.core.effects import ReadPresence, SetPreferred
from tray.core.model import Engine
from tray.core.readback import PreferredOwner, explain, owner_of
from tray.core.service import Ours, Seen
from tray.core.states import APPEAR_OFFLINE, AWAY, STATES, Pair, PreferredUse
from tray.core.values import Difference, Hold, Lease
from tray.core.view import view
from tray.messages import menu as menu_words
from tray.messages import presence as words

HOUR = timedelta(hours=1)

# What may be seen, a column each.
SEEN = {
    "Available": Pair("Available", "Available"),
    "fading": Pair("Available", "AvailableInactive"),
    "Busy": Pair("Busy", "Busy"),
    "call": Pair("busy", "inACall"),
    "conference": Pair("Busy", "InAConferenceCall"),
    "meeting": Pair("Busy", "InAMeeting"),
    "DND": Pair("DoNotDisturb", "DoNotDisturb"),
    "presenting": Pair("DoNotDisturb", "Presenting"),
    "focusing": Pair("DoNotDisturb", "Focusing"),
    "BRB": Pair("BeRightBack", "BeRightBack"),
    "Away": Pair("Away", "Away"),
    "OffWork": Pair("Offline", "OffWork"),
    "Offline": Pair("Offline", "Offline"),
    "strange": Pair("PresenceUnknown", "PresenceUnknown"),
}
SIGNS = {
    ".": None,
    "C": Difference.IN_A_CALL,
    "M": Difference.IN_A_MEETING,
    "P": Difference.PRESENTING,
    "O": Difference.OUTRANKED,
    "T": Difference.CHOSEN,
    "-": Difference.MISSING,
    "?": Difference.CANNOT_TELL,
}
# Held by session, settled, not yet set again. One sign for each column of SEEN.
BY_SESSION = {
    "available": ". - T C C M T P O T - T - ?",
    "busy": "- - . C C M T P O T - T - ?",
    "in-a-call": "- - T . C M T P O T - T - ?",
    "in-a-conference-call": "- - T C . M T P O T - T - ?",
    "do-not-disturb": "- - T - - - . P O T - T - ?",
    "presenting": "- - T - - - T . O T - T - ?",
    "be-right-back": "O - T C C M T P O . - T - ?",
    "away": "O - T C C M T P O T . T - ?",
    "appear-offline": "O - T C C M T P O T O . . ?",
}
# Held by the preferred pair, settled: nothing but a choice changes what is seen.
BY_PREFERRED = {
    "available": ". T T T T T T T T T T T - ?",
    "busy": "T T . T T T T T T T T T - ?",
    "do-not-disturb": "T T T T T T . T T T T T - ?",
    "be-right-back": "T T T T T T T T T . T T - ?",
    "away": "T T T T T T T T T T . T - ?",
    "appear-offline": "T T T T T T T T T T T . . ?",
}
CELLS = [  # a state without its row fails here
    (state.key, by_preferred, seen, SIGNS[sign])
    for by_preferred, table in ((False, BY_SESSION), (True, BY_PREFERRED))
    for state in STATES
    if state.preferred or not by_preferred
    for seen, sign in zip(SEEN, table[state.key].split(), strict=True)
]
OURS = {state.key: state for state in STATES}


@for_each(("key", "by_preferred", "seen", "code"), CELLS)
def test_each_cell_of_ours_against_seen_has_its_reason(
    key: str, by_preferred: bool, seen: str, code: Difference | None
) -> None:
    state = OURS[key]
    ours = state.preferred if by_preferred else state.pair
    assert explain(ours, SEEN[seen], by_preferred=by_preferred, settled=True) == code


CHOICES = {"Busy", "DND", "BRB", "OffWork"}  # pairs that come from nothing but a choice
CHOOSABLE = CHOICES | {"Available", "Away"}
NEVER_ALONE = {state.key for state in STATES if state.preferred_use is PreferredUse.ALWAYS}
DECLINABLE = {state.key for state in STATES if state.preferred_use is PreferredUse.PINNED_OR_DECLINED}
HELD = [cell for cell in CELLS if cell[1] or cell[0] not in NEVER_ALONE]


def soon(by_preferred: bool, seen: str, code: Difference | None) -> Difference | None:
    """Return the reason for the same cell soon after a change: what is lower may only not be shown yet."""
    late = by_preferred and code is Difference.CHOSEN and seen not in CHOICES
    return Difference.NOT_YET_SHOWN if late or code is Difference.MISSING else code


def again(seen: str, code: Difference | None) -> Difference | None:
    """Return the reason for the same cell once our session has been set again and is missing again."""
    if code is not Difference.MISSING:
        return code
    return Difference.CHOSEN if seen in CHOOSABLE else Difference.ANOTHER_COMPUTER


class Moment(NamedTuple):
    """So many seconds after the last change; `restored`: that was our missing session, set again."""

    after: float
    restored: bool = False


def holding(key: str, by_preferred: bool, seen: str, moment: Moment, *, declined: bool = False) -> Engine:
    """Return an engine that holds a state, has seen something at a moment, and does nothing."""
    state, now = OURS[key], START + timedelta(seconds=moment.after)
    beneath = Lease(AWAY.pair if declined else state.pair, START, START + HOUR)
    return knowing(
        Engine(Config(), now),
        hold=Hold(state, START, pinned=by_preferred and not declined),
        session=Ours(beneath),
        preferred=Ours(Lease(state.preferred, START, START + HOUR) if by_preferred else None),
        seen=Seen(SEEN[seen], now),
        changed_at=START,
        restored=moment.restored,
        declined=frozenset({key} if declined else ()),
        account=ADELE,
        signed_in=True,
    )


@for_each("moment", [Moment(19), Moment(20), Moment(600, restored=True)])
@for_each("cell", HELD)
def test_each_cell_is_said_with_its_sentence_and_the_remedy_that_helps(
    cell: tuple[str, bool, str, Difference | None], moment: Moment
) -> None:
    key, by_preferred, seen, code = cell
    code = soon(by_preferred, seen, code) if moment.after < 20 else again(seen, code) if moment.restored else code
    helps = not by_preferred and OURS[key].preferred is not None
    for declined in {False, by_preferred and key in DECLINABLE}:
        shown = view(holding(key, by_preferred, seen, moment, declined=declined))
        if code is None:
            assert shown.status["why"] is None
            assert shown.rows[1].label == f"Teams shows: {words.shown(SEEN[seen])}"
            continue
        message = words.why(code, override_would_help=helps)
        assert shown.status["why"] == {"code": code.value, "message": message}
        chosen = menu_words.chosen_instead(words.shown(SEEN[seen]))
        assert shown.rows[1].label == (chosen if code is Difference.CHOSEN else message)


@for_each("key", sorted(NEVER_ALONE))
@for_each("seen", SEEN)
def test_a_state_that_shows_through_its_preferred_pair_is_explained_once_it_has_it(key: str, seen: str) -> None:
    alone = holding(key, False, seen, Moment(600))
    assert view(alone).status["why"] is None
    assert view(alone).status["hold"]["held_by"] == "nothing"


def test_every_reason_is_in_the_table() -> None:
    assert {code for *_, code in HELD} | {Difference.NOT_YET_SHOWN, Difference.ANOTHER_COMPUTER} == {*Difference, None}


WHOSE = [
    # session, preferred of ours, seen, whose
    ("Available", None, "Available", PreferredOwner.FREE),
    ("Available", None, "meeting", PreferredOwner.FREE),
    ("Available", None, "Busy", PreferredOwner.FOREIGN),
    ("Available", None, "OffWork", PreferredOwner.FOREIGN),
    ("Available", None, "Away", PreferredOwner.FOREIGN),
    ("Available", None, "Offline", PreferredOwner.FREE),
    ("Available", None, "strange", PreferredOwner.UNKNOWN),
    ("Away", None, "Available", PreferredOwner.FREE),
    ("Busy", None, "Busy", PreferredOwner.FREE),
    (None, None, "Away", PreferredOwner.FREE),
    (None, None, "DND", PreferredOwner.FOREIGN),
    ("Away", "Busy", "Busy", PreferredOwner.OURS),
    ("Away", "Busy", "Offline", PreferredOwner.OURS),
    ("Away", "Busy", "Available", PreferredOwner.FOREIGN),
    ("Away", "OffWork", "Offline", PreferredOwner.OURS),
    ("Away", "Busy", "strange", PreferredOwner.UNKNOWN),
    ("Away", "OffWork", "strange", PreferredOwner.UNKNOWN),
]


@for_each(("session", "preferred", "seen", "whose"), WHOSE)
def test_whose_the_preferred_state_is(
    session: str | None, preferred: str | None, seen: str, whose: PreferredOwner
) -> None:
    ours = SEEN[session] if session else None
    assert owner_of(ours, SEEN[preferred] if preferred else None, SEEN[seen]) is whose


STRANGE = SEEN["strange"]


def test_while_graph_knows_no_presence_a_preferred_state_waits_asking_less_and_the_user_hears_why() -> None:
    drive = started()
    drive.pick(AWAY)
    drive.pass_time_seeing(STRANGE, 3600)
    sent = [effect for effect in drive.effects if isinstance(effect, SetPreferred | ReadPresence)]
    assert {type(effect) for effect in sent} == {ReadPresence}
    assert len(sent) <= 20
    assert drive.status["trouble"]["code"] == "service"
    assert [notice.title for notice in drive.notices] == ["Microsoft's service has a problem."]
    drive.pass_time(360)
    assert (drive.status["trouble"], drive.status["hold"]["confirmed"]) == (None, True)
    assert drive.notices[-1].title == "Your status is set."


def test_a_pick_asks_at_once_although_graph_knew_nothing_a_moment_ago() -> None:
    drive = started()
    drive.pick(AWAY)
    drive.pass_time_seeing(STRANGE, 1800)
    drive.pick(APPEAR_OFFLINE)
    drive.settle()
    assert drive.status["hold"]["confirmed"]


def test_graph_that_knows_no_presence_for_a_while_ends_no_hold() -> None:
    drive = held(AWAY)
    drive.pass_time(60)
    drive.pass_time_seeing(STRANGE, 1200)
    assert (drive.status["hold"]["state"], drive.notices) == ("away", [])
    drive.pass_time(360)
    assert drive.status["hold"]["confirmed"]


def test_a_preferred_state_that_may_have_landed_is_not_forgotten_because_graph_knows_nothing() -> None:
    drive = started()
    drive.pick(AWAY)
    while not isinstance(drive.engine.calls.request, SetPreferred):
        drive.answer(shows(drive.ours()))
    drive.answer(OFFLINE, after=9)
    drive.pass_time_seeing(STRANGE, 60)
    assert drive.engine.service.preferred.unconfirmed is not None
