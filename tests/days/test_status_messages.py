"""Simulated days with status messages: set once, always with an end, and what is written in Teams is left alone."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.days.invariants import Watch
from tests.days.script import Script
from tests.days.simulation import ADELE, START, Sent, World
from tests.effort import TIMES
from tray.core.effects import Notify, Request, SetMessage, SignIn, TokenErrand
from tray.core.engine import decide
from tray.core.events import Answered, Event, MessageAsked, Picked, SignInAsked, Started, Stopped
from tray.core.model import Engine
from tray.core.record import replace
from tray.core.states import IN_A_CALL, STATES
from tray.core.values import Account, AccountRead, Answer, AnswerKind, Granted, Message, TokenOutcome
from tray.sandbox.presence_model import PresenceModel

MIDNIGHT = START.replace(hour=0) + timedelta(days=1)
FRESH = timedelta(seconds=8)  # a read-back of five seconds at most, and the time that answer and write took
SOON = timedelta(minutes=2)
HOUR = timedelta(hours=1)
FOREIGN = "Written in Teams"
LUNCH = "Lunch, back at 13:00"
BENEDICT = Account("benedict@example.test", "benedict-key")


class MessageWatch(Watch):
    """Judges what happens to the status message, by the service's own truth."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asked: dict[str, datetime | None] = {}  # text → the end of its status; an empty text: the user clears
        self.of_a_hold: set[str] = set()
        self.confirmed: set[str] = set()  # Graph's answer arrived
        self.on_the_way: dict[int, Message] = {}
        self.foreign_at: datetime | None = None  # since when a text stands that was written in Teams
        self.ended_at: datetime | None = None  # since when no status is set
        self.seen = Counter[str]()

    def __call__(self, what: str, thing: object) -> None:
        """Take note of what happens."""
        super().__call__(what, thing)
        match what, thing:
            case "sent", Sent(request=SetMessage(call=call, message=message)):
                self.on_the_way[call] = message
                assert message.text not in self.confirmed - {""}, f"{message} is set again"
                assert message.text in {*self.asked, ""}, f"{message} was not asked for in this run"
            case "landed", (SetMessage(message=message), Answer(kind=AnswerKind.ACCEPTED)):
                self._message_landed(message)
            case "effect", Notify(notice=notice):
                told = str(notice)
                assert not any(text in told for text in (FOREIGN, *filter(None, self.asked))), f"{told} is personal"
                self.seen["notices"] += 1
            case _:
                pass

    def write(self, text: str) -> None:
        """Let the user write a text in Teams."""
        self.seen["written over ours"] += self.standing() in self.confirmed
        self.world.model.set_message(Message(text))
        self.foreign_at = self.world.now

    def standing(self) -> str:
        """Return the text that Teams shows."""
        message = self.world.model.message(self.world.now)
        return message.text if message else ""

    def _nothing_read_that_nobody_waits_for(self, request: Request) -> None:
        """Reading is also how a message of ours is told from one that was written in Teams."""

    def _event(self, event: object) -> None:
        super()._event(event)
        match event:
            case Started():
                self.asked.clear()
                self.on_the_way.clear()
            case MessageAsked(message=message):
                self.asked[message.text] = message.expires_at
            case Picked(message=Message(text=text), until=until):
                self.asked[text] = until
                self.of_a_hold.add(text)
            case Answered(call=call, answer=Answer(kind=AnswerKind.ACCEPTED)) if call in self.on_the_way:
                self.confirmed.add(self.on_the_way.pop(call).text)
            case _:
                pass

    def _message_landed(self, message: Message) -> None:
        if message.text:
            self.seen["set"] += 1
            end = self.asked[message.text] or MIDNIGHT + timedelta(days=self.world.now.day - START.day)
            assert message.expires_at == end, f"{message} should end at {end}"
        elif self.foreign_at and "" not in self.asked:
            assert self.world.now - self.foreign_at <= FRESH, "what was written in Teams was cleared"
        self.seen["cleared"] += not message.text
        self.foreign_at = None
        self.asked.pop("", None)

    def _step(self) -> None:
        super()._step()
        engine = self.world.engine
        if engine is None or self.world.asleep or engine.wish.hold:
            self.ended_at = None
            return
        self.ended_at = self.ended_at or self.world.now
        if self.excuses.none_since(self.ended_at, SOON):
            self.the_message_ended_with_its_status()

    def the_message_ended_with_its_status(self) -> None:
        """Check that no message stands any more that came with a status."""
        text = self.standing()
        assert text not in self.of_a_hold & self.confirmed, f"{text} has outlived its status"


class MessageScript(Script):
    """Plays a day in which statuses bring messages along, and the user writes others in Teams."""

    watch: MessageWatch

    def __init__(self, world: World) -> None:
        super().__init__(world, MessageWatch)
        self.texts = 0

    def happenings(self) -> tuple[tuple[float, Callable[[], None]], ...]:
        """Return what happens, and how often in eight hours."""
        often = [(times, act) for times, act in super().happenings() if act != self._pick]
        return (
            *often,
            (8, self._pick_with_message),
            (3, self._pick),
            (3, self._ask),
            (1, self._clear),
            (5, lambda: self.watch.write(FOREIGN)),
        )

    def _text(self) -> str:
        self.texts += 1
        return f"Message {self.texts}"

    def _pick_with_message(self) -> None:
        minutes = self.random.choice((None, 5, 30, 90))
        until = self.world.now + timedelta(minutes=minutes) if minutes else None
        state = self.random.choice(STATES)
        self.world.post(Picked(state, until, timed=True, message=Message(self._text())))

    def _ask(self) -> None:
        minutes = self.random.choice((None, 20, 120))
        until = self.world.now + timedelta(minutes=minutes) if minutes else None
        self.world.post(MessageAsked(Message(self._text(), until)))

    def _clear(self) -> None:
        self.world.post(MessageAsked(Message("")))


def test_every_promise_holds_on_days_with_status_messages() -> None:
    seen = Counter[str]()
    for seed in range(10 * TIMES):
        script = MessageScript(World(seed))
        try:
            script.play()
            script.watch.the_message_ended_with_its_status()
        except AssertionError as exc:
            raise AssertionError(f"day {seed}, at {script.world.now:%H:%M:%S}: {exc}") from exc
        seen += script.watch.seen
    assert all(seen[what] > 10 for what in ("set", "cleared", "written over ours", "notices")), seen


def resends(engine: Engine, _now: datetime) -> Engine:
    ours = engine.message.ours
    return replace(engine, message=engine.message.asking(ours)) if ours else engine


def clears_unread(engine: Engine, now: datetime) -> Engine:
    return replace(engine, message=replace(engine.message, seen=engine.message.ours, seen_at=now))


def leaves_it(engine: Engine, _now: datetime) -> Engine:
    return replace(engine, message=replace(engine.message, set_with=None, ending=False))


def forgets_the_end(engine: Engine, _now: datetime) -> Engine:
    asked = engine.message.asked
    return replace(engine, message=replace(engine.message, asked=asked and Message(asked.text)))


@pytest.mark.parametrize(
    ("breaking", "in_teams", "promise"),
    [
        (resends, LUNCH, "is set again"),
        (clears_unread, FOREIGN, "what was written in Teams was cleared"),
        (leaves_it, LUNCH, "has outlived its status"),
        (forgets_the_end, LUNCH, "should end at"),
    ],
)
def test_each_promise_can_be_seen_broken(
    breaking: Callable[[Engine, datetime], Engine], in_teams: str, promise: str
) -> None:
    world = World(0)

    def broken(engine: Engine, event: Event, now: datetime) -> tuple[Engine | None, tuple[object, ...]]:
        return decide(breaking(engine, now), event, now)

    world.decide = broken  # type: ignore[assignment]
    watch = MessageWatch(world)
    world.start()
    world.run(world.now + SOON)

    def go_on() -> None:
        world.post(Picked(IN_A_CALL, world.now + HOUR, timed=True, message=Message(LUNCH)))
        world.run(world.now + SOON)
        if in_teams != LUNCH:
            watch.write(in_teams)
        world.run(world.now + SOON)
        world.post(Stopped())
        world.run(world.now + 3 * SOON)

    with pytest.raises(AssertionError, match=promise):
        go_on()


class TwoAccounts(World):
    """A world in which the next sign-in is another user's, who has a presence of their own."""

    def __init__(self) -> None:
        super().__init__(0)
        self.account, self.adeles = ADELE, self.model

    def change(self) -> None:
        """Let the other user be the one who is signed in."""
        self.account, self.model = BENEDICT, PresenceModel("five")

    def _outcome(self, errand: TokenErrand) -> TokenOutcome:
        if isinstance(errand, SignIn):
            self.change()
        match super()._outcome(errand):
            case Granted() | AccountRead() as found:
                return replace(found, account=self.account)
            case other:
                return other

    def message_of_adele(self) -> Message | None:
        return self.adeles.message(self.now)


def with_adeles_message() -> TwoAccounts:
    world = TwoAccounts()
    world.start()
    world.run(world.now + SOON)
    world.post(Picked(IN_A_CALL, world.now + HOUR, timed=True, message=Message(LUNCH)))
    world.run(world.now + SOON)
    assert world.message_of_adele() == Message(LUNCH, START + SOON + HOUR)
    return world


@pytest.mark.parametrize(("in_teams", "left"), [(None, None), (Message(FOREIGN), Message(FOREIGN))])
def test_before_another_account_takes_over_ours_is_cleared_and_another_is_left(
    in_teams: Message | None, left: Message | None
) -> None:
    world = with_adeles_message()
    if in_teams:
        world.model.set_message(in_teams)
    world.post(SignInAsked())
    world.run(world.now + SOON)
    assert world.engine is not None
    assert world.engine.identity.account == BENEDICT
    assert world.message_of_adele() == left
    world.model.set_message(Message(LUNCH))  # the other user's own, by chance the same
    world.run(world.now + 2 * HOUR)
    assert world.model.message(world.now) == Message(LUNCH)


def test_after_a_crash_another_accounts_message_is_not_touched_and_ours_expires() -> None:
    world = with_adeles_message()
    world.crash()
    world.change()
    world.model.set_message(Message(LUNCH))
    world.start()
    world.run(world.now + 2 * HOUR)
    assert world.model.message(world.now) == Message(LUNCH)
    assert world.message_of_adele() is None
