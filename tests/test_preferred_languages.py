"""The languages chosen for Windows and macOS, from stand-ins that answer as the systems' headers say."""

import ctypes
from typing import Any

import pytest

from tray import preferred_languages

TAGS = ["de-AT", "en-US"]


class Kernel32:
    """Windows' functions for languages and formats, which fail when the buffer is too small."""

    def __init__(self, tags: list[str], *, works: bool = True, short_time: str = "HH:mm") -> None:
        self._short_time = f"{short_time}\0"
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

    def GetLocaleInfoEx(self, name: object, kind: int, text: Any, length: int) -> int:  # noqa: N802
        assert (name, kind) == (None, 0x79), "not the user's short time"
        if not self._works or length < len(self._short_time):
            return 0
        text[: len(self._short_time)] = self._short_time
        return len(self._short_time)


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


@pytest.mark.parametrize(
    ("written", "twelve"), [("h:mm tt", True), ("tt h:mm", True), ("HH:mm", False), ("H 't' mm", False), ("", False)]
)
def test_windows_tells_whether_times_have_twelve_hours(written: str, *, twelve: bool) -> None:
    assert preferred_languages.twelve_hours_on_windows(Kernel32([], short_time=written)) is twelve


def test_windows_may_not_tell_how_times_are_written() -> None:
    assert not preferred_languages.twelve_hours_on_windows(Kernel32([], works=False, short_time="h:mm tt"))


class Formats:
    """Core Foundation's formats of an hour, and what it made for its caller."""

    def __init__(self, hour: str | None) -> None:
        self.made: set[int] = set()

        def new(number: int | None) -> int | None:
            self.made |= {number} if number else set()
            return number

        def copied(_text: int, into: Any, longest: int, encoding: int) -> bool:
            assert (hour is not None, encoding) == (True, 0x0800_0100)
            told = (hour or "").encode() + b"\0"
            if len(told) > longest:
                return False
            ctypes.memmove(into, told, len(told))
            return True

        def template(_allocator: None, text: int, options: int, locale: int) -> int | None:
            assert (text, options, locale) == (2, 0, 1)
            return new(3 if hour is not None else None)

        def text(_allocator: None, template: bytes, _encoding: int) -> int | None:
            assert template == b"j", "not the hour as the user writes it"
            return new(2)

        self.CFLocaleCopyCurrent = Function(lambda: new(1))
        self.CFStringCreateWithCString = Function(text)
        self.CFDateFormatterCreateDateFormatFromTemplate = Function(template)
        self.CFStringGetCString = Function(copied)
        self.CFRelease = Function(self.made.remove)


@pytest.mark.parametrize(
    ("hour", "twelve"),
    [("h a", True), ("aK", True), ("HH", False), ("HH 'a'", False), ("H" * 90, False), (None, False)],
)
def test_macos_tells_whether_times_have_twelve_hours_and_gets_all_back(hour: str | None, *, twelve: bool) -> None:
    formats = Formats(hour)
    assert preferred_languages.twelve_hours_on_macos(formats) is twelve
    assert formats.made == set()
