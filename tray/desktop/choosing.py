"""Which face shows the app: the tray, the terminal where there is none, or nothing where there is neither."""

import logging
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from tray.core.login import LOGIN_LASTS
from tray.desktop.hosts import host_present
from tray.desktop.keys import has_keys
from tray.errors import TrayError
from tray.options import RunOptions
from tray.words import desktop as words

if TYPE_CHECKING:
    from tray.core.events import Event  # the icon comes first
    from tray.desktop.face import Face  # the same

HOST_LASTS = timedelta(minutes=1)  # a panel that restarts is back before

LOG = logging.getLogger("tray.desktop")


def open_face(options: RunOptions, post: Callable[["Event"], None], shown: Callable[[], None]) -> "Face":
    """Return the face for this desktop; a foreground hold is always shown in its terminal.

    `shown` is called once the user sees something, so that what can wait does.
    """
    if options.hold:
        shown()
        return _terminal(post)
    try:
        return _tray(options, post, shown)
    except TrayError as exc:
        LOG.info("%s", exc)
        shown()
        if options.at_login or not sys.stdout:
            return _headless()
        from tray.words import notices  # noqa: PLC0415  the icon comes before most words

        terminal = _terminal(post)
        terminal.notify(notices.in_the_terminal(exc.title, exc.message))
        return terminal


def _tray(options: RunOptions, post: Callable[["Event"], None], shown: Callable[[], None]) -> "Face":
    """Return the platform's tray; where a terminal could serve instead, only if something shows icons.

    Raises TrayError when there is none to be had.
    """
    if sys.platform == "linux":
        from tray.desktop import watcher  # noqa: PLC0415  one platform's imports

        if not options.at_login and has_keys(sys.stdin) and host_present() is False:
            raise TrayError(words.NO_TRAY, words.ADD_TRAY)
        registration = watcher.join()
        registration.ask()
        from tray.desktop.linux_tray import LinuxTray  # noqa: PLC0415  the panel is at work meanwhile

        patience = LOGIN_LASTS if options.at_login else HOST_LASTS
        return LinuxTray(post, registration, shown=shown, wait_for_host=patience)
    from tray.desktop.pystray_face import native_face  # noqa: PLC0415

    shown()  # the works are built before: they belong on the main thread, which the face then keeps
    return native_face(post)


def _terminal(post: Callable[["Event"], None]) -> "Face":
    from tray.desktop.terminal import TerminalFace  # noqa: PLC0415

    return TerminalFace(post)


def _headless() -> "Face":
    from tray.desktop.headless import HeadlessFace  # noqa: PLC0415

    return HeadlessFace()
