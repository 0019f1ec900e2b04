"""Sleep, as Windows and macOS tell it: by a call that lasts as long as the machine is to wait."""

import ctypes
import threading
from collections.abc import Callable
from datetime import timedelta
from queue import SimpleQueue
from typing import Any

import pytest

from tray.core.events import Event, LeaveAsked, Resumed, SleepWatched, Suspending
from tray.core.values import LeaveReason
from tray.desktop.macos import power as macos_power
from tray.desktop.macos.power import MacPowerWatch
from tray.desktop.power import Delay, PowerWatch
from tray.desktop.windows import power as windows_power
from tray.desktop.windows.power import WindowsPowerWatch


class Powrprof:
    """Windows' power functions: one registration."""

    def __init__(self, answer: int = 0) -> None:
        self._answer = answer
        self.subscription: Any = None

    def PowerRegisterSuspendResumeNotification(self, flags: int, subscription: Any, registration: Any) -> int:  # noqa: N802
        assert flags == windows_power.DEVICE_NOTIFY_CALLBACK
        if self._answer == 0:
            self.subscription = subscription._obj
            registration._obj.value = 0x1234_5678_9ABC
        return self._answer

    def PowerUnregisterSuspendResumeNotification(self, registration: ctypes.c_void_p) -> int:  # noqa: N802
        assert registration.value == 0x1234_5678_9ABC
        self.subscription = None
        return 0

    def tell(self, kind: int) -> None:
        if self.subscription:
            assert self.subscription.Callback(None, kind, None) == 0


class Console:
    """Windows' functions for a console: one handler, which nobody adds or removes twice."""

    def __init__(self) -> None:
        self.handlers: list[Any] = []

    def SetConsoleCtrlHandler(self, handler: Any, add: bool) -> int:  # noqa: N802
        assert add is (handler not in self.handlers)
        (self.handlers.append if add else self.handlers.remove)(handler)
        return 1

    def tell(self, kind: int) -> bool:
        """Return whether the handler has dealt with it; Python's own would be asked next."""
        return any(handler(kind) for handler in self.handlers)


class Notices:
    """macOS's notification centre of the workspace."""

    def __init__(self) -> None:
        self.blocks: dict[str, Callable[[Any], None]] = {}

    def addObserverForName_object_queue_usingBlock_(  # noqa: N802
        self, name: str, thing: None, queue: None, block: Callable[[Any], None]
    ) -> str:
        assert thing is queue is None
        self.blocks[name] = block
        return name

    def removeObserver_(self, observer: str) -> None:  # noqa: N802
        del self.blocks[observer]

    def tell(self, name: str) -> None:
        if name in self.blocks:
            self.blocks[name](object())


class Machine:
    """A system with its watch; the engine allows at once."""

    def __init__(self, watch: Callable[[Callable[[Event], None]], PowerWatch], tell: Callable[[Any], None]) -> None:
        self.posted: list[Event] = []
        self.watch = watch(self._post)
        self.tell = tell

    def _post(self, event: Event) -> None:
        self.posted.append(event)
        self.watch.allow()


def windows() -> Machine:
    powrprof = Powrprof()
    return Machine(lambda post: WindowsPowerWatch(post, powrprof, Console()), powrprof.tell)


def mac() -> Machine:
    notices = Notices()
    return Machine(lambda post: MacPowerWatch(post, notices), notices.tell)


PBT_APMRESUMESUSPEND, PBT_APMPOWERSTATUSCHANGE = 0x7, 0xA
TOLD = [
    (windows, windows_power.PBT_APMSUSPEND, [Suspending()]),
    (windows, windows_power.PBT_APMRESUMEAUTOMATIC, [Resumed()]),
    (windows, PBT_APMRESUMESUSPEND, []),
    (windows, PBT_APMPOWERSTATUSCHANGE, []),
    (mac, macos_power.WILL_SLEEP, [Suspending()]),
    (mac, macos_power.DID_WAKE, [Resumed()]),
    (mac, macos_power.WILL_POWER_OFF, [LeaveAsked(LeaveReason.ENDED)]),
]


@pytest.mark.parametrize(("machine", "told", "posted"), TOLD)
def test_what_the_system_tells_is_posted_from_start_to_stop(
    machine: Callable[[], Machine], told: Any, posted: list[Event]
) -> None:
    running = machine()
    running.watch.start()
    running.tell(told)
    assert running.posted == [SleepWatched(announced=True), *posted]
    running.watch.stop()
    running.tell(told)
    assert running.posted == [SleepWatched(announced=True), *posted]


@pytest.mark.parametrize(
    ("machine", "told"),
    [
        (windows, windows_power.PBT_APMSUSPEND),
        (mac, macos_power.WILL_SLEEP),
        (mac, macos_power.WILL_POWER_OFF),
    ],
)
def test_the_system_is_kept_until_it_is_allowed(machine: Callable[[], Machine], told: Any) -> None:
    running = machine()
    running.watch.start()
    running.tell(told)
    assert running.watch._delay._allowed.empty()  # type: ignore[attr-defined]  # the word was waited for
    running.watch.stop()


def test_windows_that_refuses_the_callback_is_left_alone_and_tells_of_no_sleep() -> None:
    posted: list[Event] = []
    watch = WindowsPowerWatch(posted.append, Powrprof(answer=50), Console())
    watch.start()
    watch.allow()
    watch.stop()
    assert posted == []


@pytest.mark.parametrize(("kind", "leaving"), windows_power.CONSOLE_EVENTS.items())
def test_a_console_that_ends_waits_for_the_release_and_ctrl_c_does_not(kind: int, leaving: LeaveReason) -> None:
    console, posted = Console(), SimpleQueue[Event]()
    watch = WindowsPowerWatch(posted.put, Powrprof(), console)
    watch.start()
    windows_thread = threading.Thread(target=console.tell, args=[kind])
    windows_thread.start()
    assert posted.get(timeout=10) == SleepWatched(announced=True)
    assert posted.get(timeout=10) == LeaveAsked(leaving)
    if kind not in windows_power.LAST_EVENTS:
        windows_thread.join()
    watch.stop()
    windows_thread.join()
    assert console.handlers == []


def test_the_caller_is_kept_until_it_is_allowed_and_an_old_word_does_not_count() -> None:
    told: SimpleQueue[str] = SimpleQueue()
    delay = Delay(lambda _event: told.put("posted"))
    delay.allow()

    def call() -> None:
        delay.post_and_wait(Suspending(), timedelta(minutes=1))
        told.put("returned")

    caller = threading.Thread(target=call)
    caller.start()
    assert told.get(timeout=10) == "posted"
    told.put("allowed")
    delay.allow()
    caller.join()
    assert [told.get(timeout=10) for _ in range(2)] == ["allowed", "returned"]


def test_the_caller_goes_ahead_when_the_time_is_up() -> None:
    posted: list[Event] = []
    Delay(posted.append).post_and_wait(Suspending(), timedelta(0))
    assert posted == [Suspending()]
