"""Carries effects out: which adapter, on which lane; holds the access token, decides nothing."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tray.core.events import (
    Abandon,
    AllowSuspend,
    Answer,
    Answered,
    CancelSignIn,
    ClearPreferred,
    ClearSession,
    Effect,
    Event,
    Exit,
    Kind,
    LeversRead,
    Notify,
    ObtainToken,
    Open,
    PullLever,
    ReadAccount,
    ReadPresence,
    Request,
    Save,
    SetPreferred,
    SetSession,
    SignIn,
    SignOut,
    ToggleAutostart,
    TokenAnswered,
    TokenErrand,
    UnlockKeyring,
)
from tray.runtime import Lane
from tray.signin.protocol import Token, TokenSource

LOG = logging.getLogger("tray.performing")


class Graph(Protocol):
    """Sends one request at a time: the real client, whatever its transport."""

    def send(self, request: Request, token: Token) -> Answer:
        """Send and return what the answer means; never raises."""

    def close(self) -> None:
        """Drop the connection, also under a call in flight; callable from any thread."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What effects act on outside the account: each a plain function, so that tests and platforms differ there."""

    save: Callable[[Save], None]
    open: Callable[[Open], None]
    notify: Callable[[Notify], None]
    allow_suspend: Callable[[], None]
    toggle_autostart: Callable[[], Event]
    pull_lever: Callable[[str], LeversRead]
    leave: Callable[[Exit], None]


class Performer:
    """Gives each effect to its adapter on its lane, and posts what comes back."""

    def __init__(
        self,
        open_graph: Callable[[], Graph],
        open_source: Callable[[], TokenSource],
        around: Surroundings,
        post: Callable[[Event], None],
    ) -> None:
        self._open_graph = open_graph
        self._open_source = open_source
        self._around = around
        self._post = post
        self._graph: Graph | None = None
        self._source: TokenSource | None = None
        self._token: Token | None = None
        self._requests = Lane("requests")
        self._errands = Lane("errands")

    def start(self) -> None:
        """Start both lanes."""
        self._requests.start()
        self._errands.start()

    def stop(self) -> None:
        """End both lanes within half a second; what hangs is left behind as a daemon."""
        if self._source:
            self._source.cancel()
        self._requests.stop(0.25)
        self._errands.stop(0.25)

    def perform(self, effect: Effect) -> None:  # noqa: C901  one arm for each effect
        """Carry an effect out, or hand it to a lane; returns at once."""
        match effect:
            case SetSession() | ClearSession() | SetPreferred() | ClearPreferred() | ReadPresence():
                self._requests.put(lambda: self._send(effect))
            case ReadAccount() | ObtainToken() | SignIn() | SignOut() | UnlockKeyring():
                self._errands.put(lambda: self._run_errand(effect))
            case Abandon():
                self._abandon()
            case CancelSignIn():
                if self._source:
                    self._source.cancel()
            case Notify():
                self._around.notify(effect)
            case AllowSuspend():
                self._around.allow_suspend()
            case Save():
                self._requests.put(lambda: self._around.save(effect))
            case Open():
                self._requests.put(lambda: self._around.open(effect))
            case ToggleAutostart():
                self._requests.put(lambda: self._post(self._around.toggle_autostart()))
            case PullLever(lever=lever):
                self._requests.put(lambda: self._post(self._around.pull_lever(lever)))
            case Exit():
                self._requests.put(lambda: self._around.leave(effect))

    def _send(self, request: Request) -> None:
        """Send on the requests lane; the graph client is made at the first request: it imports the network stack."""
        graph = self._graph = self._graph or self._open_graph()
        token = self._token
        answer = graph.send(request, token) if token else Answer(Kind.UNAUTHORIZED)
        self._post(Answered(request.call, answer))

    def _run_errand(self, errand: TokenErrand) -> None:
        source = self._source = self._source or self._open_source()
        reply = source.carry_out(errand, self._post)
        if isinstance(errand, SignOut):
            self._token = None
        self._token = reply.token or self._token
        self._post(TokenAnswered(errand.call, reply.outcome))

    def _abandon(self) -> None:
        """Leave the call in flight to itself: its connection is closed, a new thread takes the next one."""
        if self._graph:
            self._graph.close()
        self._requests.start()
