"""The terminal face: what it writes and draws, and what its keys stand for, also in real pseudo-terminals."""

import io
import os
import re
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from queue import SimpleQueue
from typing import Any, TextIO

import pytest
from wcwidth import wcswidth

from tests.pseudo import english, is_spoken
from tests.requirements import needs, require
from tray.core.config import Config
from tray.core.engine import begin
from tray.core.events import (
    Event,
    KeepChosen,
    LeaveAsked,
    Picked,
    PinToggled,
)
from tray.core.record import replace
from tray.core.states import BUSY, BY_KEY, STATES
from tray.core.values import Keep, LeaveReason
from tray.core.view import view as view_of
from tray.core.view_model import Notice, View
from tray.desktop.terminal import keys
from tray.desktop.terminal.face import KEEP_KEY, KEYS, REST_OF_SCREEN, STATE_KEYS, TerminalFace
from tray.messages import notices

fcntl = pytest.importorskip("fcntl", reason="needs a pseudo-terminal")
pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
termios = pytest.importorskip("termios", reason="needs a pseudo-terminal")

NOW = datetime.now(UTC).replace(microsecond=0)
IDLE = view_of(begin(Config(), NOW))


def held(**more: Any) -> View:
    """A view with a hold, and whatever else the status is to say."""
    status = {
        "hold": {
            "state": "busy",
            "since": NOW.isoformat(),
            "until": None,
            "pinned": False,
            "held_by": "session",
        },
        "session": {
            "confirmed_at": NOW.isoformat(),
            "next_refresh_at": (NOW + timedelta(minutes=15)).isoformat(),
            "expires_at": (NOW + timedelta(minutes=30)).isoformat(),
        },
        "teams_shows": {"availability": "Busy", "activity": "InAMeeting", "observed_at": NOW.isoformat()},
        "why": {"code": "in-a-meeting", "message": "Teams sees you in a meeting. It ends with the meeting."},
    }
    rows = (replace(IDLE.rows[0], label="Busy (no end time)"), *IDLE.rows[1:])
    return replace(IDLE, rows=rows, status={**IDLE.status, **status, **more})


TROUBLE = {"code": "offline", "title": "No network.", "message": "It comes back by itself.", "retry_at": None}


class Terminal:
    """A pseudo-terminal: what is written to it, and a hand on its keys."""

    def __init__(self) -> None:
        require("pseudo-terminals")
        self._master, self._slave = os.openpty()
        self.stdin = open(self._slave, encoding="utf-8", closefd=False)  # noqa: SIM115  closed below
        self.stdout = open(self._slave, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  closed below

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def until(self, wanted: str) -> str:
        """Read until a text appears; the test's time limit bounds it."""
        seen = ""
        while wanted not in english(seen):
            seen += os.read(self._master, 65536).decode()
        return english(seen)

    def drawn(self, wanted: str) -> str:
        """Read until a text was drawn, and all that was drawn with it."""
        seen = ""
        while wanted not in english(seen) or not seen.endswith(REST_OF_SCREEN):
            seen += os.read(self._master, 65536).decode()
        return english(seen)

    def modes(self) -> list[Any]:
        return termios.tcgetattr(self._slave)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def hang_up(self) -> None:
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        self.stdin.close()
        with suppress(OSError):  # after a hang-up there is nobody to flush to
            self.stdout.close()
        os.close(self._slave)
        if self._master >= 0:
            os.close(self._master)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    made.resize(100, 40)
    yield made
    made.close()


@dataclass
class Running:
    """A face that runs on a thread of the test's."""

    face: TerminalFace
    posted: SimpleQueue[Event]
    thread: threading.Thread

    def stop(self) -> None:
        self.face.stop()
        self.thread.join()


def start(stdin: TextIO, stdout: TextIO, **environment: str) -> Running:
    posted: SimpleQueue[Event] = SimpleQueue()
    face = TerminalFace(posted.put, stdin, stdout, {"TERM": "xterm"} | environment)
    thread = threading.Thread(target=face.run)
    thread.start()
    return Running(face, posted, thread)


@pytest.fixture
def live(terminal: Terminal) -> Iterator[Running]:
    running = start(terminal.stdin, terminal.stdout)
    running.face.show(held())
    terminal.drawn("q Quit")
    yield running
    running.stop()


class TestLive:
    def test_it_shows_state_teams_why_refresh_trouble_and_keys(self, terminal: Terminal, live: Running) -> None:
        live.face.show(held(trouble=TROUBLE))
        shown = terminal.drawn("q Quit")
        for text in (
            "Busy (no end time)",
            "In a meeting",
            "It ends with the meeting.",
            "No network. It comes back by itself.",
            "Renews",
            "1  Available",
            "9  Appear offline",
            "[ ] Override Teams",
        ):
            assert text in shown

    @pytest.mark.parametrize(
        ("key", "event"),
        [
            *((str(number), Picked(state)) for number, state in enumerate(STATES, start=1)),
            ("p", PinToggled()),
            ("q", LeaveAsked(LeaveReason.QUIT)),
        ],
    )
    def test_a_key_posts_what_the_menu_would(self, terminal: Terminal, live: Running, key: str, event: Event) -> None:
        terminal.press(key.encode())
        assert live.posted.get() == event

    def test_keys_without_a_meaning_now_post_nothing(self, terminal: Terminal, live: Running) -> None:
        terminal.press(b"s")  # nothing is held in this menu: Stop is disabled
        terminal.press(b"\x1b[A\x1bOP\x1b[15~\x1bs\xc3\xa9z0 \n2")
        assert live.posted.get() == Picked(BUSY)
        assert live.posted.empty()

    def test_the_terminal_is_as_before_afterwards(self, terminal: Terminal) -> None:
        before = terminal.modes()
        running = start(terminal.stdin, terminal.stdout)
        running.face.show(held())
        shown = terminal.drawn("q Quit")
        assert terminal.modes() != before
        running.stop()
        shown += terminal.until("\x1b[?1049l")
        assert terminal.modes() == before
        assert shown.count("\x1b[?1049h") == shown.count("\x1b[?1049l") == 1
        assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1

    def test_lines_are_cut_to_the_size_of_the_terminal(self, terminal: Terminal, live: Running) -> None:
        terminal.resize(30, 8)
        live.face.notify(Notice("x", "Long.", "word " * 100))
        drawn = terminal.drawn("")
        drawn_lines = plain(drawn)
        assert max(map(len, drawn_lines)) < 30
        assert len(drawn_lines) <= 8

    def test_a_second_start_is_told_of_this_terminal_and_not_of_an_icon(
        self, terminal: Terminal, live: Running
    ) -> None:
        live.face.notify(notices.second_start(tray_missing=False))
        assert any("It runs in this terminal." in line for line in plain(terminal.drawn("terminal.")))

    def test_long_lines_are_broken_at_spaces_beside_their_label(self, terminal: Terminal, live: Running) -> None:
        terminal.resize(40, 30)
        live.face.show(held(trouble=TROUBLE | {"message": "Check the network or the VPN."}))
        drawn = plain(terminal.drawn("VPN."))
        place = next(number for number, line in enumerate(drawn) if line.startswith("Problem "))
        more = list(takewhile(lambda line: line.startswith("  "), drawn[place + 1 :]))
        texts = [drawn[place].removeprefix("Problem"), *more]
        assert " ".join(text.strip() for text in texts) == "No network. Check the network or the VPN."
        assert more
        if not is_spoken():  # its marks, which take columns, are no longer in the labels
            assert {len(line) - len(line.lstrip()) for line in more} == {drawn[place].index("No network.")}

    @pytest.mark.parametrize("columns", [20, 40, 80])
    def test_japanese_and_emoji_line_up_and_no_line_goes_over_the_edge(
        self, terminal: Terminal, live: Running, columns: int
    ) -> None:
        terminal.resize(columns, 40)
        message = {"text": "🌴 " + "お休みをいただいています。" * 3, "expires_at": None}
        account = {"signed_in": True, "username": "山田太郎" * 5}
        live.face.show(held(message=message, account=account))
        drawn = plain(terminal.drawn(REST_OF_SCREEN))
        assert any("🌴" in line for line in drawn)
        assert any("山" in line for line in drawn)
        assert max(map(wcswidth, drawn)) < columns

    def test_where_the_screen_is_low_the_keys_are_worth_more_than_the_ends_of_lines(
        self, terminal: Terminal, live: Running
    ) -> None:
        terminal.resize(40, 22)
        live.face.notify(Notice("x", "Long.", "word " * 50))
        live.face.show(held())
        drawn = plain(terminal.drawn("q Quit"))
        assert sum("word" in line for line in drawn) == 1
        assert "" not in drawn[:-1]

    def test_k_takes_the_next_of_keep_for(self, terminal: Terminal, live: Running) -> None:
        live.face.show(held())
        assert "k Keep for: No end time" in terminal.drawn("q Quit")
        terminal.press(b"k")
        assert live.posted.get(timeout=10) == KeepChosen(Keep.HALF_HOUR)

    def test_control_codes_in_a_message_do_not_reach_the_terminal(self, terminal: Terminal, live: Running) -> None:
        live.face.notify(Notice("x", "Sly", "\x1b]0;title\x07\x9b31mred"))
        drawn = terminal.drawn("")
        assert "\x1b]" not in drawn
        assert "\x07" not in drawn
        assert "\x9b" not in drawn

    @pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
    def test_no_color_means_no_color(self, terminal: Terminal, environment: dict[str, str], *, coloured: bool) -> None:
        running = start(terminal.stdin, terminal.stdout, **environment)
        running.face.show(held(trouble=TROUBLE))
        drawn = terminal.drawn("q Quit")
        running.stop()
        assert ("\x1b[31m" in drawn) is coloured
        assert bool(re.search(r"\x1b\[[0-9;]*m", drawn)) is coloured

    def test_a_hang_up_neither_ends_the_hold_nor_spins(self, terminal: Terminal, live: Running) -> None:
        terminal.hang_up()
        wait_until(lambda: live.face._keys._terminal is None)  # type: ignore[attr-defined]
        live.face.show(held())
        wait_until(live.face._inbox.empty)
        assert live.thread.is_alive()


def test_a_hang_up_before_the_terminal_is_taken_does_not_end_the_hold(terminal: Terminal) -> None:
    face = TerminalFace(lambda _event: None, terminal.stdin, terminal.stdout, {})
    terminal.hang_up()
    thread = threading.Thread(target=face.run)
    thread.start()
    face.show(held())
    wait_until(lambda: face._inbox.empty() and face._view is not None)
    assert thread.is_alive()
    face.stop()
    thread.join()


def test_keys_that_ctrl_c_threw_away_are_not_waited_for(terminal: Terminal) -> None:
    with keys.TerminalKeys(terminal.stdin) as taken:
        assert taken._read(terminal.stdin.fileno()) == ""
        terminal.press(b"q")
        assert taken.wait() == "q"


class TestPlain:
    @pytest.fixture
    def written(self) -> Iterator[Callable[..., str]]:
        with open(os.devnull, encoding="utf-8") as nothing:  # noqa: PTH123  a stand-in for a closed stdin

            def write(*shown: View | Notice) -> str:
                stdout = io.StringIO()
                running = start(nothing, stdout)
                for one in shown:
                    (running.face.show if isinstance(one, View) else running.face.notify)(one)  # type: ignore[arg-type]
                    wait_until(running.face._inbox.empty)
                running.stop()
                return english(stdout.getvalue())

            yield write

    def test_each_change_is_a_line_without_control_codes(self, written: Callable[..., str]) -> None:
        text = written(held(), held(trouble=TROUBLE), held())
        assert "\x1b" not in text
        assert text.count("Busy (no end time)") == 1
        assert [line for line in text.splitlines() if line.startswith("Problem")] == [
            "Problem: No network. It comes back by itself.",
            "Problem: solved",
        ]

    def test_a_refresh_alone_is_not_news(self, written: Callable[..., str]) -> None:
        later = {**held().status["session"], "next_refresh_at": (NOW + timedelta(hours=1)).isoformat()}
        assert written(held(), held(session=later)) == written(held())
        assert "Renews" in written(held())

    def test_a_notice_is_a_line(self, written: Callable[..., str]) -> None:
        assert "Notice: Back again. All is well.\n" in written(held(), Notice("x", "Back again.", "All is well."))

    def test_a_dumb_terminal_gets_plain_lines(self, terminal: Terminal) -> None:
        running = start(terminal.stdin, terminal.stdout, TERM="dumb")
        running.face.show(held())
        shown = terminal.until("Renews")
        running.stop()
        assert "\x1b" not in shown

    def test_a_pipe_that_nobody_reads_does_not_end_the_hold(self) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        with open(os.devnull) as nothing, open(writer, "w", buffering=1) as stdout:  # noqa: PTH123
            running = start(nothing, stdout)
            running.face.show(held())
            running.face.show(IDLE)
            wait_until(running.face._inbox.empty)
            assert running.thread.is_alive()
            running.stop()
            os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())  # or closing it would fail for want of a reader


def plain(drawn: str) -> list[str]:
    """Return the lines of what was drawn last, without its codes."""
    return re.sub(r"\x1b\[[0-9?]*[A-Za-z]", "", drawn.rpartition("\x1b[H")[2]).split("\r\n")


def wait_until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        time.sleep(0.001)  # the test's own time limit bounds it


PROGRAM = """
import os, pty, signal, sys
from tray.desktop.terminal.face import TerminalFace
from tray.core.engine import begin
from tray.core.config import Config
from tray.core.view import view
from datetime import UTC, datetime
face = TerminalFace(lambda event: face.stop())
signal.signal(signal.SIGINT, lambda *_: face.stop())
face.show(view(begin(Config(), datetime.now(UTC))))
face.run()
print("ended well", flush=True)
"""


def test_each_state_has_a_key_of_its_own_and_there_are_more_for_further_states() -> None:
    assert {state.key for state in STATES} <= set(KEYS.values())
    others = {press for press, key in KEYS.items() if key not in BY_KEY} | {KEEP_KEY}
    assert not others & set(STATE_KEYS)
    assert len(set(STATE_KEYS)) == len(STATE_KEYS) > len(STATES)


@needs("pseudo-terminals")
@pytest.mark.parametrize("press", [b"\x03", b"q"])
def test_ctrl_c_and_q_end_it_in_a_real_session(press: bytes) -> None:
    child, master = pty.fork()
    if child == 0:  # pragma: no cover  the other process
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM])  # noqa: S606  no shell wanted
    try:
        seen = b""
        while b"q Quit" not in seen:
            seen += os.read(master, 65536)
        os.write(master, b"\x1a")  # Ctrl-Z does nothing
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", 30, 100, 0, 0))
        while seen.count(b"q Quit") < 2:  # drawn anew for the new size
            seen += os.read(master, 65536)
        os.write(master, press)
        while b"ended well" not in seen:
            seen += os.read(master, 65536)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert seen.index(b"\x1b[?1049l") < seen.index(b"ended well")
    finally:
        os.close(master)


@needs("pseudo-terminals")
def test_in_the_background_of_a_shell_it_writes_plain_lines_and_is_not_stopped() -> None:
    program = PROGRAM.replace("face.run()", "import threading; threading.Timer(0.2, face.stop).start(); face.run()")
    # An interactive shell gives each job a group of its own, so the job is in the background of the terminal.
    child, master = pty.fork()
    if child == 0:  # pragma: no cover  the other process
        shell = 'set -m; "$0" -c "$1" & wait $!; echo code $?'
        os.execv("/bin/sh", ["/bin/sh", "-c", shell, sys.executable, program])  # noqa: S606  no shell wanted
    try:
        seen = b""
        while b"code " not in seen:
            seen += os.read(master, 65536)
        assert b"code 0" in seen
        assert b"\x1b" not in seen
        os.waitpid(child, 0)
    finally:
        os.close(master)
