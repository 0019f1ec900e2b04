import io
import re
import time
from datetime import UTC, datetime, timedelta

from tray.commands.countdown import Countdown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_long_a_code_is_still_good_and_is_left_clean() -> None:
    terminal = Terminal()
    countdown = Countdown(terminal, period=0.05)
    countdown.start(datetime.now(UTC) + timedelta(seconds=62.2))
    limit = time.monotonic() + 10
    while "1:00 left" not in terminal.getvalue() and time.monotonic() < limit:
        time.sleep(0.05)
    countdown.stop()
    said = terminal.getvalue()
    assert re.findall(r"\d:\d\d left", said)[0] in {"1:02 left", "1:01 left"}
    assert "1:00 left" in said
    assert "Ctrl-C" in said
    assert "\n" not in said
    assert said.rsplit("\r", 2)[1].strip() == ""


def test_a_pipe_is_told_nothing() -> None:
    pipe = io.StringIO()
    countdown = Countdown(pipe)
    countdown.start(datetime.now(UTC))
    countdown.stop()
    assert pipe.getvalue() == ""
