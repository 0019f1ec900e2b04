"""The command line's two voices; must not know what is said."""

import sys

from tray.messages import APP_NAME

if sys.platform == "win32":
    import ctypes

    ICON_WARNING, ON_TOP = 0x30, 0x1_0000  # MB_ICONWARNING, MB_SETFOREGROUND


def say(text: str) -> None:
    """Print a result, at once: who reads it over a pipe may have to act on it."""
    print(text, flush=True)  # noqa: T201  the one place


def warn(text: str) -> None:
    """Print what is no result: an error, a remark; where Windows has given us no console, in a window."""
    if sys.platform == "win32" and sys.stderr is None:
        ctypes.windll.user32.MessageBoxW(None, text, APP_NAME, ICON_WARNING | ON_TOP)
    else:
        print(text, file=sys.stderr)  # noqa: T201  the other place
