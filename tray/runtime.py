"""The engine's thread: takes events out of the inbox, decides, publishes views, hands effects out.

This thread alone owns the engine, and waits for nothing but its inbox.
"""

import logging
import os
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Condition, Thread, Timer
from typing import Any

from tray.clock import Clock
from tray.core.effects import Effect, Exit, Request
from tray.core.engine import decide, next_wake
from tray.core.events import Asked, ClockSet, Event, Woke
from tray.core.model import Engine
from tray.core.values import Hold
from tray.core.view import view
from tray.core.view_model import View
from tray.messages import notices
from tray.trace import Step, line, opening

LOG = logging.getLogger("tray.runtime")
UNEXPECTED = 1  # the exit code of `TrayError`
EVENT_SECONDS = 1.0  # seconds; a pick is taken at once
REQUEST_LEAVES = 0.01  # seconds within which a click's request is on its way, also from a slow disk
TRACE_LENGTH = 500  # decisions, for diagnosis


class TimeLimit:
    """Ends the process when something that hangs would keep it: a disk, a library, the system."""

    def __init__(self) -> None:
        self._timer: Timer | None = None

    def begin(self, seconds: float) -> None:
        """End the process after some time, unless that has been begun already."""
        if self._timer is None:
            self._timer = Timer(seconds, os._exit, (UNEXPECTED,))
            self._timer.name, self._timer.daemon = "limit", True
            self._timer.start()

    def lift(self) -> None:
        """Let the process live: it ends by itself, or becomes the next version."""
        if self._timer:
            self._timer.cancel()


class Runtime:
    """Runs the engine on a thread of its own."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        inbox: SimpleQueue[Event],
        perform: Callable[[Effect], None],
        publish: Callable[[View], None],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._inbox = inbox
        self._perform = perform
        self._publish = publish
        self._thread: Thread | None = None
        self.view = view(engine)  # the last one published; replaced whole, never changed
        self.failed = False  # by a fault of our own
        self._decided = 0  # the number of the last decision that the view shows
        self._decision = Condition()  # told of each
        self.recent: deque[Step] = deque(maxlen=TRACE_LENGTH)

    def start(self, first: Event) -> None:
        """Start the engine's thread; it takes `first` before whatever waits in the inbox already."""
        self._thread = Thread(target=self._run, args=(first,), name="engine", daemon=True)
        self._thread.start()

    @property
    def pick(self) -> Hold | None:
        """Return what the user holds, in force or beneath a rule's hold."""
        return self._engine.wish.pick

    def trace(self, after: int) -> list[str]:
        """Return the last decisions that are numbered higher, oldest first, a line each.

        Before the oldest that is kept comes what the engine knew then.
        """
        steps = list(self.recent)
        first = [opening(steps[0])] if steps and steps[0].number > after + 1 else []
        return first + [line(step) for step in steps if step.number > after]

    def post_and_wait(self, event: Event, post: Callable[[Event], None], seconds: float = EVENT_SECONDS) -> None:
        """Post an event, and wait until the view shows what came of it, or until the engine is too busy for that."""
        with self._decision:
            before = self._decided
            post(event)
            self._decision.wait_for(lambda: self._has_taken(event, before), seconds)

    def _has_taken(self, event: Event, before: int) -> bool:
        return any(step.event is event and before < step.number <= self._decided for step in list(self.recent))

    def stop(self, seconds: float) -> None:
        """Wait for the engine's thread, which ends by itself after `Exit`."""
        if self._thread:
            self._thread.join(seconds)

    def _run(self, first: Event) -> None:
        try:
            self._decide_until_exit(first)
        except Exception:
            LOG.exception("the engine failed")
            self.failed = True
            self._perform(Exit(notices.crashed()))

    def _decide_until_exit(self, event: Event) -> None:
        ended, came = False, None
        while not ended:
            if by := self._clock.set_by():
                ended, _ = self._step(ClockSet(by))
            if not ended:
                ended, came = self._step(event)
            if not ended:
                event = came or self._next()

    def _step(self, event: Event) -> tuple[bool, Event | None]:
        """Decide and act; return whether that was the end, and an event that came meanwhile."""
        now, before, number = self._clock.now(), self._engine, self._decided + 1
        self._engine, effects = decide(before, event, now)
        self.recent.append(Step(number, now, before, event, effects))
        LOG.debug("%s → %s", type(event).__name__, [type(effect).__name__ for effect in effects])
        came = self._act(event, effects)
        with self._decision:
            self._decided = number
            self._decision.notify_all()
        return any(isinstance(effect, Exit) for effect in effects), came

    def _act(self, event: Event, effects: Sequence[Effect]) -> Event | None:
        """Show what was decided and carry it out; return an event that came meanwhile.

        A click's request goes before its view: threads share one interpreter, and while the desktop's thread tells the
        panel of a new menu, the thread of the request would wait.
        """
        if not (isinstance(event, Asked) and any(isinstance(effect, Request) for effect in effects)):
            self._show()
            self._carry_out(effects)
            return None
        self._carry_out(effects)
        try:
            return self._inbox.get(timeout=REQUEST_LEAVES)
        except Empty:
            return None
        finally:
            self._show()

    def _carry_out(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self._attempt(self._perform, effect)

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

    def _show(self) -> None:
        new = view(self._engine)
        if new != self.view:
            self.view = new
            self._attempt(self._publish, new)
