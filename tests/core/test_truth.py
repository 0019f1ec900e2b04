"""Why Teams shows something else: the whole table of ours against seen, and whose a preferred state is."""

import pytest

from tray.core.states import STATES, Pair
from tray.core.truth import Code, Standing, explain, standing
from tray.words import presence as words

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
    "C": Code.IN_A_CALL,
    "M": Code.IN_A_MEETING,
    "P": Code.PRESENTING,
    "O": Code.OUTRANKED,
    "T": Code.CHOSEN,
    "-": Code.MISSING,
    "?": Code.CANNOT_TELL,
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
CELLS = [
    (key, by_preferred, seen, SIGNS[sign])
    for by_preferred, table in ((False, BY_SESSION), (True, BY_PREFERRED))
    for key, row in table.items()
    for seen, sign in zip(SEEN, row.split(), strict=True)
]
OURS = {state.key: state for state in STATES}


@pytest.mark.parametrize(("key", "by_preferred", "seen", "code"), CELLS)
def test_each_cell_of_ours_against_seen_has_its_reason(
    key: str, by_preferred: bool, seen: str, code: Code | None
) -> None:
    state = OURS[key]
    ours = state.preferred if by_preferred else state.pair
    assert explain(ours, SEEN[seen], by_preferred=by_preferred, settled=True) == code


def test_every_reason_has_a_sentence_and_a_remedy_that_helps() -> None:
    assert set(words.WHY) == set(Code)
    for code in Code:
        for can_pin in (True, False):
            text = words.why(code, can_pin=can_pin)
            assert text.startswith(words.WHY[code][0])
            assert len(text) > len(words.WHY[code][0])
    assert "Override Teams" in words.why(Code.IN_A_MEETING, can_pin=True)
    assert "Override Teams" not in words.why(Code.IN_A_MEETING, can_pin=False)


LOWER = [key for key, row in BY_SESSION.items() if row.split()[12] == "-"]


@pytest.mark.parametrize("key", LOWER)
def test_soon_after_our_change_a_lower_presence_is_only_not_shown_yet(key: str) -> None:
    ours = OURS[key].pair
    assert explain(ours, SEEN["Offline"], by_preferred=False, settled=False) is Code.NOT_YET_SHOWN


@pytest.mark.parametrize(
    ("seen", "code"),
    [("Away", Code.CHOSEN), ("Offline", Code.ANOTHER_COMPUTER), ("fading", Code.ANOTHER_COMPUTER)],
)
def test_missing_again_after_it_was_set_again_has_another_reason(seen: str, code: Code) -> None:
    ours = OURS["available"].pair
    assert explain(ours, SEEN[seen], by_preferred=False, settled=True, restored=True) is code


def test_soon_after_our_write_a_preferred_state_is_only_not_shown_yet() -> None:
    ours = OURS["away"].preferred
    assert explain(ours, SEEN["Available"], by_preferred=True, settled=False) is Code.NOT_YET_SHOWN


WHOSE = [
    # session, preferred of ours, seen, whose
    ("Available", None, "Available", Standing.FREE),
    ("Available", None, "meeting", Standing.FREE),
    ("Available", None, "Busy", Standing.FOREIGN),
    ("Available", None, "OffWork", Standing.FOREIGN),
    ("Available", None, "Away", Standing.FOREIGN),
    ("Available", None, "Offline", Standing.FREE),
    ("Available", None, "strange", Standing.UNKNOWN),
    ("Away", None, "Available", Standing.FREE),
    ("Busy", None, "Busy", Standing.FREE),
    (None, None, "Away", Standing.FREE),
    (None, None, "DND", Standing.FOREIGN),
    ("Away", "Busy", "Busy", Standing.OURS),
    ("Away", "Busy", "Offline", Standing.OURS),
    ("Away", "Busy", "Available", Standing.FOREIGN),
    ("Away", "OffWork", "Offline", Standing.OURS),
]


@pytest.mark.parametrize(("session", "preferred", "seen", "whose"), WHOSE)
def test_whose_the_preferred_state_is(session: str | None, preferred: str | None, seen: str, whose: Standing) -> None:
    ours = SEEN[session] if session else None
    assert standing(ours, SEEN[preferred] if preferred else None, SEEN[seen]) is whose
