"""The languages that the user has chosen for Windows and macOS, in the user's order, as tags such as `de-DE`.

On macOS it was never run: the signatures are those of CFLocale.h, CFArray.h and CFString.h.
"""

import ctypes
from ctypes import POINTER, byref, c_long, c_ulong, c_void_p, c_wchar
from typing import Any

BY_NAME = 0x8  # MUI_LANGUAGE_NAME: tags, not numbers
UTF8 = 0x0800_0100  # kCFStringEncodingUTF8
LONGEST_TAG = 100  # bytes


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
