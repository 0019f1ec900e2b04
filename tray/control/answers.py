"""Answers the command line: at once, once the outcome of a request is known, or again at each change.

The conversations call it, each on a thread of its own; the engine's thread says when there is a new view.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

from tray.clock import Clock
from tray.control import outcome, requests
from tray.control.protocol import JsonObject
from tray.core.events import Event
from tray.core.view_model import View
from tray.desktop.system import this_desktop
from tray.messages import commands as words
from tray.runtime import Runtime

LOOK_SECONDS = 1.0


class Answers:
    """Answers requests with what the engine has shown last."""

    def __init__(self, runtime: Runtime, post: Callable[[Event], None], clock: Clock, *, demo: bool) -> None:
        self._runtime = runtime
        self._post = post
        self._clock = clock
        self._remark = words.speaking_to_the_demo() if demo else ""
        self._bells: dict[int, SimpleQueue[None]] = {}
        self._ended = False

    def answer(self, request: JsonObject) -> JsonObject | bytes | Iterator[JsonObject]:
        """Answer a request; one that watches is answered until it is broken off."""
        if request.get("do") == "watch":
            return self._follow()
        if request.get("do") == "second-start" and request.get("desktop", this_desktop()) != this_desktop():
            return {"ok": True, "elsewhere": True}  # a notice here would be seen on the wrong desktop
        before = self._view().status
        answer = requests.answer(
            request, view=self._view, post=self._take, trace=self._runtime.trace, now=self._clock.now
        )
        if not (wait := request.get("wait")) or not answer["ok"]:
            return answer
        found = outcome.of(request, answer, before, self._each, self._clock.now())
        if wait == "line" and found:
            return outcome.line(found, self._remark)
        return answer | found

    def view_changed(self) -> None:
        """Tell everybody who waits for it that there is a new view; one that has not looked yet is told once."""
        for bell in list(self._bells.values()):
            if bell.empty():
                bell.put(None)

    def end(self) -> None:
        """Let those who wait for an outcome say what is so by now: the program ends."""
        self._ended = True
        self.view_changed()

    def _view(self) -> View:
        return self._runtime.view

    def _take(self, event: Event) -> None:
        self._runtime.post_and_wait(event, self._post)

    def _each(self, seconds: float) -> Iterator[Mapping[str, Any]]:
        """Yield the status document now, at each change, and at least once a second, for some seconds."""
        until = time.monotonic() + seconds
        with self._bell() as bell:
            while True:
                ended = self._ended
                yield self._view().status
                left = until - time.monotonic()
                if ended or left <= 0:
                    return
                with suppress(Empty):
                    bell.get(timeout=min(left, LOOK_SECONDS))

    def _follow(self) -> Iterator[JsonObject]:
        """Yield the status document now and at each change; of several changes at once the last."""
        last = None
        with self._bell() as bell:
            while True:
                view = self._view()
                if (view.status, view.headline) != last:
                    last = view.status, view.headline
                    yield requests.told(view)
                bell.get()

    @contextmanager
    def _bell(self) -> Iterator[SimpleQueue[None]]:
        """Make a queue that holds one ring at most, and is rung at each new view."""
        bell: SimpleQueue[None] = SimpleQueue()
        self._bells[id(bell)] = bell
        try:
            yield bell
        finally:
            del self._bells[id(bell)]
