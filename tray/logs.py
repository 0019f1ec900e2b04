"""The log, and the filter that keeps tokens and names out of it.

The plan is that nobody logs a secret: our own modules log our own types. The net is for a library's message,
and for a traceback that quotes one.
"""

import logging
import os
import re
import stat
import sys
import threading
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any

from tray import files

SIZE = 512 * 1024  # bytes, twice: the file and one before it; weeks at level info

# In order. None begins inside a word, so a long line costs linear time.
SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s'\",]+"), r"\1 <redacted>"),
    (re.compile(r"(?i)([?&](?:code|state|session_state|nonce|login_hint)=)[^&\s'\"]+"), r"\1<redacted>"),
    (
        re.compile(
            r"(?i)([\"']?\b(?:access_token|refresh_token|id_token|client_info|client_secret|code_verifier|device_code"
            r"|user_code|nonce|login_hint|password|assertion|claims)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,}]+"
        ),
        r"\1<redacted>",
    ),
    (re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*)*"), "<token>"),
    (re.compile(r"\b[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"(?<![\w.+-])[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)*"), "<user>"),
    (re.compile(r"\b[01]\.A[\w-]{8,}"), "<token>"),
    (re.compile(r"(?<![\w+-])(?=[\w+-]*\d)(?=[\w+-]*[A-Za-z])[\w+-]{40,}"), "<token>"),
)


class Redacting(logging.Formatter):
    """Formats a record and takes out whatever looks like a secret, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the redacted line or lines."""
        return redacted(super().format(record))


class Brief(Redacting):
    """Formats what has to go to a terminal: an error is named, its traceback left out."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's name
        """Return the error alone."""
        return repr(ei[1])


class Private(logging.FileHandler):
    """Writes a file that only this user can read, whatever the umask; one that is full becomes the one before.

    `logging.handlers` has such a handler as well, with others that bring pickle: half a megabyte in all.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; never raise."""
        try:
            self.stream = self.stream or self._open()
            if self._is_full(self.stream, self.format(record)):
                self._turn_over(self.stream)
            super().emit(record)
        except Exception:  # noqa: BLE001  as every handler of the library's
            self.handleError(record)

    def close(self) -> None:
        """Close the file; never raise. What a full disk did not take is lost."""
        with suppress(OSError):
            super().close()

    def _is_full(self, stream: TextIOWrapper, line: str) -> bool:
        """Tell whether a line is too much for the file; a device or a pipe takes whatever comes."""
        seen = os.fstat(stream.fileno())
        size = len(line.encode(errors="replace")) + len(os.linesep)
        return stat.S_ISREG(seen.st_mode) and seen.st_size + size > SIZE

    def _turn_over(self, stream: TextIOWrapper) -> None:
        """End the file, so that a line begins another; one that Windows does not rename goes on."""
        self.stream = None
        stream.close()
        with suppress(OSError):
            Path(self.baseFilename).replace(f"{self.baseFilename}.1")

    def _open(self) -> TextIOWrapper:
        opened = open(  # noqa: SIM115  logging closes it; Path.open has no opener
            self.baseFilename,
            self.mode,
            encoding=self.encoding,
            errors="replace",  # a path may be no text
            opener=lambda path, flags: os.open(
                path, flags | getattr(os, "O_NONBLOCK", 0), 0o600
            ),  # no pipe holds it up
        )
        assert isinstance(opened, TextIOWrapper)  # noqa: S101  for the type checker
        if sys.platform != "win32" and stat.S_ISREG(os.fstat(opened.fileno()).st_mode):  # no link to /dev/null
            with suppress(OSError):  # a file system without modes
                os.fchmod(opened.fileno(), 0o600)  # one that an older version made
        return opened


def shortened(text: str) -> str:
    """Return a text in which the home folder, whose name is often the user's, is `~`."""
    home = os.path.expanduser("~")  # noqa: PTH111  Path.home raises where there is none
    return text if len(home) < 2 else text.replace(home, "~")  # noqa: PLR2004  "/" is no name


def redacted(text: str) -> str:
    """Return a text without tokens, ids and user names."""
    text = shortened(text)
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def start(file: Path, level: str, *, delay: bool = False) -> logging.Handler:
    """Log to a small file that turns over; return what `stop` wants.

    Our own modules log at `level`, everybody else at warning. Where no file can be written the lines go to
    stderr: a full disk must not keep the program from starting. With `delay` the file is made by its first line.
    """
    handler: logging.Handler
    formatter = Redacting
    try:
        files.make_folder(file.parent)
        handler = Private(file, encoding="utf-8", delay=delay)
    except OSError as exc:
        handler = logging.StreamHandler(sys.stderr)
        handler.setLevel(logging.WARNING)
        formatter = Brief
        handler.handle(logging.makeLogRecord({"msg": f"no log file: {exc}", "levelno": logging.WARNING}))
    handler.setFormatter(formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    logging.raiseExceptions = False  # a log that cannot be written must not fill stderr
    root = logging.getLogger()
    root.addHandler(handler)
    sys.excepthook, threading.excepthook, sys.unraisablehook = _ended_by, _thread_ended_by, _failed_in_between
    root.setLevel(logging.WARNING)
    logging.getLogger("tray").setLevel(level.upper())
    return handler


def _ended_by(kind: type[BaseException], exc: BaseException, trace: TracebackType | None) -> None:
    """Log what ends the program."""
    logging.getLogger("tray").critical("the program ended", exc_info=(kind, exc, trace))


def _thread_ended_by(args: threading.ExceptHookArgs) -> None:
    """Log what ended a thread: without this it would go to a stderr that nobody sees."""
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        exc_info = (args.exc_type, args.exc_value, args.exc_traceback)
        name = args.thread.name if args.thread else "?"
        logging.getLogger("tray").error("the thread %s ended", name, exc_info=exc_info)


def _failed_in_between(args: "sys.UnraisableHookArgs") -> None:
    """Log what failed where nobody can catch it: in a function that the system calls, on whatever thread."""
    if args.exc_value is not None:
        exc_info = (args.exc_type, args.exc_value, args.exc_traceback)
        logging.getLogger("tray").error("a call by the system failed", exc_info=exc_info)


def stop(handler: logging.Handler) -> None:
    """End the log."""
    sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
    sys.unraisablehook = sys.__unraisablehook__
    logging.getLogger().removeHandler(handler)
    logging.getLogger("tray").setLevel(logging.NOTSET)
    handler.close()
