"""What the faces on Windows and macOS share: texts that are cut to the room there is, and menus of rows."""

import pystray

from tests.desktop.pystray_backend import ROWS
from tests.rows import for_each
from tray.core.events import Event, Picked
from tray.core.states import BUSY
from tray.desktop.pystray_face import cut, menu_of


@for_each(
    ("text", "room", "expected"),
    [
        ("fits", 4, "fits"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two three", 7, "one…"),
        ("one, two", 5, "one…"),
        ("Donaudampfschiff", 6, "Donau…"),
        ("\U0001f600\U0001f600\U0001f600", 4, "\U0001f600…"),
        ("", 4, ""),
    ],
)
def test_texts_are_cut_between_words(text: str, room: int, expected: str) -> None:
    assert cut(text, room) == expected


def test_a_menu_has_the_kinds_of_its_rows_and_clicks_post_their_events() -> None:
    posted: list[Event] = []
    held, line, busy, more = menu_of(ROWS, posted.append)
    assert (held.enabled, held.checked) == (False, None)
    assert line is pystray.Menu.SEPARATOR
    assert (busy.radio, busy.checked, busy.enabled) == (True, True, True)
    (deep,) = more.submenu
    assert (deep.radio, deep.checked, deep.enabled) == (False, False, False)
    held(None)
    busy(None)
    assert posted == [Picked(BUSY)]
