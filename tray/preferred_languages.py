"""What the user has chosen for Windows and macOS: languages, as tags such as `de-DE`, and how times are written.

On macOS it was never run: the signatures are those of CFLocale.h, CFArray.h, CFString.h and CFDateFormatter.h.
"""

import ctypes
import re
from ctypes import POINTER, byref, c_long, c_ulong, c_void_p, c_wchar
from typing import Any

BY_NAME = 0x8  # MUI_LANGUAGE_NAME: tags, not numbers
UTF8 = 0x0800_0100  # kCFStringEncodingUTF8
LONGEST_TAG = 100  # bytes
SHORT_TIME = 0x79  # LOCALE_SSHORTTIME
LONGEST_FORMAT = 80  # characters
QUOTED = re.compile("'[^']*'")  # words in a format of a time


def of_windows(kernel32: Any) -> list[str]:
    """Return the languages of Windows' display, which are none where it cannot tell."""
    count, length = c_ulong(), c_ulong()
    if not kernel32.GetUserPreferredUILanguages(BY_NAME, byref(count), None, byref(length)):
        return []
    tags = (c_wchar * length.value)()
    if not kernel32.GetUserPreferredUILanguages(BY_NAME, byref(count), tags, byref(length)):
        return []
    return [tag for tag in "".join(tags).split("\0") if tag]  # each ends with a zero, the last with two


def of_macos(foundation: Any) -> list[str]:
    """Return the languages of the system settings, as Core Foundation lists them."""
    for function, result, arguments in (
        (foundation.CFLocaleCopyPreferredLanguages, c_void_p, ()),
        (foundation.CFArrayGetCount, c_long, (c_void_p,)),
        (foundation.CFArrayGetValueAtIndex, c_void_p, (c_void_p, c_long)),
        (foundation.CFStringGetCString, ctypes.c_bool, (c_void_p, POINTER(ctypes.c_char), c_long, ctypes.c_uint32)),
        (foundation.CFRelease, None, (c_void_p,)),
    ):
        function.restype, function.argtypes = result, arguments
    listed = foundation.CFLocaleCopyPreferredLanguages()
    if not listed:
        return []
    tags = []
    for number in range(foundation.CFArrayGetCount(listed)):
        tag = ctypes.create_string_buffer(LONGEST_TAG)
        if foundation.CFStringGetCString(foundation.CFArrayGetValueAtIndex(listed, number), tag, LONGEST_TAG, UTF8):
            tags.append(tag.value.decode())
    foundation.CFRelease(listed)
    return tags


def twelve_hours_on_windows(kernel32: Any) -> bool:
    """Tell whether the user's format of short times has a mark for the half of the day, as in `h:mm tt`."""
    written = (c_wchar * LONGEST_FORMAT)()
    if not kernel32.GetLocaleInfoEx(None, SHORT_TIME, written, LONGEST_FORMAT):
        return False
    return "t" in QUOTED.sub("", written.value)


def twelve_hours_on_macos(foundation: Any) -> bool:
    """Tell whether the user's format of an hour has a mark for the half of the day, as in `h a`."""
    for function, result, arguments in (
        (foundation.CFLocaleCopyCurrent, c_void_p, ()),
        (foundation.CFStringCreateWithCString, c_void_p, (c_void_p, ctypes.c_char_p, ctypes.c_uint32)),
        (foundation.CFDateFormatterCreateDateFormatFromTemplate, c_void_p, (c_void_p, c_void_p, c_ulong, c_void_p)),
        (foundation.CFStringGetCString, ctypes.c_bool, (c_void_p, POINTER(ctypes.c_char), c_long, ctypes.c_uint32)),
        (foundation.CFRelease, None, (c_void_p,)),
    ):
        function.restype, function.argtypes = result, arguments
    locale, hour = foundation.CFLocaleCopyCurrent(), foundation.CFStringCreateWithCString(None, b"j", UTF8)
    written = foundation.CFDateFormatterCreateDateFormatFromTemplate(None, hour, 0, locale)
    text = ctypes.create_string_buffer(LONGEST_FORMAT)
    known = written and foundation.CFStringGetCString(written, text, LONGEST_FORMAT, UTF8)
    for made in filter(None, (locale, hour, written)):
        foundation.CFRelease(made)
    return bool(known) and "a" in QUOTED.sub("", text.value.decode())
