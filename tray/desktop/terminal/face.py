"""The app in a terminal: a live view with keys, or plain lines where nobody can press any."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Protocol, TextIO

from tray.clock import LocalZone
from tray.columns import cut, padded, width, wrapped
from tray.core.events import Event
from tray.core.states import BY_KEY, STATES
from tray.core.view_model import Notice, Row, RowKind, View, flat
from tray.desktop.terminal.keys import has_keys, keys_of
from tray.messages import notices
from tray.messages import status as words
from tray.messages.catalogue import printable
from tray.messages.status import Line, account, lines

ALTERNATE_SCREEN, USUAL_SCREEN = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
HOME, REST_OF_LINE, REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
BOLD, RED, USUAL = "\x1b[1m", "\x1b[31m", "\x1b[0m"
STYLES = {"hold": BOLD, "trouble": RED}
GAP = "   "
TICKS = {(True, True): "[x] ", (True, False): "[ ] ", (False, True): "", (False, False): ""}  # of a check row
NARROWEST = 12  # columns: where less is left beside the labels, texts stand below them
# Which key stands for which menu row: a row that cannot be clicked cannot be pressed either.
STATE_KEYS = "1234567890bdefghjmnrtvwyz"  # in the order of the states; the other letters stand for other rows
KEYS: dict[str, str] = {
    **{press: state.key for press, state in zip(STATE_KEYS, STATES, strict=False)},
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
KEEP_KEY = "k"  # chooses the next of *Keep for*, and after the last the first
NO_NEWS = ("refresh",)  # lines that change all the time and tell nothing new


class Canvas(Protocol):
    """Where lines are drawn."""

    def draw(self, view: View, told: list[Line]) -> None:
        """Draw what there is to say."""

    def begin(self) -> None:
        """Take the screen."""

    def end(self) -> None:
        """Give the screen back."""


class TerminalFace:
    """Shows views in a terminal and posts what its keys stand for."""

    def __init__(
        self,
        post: Callable[[Event], None],
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        stdin, stdout = stdin or sys.stdin, stdout or sys.stdout
        live = has_keys(stdin) and stdout.isatty() and environment.get("TERM") != "dumb"
        self._post = post
        self._inbox: SimpleQueue[View | Notice | None] = SimpleQueue()
        self._keys = keys_of(stdin if live else None)
        self._canvas: Canvas = (
            LiveCanvas(stdout, colour=not environment.get("NO_COLOR")) if live else PlainCanvas(stdout)
        )
        self._view: View | None = None
        self._notice: Notice | None = None

    def run(self) -> None:
        """Show until stopped; the terminal is given back whatever happens."""
        with self._keys, self._resizing():
            self._canvas.begin()
            try:
                while self._take():
                    for key in self._keys.wait():
                        self._press(key)
            finally:
                self._canvas.end()

    @contextmanager
    def _resizing(self) -> Iterator[None]:
        """Draw anew when the size of the terminal changes; Python hands signals to the main thread only."""
        if not hasattr(signal, "SIGWINCH") or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGWINCH, lambda *_: self._again())
        yield
        signal.signal(signal.SIGWINCH, before)

    def _again(self) -> None:
        if self._view:
            self.show(self._view)

    def show(self, view: View) -> None:
        """Show a view."""
        self._inbox.put(view)
        self._keys.wake()

    def notify(self, notice: Notice) -> None:
        """Show a notice until the next; one that points to the icon points here."""
        self._inbox.put(notices.second_start_here() if notice.key == "second-start" else notice)
        self._keys.wake()

    def stop(self) -> None:
        """Let `run` return."""
        self._inbox.put(None)
        self._keys.wake()

    def _take(self) -> bool:
        """Draw what has come in; tell whether to go on."""
        came: list[View | Notice | None] = []
        with suppress(Empty):
            while True:
                came.append(self._inbox.get_nowait())
        for one in came:
            match one:
                case View():
                    self._view = one
                case Notice():
                    self._notice = one
        if came:
            self._draw()
        return None not in came

    def _draw(self) -> None:
        if self._view:
            with suppress(OSError, ValueError):  # the terminal hung up, or nobody reads the pipe: the status stays set
                self._canvas.draw(self._view, said(self._view, self._notice))

    def _press(self, key: str) -> None:
        row = row_of(key, self._view) if self._view else None
        if row and row.enabled:
            self._post(row.event)


def said(view: View, notice: Notice | None) -> list[Line]:
    """Return what there is to say about a view: the headline of the menu, then the status, then what is new."""
    header = [row.label.strip() for row in view.rows if row.kind is RowKind.TEXT and row.label.strip()]
    headline = header[0] if header else view.headline
    told = [*lines({**view.status, "headline": headline}, LocalZone(), datetime.now(UTC)), account(view.status)]
    more = [text for text in header[1:] if not any(text in line.text or line.text in text for line in told)]
    told += [Line(f"more-{number}", "", text) for number, text in enumerate(more)]
    if notice:
        told.append(words.news(notice.title, notice.message))
    return [Line(line.name, line.label, printable(line.text)) for line in told]


def row_of(press: str, view: View) -> Row | None:
    """Return the row that a key stands for."""
    rows = {row.key: row for row in flat(view.rows)}
    if press != KEEP_KEY:
        return rows.get(KEYS.get(press, ""))
    choices = rows["keep"].rows
    chosen = next((place for place, row in enumerate(choices) if row.checked), -1)
    return choices[(chosen + 1) % len(choices)]


def states(view: View) -> list[str]:
    """List the states with their keys, the one that is set marked."""
    rows = {row.key: row for row in view.rows}
    return [
        f" {'*' if rows[key].checked else ' '} {press}  {rows[key].label}"
        for press, key in KEYS.items()
        if key in BY_KEY and key in rows
    ]


def other_keys(view: View) -> list[str]:
    """List the other keys that do something now."""
    rows = {row.key: row for row in flat(view.rows)}
    kept = next((row.label for row in rows["keep"].rows if row.checked), "")
    pressed = [
        f"{press} {TICKS[row.kind is RowKind.CHECK, row.checked]}{row.label}"
        for press, key in KEYS.items()
        if key not in BY_KEY and (row := rows.get(key)) and row.enabled
    ]
    return [f"{KEEP_KEY} {words.choice(rows['keep'].label, kept)}", *pressed]


class LiveCanvas:
    """Draws the whole screen anew at each change."""

    def __init__(self, stdout: TextIO, *, colour: bool) -> None:
        self._stdout = stdout
        self._colour = colour
        self._headline = ""

    def begin(self) -> None:
        """Take the screen."""
        with suppress(OSError, ValueError):  # it may be gone already
            self._write(ALTERNATE_SCREEN)

    def end(self) -> None:
        """Give the screen back and leave the last headline on it."""
        with suppress(OSError, ValueError):
            self._write(f"{USUAL_SCREEN}{self._headline}\n")

    def draw(self, view: View, told: list[Line]) -> None:
        """Draw the screen; where it is too small, blank lines go first, then the ends of what is told."""
        self._headline = told[0].text
        columns, height = self._size()
        title = words.title(demo=bool(view.status.get("demo")))
        below = [*states(view), "", *flowed(other_keys(view), columns - 1)]
        for scarce in (False, True):
            lines = broken(told, columns - 1, lines_are_scarce=scarce)
            rows = [("", title), ("", ""), *lines, ("", ""), *(("", text) for text in below)]
            if len(rows) >= height:
                rows = [row for row in rows if row[1]]
            if len(rows) < height:
                break
        drawn = [self._styled(style, cut(text, columns - 1)) for style, text in rows[: height - 1]]
        self._write(HOME + "".join(f"{text}{REST_OF_LINE}\n" for text in drawn) + REST_OF_SCREEN)

    def _styled(self, style: str, text: str) -> str:
        return f"{style}{text}{USUAL}" if style and self._colour else text

    def _size(self) -> tuple[int, int]:
        try:
            size = os.get_terminal_size(self._stdout.fileno())
        except OSError:
            return 80, 24
        return size.columns or 80, size.lines or 24

    def _write(self, text: str) -> None:
        self._stdout.write(text)
        self._stdout.flush()


def broken(told: list[Line], columns: int, *, lines_are_scarce: bool) -> Iterator[tuple[str, str]]:
    """Yield what is told with its labels and style, broken at spaces.

    The texts stand beside the labels, or below them where there is no room. Where lines are scarce, each text has one,
    which loses its end, and its label only if it stands beside it.
    """
    labels = max(width(line.label) for line in told)
    room = columns - labels - 2
    for line in told:
        style = STYLES.get(line.name, "")
        if room >= NARROWEST:
            texts = [line.text] if lines_are_scarce else wrapped(line.text, room)
            for place, text in enumerate(texts):
                yield style, f"{padded('' if place else line.label, labels)}  {text}"
        elif lines_are_scarce:
            yield style, line.text
        else:
            yield style, line.label
            yield from ((style, f"  {text}") for text in wrapped(line.text, max(1, columns - 2)))


def flowed(pieces: list[str], columns: int) -> Iterator[str]:
    """Yield lines of whole pieces, side by side as far as there is room."""
    line = ""
    for piece in pieces:
        if line and width(line) + len(GAP) + width(piece) > columns:
            yield line
            line = ""
        line = f"{line}{GAP}{piece}" if line else piece
    yield line


class PlainCanvas:
    """Writes a line for each thing that changed; for pipes, files and journals."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout
        self._written: dict[str, Line] = {}

    def begin(self) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""

    def draw(self, view: View, told: list[Line]) -> None:  # noqa: ARG002  plain lines need no menu
        """Write what changed, unless it is only the time of the next refresh."""
        changed = words.changes(self._written, told)
        if all(line.name in NO_NEWS for line in changed):
            return
        self._written = {line.name: line for line in told}
        for line in changed:
            self._stdout.write(f"{words.choice(line.label, line.text) if line.label else line.text}\n")
        self._stdout.flush()
