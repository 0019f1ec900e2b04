"""What the terminal face says besides the status; text only."""

from tray.core.states import STATES
from tray.core.view_model import Row, RowKind, View, flat
from tray.messages.status import Line

TITLE = "Presence Tray"
DEMO_TITLE = "Presence Tray (demo: `presence-tray demo` plays the other side)"
NOW = "Now"
NEWS = "News"
TROUBLE_OVER = Line("trouble", "Trouble", "over")

# Which key stands for which menu row: what cannot be clicked in a menu cannot be pressed either.
KEYS: dict[str, str] = {
    **{str(number): state.key for number, state in enumerate(STATES, start=1)},
    "s": "stop",
    "p": "pin",
    "x": "clear-chosen",
    "i": "sign-in-code",
    "c": "sign-in-cancel",
    "u": "unlock",
    "a": "autostart",
    "o": "settings",
    "l": "log",
    "q": "quit",
}
KEEP_KEY = "k"  # takes the next of *Keep for*, round and round


def states(view: View) -> list[str]:
    """List the nine with their keys, the held one marked."""
    rows = {row.key: row for row in view.rows}
    return [
        f" {'*' if rows[key].checked else ' '} {press}  {rows[key].label}"
        for press, key in KEYS.items()
        if press.isdigit() and key in rows
    ]


def row_of(press: str, view: View) -> Row | None:
    """Return the row that a key stands for."""
    rows = {row.key: row for row in flat(view.rows)}
    if press != KEEP_KEY:
        return rows.get(KEYS.get(press, ""))
    choices = rows["keep"].rows
    chosen = next((place for place, row in enumerate(choices) if row.checked), -1)
    return choices[(chosen + 1) % len(choices)]


def other_keys(view: View) -> list[str]:
    """List the other keys that do something now."""
    rows = {row.key: row for row in flat(view.rows)}
    pressed = [
        f"{press} {_label(rows[key])}"
        for press, key in KEYS.items()
        if not press.isdigit() and key in rows and rows[key].enabled
    ]
    kept = next((row.label for row in rows["keep"].rows if row.checked), "")
    return [f"{KEEP_KEY} {rows['keep'].label}: {kept.lower()}", *pressed]


def _label(row: Row) -> str:
    tick = {True: "[x] ", False: "[ ] "}[row.checked] if row.kind is RowKind.CHECK else ""
    return f"{tick}{row.label}"
