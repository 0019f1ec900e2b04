"""The languages chosen for Windows and macOS, from stand-ins that answer as the systems' headers say."""

import ctypes
from typing import Any

import pytest

from tray import preferred_languages

TAGS = ["de-AT", "en-US"]


class Kernel32:
    """Windows' `GetUserPreferredUILanguages`, which fails when the buffer is too small."""

    def __init__(self, tags: list[str], *, works: bool = True) -> None:
        self._text = "".join(f"{tag}\0" for tag in tags) + "\0"
        self._count, self._works = len(tags), works

    def GetUserPreferredUILanguages(self, flags: int, count: Any, text: Any, length: Any) -> int:  # noqa: N802
        assert flags == 0x8
        if not self._works:
            return 0
        count._obj.value = self._count
        if text is not None:
            if length._obj.value < len(self._text):
                return 0
            text[: len(self._text)] = self._text
        length._obj.value = len(self._text)
        return 1


class Function:
    """A function of a library, which refuses arguments of other types than were declared."""

    restype: Any = None
    argtypes: Any = None

    def __init__(self, does: Any) -> None:
        self._does = does

    def __call__(self, *arguments: Any) -> Any:
        assert self.argtypes is not None, "its arguments were not declared: on 64 bits a pointer would be cut"
        assert len(arguments) == len(self.argtypes)
        return self._does(*arguments)


class CoreFoundation:
    """A list with one entry that is no text in UTF-8 of that length."""

    def __init__(self, tags: list[str] | None) -> None:
        self.released: list[int] = []
        strings = [*(tags or []), None]

        def copied(text: int, into: Any, longest: int, encoding: int) -> bool:
            assert encoding == 0x0800_0100
            if (of := strings[text - 100]) is None:
                return False
            assert len(of) < longest
            ctypes.memmove(into, of.encode() + b"\0", len(of) + 1)
            return True

        self.CFLocaleCopyPreferredLanguages = Function(lambda: 7 if tags is not None else None)
        self.CFArrayGetCount = Function(lambda array: len(strings) if array == 7 else 0)
        self.CFArrayGetValueAtIndex = Function(lambda _array, number: 100 + number)
        self.CFStringGetCString = Function(copied)
        self.CFRelease = Function(self.released.append)


def test_windows_tells_the_languages_of_its_display() -> None:
    assert preferred_languages.of_windows(Kernel32(TAGS)) == TAGS


@pytest.mark.parametrize("kernel", [Kernel32([]), Kernel32(TAGS, works=False)], ids=["none", "fails"])
def test_windows_may_tell_nothing(kernel: Kernel32) -> None:
    assert preferred_languages.of_windows(kernel) == []


def test_macos_tells_the_languages_of_its_settings_and_gets_the_list_back() -> None:
    foundation = CoreFoundation(TAGS)
    assert preferred_languages.of_macos(foundation) == TAGS
    assert foundation.released == [7]


def test_macos_may_tell_nothing() -> None:
    assert preferred_languages.of_macos(CoreFoundation(None)) == []
