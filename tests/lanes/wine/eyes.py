"""Windows' own view of its screen, for the tests outside: each line in asks, each line out lists the windows.

Runs under Windows' Python; a line is a JSON list of class, title, process and rectangle of the windows that are seen.
"""

import ctypes
import json
import sys
from ctypes import wintypes

user32 = ctypes.windll.user32
PROCEDURE = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.HWND, wintypes.LPARAM)
LONGEST = 512


def described(window: int) -> dict[str, object]:
    """Return what can be said of a window."""
    name, title = ctypes.create_unicode_buffer(LONGEST), ctypes.create_unicode_buffer(LONGEST)
    user32.GetClassNameW(window, name, LONGEST)
    user32.GetWindowTextW(window, title, LONGEST)
    rectangle, process = wintypes.RECT(), wintypes.DWORD()
    user32.GetWindowRect(window, ctypes.byref(rectangle))
    user32.GetWindowThreadProcessId(window, ctypes.byref(process))
    sides = [rectangle.left, rectangle.top, rectangle.right, rectangle.bottom]
    return {"kind": name.value, "title": title.value, "process": process.value, "sides": sides}


def seen() -> list[dict[str, object]]:
    """Return all windows that are visible, and those inside them."""
    windows: list[int] = []

    def collect(window: int, _: int) -> bool:
        if user32.IsWindowVisible(window):
            windows.append(window)
            user32.EnumChildWindows(window, inner, 0)
        return True

    def collect_inner(window: int, _: int) -> bool:
        if user32.IsWindowVisible(window):
            windows.append(window)
        return True

    inner, outer = PROCEDURE(collect_inner), PROCEDURE(collect)
    user32.EnumWindows(outer, 0)
    return [described(window) for window in windows]


if __name__ == "__main__":
    for _line in sys.stdin:
        print(json.dumps(seen()), flush=True)
