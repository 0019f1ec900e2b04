"""Runs the engine: inbox, decide, publish, effects; knows threads and the clock, and not one rule of presence.

One thread owns the engine. Effects run on two lanes, each a daemon thread with a queue of its own, and come back
as events. The engine's thread never waits for anything but its inbox.
"""

import logging
from collections import deque
from collections.abc import Callable
from itertools import count
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from tray.clock import Clock
from tray.core.effects import Effect, Exit
from tray.core.engine import decide, next_wake
from tray.core.events import Event, Woke
from tray.core.model import Engine
from tray.core.view import view
from tray.core.view_model import View
from tray.messages import notices
from tray.trace import Step, line, opening

LOG = logging.getLogger("tray.runtime")
RING = 500  # decisions kept for diagnosis


class Lane:
    """Carries out effects one after another on a daemon thread of its own."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Start the thread; started again, the thread at work is left to itself and a new one takes over."""
        self._thread = Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def put(self, work: Callable[[], None]) -> None:
        """Add work; callable from any thread."""
        self._work.put(work)

    def stop(self, seconds: float) -> None:
        """End the thread once its work is done, or leave it after so many seconds."""
        self._work.put(None)
        if self._thread:
            self._thread.join(seconds)

    def _run(self) -> None:
        me = self._thread
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception:
                LOG.exception("an effect failed")
            if self._thread is not me:
                return


class Runtime:
    """Owns the engine: takes events in, publishes views, hands effects out."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        perform: Callable[[Effect], None],
        publish: Callable[[View], None],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._perform = perform
        self._publish = publish
        self._inbox: SimpleQueue[Event] = SimpleQueue()
        self._thread: Thread | None = None
        self.view = view(engine)  # the last one published; replaced whole, never changed
        self.failed = False  # by a fault of our own
        self.ring: deque[Step] = deque(maxlen=RING)

    def start(self) -> None:
        """Start the engine's thread."""
        self._thread = Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def post(self, event: Event) -> None:
        """Put an event into the inbox; callable from any thread, returns at once."""
        self._inbox.put(event)

    def trace(self, after: int) -> list[str]:
        """Return the last decisions that are numbered higher, oldest first, a line each.

        Before the oldest that is kept comes what the engine knew then.
        """
        steps = list(self.ring)
        first = [opening(steps[0])] if steps and steps[0].number > after + 1 else []
        return first + [line(step) for step in steps if step.number > after]

    def stop(self, seconds: float) -> None:
        """Wait for the engine's thread, which ends by itself after `Exit`."""
        if self._thread:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._decide_until_exit()
        except Exception:
            LOG.exception("the engine failed")
            self.failed = True
            self._perform(Exit(notices.FAILED))

    def _decide_until_exit(self) -> None:
        leaving = False
        for number in count(1):
            if leaving:
                return
            event = self._next()
            now = self._clock.now()
            before = self._engine
            self._engine, effects = decide(before, event, now)
            self.ring.append(Step(number, now, before, event, effects))
            LOG.debug("%s → %s", type(event).__name__, [type(effect).__name__ for effect in effects])
            self._attempt(self._show, view(self._engine))
            for effect in effects:
                self._attempt(self._perform, effect)
                leaving = leaving or isinstance(effect, Exit)

    def _attempt(self, act: Callable[[Any], None], on: object) -> None:
        """Let an adapter act; one that fails does not end the hold."""
        try:
            act(on)
        except Exception:
            LOG.exception("%s failed", type(on).__name__)

    def _next(self) -> Event:
        """Wait for an event, at most until the engine wants to be woken."""
        wake = next_wake(self._engine)
        if wake is None:
            return self._inbox.get()
        try:
            return self._inbox.get(timeout=max(0.0, self._clock.seconds(wake - self._clock.now())))
        except Empty:
            return Woke()

    def _show(self, new: View) -> None:
        if new != self.view:
            self.view = new
            self._publish(new)
