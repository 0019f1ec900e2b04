"""Which face shows the app: the tray, the terminal where there is none, or nothing where there is neither."""

import logging
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from tray.core.login import LOGIN_LASTS
from tray.desktop.face import Face
from tray.desktop.reserving import Place
from tray.errors import TrayError
from tray.run_options import RunOptions

if TYPE_CHECKING:
    from tray.core.events import Event  # the icon comes first

HOST_LASTS = timedelta(minutes=1)  # a panel that restarts is back before

LOG = logging.getLogger("tray.desktop")


def open_face(options: RunOptions, place: Place, post: Callable[["Event"], None], shown: Callable[[], None]) -> Face:
    """Return the face for this desktop; a foreground hold is always shown in its terminal.

    `shown` is called once the user sees something, so that what can wait does.
    """
    if place is not None and not isinstance(place, TrayError):
        from tray.desktop.linux.tray import LinuxTray  # noqa: PLC0415  one platform's imports

        patience = LOGIN_LASTS if options.at_login else HOST_LASTS
        return LinuxTray(post, place, shown=shown, wait_for_host=patience)

    shown()  # there is no icon to wait for; Windows and macOS want the works built by the thread that the face keeps
    if isinstance(place, TrayError):
        return _without_a_tray(options, place, post)
    if options.hold:
        return _terminal(post)
    from tray.desktop.pystray_face import native_face  # noqa: PLC0415  other platforms' imports

    return native_face(post)


def _without_a_tray(options: RunOptions, reason: TrayError, post: Callable[["Event"], None]) -> Face:
    LOG.info("%s", reason)
    if options.at_login or not sys.stdout:
        from tray.desktop.headless import HeadlessFace  # noqa: PLC0415  seldom needed

        return HeadlessFace()
    from tray.messages import notices  # noqa: PLC0415  the icon comes before most words

    terminal = _terminal(post)
    terminal.notify(notices.in_the_terminal(reason.title, reason.message))
    return terminal


def _terminal(post: Callable[["Event"], None]) -> Face:
    from tray.desktop.terminal.face import TerminalFace  # noqa: PLC0415  the tray needs none

    return TerminalFace(post)
