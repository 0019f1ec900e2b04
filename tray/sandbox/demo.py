"""The demo's world: Graph and a signed-in account inside this process, reached through the app's own client."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import httpx

from tray.clock import Clock
from tray.core.events import (
    Account,
    Granted,
    Known,
    LeversRead,
    ObtainToken,
    Reach,
    ReadAccount,
    SignedOut,
    SignIn,
    SignInNeeded,
    SignInProgressed,
    SignOut,
    TokenErrand,
    TryLater,
    UnlockKeyring,
)
from tray.graph.http import GraphClient
from tray.sandbox.levers import BY_KEY, Network, read
from tray.sandbox.model import Profile
from tray.sandbox.service import PresenceService
from tray.signin.protocol import Reply, Token
from tray.words import demo as words

ORIGIN = "https://graph.sandbox.test"
CLIENT_ID = "00000000-0000-0000-0000-0000000000c1"
OBJECT_ID = "00000000-0000-0000-0000-0000000000ad"
LIFETIME = timedelta(minutes=65)  # of an access token, as Entra's default is 60 to 90


class DemoAccount:
    """A token source for one account that exists only here."""

    def __init__(self, clock: Clock, network: Network) -> None:
        self._clock = clock
        self._network = network
        self._signed_in = True
        self._good: str | None = None

    def accepts(self, bearer: str) -> str | None:
        """Return whose token it is, `None` when it is not good."""
        return OBJECT_ID if bearer == self._good and not self._network.expired else None

    def carry_out(self, errand: TokenErrand, _progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out."""
        account = Account(words.ACCOUNT, "demo")
        match errand:
            case SignOut():
                self._signed_in, self._good = False, None
                return Reply(SignedOut())
            case ReadAccount() | UnlockKeyring():
                return Reply(Known(account if self._signed_in else None))
            case SignIn() | ObtainToken():
                if not self._network.up:
                    return Reply(TryLater(words.NO_NETWORK, reach=Reach.NETWORK))
                if isinstance(errand, ObtainToken) and not self._signed_in:
                    return Reply(SignInNeeded(""))
                self._signed_in, self._network.expired = True, False
                token = Token(str(uuid.uuid4()), self._clock.now() + LIFETIME, OBJECT_ID)
                self._good = token.access_token
                return Reply(Granted(account, token.expires_at), token)

    def cancel(self) -> None:
        """Do nothing: a sign-in here takes no time."""


class Demo:
    """The sandbox as a world: its Graph, its account, its levers."""

    def __init__(self, clock: Clock, profile: str = Profile.FIVE) -> None:
        self._clock = clock
        self._network = Network()
        self._account = DemoAccount(clock, self._network)
        self.service = PresenceService(clock.now, self._account.accepts, CLIENT_ID, Profile(profile))
        BY_KEY["teams-active"].pull(self.service, self._network)

    def graph(self) -> GraphClient:
        """Return the app's own client over the sandbox's transport."""
        transport = httpx.MockTransport(self._answer)
        return GraphClient(ORIGIN, CLIENT_ID, transport=transport, speed=1.0)

    def source(self) -> DemoAccount:
        """Return the token side."""
        return self._account

    def pull(self, lever: str) -> LeversRead:
        """Pull a lever, none for an empty key, and read them all."""
        if lever in BY_KEY:
            BY_KEY[lever].pull(self.service, self._network)
        return LeversRead(read(self.service, self._network))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if not self._network.up:
            raise httpx.ConnectError("the demo's network is down", request=request)
        return self.service(request)
