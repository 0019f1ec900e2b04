"""The demo: a Graph and a signed-in account in this process, reached through the app's own client and MSAL."""

from collections.abc import Callable, Container

from tray.clock import Clock
from tray.core.effects import SignIn, SignOut, TokenErrand
from tray.core.events import ScenariosRead, SignInProgressed
from tray.core.rules import Free, Locked, Unlocked, Used
from tray.core.values import Granted, NetworkFailure, SignInWay
from tray.graph.client import GraphClient
from tray.graph.http_messages import HttpRequest, HttpResponse, NoAnswer, Send
from tray.graph.transport import HttpClient
from tray.sandbox.graph import PresenceService
from tray.sandbox.identity import IdentityPlatform
from tray.sandbox.presence_model import Profile
from tray.sandbox.scenario import BY_KEY, Surroundings, read
from tray.signin.in_process import InProcessSource
from tray.signin.pipe import Reply
from tray.signin.registration import AppRegistration

PROGRAM = "Zoom"  # what uses the demo's microphone
ORIGIN = "https://graph.sandbox.test"


class DemoAccount:
    """The demo's token source: the app's own code, signed in before the first errand."""

    def __init__(self, platform: IdentityPlatform, send: Send, clock: Clock) -> None:
        registration = AppRegistration(platform.client_id, platform.authority, ORIGIN)
        self._source = InProcessSource(registration, send, clock.now)
        self._fresh = True

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out; a sign-in approves its own device code, so that it takes no browser."""
        if isinstance(errand, SignIn) or (self._fresh and not isinstance(errand, SignOut)):
            self._fresh = False
            signed_in = self._source.carry_out(SignIn(errand.call, SignInWay.DEVICE_CODE), lambda _: None)
            if isinstance(errand, SignIn) or not isinstance(signed_in.outcome, Granted):
                return signed_in
        return self._source.carry_out(errand, progress)

    def cancel(self, call: int) -> None:
        """Give up the sign-in under way."""
        self._source.cancel(call)

    def abandon(self, call: int) -> None:
        """Do nothing: there is no process to end."""
        self._source.abandon(call)


class DemoSensor:
    """Says what the scenarios played, from start to stop."""

    def __init__(self, surroundings: Surroundings, say: Callable[[], None]) -> None:
        self._surroundings = surroundings
        self._say = say

    def start(self) -> None:
        """Say how it is, and again after each scenario."""
        self._surroundings.listeners.append(self._say)
        self._say()

    def stop(self) -> None:
        """Say nothing more."""
        self._surroundings.listeners.remove(self._say)


class Demo:
    """What the app acts on in a demo: Graph, the account and the scenarios."""

    def __init__(self, clock: Clock, profile: str = Profile.FIVE) -> None:
        self._surroundings = Surroundings()
        self.platform = IdentityPlatform(clock.now, graph_origin=ORIGIN)
        accepts, client_id = self.platform.accepts, self.platform.client_id
        self.service = PresenceService(clock.now, accepts, client_id, Profile(profile))
        self._account = DemoAccount(self.platform, HttpClient(network=self._identify).send, clock)
        BY_KEY["teams-active"].act(self.service, self._surroundings)

    def graph(self) -> GraphClient:
        """Return the app's own client, to which the sandbox is the network."""
        return GraphClient(ORIGIN, self.platform.client_id, network=self._answer)

    def source(self) -> DemoAccount:
        """Return the token source."""
        return self._account

    def microphone(self, tell: Callable[[Used | Free], None], ignored: Container[str]) -> "DemoSensor":
        """Return what sees that another program uses the microphone."""
        used = Free() if PROGRAM in ignored else Used(PROGRAM)
        return DemoSensor(self._surroundings, lambda: tell(used if self._surroundings.recording else Free()))

    def screen_lock(self, tell: Callable[[Locked | Unlocked], None]) -> "DemoSensor":
        """Return what sees that the screen is locked."""
        return DemoSensor(self._surroundings, lambda: tell(Locked() if self._surroundings.locked else Unlocked()))

    def play(self, scenario: str) -> ScenariosRead:
        """Play the scenario with this key, none for an empty key, and return the state of them all."""
        if scenario in BY_KEY:
            BY_KEY[scenario].act(self.service, self._surroundings)
        return ScenariosRead(read(self.service, self._surroundings))

    def _answer(self, request: HttpRequest) -> HttpResponse:
        self._check_network()
        return self.service(request)

    def _identify(self, request: HttpRequest) -> HttpResponse:
        self._check_network()
        return self.platform(request)

    def _check_network(self) -> None:
        """Expire the tokens and raise `NoAnswer` if the scenarios say so."""
        if self._surroundings.expired:
            self._surroundings.expired = False
            self.platform.expire_access()
        if not self._surroundings.up:
            raise NoAnswer(NetworkFailure.NETWORK)
